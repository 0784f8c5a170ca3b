"""What a journey names of the world: conditions, events, templates, messages."""

from collections.abc import Iterable, Iterator

from journeyman.language.conditions import Condition, MessageCondition, walk
from journeyman.language.definition import Definition, Step
from journeyman.language.facts import Facts
from journeyman.language.graph import burst
from journeyman.language.listening import hearing
from journeyman.language.needs import Needs, needs, reach_needs
from journeyman.language.readings import hindrance
from journeyman.language.steps.send import SendStep
from journeyman.language.steps.wait_for import WaitForStep
from journeyman.language.triggers import ConditionTrigger


def placed_conditions(definition: Definition) -> Iterator[tuple[str, Condition]]:
    """Every condition about the customer, with where it stands as a JSON Pointer."""
    if definition.entry.audience is not None:
        yield "/entry/audience", definition.entry.audience
    for part, named in (("exit", definition.exit), ("goals", definition.goals)):
        whens = ((place, one.when) for place, one in enumerate(named) if isinstance(one, ConditionTrigger))
        yield from ((f"/{part}/{place}/when", when) for place, when in whens)
    for place, step in enumerate(definition.steps):
        yield from ((f"/steps/{place}/{step.kind}", condition) for condition in step.conditions)


def messages_named(step: Step) -> set[str]:
    """The steps whose messages `step` speaks of."""
    nodes = (node for condition in step.conditions for _, node in walk(condition))
    named = {node.message for node in nodes if isinstance(node, MessageCondition) and node.message != "any"}
    if isinstance(step, WaitForStep):
        named |= {branch.message for branch in step.wait_for.branches if branch.message is not None}
    return named


def templates_of(definition: Definition) -> list[tuple[int, str, str]]:
    """(place, step id, template key) of every send, for each of its channels."""
    return [(place, step, key) for place, step, _, key in messages_of(definition)]


def messages_of(definition: Definition) -> list[tuple[int, str, str, str]]:
    """(place, step id, channel, template key) of every message that a send may become."""
    return [
        (place, step.id, channel, step.send.template_for(channel))
        for place, step in enumerate(definition.steps)
        if isinstance(step, SendStep)
        for channel in step.send.channels
    ]


def coupons_of(definition: Definition) -> list[tuple[int, str, str]]:
    """(place, step id, coupon pool) of every send that brings a code."""
    sends = [(place, step) for place, step in enumerate(definition.steps) if isinstance(step, SendStep)]
    return [(place, step.id, step.send.coupon) for place, step in sends if step.send.coupon is not None]


def entry_channels(definition: Definition) -> tuple[str, ...]:
    """The channels on one of which somebody has to be reachable to enter; none where that does not matter (E7)."""
    wanted = definition.entry.reachable
    if wanted is None:
        return ()
    if wanted is not True:
        return wanted
    return tuple(sorted({channel for _, _, channel, _ in messages_of(definition)}))


def hindrances(definition: Definition, facts: Facts) -> dict[str, str]:
    """Why nobody reaches the customer on any channel on which she has to be reachable; nothing if one does."""
    found = {channel: hindrance(channel, facts, definition.topic) for channel in entry_channels(definition)}
    hindered = {channel: reason for channel, reason in found.items() if reason is not None}
    return hindered if len(hindered) == len(found) else {}


def entry_needs(definition: Definition) -> Needs:
    """What has to be known of a customer to judge the entry and the arrival at the first step."""
    entry = definition.entry
    found = needs(entry.audience) | entry.needs | hearing(definition).needs | step_needs(definition.first)
    channels = entry_channels(definition)
    return found | reach_needs(channels) if channels else found


def step_needs(step: Step) -> Needs:
    """What has to be known of a customer to take the step, to arrive at it or to leave it."""
    found = step.needs
    for condition in step.conditions:
        found |= needs(condition)
    return found


def burst_needs(definition: Definition, starts: Iterable[str]) -> Needs:
    """What has to be known of a customer to go on from `starts` until time passes, through the gates of sends (M2)."""
    found = hearing(definition).needs
    for step in burst(definition, starts):
        found |= step_needs(step)
        if isinstance(step, SendStep):
            found |= needs(definition.entry.audience) | Needs(consents=True)
    return found


def reaction_needs(definition: Definition, step: Step | None) -> Needs:
    """What has to be known to let an event act on a run that stands at `step`, or is over."""
    found = hearing(definition).needs | (step_needs(step) if step is not None else Needs())
    # A conversion is credited to the messages before it, and its window may begin with one (C1, C2).
    return found | Needs(messages=bool(definition.goals))
