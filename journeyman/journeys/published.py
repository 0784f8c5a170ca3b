"""The journeys that customers may enter now, ready to be judged; definitions are parsed once per process."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.journeys import repository
from journeyman.journeys.repository import Live
from journeyman.language.definition import Definition
from journeyman.language.needs import Needs
from journeyman.language.references import entry_needs
from journeyman.language.starters.api import ApiEntry
from journeyman.language.starters.event import EventEntry
from journeyman.language.validation import parse


@dataclass(frozen=True)
class Published:
    """A journey's live version."""

    key: str
    version: int
    hash: str
    definition: Definition

    @cached_property
    def entry_needs(self) -> Needs:
        return entry_needs(self.definition)


@dataclass
class Shelf:
    """Definitions by hash. They never change, so they are kept for ever; the live versions are read anew."""

    _by_hash: dict[str, Definition] = field(default_factory=dict)
    _published: dict[Live, Published] = field(default_factory=dict)

    async def definitions(self, connection: AsyncConnection, hashes: Collection[str]) -> dict[str, Definition]:
        """The definitions with these hashes."""
        missing = set(hashes) - self._by_hash.keys()
        if missing:
            for found, body in (await repository.definitions(connection, missing)).items():
                self._by_hash[found] = parse(body)
        return {wanted: self._by_hash[wanted] for wanted in hashes}

    async def definition(self, connection: AsyncConnection, wanted: str) -> Definition:
        if wanted not in self._by_hash:
            await self.definitions(connection, [wanted])
        return self._by_hash[wanted]

    async def starters(self, connection: AsyncConnection) -> "Starters":
        """What starts a run now."""
        live = await repository.live_journeys(connection)
        definitions = await self.definitions(connection, [one.hash for one in live])
        for one in live:
            if one not in self._published:
                self._published[one] = Published(one.key, one.version, one.hash, definitions[one.hash])
        return Starters([self._published[one] for one in live])


class Starters:
    """Live journeys by what starts them."""

    def __init__(self, published: list[Published]) -> None:
        self._by_event: dict[str, list[Published]] = defaultdict(list)
        self._by_key: dict[str, Published] = {}
        for one in published:
            if isinstance(one.definition.entry, EventEntry):
                self._by_event[one.definition.entry.event].append(one)
            if isinstance(one.definition.entry, ApiEntry):
                self._by_key[one.key] = one

    def on_event(self, name: str) -> list[Published]:
        return self._by_event.get(name, [])

    def on_call(self, key: str) -> Published | None:
        return self._by_key.get(key)
