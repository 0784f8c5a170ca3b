"""`task`: work is given to people, and the customer stays until somebody has answered."""

from journeyman.channels.render_errors import RenderError
from journeyman.journeys.calling.preparing import rendered
from journeyman.journeys.journal import Entry
from journeyman.journeys.mail import scope
from journeyman.journeys.moves import stay
from journeyman.journeys.stage import Stage
from journeyman.journeys.tasks import repository
from journeyman.language.steps.task import TaskStep


async def take(stage: Stage, step: TaskStep) -> None:
    """Write the task down, once for each visit, and stay. A text that cannot be rendered stands as it was written."""
    run, at, task = stage.run, stage.scene.at, step.task
    until = at + task.timeout.timedelta
    due = at + task.due.timedelta if task.due is not None else None
    row = {
        "id": f"task_{run.id}_{run.visit}",
        "run_id": run.id,
        "step": step.id,
        "visit": run.visit,
        "journey_key": run.journey_key,
        "version": run.version,
        "customer_id": run.customer_id,
        "team": task.team,
        "title": _text(stage, task.title),
        "details": _text(stage, task.details) if task.details is not None else None,
        "choices": list(task.choices),
        "created_at": at,
        "due_at": due,
        "until": until,
    }
    await repository.add(stage.connection, row)
    read = {"until": until, "due": due, "task": row["id"], "team": task.team}
    run.write(Entry("arrived", at, step.id, run.visit, None, {name: one for name, one in read.items() if one}))
    stay(run, until, stage.scene)


def _text(stage: Stage, source: str) -> str:
    try:
        return rendered(source, scope(stage.run, stage.definition, stage.facts))
    except RenderError:
        return source
