"""How much a journey may ask of one customer: the most messages in a while, and how soon each step can come.

Worst cases, from the document alone: every event comes at the worst moment, every condition holds that leads to a
message, and of a wait for an instant it is not known how long it is.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from math import ceil
from typing import Final

from journeyman.language.contact import Cap
from journeyman.language.definition import Definition, Step
from journeyman.language.document import RESERVED
from journeyman.language.durations import CalendarDays, Duration
from journeyman.language.steps.repeat import RepeatStep
from journeyman.language.steps.send import SendStep
from journeyman.language.steps.wait import UntilLocal, WaitStep
from journeyman.language.steps.wait_for import WaitForStep

WEEK: Final = timedelta(days=7)
NOTHING: Final = timedelta(0)
A_DAY_LATER: Final = timedelta(hours=23)
"""The same local time again, on the day on which the clocks go forward."""
MOST_LOOKED_AT: Final = 20_000
"""States that are looked at before the answer is what has been found so far."""

Way = tuple[str | None, timedelta]
"""A step that may follow, and after how long at the soonest; None is the end."""


def most_messages(definition: Definition, within: timedelta) -> int:
    """The most messages that one run may send within so long."""
    sends = [step.id for step in definition.steps if isinstance(step, SendStep)]
    search = _Search(definition)
    return max((search.most(step_id, within) for step_id in sends), default=0)


def bounded(most: int, caps: Iterable[Cap]) -> int:
    """The most messages in a week that caps over all of them let through, of so many that are wanted."""
    whole = [cap for cap in caps if cap.channel in {None, "email"} and cap.topic is None and not cap.points]
    return min([most, *(cap.max * _windows(cap.per) for cap in whole)])


def _windows(per: Duration | CalendarDays) -> int:
    """How many windows of a cap a week may touch; those of the calendar begin in the middle of it."""
    if isinstance(per, CalendarDays):
        return ceil(WEEK.days / per.days) + 1
    return max(1, ceil(WEEK / per.timedelta))


def earliest(definition: Definition) -> dict[str, timedelta]:
    """How long after the entry each step can come at the soonest; a step that none leads to is not in it."""
    found: dict[str, timedelta] = {}
    open_ = [(NOTHING, definition.first.id)]
    while open_:
        open_.sort()
        after, step_id = open_.pop(0)
        if step_id in found or not definition.has_step(step_id):
            continue
        found[step_id] = after
        ways = _ways(definition, definition.step(step_id), again=False)
        open_ += [(after + longer, target) for target, longer in ways if target is not None]
    return found


State = tuple[str, timedelta, frozenset[tuple[str, int]]]
"""A step that is come to, the time that is left, and how often steps were passed that count."""


class _Search:
    """Looks for the way with the most messages; what has been passed on a way tells how long it takes again.

    A loop with a short wait is gone through hundreds of times in a week, so that it keeps a stack of its own.
    """

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.known: dict[State, int] = {}

    def most(self, step_id: str, left: timedelta) -> int:
        """The most messages from this step on, itself included, within the time that is left."""
        first: State = (step_id, left, frozenset())
        open_, follows = [first], dict[State, list[State]]()
        while open_:
            state = open_[-1]
            if state not in self.known and state not in follows and self._is_looked_at(state, len(follows)):
                follows[state] = list(self._follow(state))
                # What has been come to and is not known yet lies on this very way: a circle that takes no time.
                open_ += [one for one in follows[state] if one not in self.known and one not in follows]
            elif state in self.known:
                open_.pop()
            else:
                best = max((self.known.get(one, 0) for one in follows.get(state, ())), default=0)
                is_send = state in follows and isinstance(self.definition.step(state[0]), SendStep)
                self.known[state] = is_send + best
        return self.known[first]

    def _is_looked_at(self, state: State, under_way: int) -> bool:
        return len(self.known) + under_way < MOST_LOOKED_AT and self.definition.has_step(state[0])

    def _follow(self, state: State) -> Iterator[State]:
        """What may come next within the time that is left."""
        step_id, left, passed = state
        step, counts = self.definition.step(step_id), dict(passed)
        again, turns = step_id in counts, counts.get(step_id, 0)
        if isinstance(step, RepeatStep | WaitStep):
            counts[step_id] = turns + 1 if isinstance(step, RepeatStep) else 1
        for target, longer in _ways(self.definition, step, again=again):
            if target is not None and longer <= left and not _is_used_up(step, target, turns):
                yield target, left - longer, frozenset(counts.items())


def _is_used_up(step: Step, target: str, turns: int) -> bool:
    return isinstance(step, RepeatStep) and target == step.repeat.to and turns >= (step.repeat.max or MOST_LOOKED_AT)


def _ways(definition: Definition, step: Step, *, again: bool) -> Iterator[Way]:
    below = definition.after(step)
    if isinstance(step, WaitForStep):
        for branch in step.wait_for.branches:
            yield branch.next if branch.next is not None else below, NOTHING
        timeout = step.wait_for.on_timeout
        yield (below if timeout == "continue" else _step(timeout)), _length(step.wait_for.timeout)
        return
    longer = _stay(step, again=again)
    if step.falls_through:
        yield below, longer
    for lead in step.leads:
        yield _step(lead.target), longer


def _step(target: str) -> str | None:
    return None if target in RESERVED else target


def _stay(step: Step, *, again: bool) -> timedelta:
    """How long a customer stays at the least; the next local time of day may be now, and the one after is not."""
    if not isinstance(step, WaitStep):
        return NOTHING
    if step.wait.for_ is not None:
        return _length(step.wait.for_)
    return A_DAY_LATER if again and isinstance(step.wait.until, UntilLocal) else NOTHING


def _length(span: Duration | CalendarDays) -> timedelta:
    """Of calendar days the first may be over in a moment."""
    return timedelta(days=span.days - 1) if isinstance(span, CalendarDays) else span.timedelta
