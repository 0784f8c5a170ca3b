"""The journey as a graph: which step leads where, what can be reached, where time passes."""

from collections.abc import Iterable, Iterator

from journeyman.language.definition import Definition, Step
from journeyman.language.document import RESERVED, Lead
from journeyman.language.steps.send import ANSWERS, SendStep


def successors(definition: Definition, step: Step) -> list[str]:
    """The ids of every step that may follow, each once, in the document's order."""
    found = [*step.targets, *inherited(definition, step)]
    if step.falls_through:
        below = definition.after(step)
        if below is not None:
            found.append(below)
    return list(dict.fromkeys(found))


def inherited(definition: Definition, step: Step) -> tuple[str, ...]:
    """The step to which the journey's quiet hours lead from a message that has none of its own."""
    hours = definition.quiet_hours
    if hours is None or not isinstance(step, SendStep) or step.send.quiet_hours is not None:
        return ()
    return () if hours.then in {*RESERVED, *ANSWERS} else (hours.then,)


def instant_steps(definition: Definition, start: str) -> Iterator[Step]:
    """Every step that may be taken from `start` before time passes or somebody outside is asked, who included."""
    open_, seen = [start], set[str]()
    while open_:
        step_id = open_.pop()
        if step_id in seen or not definition.has_step(step_id):
            continue
        seen.add(step_id)
        step = definition.step(step_id)
        if step.takes_time:
            continue
        yield step
        if step.outside is None:
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
        if not step.waits_for_certain:
            open_.extend(successors(definition, step))


def outside_steps(definition: Definition, step: Step) -> Iterator[Step]:
    """The steps of which one may ask somebody outside once the customer leaves (or, for a send, takes) this step."""
    starts = successors(definition, step) if step.takes_time else [step.id]
    steps = (following for start in starts for following in instant_steps(definition, start))
    return (following for following in steps if following.outside is not None)


def leads_back_at_once(definition: Definition) -> Iterator[tuple[Step, Lead]]:
    """What leads back, or to its own step, although no time passes on the way round: a run would never leave the loop.

    Every such loop has one of these, for what is not written down leads to the step below.
    """
    order = {step.id: place for place, step in enumerate(definition.steps)}
    for place, step in enumerate(definition.steps):
        for lead in step.leads:
            if order.get(lead.target, len(order)) <= place and reaches_at_once(definition, lead.target, step.id):
                yield step, lead


def reaches_at_once(definition: Definition, start: str, goal: str) -> bool:
    """Whether a run gets from `start` to `goal` without staying anywhere, these two included."""
    open_, seen = [start], set[str]()
    while open_:
        step_id = open_.pop()
        if step_id in seen or not definition.has_step(step_id) or definition.step(step_id).takes_time:
            continue
        if step_id == goal:
            return True
        seen.add(step_id)
        open_.extend(successors(definition, definition.step(step_id)))
    return False
