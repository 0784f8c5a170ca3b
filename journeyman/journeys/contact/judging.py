"""Whether a message may go now, later or not at all, by what protects its customer: caps and quiet hours (Q1-Q9).

This is asked after all other gates, in the transaction that reserves the message and under the customer's lock, so
that of all her runs only one can take the last place (Q7). Where no rule speaks of a message, nothing is read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.ledger import repository as ledger
from journeyman.channels.ledger.messages import Message
from journeyman.customers.zones import Place, country_of_phone, place_of
from journeyman.journeys.contact import repository
from journeyman.journeys.contact.caps import (
    HELD_FOR_A_PLACE,
    WITHOUT_A_PILE,
    Rule,
    Standing,
    goes_instead,
    is_to_go,
    judge,
)
from journeyman.journeys.gates import Gate
from journeyman.journeys.runs import Scene
from journeyman.language.contact import ContactPolicy, Delay, QuietHours
from journeyman.language.durations import CalendarDays
from journeyman.language.national_hours import NATIONAL_HOURS, TEXTS
from journeyman.language.quiet import LONGEST_HOLD, SPREAD, Window, release_at, share_of
from journeyman.language.steps.send import ANSWERS, SendStep

LOOKED_BACK: Final = LONGEST_HOLD + timedelta(days=1)
"""How old the messages may be that were held to the same instant as another."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gates of contact say: go, or refused with an `outcome`, or held `until` an instant for a reason.

    `word` is where a refusal leads besides: a step, `exit` or `end`.
    """

    gates: tuple[Gate, ...] = ()
    outcome: str | None = None
    word: str | None = None
    until: datetime | None = None
    hold: str | None = None


GO: Final = Verdict()


@dataclass(slots=True)
class Question:
    """A message that is to go now, and the rules that may speak of it."""

    message: Message
    step: SendStep
    scene: Scene
    policy: ContactPolicy
    asked: list[Gate] = field(default_factory=list)

    @property
    def place(self) -> Place:
        zone = self.scene.definition.time_zone
        return place_of(self.scene.facts.attributes, zone, self.scene.workspace_zone)

    @property
    def caps(self) -> list[Rule]:
        """The caps under which the message counts."""
        definition = self.scene.definition
        rules = [Rule(cap) for cap in self.policy.caps] + [Rule(cap, definition.journey) for cap in definition.caps]
        return [rule for rule in rules if rule.covers(self.message)]

    @property
    def quiet_hours(self) -> list[QuietHours]:
        """The step's or the journey's own first, then the workspace's, then those of the number's country."""
        own = self.step.send.quiet_hours or self.scene.definition.quiet_hours
        return [hours for hours in (own, self.policy.quiet_hours) if hours is not None] + [*self._national]

    @property
    def _national(self) -> tuple[QuietHours, ...]:
        phone = self.scene.facts.attributes.get("phone")
        if self.message.channel not in TEXTS or not self.policy.national_hours or not isinstance(phone, str):
            return ()
        return NATIONAL_HOURS.get(country_of_phone(phone) or "", ())

    def answer(self, *gates: Gate, **said: Any) -> Verdict:  # noqa: ANN401 - the fields of a verdict
        return Verdict((*self.asked, *gates), **said)


async def judge_contact(connection: AsyncConnection, question: Question) -> Verdict:
    """Ask what the message's rules say at the scene's instant."""
    caps, hours, message = question.caps, question.quiet_hours, question.message
    if not caps and not hours and message.hold is None:
        return GO
    place, now = question.place, question.scene.at
    since = [rule.since(now, place.zone) for rule in caps]
    if message.hold not in WITHOUT_A_PILE:
        since.append(now - LOOKED_BACK)
    others = await _others(connection, message, min(since)) if since else []
    return (
        _after_hold(question, others) or _by_caps(question, caps, others) or _by_clock(question, hours)
    ) or question.answer()


async def has_place(connection: AsyncConnection, question: Question) -> bool:
    """Whether there is a place under every cap for the message now."""
    caps = question.caps
    if not caps:
        return True
    place, now = question.place, question.scene.at
    others = await _others(connection, question.message, min(rule.since(now, place.zone) for rule in caps))
    return all(judge(rule, question.message, others, now, place.zone).is_free for rule in caps)


async def _others(connection: AsyncConnection, message: Message, since: datetime) -> list[Message]:
    """The customer's other messages that count, and those still to go whose runs are not over."""
    found = await ledger.weighing_on(connection, message.customer_id, since)
    found = [other for other in found if other.id != message.id]
    waiting = {other.run_id for other in found if is_to_go(other)}
    live = await repository.live_among(connection, waiting) if waiting else set()
    return [other for other in found if not is_to_go(other) or other.run_id in live]


