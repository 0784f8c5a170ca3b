"""The journey as a graph: which step leads where, what can be reached, where time passes."""

from collections.abc import Iterable, Iterator

from journeyman.language.definition import Definition, Step
from journeyman.language.document import Lead
from journeyman.language.steps.branch import BranchStep
from journeyman.language.steps.end import EndStep
from journeyman.language.steps.send import SendStep
from journeyman.language.steps.wait import WaitStep
from journeyman.language.steps.wait_for import WaitForStep


def takes_time(step: Step) -> bool:
    """Whether a customer may stay at the step."""
    return isinstance(step, WaitStep | WaitForStep)


def successors(definition: Definition, step: Step) -> list[str]:
    """The ids of every step that may follow, each once, in the document's order."""
    found = list(step.targets)
    if not isinstance(step, EndStep) and not _never_falls_through(step):
        below = definition.after(step)
        if below is not None:
            found.append(below)
    return list(dict.fromkeys(found))


def _never_falls_through(step: Step) -> bool:
    """A branch with `else` and a wait whose every way leads elsewhere never reach the step below."""
    if isinstance(step, BranchStep):
        return step.else_ is not None
    if isinstance(step, WaitForStep):
        elsewhere = all(branch.next is not None for branch in step.wait_for.branches)
        return elsewhere and step.wait_for.on_timeout != "continue"
    return False


def instant_steps(definition: Definition, start: str) -> Iterator[Step]:
    """Every step that may be taken from `start` before time passes or a message is sent, that message included."""
    open_, seen = [start], set[str]()
    while open_:
        step_id = open_.pop()
        if step_id in seen or not definition.has_step(step_id):
            continue
        seen.add(step_id)
        step = definition.step(step_id)
        if takes_time(step):
            continue
        yield step
        if not isinstance(step, SendStep):
            open_.extend(successors(definition, step))


def burst(definition: Definition, starts: Iterable[str]) -> Iterator[Step]:
    """Every step that may be taken or arrived at from `starts` before time passes for certain, each once."""
    open_, seen = [*starts], set[str]()
    while open_:
        step_id = open_.pop()
        if step_id in seen or not definition.has_step(step_id):
            continue
        seen.add(step_id)
        step = definition.step(step_id)
        yield step
        if not _waits_for_certain(step):
            open_.extend(successors(definition, step))


def _waits_for_certain(step: Step) -> bool:
    """A date may have gone by and a state may hold already; a duration and an event that is still to come do not."""
    if isinstance(step, WaitStep):
        return step.wait.for_ is not None
    if isinstance(step, WaitForStep):
        only_events = all(branch.when is None and branch.message is None for branch in step.wait_for.branches)
        return only_events and step.wait_for.since is None
    return False


def channels_next(definition: Definition, step: Step) -> frozenset[str]:
    """The channels on which a message may be sent once the customer leaves (or, for a send, takes) this step."""
    starts = successors(definition, step) if takes_time(step) else [step.id]
    steps = (following for start in starts for following in instant_steps(definition, start))
    return frozenset(following.send.channel for following in steps if isinstance(following, SendStep))


def leads_back_at_once(definition: Definition) -> Iterator[tuple[Step, Lead]]:
    """What leads back, or to its own step, although no time passes on the way round: a run would never leave the loop.

    Every such loop has one of these, for what is not written down leads to the step below.
    """
    order = {step.id: place for place, step in enumerate(definition.steps)}
    for place, step in enumerate(definition.steps):
        for lead in step.leads:
            if order.get(lead.target, len(order)) <= place and _reaches_at_once(definition, lead.target, step.id):
                yield step, lead


def _reaches_at_once(definition: Definition, start: str, goal: str) -> bool:
    """Whether a run gets from `start` to `goal` without staying anywhere, these two included."""
    open_, seen = [start], set[str]()
    while open_:
        step_id = open_.pop()
        if step_id in seen or not definition.has_step(step_id) or takes_time(definition.step(step_id)):
            continue
        if step_id == goal:
            return True
        seen.add(step_id)
        open_.extend(successors(definition, definition.step(step_id)))
    return False
