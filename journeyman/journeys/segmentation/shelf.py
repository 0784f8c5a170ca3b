"""The segments that keep themselves, read anew in every transaction and parsed once per process."""

from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers.segments import repository
from journeyman.journeys.segmentation.live import LiveSegment, LiveSegments
from journeyman.language.conditions import CONDITION

Version = tuple[str, int]


@dataclass
class SegmentShelf:
    """Conditions by key and generation; a generation never changes."""

    _parsed: dict[Version, LiveSegment] = field(default_factory=dict)
    _versions: frozenset[Version] = frozenset()
    _live: LiveSegments = field(default_factory=lambda: LiveSegments([]))

    async def live(self, connection: AsyncConnection) -> LiveSegments:
        """The segments as of this transaction; asked for once the profiles are locked that are to be judged."""
        versions = frozenset(await repository.live(connection))
        if versions != self._versions:
            await self._parse(connection, {key for key, _ in versions - self._parsed.keys()})
            self._parsed = {version: self._parsed[version] for version in versions if version in self._parsed}
            self._live, self._versions = LiveSegments(self._parsed.values()), frozenset(self._parsed)
        return self._live

    async def _parse(self, connection: AsyncConnection, keys: set[str]) -> None:
        for kept in await repository.find(connection, keys) if keys else ():
            if kept.condition is not None:
                condition = CONDITION.validate_python(kept.condition)
                self._parsed[kept.key, kept.generation] = LiveSegment(kept.key, kept.generation, condition)
