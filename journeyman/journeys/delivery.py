"""Sending one message: gates, ledger, rendering, hand-over, settlement (M1-M5).

`reserve` runs in the transaction that walks the run, `hand_over` outside any, `settle` in the next one.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.catalog.coupons.codes import Coupon
from journeyman.channels import suppressions
from journeyman.channels.attachments import Attach, nothing_to_fetch
from journeyman.channels.devices import repository as devices
from journeyman.channels.errors import (
    AddressRejectedError,
    BusyError,
    RejectedError,
    SendError,
    ThrottledError,
    UnknownOutcomeError,
)
from journeyman.channels.ledger import repository as ledger
from journeyman.channels.ledger.messages import Message, message_id
from journeyman.channels.ports import Accepted, Outgoing
from journeyman.channels.render_errors import RenderError
from journeyman.channels.routing import RestingError, Route
from journeyman.channels.warming.places import give_back
from journeyman.customers import repository as customers
from journeyman.customers.consent import TRANSACTIONAL
from journeyman.customers.consents import repository as consents
from journeyman.customers.consents.topic import Topic, undefined
from journeyman.journeys.contact.best_channel import gate_of
from journeyman.journeys.contact.holdouts import held_out_by
from journeyman.journeys.contact.judging import GO, Question, Verdict, judge_contact
from journeyman.journeys.contact.policies import policy
from journeyman.journeys.contact.timing import judge_time
from journeyman.journeys.contact.warming import OPEN, Opening, judge_warm_up
from journeyman.journeys.coupons.reserving import CouponSource, Pools
from journeyman.journeys.gates import Gate, Judged, address_of, ask
from journeyman.journeys.handing_over import HandedOver, hand_over
from journeyman.journeys.journal import Entry
from journeyman.journeys.looks import look_ahead
from journeyman.journeys.lookups.asking import Looked
from journeyman.journeys.lookups.messages import NotLookedUpError, forget
from journeyman.journeys.mail import Made, MailFactory
from journeyman.journeys.reach.keeping import recheck_at
from journeyman.journeys.runs import Run, Scene
from journeyman.journeys.watching.stock import stock_gate
from journeyman.language.channels import DEVICES, IN_HOUSE
from journeyman.language.definition import Definition
from journeyman.language.facts import Facts
from journeyman.language.steps.send import SendStep

log = logging.getLogger(__name__)

ATTEMPTS = 8
"""Hand-overs to a failing provider before the message counts as failed (M5): about ten minutes in all."""
FIRST_PAUSE = timedelta(seconds=5)
ONLY_ONCE = "an attempt ended without an answer, and the step sends at most once"
LONGEST_PAUSE = timedelta(minutes=10)
HAND_OVER_LIMIT = 60.0
"""Seconds that one hand-over may take: less than the activity's own limit, so that no attempt outlives it."""


class RetryLaterError(Exception):
    """The provider cannot take the message now; nothing was sent, and the same call is to be made after `delay`."""

    def __init__(self, detail: str, delay: timedelta) -> None:
        super().__init__(detail)
        self.delay = delay


@dataclass(frozen=True, slots=True)
class Reserved:
    """A message with its row in the ledger, ready for the provider."""

    message: Message
    outgoing: Outgoing
    gates: list[Gate] = field(default_factory=list)
    addresses: Mapping[str, str | None] = field(default_factory=dict)
    """Where it goes, and of devices, of which there may be several, their platforms."""
    once_at_most: bool = False
    """Whether a hand-over without an answer is not made again (M4)."""
    coupon: str | None = None
    """The pool whose code it brings (M6)."""
    chosen: Mapping[str, str] = field(default_factory=dict)
    """What was chosen of the template: its `language` and `variant`."""
    closed: frozenset[str] = frozenset()
    """Providers that may not be asked: they are new, and have their share of today."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a message: its outcome (M1), the gates that were asked and, if sent, how the provider names it."""

    outcome: str
    detail: str | None = None
    provider_message_id: str | None = None
    retry_after: timedelta | None = None
    gates: tuple[Gate, ...] = ()
    word: str | None = None
    """Where a full cap or quiet hours lead besides: a step, `exit` or `end`."""
    parts: int = 1
    dead: tuple[str, ...] = ()
    """Addresses that the provider says are dead."""


