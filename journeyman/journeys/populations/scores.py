"""A score of a row whose profile keeps states in a document, for populations: the same as `scores.value` in memory."""

import datetime as dt
from typing import Any, Final

from sqlalchemy import ColumnElement, Double, Numeric, and_, case, cast, func, literal

from journeyman.customers.scoring.definition import PLACES, EventRule, ScoreModel
from journeyman.customers.scoring.scores import FARTHEST
from journeyman.journeys.populations.comparisons import same
from journeyman.journeys.populations.documents import Dialect, Document, Truth, constant
from journeyman.language.instants import microseconds

_NOTHING: Final = literal(0.0, Double)


def score_column(
    dialect: Dialect, scores: Document, model: ScoreModel, now: dt.datetime, category: str | None = None
) -> ColumnElement[Any]:
    """The score at `now` as it is shown, in total or in a category; 0 where nothing is kept, or only of older rules."""
    at = microseconds(now)
    parts = [
        _of_events(dialect, scores, model, place, at)
        for place, rule in model.event_rules.items()
        if category in {None, rule.category}
    ]
    parts += [
        case((_holds(dialect, scores, model, place), literal(rule.points, Double)), else_=_NOTHING)
        for place, rule in model.condition_rules.items()
        if category in {None, rule.category}
    ]
    basis = dialect.read(scores, (model.key, "basis"))
    kept = and_(basis.types["text"], basis.forms["text"] == model.basis)
    total = case((kept, sum(parts, start=_NOTHING)), else_=_NOTHING)
    return cast(func.round(cast(total, Numeric), PLACES), Double)


def _of_events(dialect: Dialect, scores: Document, model: ScoreModel, place: int, at: int) -> ColumnElement[Any]:
    where = (model.key, "events", str(place))
    points, newest = dialect.read(scores, (*where, "points")), dialect.read(scores, (*where, "at"))
    faded = points.forms["number"]
    if model.half_life_us is not None:
        spans = (literal(at, Double) - newest.forms["number"]) / literal(model.half_life_us, Double)
        within = case((spans < 0, _NOTHING), (spans > FARTHEST, literal(FARTHEST, Double)), else_=spans)
        faded = faded * func.power(literal(2.0, Double), -within)
    return case((points.types["number"], _capped(faded, model.event_rules[place])), else_=_NOTHING)


def _capped(points: ColumnElement[Any], rule: EventRule) -> ColumnElement[Any]:
    if rule.cap is None:
        return points
    cap = literal(rule.cap, Double)
    return case((points > cap, cap), (points < -cap, -cap), else_=points)


def _holds(dialect: Dialect, scores: Document, model: ScoreModel, place: int) -> Truth:
    held = dialect.read(scores, (model.key, "held"))
    if held.some is None:
        raise AssertionError("what stands in a document may be a list")
    return case((held.types["list"], held.some(lambda one: same(one, constant(dialect, place)))), else_=False)
