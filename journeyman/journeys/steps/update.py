"""`update`: the journey changes the customer's profile."""

from typing import Any

from journeyman.channels.suppressions import UNKEYED
from journeyman.customers import repository as customers
from journeyman.customers.attributes import apply_traits
from journeyman.customers.consent import ConsentUpdate
from journeyman.customers.inbox.repository import append_in
from journeyman.customers.preferences import record
from journeyman.customers.profile.schema import Observer
from journeyman.journeys import repository
from journeyman.journeys.announcing import changed
from journeyman.journeys.given import values
from journeyman.journeys.journal import Entry
from journeyman.journeys.moves import arrive
from journeyman.journeys.published import Shelf
from journeyman.journeys.reach import repository as reach
from journeyman.journeys.stage import Stage
from journeyman.journeys.steps.lists import ListMoves, tagged
from journeyman.language.channels import ADDRESSES
from journeyman.language.facts import Facts
from journeyman.language.listening import attributes_heard
from journeyman.language.steps.update import UpdateStep


class Updates:
    """Takes `update` steps, and keeps the schema of what they write."""

    def __init__(self, digest_key: bytes = UNKEYED) -> None:
        self.digest_key = digest_key
        self.attributes = Observer()
        self.lists = ListMoves()
        self.shelf = Shelf()

    async def take(self, stage: Stage, step: UpdateStep) -> None:
        """Set the attributes and record the consent, both as the run's doing."""
        run, at, person = stage.run, stage.scene.at, stage.person
        moved = await self.lists.move(stage, step.update.segments)
        person.attributes, changes = apply_traits(person.attributes, _values(step, stage.facts), at)
        if changes:
            # Segments that name these attributes are judged by whoever keeps them.
            person.is_changed, person.recheck_at = True, at
        source = f"run/{run.id}"
        await customers.save_people(stage.connection, [person], at)
        await customers.save_changes(stage.connection, [(person.id, change, source) for change in changes])
        if any(change.attribute in ADDRESSES for change in changes):
            await reach.keep(stage.connection, {person.id: person.attributes}, self.digest_key)
        await self.attributes.observe(stage.connection, [(change.attribute, change.new) for change in changes], at)
        consent = [
            ConsentUpdate(subject, status, source=f"journey/{run.journey_key}", actor=source)
            for subject, status in step.update.consent.items()
        ]
        await record(stage.connection, person.id, consent, at)
        data = {"attributes": [one.attribute for one in changes], "consent": step.update.consent, **moved}
        if changes and await self._is_watched(stage, {change.attribute for change in changes}):
            await append_in(stage.connection, [changed(run, changes, at)], at)
            stage.has_told = True
        run.write(Entry("updated", at, step.id, run.visit, None, data))
        await stage.look_again(at)
        arrive(run, stage.definition.after(step), stage.scene)

    async def _is_watched(self, stage: Stage, names: set[str]) -> bool:
        """Whether a journey starts on a change of these attributes, or a run of the customer, be it this one, minds."""
        starters = await self.shelf.lately(stage.connection, stage.scene.at)
        if starters.on_changes(names, ()) or names & attributes_heard(stage.definition):
            return True
        others = await repository.definitions_inside(stage.connection, stage.person.id)
        found = await self.shelf.definitions(stage.connection, others - {stage.run.definition_hash})
        return any(names & attributes_heard(one) for one in found.values())


def _values(step: UpdateStep, facts: Facts) -> dict[str, Any]:
    """The attributes that an update sets; a reference to something that is not there sets nothing."""
    tags = step.update.tags
    return {**values(step.update.attributes, facts), **(tagged(tags, facts) if tags is not None else {})}
