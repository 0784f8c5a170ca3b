"""What happens to a customer, as intake sees it, and whether it is what a starter, an exit, a goal or a wait names."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from journeyman.customers.attributes import Change
from journeyman.language.changes import changed_as
from journeyman.language.evaluation import holds
from journeyman.language.facts import EventFact, Facts
from journeyman.language.paths import keys_of
from journeyman.language.readings import matches
from journeyman.language.triggers import (
    AttributeTrigger,
    ConditionTrigger,
    DateTrigger,
    EventTrigger,
    MessageTrigger,
    SegmentTrigger,
    Trigger,
)

Read = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Happening:
    """One event as intake sees it: the fact, its id, and what it really changed of the profile.

    `figures` are the changes of what the customer's events come to, as far as anybody watches them. `moment` is what a
    receipt says of a message of ours.
    """

    fact: EventFact
    message_id: str
    changes: Sequence[Change] = field(default_factory=tuple)
    figures: Sequence[Change] = field(default_factory=tuple)
    moment: tuple[str, str] | None = None

    def is_after(self, at: datetime, seq: int) -> bool:
        """Order is (event time, ingest sequence) (W2)."""
        return (self.fact.at, self.fact.seq) > (at, seq)


def met(trigger: Trigger, happening: Happening, facts: Facts) -> Read | None:
    """The values by which the happening is what the trigger names; None where it is not. No event meets a date."""
    match trigger:
        case EventTrigger():
            named = trigger.event == happening.fact.name and matches(trigger.where, happening.fact.properties, facts)
            return {"event": trigger.event} if named else None
        case AttributeTrigger():
            return change_of(trigger, happening)
        case SegmentTrigger():
            moved = (trigger.event, trigger.segment) == (happening.fact.name, happening.fact.properties.get("segment"))
            return {"event": trigger.event, "segment": trigger.segment} if moved else None
        case MessageTrigger():
            return _of_message(trigger, happening, facts)
        case ConditionTrigger():
            return held_by(happening) if holds(trigger.when, facts) else None
        case DateTrigger():
            return None


def held_by(happening: Happening) -> Read:
    """How a condition came to hold: by an event, or by time alone."""
    return {"held": True, "event": happening.fact.name} if happening.fact.name else {"held": True}


def change_of(trigger: AttributeTrigger, happening: Happening) -> Read | None:
    """The change that the trigger names, from and to which value (E5)."""
    changes = happening.changes if trigger.attribute is not None else happening.figures
    return next((read for change in changes if (read := change_at(trigger, trigger.path, change))), None)


def change_at(named: Any, path: str, change: Change) -> Read | None:  # noqa: ANN401 - what names `changes_to`
    """What one attribute's change means for a path into it."""
    if change.attribute != keys_of(path)[0]:
        return None
    found = changed_as(named, path, change.old, change.new)
    return {"attribute": path, "from": found[0], "to": found[1]} if found is not None else None


def _of_message(trigger: MessageTrigger, happening: Happening, facts: Facts) -> Read | None:
    """A receipt of this run's message; one of a message that is not known to be this run's is not meant."""
    if happening.moment is None or happening.moment[1] != trigger.status:
        return None
    mine = [message for message in facts.messages if message.run_id == facts.run_id]
    wanted = [one for one in mine if one.id == happening.moment[0] and trigger.message in {"any", one.step}]
    return {"message": wanted[0].step, "status": trigger.status} if wanted else None
