"""What a good editor of journeys finds before launch: nothing here is an error, each finding says why and the mend."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from journeyman.language.contact import ContactPolicy
from journeyman.language.definition import Definition
from journeyman.language.exits import ExitOnEvent
from journeyman.language.goals import GoalOnEvent
from journeyman.language.graph import successors
from journeyman.language.pressure import WEEK, bounded, earliest, most_messages
from journeyman.language.starters.event import EventEntry
from journeyman.language.steps.branch import BranchStep
from journeyman.language.steps.repeat import RepeatStep
from journeyman.language.steps.send import SendStep

MANY: Final = 4
"""Messages of one journey to one customer in a week that are worth a second look."""
MANY_TOGETHER: Final = 7
"""The same over all journeys that are linted together."""
TRANSACTIONAL: Final = "transactional"
NOTHING: Final = ContactPolicy()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something worth a look; `pointer` leads into the document (RFC 6901), empty for several journeys together."""

    code: str
    journey: str
    pointer: str
    detail: str
    mend: str


def lint(definition: Definition, policy: ContactPolicy = NOTHING) -> list[Finding]:
    """What is found in one journey, in the document's order; the workspace's caps bound what its customers get."""
    messages = _messages(definition, policy)
    found = [*_steps(definition), *_goals(definition), *messages, *_loops(definition)]
    return [Finding(code, definition.journey, pointer, detail, mend) for code, pointer, detail, mend in found]


def lint_together(definitions: Sequence[Definition], policy: ContactPolicy = NOTHING) -> list[Finding]:
    """What is found in each, and in all of them together: what one customer may get in a week."""
    found = [finding for definition in definitions for finding in lint(definition, policy)]
    marketing = [one for one in definitions if one.topic != TRANSACTIONAL]
    counts = {one.journey: _weekly(one, policy) for one in marketing}
    total = bounded(sum(counts.values()), policy.caps)
    if len(counts) > 1 and total > MANY_TOGETHER:
        listed = ", ".join(f"{key} {count}" for key, count in counts.items() if count)
        detail = f"a customer in all of them at once gets up to {total} messages in a week ({listed})"
        found.append(Finding("many-together", "", "", detail, "set a cap for the workspace, or audiences that exclude"))
    return [*found, *_same_start(marketing)]


Found = tuple[str, str, str, str]


def _steps(definition: Definition) -> Iterator[Found]:
    reached = _reached(definition)
    for place, step in enumerate(definition.steps):
        if step.id not in reached:
            detail = f"no way leads to `{step.id}`"
            yield "unreachable-step", f"/steps/{place}", detail, "lead a step to it, or take it out"
        if isinstance(step, BranchStep):
            conditions = [way.when for way in step.branch]
            for number, condition in enumerate(conditions):
                if condition in conditions[:number]:
                    detail = f"way {number + 1} of `{step.id}` is never taken: an earlier way asks the same"
                    yield "dead-way", f"/steps/{place}/branch/{number}", detail, "take it out, or ask something else"


def _reached(definition: Definition) -> set[str]:
    open_, seen = [definition.first.id], set[str]()
    while open_:
        step_id = open_.pop()
        if step_id not in seen and definition.has_step(step_id):
            seen.add(step_id)
            open_ += successors(definition, definition.step(step_id))
    return seen


def _goals(definition: Definition) -> Iterator[Found]:
    sends = [step for step in definition.steps if isinstance(step, SendStep)]
    if not definition.goals:
        mend = "add a goal, such as {key: order, on: event, event: Order Completed, within: 7d}"
        yield "no-goal", "/goals", "nothing says what the journey is for, so nobody can tell what it earns", mend
    exits = {rule.event for rule in definition.exit if isinstance(rule, ExitOnEvent)}
    for place, goal in enumerate(definition.goals):
        if isinstance(goal, GoalOnEvent) and goal.event not in exits and sends:
            detail = f"who has reached `{goal.key}` stays in the journey and goes on getting its messages"
            mend = f"add an exit rule on `{goal.event}`, if that is not wanted"
            yield "no-exit-on-goal", f"/goals/{place}", detail, mend
        if goal.anchor != "entry" and not sends:
            detail = f"`{goal.key}` begins with a {goal.anchor}, and no step sends anything"
            yield "goal-out-of-reach", f"/goals/{place}/anchor", detail, "write `anchor: entry`, or add a `send`"


def _weekly(definition: Definition, policy: ContactPolicy) -> int:
    """The most messages of a journey to one customer in a week, as far as caps let them through."""
    sends = [step.send for step in definition.steps if isinstance(step, SendStep)]
    most = most_messages(definition, WEEK)
    if any(send.topic == TRANSACTIONAL and not send.guarded for send in sends):
        # Of these no cap counts any (Q8).
        return most
    return bounded(most, [*definition.caps, *policy.caps])


def _messages(definition: Definition, policy: ContactPolicy) -> Iterator[Found]:
    windows = [goal.within.timedelta for goal in definition.goals if goal.anchor == "entry"]
    credited = max(windows) if windows and len(windows) == len(definition.goals) else None
    soonest = earliest(definition)
    for place, step in enumerate(definition.steps):
        if not isinstance(step, SendStep):
            continue
        after = soonest.get(step.id)
        if credited is not None and after is not None and after > credited:
            detail = (
                f"`{step.id}` leaves {_days(after)} after the entry at the soonest, when every goal's window is over"
            )
            yield "after-goals", f"/steps/{place}", detail, "make `within` longer, or leave the step out"
        if step.send.topic == TRANSACTIONAL and definition.topic != TRANSACTIONAL:
            detail = f"`{step.id}` asks for no consent: its topic is `transactional`, the journey's is not"
            mend = "keep it for what the customer has ordered or asked for, else take `topic` out"
            yield "no-consent-asked", f"/steps/{place}/send/topic", detail, mend
    most = _weekly(definition, policy)
    if most > MANY and definition.topic != TRANSACTIONAL:
        detail = f"a customer may get {most} messages of this journey in one week"
        yield "many-messages", "/steps", detail, "put longer waits between them, or set a cap"


def _loops(definition: Definition) -> Iterator[Found]:
    """A way back that nothing counts: a run may never end."""
    order = {step.id: place for place, step in enumerate(definition.steps)}
    for place, step in enumerate(definition.steps):
        if isinstance(step, RepeatStep):
            continue
        for lead in step.leads:
            if order.get(lead.target, len(order)) <= place and not definition.exit:
                pointer = f"/steps/{place}/{'/'.join(map(str, lead.place))}"
                detail = f"`{step.id}` leads back to `{lead.target}`, and nothing ever ends the run"
                yield "endless", pointer, detail, "go back by a `repeat` step, or add an exit rule"


def _same_start(definitions: Iterable[Definition]) -> Iterator[Finding]:
    starts: dict[str, list[str]] = {}
    for one in definitions:
        if isinstance(one.entry, EventEntry) and any(isinstance(step, SendStep) for step in one.steps):
            starts.setdefault(one.entry.event, []).append(one.journey)
    for event, keys in starts.items():
        if len(keys) > 1:
            detail = f"{', '.join(keys)} all start on `{event}` and send: one customer is in all of them"
            yield Finding("same-start", "", "", detail, "give them audiences that exclude one another, or priorities")


def _days(length: timedelta) -> str:
    return f"{length.days} days" if length.days > 1 else f"{length.total_seconds() / 3600:.0f} hours"
