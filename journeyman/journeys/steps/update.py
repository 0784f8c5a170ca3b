"""`update`: the journey changes the customer's profile."""

from typing import Any

from journeyman.customers import repository as customers
from journeyman.customers.attributes import apply_traits
from journeyman.customers.consent import ConsentUpdate
from journeyman.customers.preferences import record
from journeyman.customers.profile.schema import Observer
from journeyman.journeys.journal import Entry
from journeyman.journeys.moves import arrive
from journeyman.journeys.stage import Stage
from journeyman.language.facts import Facts
from journeyman.language.paths import MISSING
from journeyman.language.readings import resolve
from journeyman.language.steps.update import UpdateStep


class Updates:
    """Takes `update` steps, and keeps the schema of what they write."""

    def __init__(self) -> None:
        self.attributes = Observer()

    async def take(self, stage: Stage, step: UpdateStep) -> None:
        """Set the attributes and record the consent, both as the run's doing."""
        run, at, person = stage.run, stage.scene.at, stage.person
        person.attributes, changes = apply_traits(person.attributes, _values(step, stage.facts), at)
        if changes:
            # Segments that name these attributes are judged by whoever keeps them.
            person.is_changed, person.recheck_at = True, at
        source = f"run/{run.id}"
        await customers.save_people(stage.connection, [person], at)
        await customers.save_changes(stage.connection, [(person.id, change, source) for change in changes])
        await self.attributes.observe(stage.connection, [(change.attribute, change.new) for change in changes], at)
        consent = [
            ConsentUpdate(subject, status, source=f"journey/{run.journey_key}", actor=source)
            for subject, status in step.update.consent.items()
        ]
        await record(stage.connection, person.id, consent, at)
        data = {"attributes": [change.attribute for change in changes], "consent": step.update.consent}
        run.write(Entry("updated", at, step.id, run.visit, None, data))
        await stage.look_again(at)
        arrive(run, stage.definition.after(step), stage.scene)


def _values(step: UpdateStep, facts: Facts) -> dict[str, Any]:
    """The attributes that an update sets; a reference to something that is not there sets nothing."""
    found = {name: resolve(value, facts) for name, value in step.update.attributes.items()}
    return {name: value for name, value in found.items() if value is not MISSING}
