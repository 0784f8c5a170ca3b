"""Conditions on scores and RFM as SQL, of the row of `customers` at hand; none is ever NULL."""

import datetime as dt

from sqlalchemy import Boolean, and_, false, func

from journeyman.customers.scoring.standing import Yardsticks
from journeyman.journeys.populations.comparisons import RELATIONS
from journeyman.journeys.populations.documents import Dialect, Document, Truth
from journeyman.journeys.populations.rfm import rfm_columns
from journeyman.journeys.populations.scores import score_column
from journeyman.language.standing import RfmCondition, ScoreCondition


def score_truth(
    dialect: Dialect, scores: Document, condition: ScoreCondition, measured_by: Yardsticks, now: dt.datetime
) -> Truth:
    """Whether the score in the document `scores` keeps the bounds; of a score that is not there it never does."""
    model = measured_by.models.get(condition.score)
    if model is None or condition.category not in {None, *model.categories}:
        return false()
    height = score_column(dialect, scores, model, now, condition.category)
    return and_(*[RELATIONS[operator](height, float(bound)) for operator, bound in condition.bounds])


def rfm_truth(
    dialect: Dialect, computed: Document, condition: RfmCondition, measured_by: Yardsticks, now: dt.datetime
) -> Truth:
    """Whether the scores of RFM are of the group, or keep the bounds."""
    if measured_by.cuts is None:
        return false()
    columns = rfm_columns(dialect, computed, measured_by.cuts, now)
    if isinstance(condition.rfm, str):
        found: Truth = columns.group == condition.rfm
    else:
        # Where one of them is NULL, nothing was ordered; the group tells of all three.
        found = and_(
            columns.group.is_not(None),
            *[
                RELATIONS[operator](getattr(columns, name), bound)
                for name, bounds in condition.rfm.wanted
                for operator, bound in bounds
            ],
        )
    return func.coalesce(found, false(), type_=Boolean)