@dataclass(frozen=True, slots=True)
class Held:
    """A message that waits; its run stays at the step until then, and all gates are asked again (M2, Q1)."""

    until: datetime
    hold: str
    gates: tuple[Gate, ...]


class Delivery:
    """Sends the messages of runs through the providers that are there, by channel."""

    def __init__(
        self,
        routes: Mapping[str, Route],
        mail: MailFactory,
        digest_key: bytes = suppressions.UNKEYED,
        coupons: CouponSource | None = None,
        attach: Attach = nothing_to_fetch,
    ) -> None:
        self.routes = routes
        self.mail = mail
        self.digest_key = digest_key
        self.coupons = coupons or Pools()
        self.attach = attach

    async def reserve(
        self,
        connection: AsyncConnection,
        run: Run,
        step: SendStep,
        definition: Definition,
        scene: Scene,
        *,
        is_new: bool = False,
        looked: Looked | None = None,
    ) -> Reserved | Settled | Held:
        """Judge everything again at the instant of sending (M2) and reserve the message, or say what refused it.

        A message that has to wait has its run stay where it is.

        `is_new` says that no earlier attempt can have left a row in the ledger, `looked` what other systems have said.

        Raises `AnswersWantedError` where they have to be asked first: nothing of the transaction may be kept then.
        """
        identity = message_id(run.id, step.id, run.visit)
        earlier = None if is_new else await ledger.find(connection, identity)
        message = earlier or _new(identity, run, step, definition, scene.at)
        if message.state in {"sent", "failed", "refused"}:
            return Settled(message.outcome or message.state, message.detail)
        if message.held_since is not None:
            message.reserved_at = scene.at
        judged, opening = await self._admit(connection, run, message, step, scene)
        if isinstance(judged, Held):
            return await self._hold(connection, run, message, judged, scene)
        if isinstance(judged, Settled):
            return await self._refuse(connection, run, message, judged, step, scene.at)
        made = await self._make(connection, run, message, judged, step, scene, looked)
        if isinstance(made, Settled):
            if opening.first is not None:
                await give_back(connection, message.id)
            return await self._refuse(connection, run, message, made, step, scene.at)
        message.address = None if message.channel in DEVICES | IN_HOUSE else judged.address
        message.subject = made.outgoing.headline
        message.in_flight, message.attempts = True, message.attempts + 1
        message.provider = opening.first or message.provider or self.routes[message.channel].first(message.topic)
        message.counted_at = scene.at if heeds_contact(step, marketing=judged.marketing) else None
        await ledger.save(connection, message)
        once, pool = step.send.is_once_at_most, step.send.coupon
        gates, addresses = judged.gates, judged.addresses
        return Reserved(message, made.outgoing, gates, addresses, once, pool, made.chosen, opening.closed)

    async def _make(
        self,
        connection: AsyncConnection,
        run: Run,
        message: Message,
        judged: Judged,
        step: SendStep,
        scene: Scene,
        looked: Looked | None,
    ) -> Made | Settled:
        """The message as it will be sent, with a code where its step asks for one (M6); or what is in the way."""
        if message.channel not in self.routes:
            gates = (*judged.gates, Gate("provider", False, {"channel": message.channel}))
            return Settled("failed", f"no provider is set up for the channel `{message.channel}`", gates=gates)
        coupon: Coupon | None = None
        if step.send.coupon is not None:
            taken = await self.coupons.reserve(connection, step.send.coupon, message, run, scene)
            judged.gates.append(taken.gate)
            if taken.coupon is None:
                return Settled("no_coupon", gates=tuple(judged.gates))
            coupon = taken.coupon
        try:
            facts = scene.of(run)
            return await self.mail.make(connection, message, judged, run, scene.definition, facts, coupon, looked)
        except NotLookedUpError as error:
            return Settled("no_lookup", str(error), gates=(*judged.gates, error.gate))
        except RenderError as error:
            gates = (*judged.gates, Gate("render", False, {"error": str(error)}))
            return Settled("failed", str(error), gates=gates)

    async def _admit(
        self, connection: AsyncConnection, run: Run, message: Message, step: SendStep, scene: Scene
    ) -> tuple[Judged | Settled | Held, Opening]:
        """Whether the message may go, and to whom: what all gates say, then the ramps of providers that are new."""
        judged = await self._judge(connection, run, message, step, scene)
        if not isinstance(judged, Judged) or message.channel not in self.routes:
            return judged, OPEN
        route, marketing = self.routes[message.channel], judged.marketing
        opening = await judge_warm_up(connection, route, message, judged.address, scene.at, marketing=marketing)
        return _after_contact(judged, opening.verdict), opening

    async def _judge(
        self, connection: AsyncConnection, run: Run, message: Message, step: SendStep, scene: Scene
    ) -> Judged | Settled | Held:
        """Whether the message may go: by what became of an earlier attempt, and by the gates."""
        lost = self._lost(message, step)
        if lost is not None:
            return lost
        definition, facts = scene.definition, scene.of(run)
        addresses = await self._addresses(connection, run, message.channel, facts)
        suppressed = await self._suppression(connection, message.channel, addresses)
        topic = await self._topic(connection, message.topic)
        rules = await policy(connection)
        held_out = held_out_by(run, step, definition, rules, marketing=topic.marketing)
        judged = ask(step.send, definition, facts, topic, addresses, suppressed=suppressed, held_out=held_out)
        if (chosen := gate_of(run, step.id)) is not None:
            judged.gates.insert(0, chosen)
        if judged.refusal is not None:
            return Settled(judged.refusal, gates=tuple(judged.gates))
        if (stock := await stock_gate(connection, definition, run)) is not None:
            judged.gates.append(stock)
            if not stock.passed:
                return Settled("out_of_stock", gates=tuple(judged.gates))
        heeds = heeds_contact(step, marketing=topic.marketing)
        question = Question(message, step, scene, rules)
        timed = judge_time(question, heeds=heeds)
        if timed.until is not None:
            return _after_contact(judged, timed)
        verdict = await judge_contact(connection, question) if heeds else GO
        return _after_contact(judged, replace(verdict, gates=(*verdict.gates, *timed.gates)))

    async def _hold(self, connection: AsyncConnection, run: Run, message: Message, held: Held, scene: Scene) -> Held:
        """Have the run stay until the message may go; exits take it out of there as out of any wait (W9)."""
        message.hold, message.held_until = held.hold, held.until
        message.held_since = message.held_since or scene.at
        message.in_flight = False
        message.counted_at = message.counted_at if message.ambiguous else None
        await ledger.save(connection, message)
        run.until = held.until
        read = {"until": held.until, "message": message.id, "gates": [gate.to_json() for gate in held.gates]}
        run.write(Entry("held", scene.at, message.step, message.visit, held.gates[-1].name, read))
        look_ahead(run, scene)
        return held

    def _lost(self, message: Message, step: SendStep) -> Settled | None:
        """An earlier attempt that ended without an answer: sent again or given up, as the step says (M4)."""
        if not message.in_flight:
            return None
        message.ambiguous = True
        if not step.send.is_once_at_most or self._may_ask_again(message):
            log.warning("message %s may leave twice: an attempt ended without an answer", message.id)
            return None
        return Settled("failed", ONLY_ONCE)

    async def _addresses(
        self, connection: AsyncConnection, run: Run, channel: str, facts: Facts
    ) -> dict[str, str | None]:
        if channel in DEVICES:
            return await devices.tokens_of(connection, run.customer_id, channel)
        if channel in IN_HOUSE:
            return {run.customer_id: None}
        address = address_of(facts, channel)
        return {} if address is None else {address: None}

    async def _suppression(
        self, connection: AsyncConnection, channel: str, addresses: Mapping[str, str | None]
    ) -> str | None:
        """Devices are on no list: a dead one is forgotten. Nor is what waits in the house."""
        if channel in DEVICES | IN_HOUSE or not addresses:
            return None
        return await suppressions.suppression_reason(connection, channel, next(iter(addresses)), self.digest_key)

    async def _topic(self, connection: AsyncConnection, key: str) -> Topic:
        """The topic as the workspace has set it; the transactional one is never set."""
        found = None if key == TRANSACTIONAL else await consents.find_topic(connection, key)
        return found or undefined(key)

    async def _refuse(
        self,
        connection: AsyncConnection,
        run: Run,
        message: Message,
        settled: Settled,
        step: SendStep,
        at: datetime,
    ) -> Settled:
        message.state = "failed" if settled.outcome == "failed" else "refused"
        message.outcome, message.detail, message.in_flight = settled.outcome, settled.detail, False
        forget(run)
        _give_back(message)
        await ledger.save(connection, message)
        if step.send.coupon is not None:
            await self.coupons.settle(connection, step.send.coupon, message, at)
        run.write(_entry(message, settled.gates, at))
        return settled

    async def hand_over(self, reserved: Reserved) -> Settled:
        """Give the message to the provider. Every way in which that can end is an outcome, never an exception."""
        message = reserved.message
        route = self.routes[message.channel]
        asked_before = message.provider if message.ambiguous else None
        try:
            outgoing = await self.attach(reserved.outgoing)
        except SendError as error:
            # No provider was asked.
            return _outcome_of(HandedOver(message.provider, error))
        try:
            async with asyncio.timeout(HAND_OVER_LIMIT):
                handed = await hand_over(
                    route, outgoing, reserved.addresses, message.topic, asked_before, reserved.closed
                )
        except TimeoutError:
            return Settled("ambiguous", f"no answer within {HAND_OVER_LIMIT:.0f} s")
        message.provider = handed.provider
        return _outcome_of(handed)

    async def settle(
        self,
        connection: AsyncConnection,
        run: Run,
        reserved: Reserved,
        settled: Settled,
        definition: Definition,
        at: datetime,
    ) -> Settled:
        """Write what became of the message; returns the outcome that the run goes on with."""
        message = reserved.message
        message.in_flight = False
        is_final = settled.outcome in {"sent", "failed", "rejected"}
        final = settled if is_final else self._again(message, settled, reserved)
        if isinstance(final, timedelta):
            await ledger.settle(connection, message)
            return Settled("retry", settled.detail, retry_after=final)
        _finish(message, final, at)
        forget(run)
        await ledger.settle(connection, message)
        if reserved.coupon is not None:
            await self.coupons.settle(connection, reserved.coupon, message, at)
        await self._bury(connection, message, final.dead, at)
        if final.outcome == "sent":
            _extend_goals(run, definition, at)
        run.write(_entry(message, reserved.gates, at, reserved.chosen))
        return final

    def _may_ask_again(self, message: Message) -> bool:
        return self.routes[message.channel].may_ask_again(message.topic, message.provider)

    async def _bury(self, connection: AsyncConnection, message: Message, dead: Sequence[str], at: datetime) -> None:
        """Addresses that are dead are not written to any more: devices are forgotten, others suppressed."""
        if not dead:
            return
        if message.channel in DEVICES:
            await devices.forget(connection, message.channel, dead)
            await customers.recheck(connection, {message.customer_id}, at)
            return
        await suppressions.suppress_all(
            connection,
            message.channel,
            dead,
            "rejected by the provider",
            at,
            key=self.digest_key,
            actor=suppressions.PRODUCT,
        )
        await recheck_at(connection, message.channel, dead, at)

    def _again(self, message: Message, settled: Settled, reserved: Reserved) -> Settled | timedelta:
        """Another attempt after a pause, or the end of them (M5)."""
        if settled.outcome == "busy":
            message.attempts -= 1  # nobody was asked
            return max(FIRST_PAUSE, settled.retry_after or FIRST_PAUSE)
        if settled.outcome == "ambiguous":
            message.ambiguous = True
            if reserved.once_at_most and not self._may_ask_again(message):
                return Settled("failed", ONLY_ONCE)
        if message.attempts >= ATTEMPTS:
            return Settled("failed", f"given up after {message.attempts} attempts: {settled.detail}")
        doubled: int = 2 ** (message.attempts - 1)
        pause = min(FIRST_PAUSE * doubled, LONGEST_PAUSE)
        return max(pause, settled.retry_after or pause)


