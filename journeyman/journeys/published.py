"""The journeys that customers may enter now, ready to be judged; definitions are parsed once per process."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.journeys import repository
from journeyman.journeys.repository import Live
from journeyman.language.definition import Definition
from journeyman.language.listening import hearing
from journeyman.language.needs import Needs
from journeyman.language.references import entry_needs
from journeyman.language.starters.api import ApiEntry
from journeyman.language.starters.campaign import CampaignRules
from journeyman.language.starters.date import DateEntry
from journeyman.language.starters.journey import JourneyEntry
from journeyman.language.validation import parse

LATELY: Final = timedelta(seconds=1)


@dataclass(frozen=True)
class Published:
    """A journey's live version; a `share` of customers, in percent, takes the `trial` instead."""

    key: str
    version: int
    hash: str
    definition: Definition
    is_paused: bool = False
    trial: "Published | None" = None
    share: int = 0

    def taken_by(self, customer_id: str) -> "Published":
        """The version that this customer takes."""
        if self.trial is None or not is_in_share(self.key, self.trial.version, self.share, customer_id):
            return self
        return self.trial

    @cached_property
    def entry_needs(self) -> Needs:
        found = entry_needs(self.definition)
        return found | self.trial.entry_needs if self.trial is not None else found


@dataclass
class Shelf:
    """Definitions by hash. They never change, so they are kept for ever; the live versions are read anew."""

    _by_hash: dict[str, Definition] = field(default_factory=dict)
    _published: dict[Live, Published] = field(default_factory=dict)
    _read_at: datetime | None = None
    _lately: "Starters" = field(default_factory=lambda: Starters([]))

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

    async def lately(self, connection: AsyncConnection, now: datetime) -> "Starters":
        """What started a run a moment ago, for who need not know of what is being published at this instant."""
        if self._read_at is None or not timedelta() <= now - self._read_at < LATELY:
            self._lately, self._read_at = await self.starters(connection), now
        return self._lately

    async def starters(self, connection: AsyncConnection) -> "Starters":
        """What starts a run now."""
        live = await repository.live_journeys(connection)
        hashes = [found for one in live for found in (one.hash, one.trial_hash) if found is not None]
        definitions = await self.definitions(connection, hashes)
        for one in live:
            if one not in self._published:
                self._published[one] = _published(one, definitions)
        return Starters([self._published[one] for one in live])


def _published(live: Live, definitions: Mapping[str, Definition]) -> Published:
    given = live.key, live.version, live.hash, definitions[live.hash], live.is_paused
    if live.trial_version is None or live.trial_hash is None:
        return Published(*given)
    trial = Published(live.key, live.trial_version, live.trial_hash, definitions[live.trial_hash], live.is_paused)
    return Published(*given, trial, live.trial_share or 0)


def is_in_share(journey: str, version: int, share: int, customer_id: str) -> bool:
    """Whether a customer is among the share, in percent, that goes first; who was in a smaller one is in a larger."""
    digest = hashlib.sha256(f"{journey}\x00{version}\x00{customer_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") * 100 < share * 2**64


class Starters:
    """Live journeys by what starts them; who enters a paused one is held in it (V4)."""

    def __init__(self, published: list[Published]) -> None:
        self.published = [one for one in published if not one.is_paused]
        self._by_event: dict[str, list[Published]] = defaultdict(list)
        self._by_attribute: dict[str, list[Published]] = defaultdict(list)
        self._by_figure: dict[str, list[Published]] = defaultdict(list)
        self._by_key: dict[str, Published] = {}
        self.followed: dict[str, list[JourneyEntry]] = defaultdict(list)
        """What starts on a journey, by that journey's key."""
        for one in published:
            entry = one.definition.entry
            for index, names in (
                (self._by_event, entry.events),
                (self._by_attribute, entry.attributes),
                (self._by_figure, entry.figures),
            ):
                for name in names:
                    index[name].append(one)
            if isinstance(entry, JourneyEntry):
                self.followed[entry.journey].append(entry)
            if isinstance(entry, ApiEntry | DateEntry | CampaignRules):
                self._by_key[one.key] = one
        given = [*published, *(one.trial for one in published if one.trial is not None)]
        self.figures = frozenset(self._by_figure).union(*(hearing(one.definition).figures for one in given))
        """The computed attributes that any of them wants to see change, while somebody is in it too."""

    @property
    def has_changes(self) -> bool:
        """Whether any of them starts on a change of the profile."""
        return bool(self._by_attribute or self._by_figure)

    def on_event(self, name: str) -> list[Published]:
        return self._by_event.get(name, [])

    def on_changes(self, attributes: Iterable[str], figures: Iterable[str]) -> list[Published]:
        """The journeys that may start on a change of these attributes, or of these computed ones, each once."""
        found = [one for name in attributes for one in self._by_attribute.get(name, ())]
        found += [one for name in figures for one in self._by_figure.get(name, ())]
        return list({one.key: one for one in found}.values())

    def on_call(self, key: str) -> Published | None:
        return self._by_key.get(key)
