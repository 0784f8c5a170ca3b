"""`throttle`: so many customers in each period; the rest stay until their own."""

from datetime import UTC, datetime, timedelta

from journeyman.journeys.journal import Entry
from journeyman.journeys.kept import remember
from journeyman.journeys.moves import arrive, stay
from journeyman.journeys.stage import Stage
from journeyman.journeys.throttling.repository import Place, Rule, reserve
from journeyman.journeys.waits.throttle import KEPT
from journeyman.language.steps.throttle import ThrottleStep


async def take(stage: Stage, step: ThrottleStep) -> None:
    """Go on in this period where it has a place left, else stay until one that has."""
    run, at = stage.run, stage.scene.at
    seconds = int(step.throttle.per.timedelta.total_seconds())
    rule = Rule(f"{run.journey_key}/{step.id}/{seconds}", step.throttle.max, seconds)
    place = await reserve(stage.connection, rule, run.id, int(at.timestamp()))
    due = _due(place, rule)
    read = {"period": datetime.fromtimestamp(place.period, UTC), "place": place.place + 1, "max": rule.most}
    if place.period <= at.timestamp():
        run.write(Entry("left", at, step.id, run.visit, "let_through", read))
        arrive(run, stage.definition.after(step), stage.scene)
        return
    remember(run, KEPT, {"throttle": rule.throttle})
    run.write(Entry("arrived", at, step.id, run.visit, None, {"until": due, **read}))
    stay(run, due, stage.scene)


def _due(place: Place, rule: Rule) -> datetime:
    """Those of a later period go on spread over it, and not all at its beginning (W8)."""
    start = datetime.fromtimestamp(place.period, UTC)
    return start + timedelta(seconds=rule.seconds * min(place.place, rule.most - 1) / rule.most)
