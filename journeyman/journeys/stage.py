"""A run under its lock, and all that the step it stands at may need."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers.identity import Person
from journeyman.journeys import facts
from journeyman.journeys.lookups.asking import Looked
from journeyman.journeys.runs import Run, Scene
from journeyman.language.definition import Definition
from journeyman.language.facts import Facts
from journeyman.language.needs import Needs


@dataclass(slots=True)
class Stage:
    """A run under its lock, with its customer and what is known of both."""

    connection: AsyncConnection
    run: Run
    person: Person
    definition: Definition
    scene: Scene
    opened_at: tuple[str | None, int]
    """The position at which the run stood when it was locked."""
    needs: Needs = field(default_factory=Needs)
    has_told: bool = False
    """Whether the run has put an event of the customer into the inbox, which is to be decided before a message goes."""

    looked: Looked = field(default_factory=Looked)
    """What other systems have said for the message that is to be made."""

    @property
    def facts(self) -> Facts:
        """What is known, as this run sees it."""
        return self.scene.of(self.run)

    async def look(self, needs: Needs, at: datetime) -> None:
        """Bring what has to be known to go on."""
        self.needs = needs
        await self.look_again(at)

    async def look_again(self, at: datetime) -> None:
        """Bring it once more: something has changed."""
        person = self.person
        known = await facts.load(self.connection, [person.id], self.needs, at)
        seen = known[person.id].facts(person.attributes, at, computed=person.computed, segments=person.segments)
        self.scene = Scene(self.definition, seen, at, self.scene.workspace_zone)
