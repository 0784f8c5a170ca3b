"""A simulation: the product's own parts on a database of their own, with time that passes at a word."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.catalog.catalogue import Catalogue
from journeyman.channels import templates
from journeyman.channels.content.every import TemplateContent
from journeyman.customers import preferences
from journeyman.customers import repository as customers
from journeyman.customers.consent import ConsentUpdate
from journeyman.customers.inbox.events import Incoming
from journeyman.customers.inbox.reading import read_event
from journeyman.customers.inbox.repository import append
from journeyman.journeys.advance import Advance, NotYetError, Request
from journeyman.journeys.campaigns.offering import Offering
from journeyman.journeys.campaigns.opening import Opening
from journeyman.journeys.campaigns.products import QUIET
from journeyman.journeys.delivery import RetryLaterError
from journeyman.journeys.direct import entering
from journeyman.journeys.dispatch import Dispatch
from journeyman.journeys.drafts import Drafts
from journeyman.journeys.intake.intake import Intake, Ownership
from journeyman.journeys.intake.tending import Upkeep
from journeyman.journeys.runs import MOST_STEPS_AT_ONCE
from journeyman.journeys.subscribing import notice
from journeyman.kit.clock import FixedClock
from journeyman.kit.database import Database
from journeyman.kit.errors import Fault, InvalidError
from journeyman.language.definition import Definition
from journeyman.simulation import repository
from journeyman.simulation.answers import Answers
from journeyman.simulation.engine import SimulatedEngine
from journeyman.simulation.trap import Trap

BATCH = 1000
Record = Callable[[AsyncConnection, Sequence[preferences.Statement], datetime], Awaitable[object]]
MOST_AT_ONCE = 10_000
"""Rounds of work at one instant before it is held to be a loop."""


class NoEndError(InvalidError):
    """At one instant there is always something more to do."""

    def __init__(self, at: datetime, who: str = "something") -> None:
        mend = "put a `wait` with `for` into the loop, or bound it with `max`"
        super().__init__(
            "the simulation cannot go on", [Fault("/steps", f"at {at.isoformat()} {who} goes on without end", mend)]
        )


@dataclass
class Simulation:
    """What is asked of it happens at the instant of `clock`, with everything that follows from it."""

    database: Database
    clock: FixedClock
    intake: Intake
    dispatch: Dispatch
    advance: Advance
    upkeep: Sequence[Upkeep]
    engine: SimulatedEngine
    traps: Mapping[str, Trap]
    answers: Answers
    opening: Opening
    offering: Offering
    catalogue: Catalogue
    workspace_zone: str
    ownership: Ownership | None = None
    number: int = 0
    _looked_on: date | None = None
    _walked_at: datetime | None = None
    _walks: Counter[str] = field(default_factory=Counter)
    _stirred: bool = True
    """Whether something was done since it was last looked for what came in."""

    async def template(self, key: str, content: TemplateContent) -> None:
        await templates.save(self.database, key, content, self.clock.now())

    async def publish(self, document: Mapping[str, Any]) -> Definition:
        """Keep a journey and publish it. Raises `InvalidError`, as publishing does."""
        drafts = Drafts(self.database, self.clock, self.workspace_zone)
        await drafts.save(document["journey"], dict(document))
        await drafts.publish(document["journey"], inside="stay", dry_run=False)
        await self.look_anew()
        return Definition.model_validate(document)

    async def look_anew(self) -> None:
        """Documents have changed: what is kept for them is to be made."""
        self._looked_on, self._stirred = None, True
        await self.settle()

    async def introduce(self, user: str, attributes: Mapping[str, Any], consents: Mapping[str, str]) -> None:
        """Somebody is known from now on, with what she has agreed to."""
        await self.introduce_all([(user, attributes, consents)])

    async def introduce_all(self, people: Sequence[tuple[str, Mapping[str, Any], Mapping[str, str]]]) -> None:
        """As `introduce`, for many at once."""
        await self.accept(*(self.event(user, "Identified", None, attributes) for user, attributes, _ in people))
        said = [(user, subject, word) for user, _, consents in people for subject, word in consents.items()]
        # No journey hears of what was said before; an event for each would only take its time.
        await self._record(said, preferences.record_all)

    async def say(self, said: Sequence[tuple[str, str, str]]) -> None:
        """Customers say `yes` or `no` to channels and topics, now, and the journeys hear of it."""
        await self._record(said, notice.record_all)
        self._stirred = True
        await self.settle()

    async def _record(self, said: Sequence[tuple[str, str, str]], record: Record) -> None:
        if not said:
            return
        statements = [
            (user, ConsentUpdate(subject, "yes" if word == "yes" else "no", source="simulation", actor="simulation"))
            for user, subject, word in said
        ]
        async with self.database.transaction() as connection:
            known = await customers.addressees(connection, {user for user, _ in statements})
            await record(
                connection, [(known[user].customer_id or user, one) for user, one in statements], self.clock.now()
            )

    async def happen(
        self,
        user: str,
        event: str,
        properties: Mapping[str, Any] | None = None,
        traits: Mapping[str, Any] | None = None,
    ) -> None:
        """A customer event, now. Raises `RefusedError` where the door would refuse it."""
        await self.accept(self.event(user, event, properties, traits))

    def event(
        self,
        user: str,
        name: str,
        properties: Mapping[str, Any] | None = None,
        traits: Mapping[str, Any] | None = None,
        at: datetime | None = None,
    ) -> Incoming:
        """An event as the door takes it, of now or of another instant. Raises `RefusedError`."""
        now = self.clock.now()
        self.number += 1
        call = {"userId": user, "messageId": f"simulated-{self.number}", "timestamp": (at or now).isoformat()}
        what = (
            {"type": "identify", "traits": dict(traits)}
            if traits is not None
            else {"type": "track", "event": name, "properties": dict(properties or {})}
        )
        return read_event({**call, **what}, received_at=now)

    async def enter(self, user: str, journey: str, context: Mapping[str, Any]) -> None:
        """A call asks for an entry, now."""
        async with self.database.reading() as connection:
            named = (await customers.addressees(connection, {user}))[user]
        self.number += 1
        await self.accept(entering(named, f"simulated-{self.number}", journey, self.clock.now(), dict(context)))

    async def stock(self, product: Mapping[str, Any]) -> None:
        """The shop tells of a product, now: its price or its stock may be another. Raises `InvalidError`."""
        upserted = await self.catalogue.upsert([dict(product)])
        for _, refusal in upserted.refusals:
            raise refusal
        # Journeys that start on the catalogue wait for the end of a feed.
        self._looked_on, self._stirred = None, True
        await self.pass_until(self.clock.now() + QUIET)
        self._looked_on = None
        await self.settle()

    async def accept(self, *events: Incoming) -> None:
        await append(self.database, events, self.clock.now())
        self._stirred = True
        await self.settle()

    async def pass_until(self, instant: datetime) -> None:
        """Let time pass: everything that falls due by then has its effect, one instant after the other."""
        while (due := await self.next_due()) is not None and due <= instant:
            self.clock.at = max(self.clock.at, due)
            await self.settle()
        self.clock.at = max(self.clock.at, instant)
        await self.settle()

    async def next_due(self) -> datetime | None:
        """When the next thing happens by the passing of time alone."""
        async with self.database.reading() as connection:
            kept = await repository.next_due(connection)
        dues = (self.engine.next_due(), self.engine.campaigns.next_due(), kept)
        return min((due for due in dues if due is not None), default=None)

    async def settle(self) -> None:
        """Do all that there is to do at this instant."""
        for _ in range(MOST_AT_ONCE):
            if not await self._work():
                return
        raise NoEndError(self.clock.now())

    async def _work(self) -> bool:
        """One round; whether anything was done. Later parts wait until the earlier ones have nothing left."""
        if await self._decide() or await self._advance():
            return True
        if await self.engine.campaigns.go_on(self.opening, self.offering):
            self._stirred = True
            return True
        if not await self._is_upkeep_due():
            return False
        done = any([await step() for step in self.upkeep])
        self._looked_on = None if done else self.clock.now().date()
        self._stirred = self._stirred or done
        return done

    async def _decide(self) -> bool:
        """Decide what came in, and tell the engine; nothing came in unless something else was done."""
        if not self._stirred:
            return False
        async with self.database.reading() as connection:
            accepted = await repository.any_accepted(connection)
        if accepted:
            if self.ownership is None:
                self.ownership = await self.intake.claim(0, 1, "simulation")
            await self.intake.take(self.ownership, BATCH)
        told = await self.dispatch.tell(None)
        self._stirred = accepted or told.done > 0
        return self._stirred

    async def _is_upkeep_due(self) -> bool:
        """Something is due, or it is the first look of a day: what is done once a day needs nothing that is due."""
        if self._looked_on != self.clock.now().date():
            return True
        async with self.database.reading() as connection:
            due = await repository.next_due(connection)
        return due is not None and due <= self.clock.now()

    async def _advance(self) -> bool:
        """Have every run walked on whose time has come."""
        walked = False
        while (request := self.engine.take_due()) is not None:
            walked = self._stirred = True
            self._note(request)
            try:
                self.engine.stand(await self.advance(request))
            except NotYetError:
                # Intake has the word first: what made the run due is decided in the next round.
                self.engine.again(request, self.clock.now())
                return True
            except RetryLaterError as later:
                self.engine.again(request, self.clock.now() + later.delay)
        return walked

    def _note(self, request: Request) -> None:
        """Count how often a run is walked on at one instant: an activity in a loop takes no time here. `NoEndError`."""
        if self._walked_at != request.at:
            self._walked_at, self._walks = request.at, Counter()
        self._walks[request.run_id] += 1
        if self._walks[request.run_id] > MOST_STEPS_AT_ONCE:
            raise NoEndError(request.at, f"the run of step `{request.step}`")
