"""Words in links that tell a shop's statistics where a visit came from (Urchin Tracking Module)."""

from collections.abc import Mapping
from typing import Annotated, Final, Self

from pydantic import Field

from journeyman.language.document import Part

WORD: Final = r"^[^\s&=?#%+]{1,100}$"
HOST: Final = r"^(?:[a-z0-9-]{1,63}\.)+[a-z]{2,63}$"
SOURCE: Final = "journeyman"

Word = Annotated[str, Field(pattern=WORD)]


class Utm(Part):
    """What links say of where a visit came from; `{}` says it with the defaults. What a link says itself stays."""

    source: Annotated[Word | None, Field(description="Default: `journeyman`", examples=["shop"])] = None
    medium: Annotated[Word | None, Field(description="Default: the channel", examples=["email"])] = None
    campaign: Annotated[Word | None, Field(description="Default: the journey's key", examples=["spring"])] = None
    content: Annotated[Word | None, Field(description="Default: the step's id", examples=["remind"])] = None
    term: Annotated[Word | None, Field(examples=["tea"])] = None
    hosts: Annotated[
        tuple[Annotated[str, Field(pattern=HOST)], ...] | None,
        Field(max_length=20, description="Only links to these hosts and those under them; default: all"),
    ] = None

    def over(self, other: "Utm | None") -> Self:
        """What this one says, and where it says nothing what the other does."""
        if other is None:
            return self
        said = {name: value for name, value in self if value is not None}
        return self.model_copy(update={name: value for name, value in other if name not in said})

    def parameters(self, channel: str, journey: str, step: str) -> Mapping[str, str]:
        """What is added to a link, in the usual order."""
        given = {
            "utm_source": self.source or SOURCE,
            "utm_medium": self.medium or channel,
            "utm_campaign": self.campaign or journey,
            "utm_content": self.content or step,
            "utm_term": self.term,
        }
        return {name: value for name, value in given.items() if value is not None}
