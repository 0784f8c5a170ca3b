"""The nights of all learners: who is due, what came of it, and what people are shown of it."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.exc import InterfaceError, OperationalError

from journeyman.intelligence.registry import repository
from journeyman.intelligence.registry.repository import Look, Model
from journeyman.journeys import repository as outbox
from journeyman.journeys.learning.learner import Learner, Learnt, ModelCard
from journeyman.journeys.ports import EngineCommand
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.errors import NotFoundError
from journeyman.language.dates import at_local
from journeyman.language.zones import known_zone

log = logging.getLogger(__name__)

UTC_ZONE: Final = ZoneInfo("UTC")
NIGHT: Final = time(3)
"""When the workspace's customers sleep, in its own time zone."""
WORKFLOW: Final = "learning"
"""The id of the workflow: there is one, and one model is learnt at a time."""


@dataclass(frozen=True, slots=True)
class Night:
    """What one call did: the model that was learnt, if any was due, what it said, and when to call again."""

    key: str | None
    words: str
    again_at: datetime


@dataclass(frozen=True, slots=True)
class ModelShown:
    """A model as people see it: its card, the newest look at its data, and its versions, the newest first."""

    key: str
    card: ModelCard
    look: Look | None
    in_use: Model | None
    versions: Sequence[Model] = ()


class Learning:
    """Has one learner after the other do its night's work."""

    def __init__(self, database: Database, clock: Clock, learners: Sequence[Learner], zone: str) -> None:
        self.database = database
        self.clock = clock
        self.learners: Mapping[str, Learner] = {one.key: one for one in learners}
        self.zone = known_zone(zone) or UTC_ZONE

    async def next(self, asked: Collection[str], at: datetime | None = None) -> Night:
        """Have the next learner learn that is due or was asked for, one in each call."""
        now = max(at, self.clock.now()) if at is not None else self.clock.now()
        async with self.database.transaction() as connection:
            looks = await repository.looks(connection)
            for key in self.learners.keys() - looks.keys():
                looks[key] = Look(
                    key, now, enough=False, n=0, words="looked at for the first time in the night to come"
                )
                await repository.note_look(connection, looks[key])
        nights = {key: self._night_after(looks[key].at) for key in self.learners}
        due = [key for key, night in nights.items() if key in asked or night <= now]
        if not due:
            return Night(None, "nothing to learn", min(nights.values(), default=self._night_after(now)))
        key = due[0]
        words = await self._learn(self.learners[key], now)
        left = now if len(due) > 1 else self._night_after(now)
        return Night(key, words, left)

    def _night_after(self, at: datetime) -> datetime:
        day = at.astimezone(self.zone).date()
        found = at_local(day, NIGHT, self.zone)
        return found if found > at else at_local(day + timedelta(days=1), NIGHT, self.zone)

    async def _learn(self, learner: Learner, now: datetime) -> str:
        async with self.database.reading() as connection:
            current = await repository.in_use(connection, learner.key)
        try:
            learnt = await learner.learn(now, current)
        except (OperationalError, InterfaceError, OSError):
            raise
        except Exception as error:
            # One that is broken keeps no other from its night; the version in use stays in use.
            log.exception("%s could not be learnt", learner.key)
            n, has_one = (current.n, True) if current is not None else (0, False)
            learnt = Learnt(f"could not be learnt: {type(error).__name__}", n, enough=has_one)
        async with self.database.transaction() as connection:
            if not learnt.enough:
                await repository.retire(connection, learner.key)
            elif learnt.trained is not None:
                one = learnt.trained
                measured = one.quality, one.baseline
                await repository.add(connection, learner.key, now, learnt.n, measured, one.artefact, in_use=one.better)
            await repository.note_look(connection, _look(learner.key, learnt, now))
        return learnt.words


def _look(key: str, learnt: Learnt, now: datetime) -> Look:
    return Look(key, now, learnt.enough, learnt.n, learnt.words)


class Models:
    """What people see of models, and how they have one learnt now."""

    def __init__(self, database: Database, clock: Clock, cards: Mapping[str, ModelCard]) -> None:
        self.database = database
        self.clock = clock
        self.cards = cards

    async def shown(self) -> list[ModelShown]:
        """Every model there may be, by key, whether there is enough data for it or not."""
        async with self.database.reading() as connection:
            looks, used = await repository.looks(connection), await repository.all_in_use(connection)
        return [ModelShown(key, card, looks.get(key), used.get(key)) for key, card in sorted(self.cards.items())]

    async def one(self, key: str) -> ModelShown:
        """One with its versions. Raises `NotFoundError`."""
        card = self._card(key)
        async with self.database.reading() as connection:
            looks, versions = await repository.looks(connection), await repository.versions(connection, key)
        used = next((one for one in versions if one.in_use), None)
        return ModelShown(key, card, looks.get(key), used, versions)

    async def ask(self, key: str) -> None:
        """Have a model learnt as soon as the one is done that is being learnt. Raises `NotFoundError`."""
        self._card(key)
        command = EngineCommand("learning", key, WORKFLOW, {"model": key})
        now = self.clock.now()
        async with self.database.transaction() as connection:
            await outbox.tell(connection, [command], now)

    def _card(self, key: str) -> ModelCard:
        card = self.cards.get(key)
        if card is None:
            raise NotFoundError(f"there is no model `{key}`; there are: {', '.join(sorted(self.cards))}")
        return card
