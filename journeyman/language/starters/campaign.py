"""What starters share that let many customers in at once: how fast, and how many in one go."""

from typing import Annotated, Final

from pydantic import Field

from journeyman.language.rates import Rate
from journeyman.language.starters.rules import EntryRules

BATCH: Final = 500
MOST_IN_A_BATCH: Final = 2000


class CampaignRules(EntryRules):
    """A campaign goes through its customers in pages; every entry is judged as any other is (E1-E8)."""

    rate: Annotated[Rate | None, Field(description="How fast customers are let in; without it as fast as can be")] = (
        None
    )
    batch: Annotated[
        int, Field(ge=1, le=MOST_IN_A_BATCH, strict=True, description="How many customers go in at once at most")
    ] = BATCH