def _outcome_of(handed: HandedOver) -> Settled:
    """What came of a hand-over, for the message."""
    found = handed.outcome
    if isinstance(found, Accepted):
        return Settled("sent", provider_message_id=found.provider_message_id, parts=found.parts, dead=handed.dead)
    pause = timedelta(seconds=found.retry_after) if isinstance(found, ThrottledError | RestingError) else None
    outcomes = {
        AddressRejectedError: "rejected",
        RejectedError: "failed",
        UnknownOutcomeError: "ambiguous",
        BusyError: "busy",
        RestingError: "busy",
    }
    return Settled(outcomes.get(type(found), "temporary"), found.detail, retry_after=pause, dead=handed.dead)


def _new(identity: str, run: Run, step: SendStep, definition: Definition, at: datetime) -> Message:
    return Message(
        id=identity,
        run_id=run.id,
        step=step.id,
        visit=run.visit,
        journey_key=run.journey_key,
        version=run.version,
        customer_id=run.customer_id,
        channel=step.send.channels[0],
        topic=step.send.topic or definition.topic,
        template_key=step.send.template_for(step.send.channels[0]),
        state="reserved",
        reserved_at=at,
        priority=definition.priority,
    )


def _finish(message: Message, settled: Settled, at: datetime) -> None:
    message.outcome, message.detail = settled.outcome, settled.detail
    if settled.outcome == "sent":
        message.state, message.sent_at = "sent", at
        message.provider_message_id, message.parts = settled.provider_message_id, settled.parts
    else:
        message.state = "failed"
        _give_back(message)


