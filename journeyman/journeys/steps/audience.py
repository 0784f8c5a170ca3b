"""`audience`: the change is noted with the step, and told to the ad network afterwards."""

from collections.abc import Collection
from dataclasses import dataclass

from journeyman.journeys.audiences import repository
from journeyman.journeys.audiences.repository import NOT_CONFIGURED, PENDING
from journeyman.journeys.journal import Entry
from journeyman.journeys.moves import arrive
from journeyman.journeys.stage import Stage
from journeyman.language.steps.audience import AudienceStep


@dataclass(frozen=True, slots=True)
class AudienceMoves:
    """Takes `audience` steps; `configured` are the audiences that an ad network is set up for."""

    configured: Collection[str] = ()

    async def take(self, stage: Stage, step: AudienceStep) -> None:
        """Note the change and go on, whether an ad network is there or not."""
        run, at, audience = stage.run, stage.scene.at, step.audience
        state = PENDING if audience.key in self.configured else NOT_CONFIGURED
        row = {"audience": audience.key, "customer_id": run.customer_id, "is_in": audience.add is not None}
        await repository.change(stage.connection, {**row, "state": state, "run_id": run.id, "changed_at": at})
        data = {"audience": audience.key, "is_in": row["is_in"], "outcome": state}
        run.write(Entry("left", at, step.id, run.visit, "audience", data))
        arrive(run, stage.definition.after(step), stage.scene)
