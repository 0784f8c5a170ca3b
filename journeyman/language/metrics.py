"""What an experiment is judged by, as far as the rest of the journey has to agree."""

from collections.abc import Iterator
from difflib import get_close_matches

from journeyman.language.definition import Definition
from journeyman.language.plain import Place
from journeyman.language.steps.split import MEASURES, EventMetric, SplitStep

OF_GOALS = frozenset({"conversion", "revenue"})


def wrong_metrics(definition: Definition) -> Iterator[tuple[Place, str, str]]:
    """Metrics that name no goal, or a goal that does not treat all arms alike (O6): place, what is wrong, mend."""
    for index, step in enumerate(definition.steps):
        rule = step.split.rule if isinstance(step, SplitStep) else None
        if rule is None or isinstance(rule.metric, EventMetric):
            continue
        name = "winner" if isinstance(step, SplitStep) and step.split.winner is not None else "bandit"
        for detail, mend in _wrong(definition, rule.metric):
            yield ("steps", index, "split", name, "metric"), detail, mend


def _wrong(definition: Definition, metric: str) -> Iterator[tuple[str, str]]:
    goals = {goal.key: goal for goal in definition.goals}
    if metric in OF_GOALS and not goals:
        yield f"`{metric}` counts the goals that are reached, and the journey has none", "add a goal, under `goals`"
    elif metric not in goals and metric not in MEASURES:
        known = [*goals, *MEASURES]
        meant = get_close_matches(metric, known, 1)
        mend = f"write `{meant[0]}`" if meant else f"write one of: {', '.join(known)}"
        yield f"there is no goal `{metric}`", f"{mend}, or an event as in {{event: Order Completed}}"
    for goal in goals.values():
        if goal.anchor != "entry" and metric in {goal.key, *OF_GOALS}:
            detail = f"the window of goal `{goal.key}` begins with a message, which not every arm may send"
            yield detail, "let the goal be `anchor: entry`, or name its event: {event: Order Completed}"