def _give_back(message: Message) -> None:
    """What was not sent has no place under a cap (Q7); what may have been sent keeps it."""
    if not message.ambiguous:
        message.counted_at = None


def heeds_contact(step: SendStep, *, marketing: bool) -> bool:
    """Whether caps and quiet hours are for a message, and it counts: by its topic now, or by the author's word (Q8)."""
    return marketing or step.send.guarded


def _after_contact(judged: Judged, verdict: Verdict) -> Judged | Settled | Held:
    """What all gates together say."""
    gates = (*judged.gates, *verdict.gates)
    if verdict.outcome is not None:
        return Settled(verdict.outcome, gates=gates, word=verdict.word)
    if verdict.until is not None:
        return Held(verdict.until, verdict.hold or "", gates)
    judged.gates.extend(verdict.gates)
    return judged


def _extend_goals(run: Run, definition: Definition, at: datetime) -> None:
    """A window that begins with a send keeps the run in mind until it closes (C2)."""
    windows = [at + goal.within.timedelta for goal in definition.goals if goal.anchor == "send"]
    if windows and (run.goal_until is None or max(windows) > run.goal_until):
        run.goal_until = max(windows)
        run.is_changed = True


def _entry(message: Message, gates: Sequence[Gate], at: datetime, chosen: Mapping[str, str] | None = None) -> Entry:
    data = {
        "message": message.id,
        "channel": message.channel,
        "template": message.template_key,
        **(chosen or {}),
        "attempts": message.attempts,
        "ambiguous": message.ambiguous,
        "detail": message.detail,
        "gates": [gate.to_json() for gate in gates],
    }
    return Entry("message", at, message.step, message.visit, message.outcome, data)
