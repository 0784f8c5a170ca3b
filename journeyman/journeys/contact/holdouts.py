"""Who is held out, by a hash that is the same for the same customer and salt (O7)."""

from journeyman.customers.consent import TRANSACTIONAL
from journeyman.journeys.experiments.assignment import uniform
from journeyman.journeys.runs import HELD_OUT, Run
from journeyman.language.contact import ContactPolicy, Holdout
from journeyman.language.definition import Definition
from journeyman.language.steps.send import SendStep

WORKSPACE = "workspace"
JOURNEY = "journey"


def is_held_out(holdout: Holdout | None, salt: str, customer_id: str) -> bool:
    """Whether the customer is in the share; `salt` is what tells this holdout from others unless it has a salt."""
    if holdout is None:
        return False
    return uniform(holdout.salt or salt, "holdout", customer_id) * 100 < holdout.share


def held_out_of(definition: Definition, policy: ContactPolicy, customer_id: str) -> str | None:
    """Whose holdout keeps the customer from every message of a journey's marketing: the workspace's, the journey's."""
    if is_held_out(policy.holdout, WORKSPACE, customer_id):
        return WORKSPACE
    return JOURNEY if is_held_out(definition.holdout, definition.journey, customer_id) else None


def hold_out(run: Run, definition: Definition, policy: ContactPolicy) -> str | None:
    """Let a run that begins remember whose holdout it is in, so that what it comes to is counted apart."""
    found = None if definition.topic == TRANSACTIONAL else held_out_of(definition, policy, run.customer_id)
    if found is not None:
        run.context = {**run.context, HELD_OUT: found}
    return found


def held_out_by(
    run: Run, step: SendStep, definition: Definition, policy: ContactPolicy, *, marketing: bool
) -> str | None:
    """Whose holdout keeps a message back: the step of a split, the workspace's, the journey's, or the step's own.

    Nobody is held out of what is not marketing. A run that is held out as a whole remembers it, so that what it
    comes to is counted apart.
    """
    if not marketing:
        return None
    if HELD_OUT not in run.context:
        found = held_out_of(definition, policy, run.customer_id)
        if found is None:
            own = is_held_out(step.send.holdout, f"{definition.journey}/{step.id}", run.customer_id)
            return step.id if own else None
        run.context = {**run.context, HELD_OUT: found}
        run.is_changed = True
    return str(run.context[HELD_OUT])
