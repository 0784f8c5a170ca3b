"""How far ad networks are: who sets up an audience wants to see that it fills."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from journeyman.journeys.audiences import repository
from journeyman.journeys.audiences.repository import Standing
from journeyman.kit.database import Database

NOTHING = Standing({}, 0, None, None)


@dataclass(frozen=True, slots=True)
class AudienceStanding:
    """One audience: its network and segment where it is set up, and how many customers are how far.

    `inside` are those whom the network has; `states` counts every customer who was ever to be in it.
    """

    key: str
    network: str | None
    segment: str | None
    inside: int
    states: Mapping[str, int]
    told_at: datetime | None
    failure: str | None


class Audiences:
    """Shows audiences; `known` has network and segment of each that is set up."""

    def __init__(self, database: Database, known: Mapping[str, tuple[str, str | None]]) -> None:
        self.database = database
        self.known = known

    async def all(self) -> list[AudienceStanding]:
        """Those that are set up, and those that a journey names all the same, by key."""
        async with self.database.reading() as connection:
            found = await repository.standing(connection)
        return [self._of(key, found.get(key, NOTHING)) for key in sorted({*self.known, *found})]

    def _of(self, key: str, standing: Standing) -> AudienceStanding:
        network, segment = self.known.get(key, (None, None))
        return AudienceStanding(
            key, network, segment, standing.inside, standing.counts, standing.told_at, standing.failure
        )
