"""What support staff do to one run: end it, skip a step, try it anew, move it; on record with who did it."""

from collections.abc import Mapping
from typing import Final, Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.ledger import repository as ledger
from journeyman.customers import repository as customers
from journeyman.customers.identity import Person
from journeyman.customers.inbox.repository import append_in
from journeyman.journeys import facts, repository
from journeyman.journeys.announcing import moves
from journeyman.journeys.journal import Entry
from journeyman.journeys.kept import recall, remember
from journeyman.journeys.migration.telling import told
from journeyman.journeys.migration.transfer import settle
from journeyman.journeys.moves import arrive
from journeyman.journeys.published import Shelf
from journeyman.journeys.runs import HEADING, Run, Scene, end
from journeyman.journeys.segmentation.runs import note_runs
from journeyman.journeys.segmentation.shelf import SegmentShelf
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.errors import ConflictError, Fault, InvalidError, NotFoundError
from journeyman.kit.wake import Wake
from journeyman.language.references import burst_needs

What = Literal["exit", "skip", "retry", "move"]
KEPT: Final = "intervention"
"""Under this a run remembers the key under which it was last intervened in."""


class Interventions:
    """Under the customer's lock, as whatever moves a run; the workflow is told through the outbox."""

    def __init__(self, database: Database, wake: Wake, clock: Clock, shelf: Shelf, workspace_zone: str) -> None:
        self.database = database
        self.wake = wake
        self.clock = clock
        self.shelf = shelf
        self.segments = SegmentShelf()
        self.workspace_zone = workspace_zone

    async def intervene(
        self, run_id: str, what: What, by: str, *, to: str | None = None, key: str | None = None
    ) -> None:
        """Do it, once for each idempotency key. Ending a run that is over changes nothing.

        Raises `NotFoundError`, `InvalidError` for a step that is not there, and `ConflictError` for a run that is over,
        or whose message is at this moment on its way.
        """
        async with self.database.transaction() as connection:
            found = await self._open(connection, run_id)
            if found is None:
                raise NotFoundError(f"there is no run `{run_id}`")
            run, scene = found
            if (key is not None and recall(run, KEPT).get("key") == key) or (what == "exit" and not run.is_live):
                return
            target = await self._target(connection, run, scene, what, to)
            timer, visit = run.look_at or run.until, run.visit
            if key is not None:
                remember(run, KEPT, {"key": key})
            remember(run, HEADING, {})
            await self._act(connection, run, scene, what, by, target)
            await self._save(connection, run, scene)
            await repository.tell(connection, told(run, scene.definition, timer, visit, scene.at), scene.at)
        self.wake.notify()

    async def _open(self, connection: AsyncConnection, run_id: str) -> tuple[Run, Scene] | None:
        customer_id = await repository.customer_of_run(connection, run_id)
        people = await customers.lock_profiles(connection, [customer_id] if customer_id else [])
        run = await repository.lock_run(connection, run_id)
        if run is None:
            return None
        now = self.clock.now()
        person = next((one.survivor for one in people), Person(run.customer_id, {}, now))
        definition = await self.shelf.definition(connection, run.definition_hash)
        needs = burst_needs(definition, [step.id for step in definition.steps])
        known = await facts.load(connection, [person.id], needs, now)
        seen = known[person.id].facts(person.attributes, now, computed=person.computed, segments=person.segments)
        return run, Scene(definition, seen, now, self.workspace_zone)

    async def _target(
        self, connection: AsyncConnection, run: Run, scene: Scene, what: What, to: str | None
    ) -> str | None:
        """The step to go to."""
        if not run.is_live or run.step is None:
            raise ConflictError(f"run `{run.id}` is over: {run.outcome}")
        if what == "move" and (to is None or not scene.definition.has_step(to)):
            steps = ", ".join(step.id for step in scene.definition.steps)
            fault = Fault("/to", f"version {run.version} has no step `{to}`", f"write one of: {steps}")
            raise InvalidError("that is no step of the run's journey", [fault])
        if what != "exit" and any(message.in_flight for message in await ledger.of_run(connection, run.id)):
            raise ConflictError(f"a message of run `{run.id}` is on its way; try again in a minute")
        step = scene.definition.step(run.step)
        targets: Mapping[str, str | None] = {"skip": scene.definition.after(step), "retry": step.id, "move": to}
        return targets.get(what)

    async def _act(
        self, connection: AsyncConnection, run: Run, scene: Scene, what: What, by: str, target: str | None
    ) -> None:
        await ledger.abandon(connection, run.id)
        if what == "exit":
            end(run, "exited", scene.at, "exit", {"on": "support", "by": by})
            return
        run.write(Entry("left", scene.at, run.step, run.visit, CODES[what], {"by": by, "next": target or "end"}))
        arrive(run, target, scene)
        settle(run, scene)

    async def _save(self, connection: AsyncConnection, run: Run, scene: Scene) -> None:
        starters = await self.shelf.lately(connection, scene.at)
        await append_in(connection, moves([run], starters.followed), scene.at)
        await note_runs(connection, self.segments, [run], scene.at)
        await repository.save_runs(connection, [run])


CODES: Final[Mapping[str, str]] = {"skip": "skipped", "retry": "retried", "move": "moved"}
"""The code under which the journal tells what was done."""
