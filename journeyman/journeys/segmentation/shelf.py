"""The segments that keep themselves, read anew in every transaction and parsed once per process."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers.segments import repository
from journeyman.journeys.segmentation.live import LiveSegment, LiveSegments
from journeyman.language.conditions import CONDITION

LATELY = timedelta(seconds=5)
Version = tuple[str, int]


@dataclass
class SegmentShelf:
    """Conditions by key and generation; a generation never changes."""

    _parsed: dict[Version, LiveSegment] = field(default_factory=dict)
    _versions: frozenset[Version] = frozenset()
    _read_at: datetime | None = None
    _live: LiveSegments = field(default_factory=lambda: LiveSegments([]))

    async def live(self, connection: AsyncConnection) -> LiveSegments:
        """The segments as of this transaction; asked for once the profiles are locked that are to be judged."""
        versions = frozenset(await repository.live(connection))
        if versions != self._versions:
            await self._parse(connection, {key for key, _ in versions - self._parsed.keys()})
            self._parsed = {version: self._parsed[version] for version in versions if version in self._parsed}
            self._live, self._versions = LiveSegments(self._parsed.values()), frozenset(self._parsed)
        return self._live

    async def lately(self, connection: AsyncConnection, now: datetime) -> LiveSegments:
        """The segments as of some seconds ago, for who need not know of one that is just being made."""
        if self._read_at is None or not timedelta() <= now - self._read_at < LATELY:
            self._read_at = now
            await self.live(connection)
        return self._live

    async def _parse(self, connection: AsyncConnection, keys: set[str]) -> None:
        for kept in await repository.find(connection, keys) if keys else ():
            if kept.condition is not None:
                condition = CONDITION.validate_python(kept.condition)
                self._parsed[kept.key, kept.generation] = LiveSegment(kept.key, kept.generation, condition)