def _after_hold(question: Question, others: Sequence[Message]) -> Verdict | None:
    """Of what piled up while quiet hours lasted not everything goes (Q4)."""
    message = question.message
    if message.hold in WITHOUT_A_PILE:
        return None
    instead = goes_instead(message, others)
    read = {"piled_up": message.hold, "held_since": message.held_since}
    if instead is None:
        question.asked.append(Gate("hold", True, _plain(read)))
        return None
    gate = Gate("hold", False, _plain({**read, "goes": instead.id, "journey": instead.journey_key}))
    return question.answer(gate, outcome="superseded")


def _by_caps(question: Question, caps: Sequence[Rule], others: Sequence[Message]) -> Verdict | None:
    """Whether there is a place under every cap (Q5, Q9)."""
    if not caps:
        return None
    place, now = question.place, question.scene.at
    standings = [judge(rule, question.message, others, now, place.zone) for rule in caps]
    full = [standing for standing in standings if not standing.is_free]
    read = {"caps": [standing.read() for standing in full or standings], **_where(place)}
    gate = Gate("frequency_cap", not full, read)
    if not full:
        question.asked.append(gate)
        return None
    cap = question.step.send.cap
    if not isinstance(cap, Delay):
        return question.answer(gate, outcome="capped", word=_step(cap))
    until = _place_at(question, full)
    if until is None or until > (question.message.held_since or now) + cap.delay.timedelta:
        return question.answer(gate, outcome="capped")
    return question.answer(gate, until=until, hold=HELD_FOR_A_PLACE)


def _place_at(question: Question, full: Sequence[Standing]) -> datetime | None:
    """When there may be a place under all of these; where many wait for a midnight, each for her own moment (W8)."""
    free = [_spread(standing, question.message.customer_id) for standing in full]
    known = [at for at in free if at is not None]
    return max(known) if len(known) == len(free) else None


def _spread(standing: Standing, customer_id: str) -> datetime | None:
    at = standing.free_at
    if at is None or not isinstance(standing.rule.cap.per, CalendarDays):
        return at
    return at + share_of(at, customer_id) * SPREAD


def _by_clock(question: Question, hours: Sequence[QuietHours]) -> Verdict | None:
    """Whether the customer's quiet hours let the message go (Q1, Q2)."""
    if not hours:
        return None
    place, now, message = question.place, question.scene.at, question.message
    on = [one for one in hours if Window.of(one).covers(now, place.zone)]
    read = {**_where(place), "local": now.astimezone(place.zone).strftime("%a %H:%M")}
    read["windows"] = [f"{one.from_}-{one.until}" for one in hours]
    gate = Gate("quiet_hours", not on, read)
    if not on:
        question.asked.append(gate)
        return None
    words = [one.then for one in on if one.then != "hold"]
    if words:
        return question.answer(gate, outcome="quiet_hours", word=_step(words[0]))
    spread = max((one.spread.timedelta if one.spread is not None else SPREAD) for one in on)
    windows = [Window.of(one) for one in hours]
    until = release_at(windows, place.zone, now, message.customer_id, spread)
    if until is None or until > _longest(question):
        return question.answer(gate, outcome="quiet_hours")
    return question.answer(gate, until=until, hold=on[0].piled_up)


def _longest(question: Question) -> datetime:
    """No message is held for longer than a week, and for what it may wait for a place (Q1, Q5)."""
    cap = question.step.send.cap
    waits = cap.delay.timedelta if isinstance(cap, Delay) else timedelta()
    return (question.message.held_since or question.scene.at) + LONGEST_HOLD + SPREAD + waits


def _step(word: str) -> str | None:
    return None if word in ANSWERS else word


def _where(place: Place) -> dict[str, Any]:
    return {"zone": place.zone.key, "rung": place.rung}


def _plain(read: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in read.items()}
