"""Whether there is a place under the caps, and who takes it (Q5-Q7, Q9).

A place is taken by what is being handed over or was sent. What has still to go, because it is held for quiet hours,
for a place or for another attempt, competes: the higher priority takes the place, of equals who came first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from journeyman.channels.ledger.messages import Message
from journeyman.language.calendar import add
from journeyman.language.contact import Cap, JourneyCap
from journeyman.language.dates import at_local
from journeyman.language.durations import CalendarDays

HELD_FOR_A_PLACE = "cap"
HELD_FOR_WARM_UP = "warm_up"
HELD_FOR_ITS_TIME = "best_time"
WITHOUT_A_PILE = frozenset({None, HELD_FOR_A_PLACE, HELD_FOR_WARM_UP, HELD_FOR_ITS_TIME})
"""Holds at whose end each message goes for itself."""
A_MOMENT = timedelta(minutes=1)
"""After this long it is seen what has become of a message that is due."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A cap, and the journey that has it; None is the workspace."""

    cap: Cap
    journey: str | None = None

    def covers(self, message: Message) -> bool:
        """Whether a message counts under this cap, if it counts at all."""
        cap = self.cap
        mine = self.journey is None or (isinstance(cap, JourneyCap) and cap.of == "any journey")
        return (
            (mine or message.journey_key == self.journey)
            and cap.channel in {None, message.channel}
            and cap.topic in {None, message.topic}
        )

    def points(self, message: Message) -> int:
        own = (number for channel, number in self.cap.points.items() if channel == message.channel)
        return next(own, 1)

    def since(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The beginning of the window: what was counted then is in it."""
        per = self.cap.per
        if not isinstance(per, CalendarDays):
            return now - per.timedelta + timedelta(microseconds=1)
        return at_local(now.astimezone(zone).date() - timedelta(days=per.days - 1), _MIDNIGHT, zone)

    def leaves(self, counted_at: datetime, zone: ZoneInfo) -> datetime:
        """When something that was counted is in the window no more."""
        return add(counted_at, self.cap.per, zone)


_MIDNIGHT = datetime.min.time()


@dataclass(frozen=True, slots=True)
class Standing:
    """What a cap came to for one message: the values read, and when there may be a place if there is none."""

    rule: Rule
    taken: int
    ahead: int
    is_free: bool
    free_at: datetime | None

    def read(self) -> dict[str, Any]:
        cap = self.rule.cap
        only = {"channel": cap.channel, "topic": cap.topic, "journey": self.rule.journey}
        named = {name: value for name, value in only.items() if value is not None}
        return {"max": cap.max, "per": str(cap.per), **named, "taken": self.taken, "ahead": self.ahead}


def judge(rule: Rule, message: Message, others: Iterable[Message], now: datetime, zone: ZoneInfo) -> Standing:
    """How one cap stands for a message, by the customer's other messages."""
    covered = [other for other in others if rule.covers(other)]
    since = rule.since(now, zone)
    taken = [other for other in covered if other.counted_at and other.counted_at >= since and not is_to_go(other)]
    by = rule.leaves(now, zone)
    ahead = _one_of_each_pile([other for other in covered if _goes_first(other, message, by)], message)
    used, kept, own = (sum(map(rule.points, some)) for some in (taken, ahead, [message]))
    room = rule.cap.max - used - kept - own
    free_at = _free_at(rule, taken, ahead, -room, now, zone) if room < 0 else None
    return Standing(rule, used, kept, room >= 0, free_at)


def is_to_go(message: Message) -> bool:
    """Whether a message waits, and nobody has been given it."""
    return message.state == "reserved" and not message.in_flight and not message.ambiguous


def _goes_first(other: Message, message: Message, by: datetime) -> bool:
    """Whether another message is due within the window and comes before this one."""
    if not is_to_go(other) or (other.hold is None and other.counted_at is None):
        return False
    is_due = other.held_until is None or other.held_until < by
    return is_due and _rank(other) < _rank(message)


def _rank(message: Message) -> tuple[int, datetime, str]:
    return -message.priority, message.held_since or message.reserved_at, message.id


def _one_of_each_pile(ahead: Sequence[Message], message: Message) -> list[Message]:
    """Of what is held to one instant only that counts which will go from there."""
    found = {pile(other): other for other in ahead}
    return [other for key, other in found.items() if key != pile(message)]


def pile(message: Message) -> tuple[Any, ...]:
    """What piled up together: messages of one channel and topic that are held to the same instant (Q4)."""
    if message.hold in WITHOUT_A_PILE or message.hold == "all":
        return (message.id,)
    same = (message.hold, message.channel, message.topic, message.held_until)
    return (*same, message.journey_key) if message.hold == "one per journey" else same


def _free_at(
    rule: Rule, taken: Sequence[Message], ahead: Sequence[Message], wanted: int, now: datetime, zone: ZoneInfo
) -> datetime | None:
    """The next instant at which there may be room; None where the message alone is more than the cap."""
    leaving = sorted((rule.leaves(other.counted_at, zone), rule.points(other)) for other in taken if other.counted_at)
    for at, points in leaving:
        wanted -= points
        if wanted <= 0:
            return at
    due = [max(other.held_until or now, now) + A_MOMENT for other in ahead]
    return max(due, default=None)


def goes_instead(message: Message, others: Iterable[Message]) -> Message | None:
    """The message that goes in place of this one from what piled up, None where it may go (Q4)."""
    if message.hold in WITHOUT_A_PILE or message.hold == "all":
        return None
    mates = [other for other in others if pile(other) == pile(message) and (is_to_go(other) or other.counted_at)]
    choose = min if message.hold == "first" else max
    chosen = choose([message, *mates], key=_since)
    return None if chosen is message else chosen


def _since(message: Message) -> tuple[datetime, str]:
    return message.held_since or message.reserved_at, message.id
