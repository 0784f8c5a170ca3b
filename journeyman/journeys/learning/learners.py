"""Every model that there is."""

from collections.abc import Mapping
from typing import Final

from journeyman.journeys.learning.best_channel import BestChannel
from journeyman.journeys.learning.learner import Learner, ModelCard
from journeyman.journeys.learning.send_times import SendTimes
from journeyman.kit.database import Database

KINDS: Final = (SendTimes, BestChannel)
CARDS: Final[Mapping[str, ModelCard]] = {one.key: one.card for one in KINDS}


def learners_of(database: Database, zone: str) -> list[Learner]:
    """The learners of a workspace whose own time zone is `zone`."""
    return [kind(database, zone) for kind in KINDS]
