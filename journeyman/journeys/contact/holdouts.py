"""Who is held out, by a hash that is the same for the same customer and salt (O7)."""

from journeyman.journeys.experiments.assignment import uniform
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


def is_held_out_of_step(definition: Definition, step: SendStep, customer_id: str) -> bool:
    """Whether the customer is sent nothing by this one step."""
    return is_held_out(step.send.holdout, f"{definition.journey}/{step.id}", customer_id)
