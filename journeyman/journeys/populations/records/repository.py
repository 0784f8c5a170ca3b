"""Conditions on what is on record of customers as SQL, of the row of `customers` at hand; none is ever NULL."""

import datetime as dt

from sqlalchemy import BigInteger, ColumnElement, TableValuedAlias, column, exists, func, not_, select, true

from journeyman.catalog.tables import Interest, ProductCategory
from journeyman.customers.tables import Customer
from journeyman.journeys.populations.documents import Truth
from journeyman.journeys.tables import Run
from journeyman.language.instants import microseconds
from journeyman.language.records import InterestCondition, JourneyCondition


def journey_truth(condition: JourneyCondition, now: dt.datetime) -> Truth:
    """Whether she has a run that the condition is about."""
    at = Run.ended_at if condition.is_ == "exited" else Run.entered_at
    found = [Run.customer_id == Customer.id, Run.journey_key == condition.journey, at <= now]
    if condition.is_ == "in":
        found.append(Run.ended_at.is_(None))
    if condition.by is not None:
        found.append(Run.outcome == condition.by)
    if condition.within is not None:
        found.append(at >= now - condition.within.timedelta)
    some = exists(select(1).select_from(Run).where(*found).correlate(Customer))
    return not_(some) if condition.is_ == "never_in" else some


def interest_truth(condition: InterestCondition, now: dt.datetime, *, on_postgres: bool) -> Truth:
    """Whether she took the interest often enough; every kept instant of every product counts."""
    wares = condition.interest
    of_these: ColumnElement[bool] = Interest.product_id == wares.product
    if wares.product is None:
        of_these = Interest.product_id.in_(select(ProductCategory.product_id).where(ProductCategory.path == wares.path))
    hers = (Interest.customer_id == Customer.id, Interest.kind == condition.in_, of_these)
    if condition.within is None:
        times = select(func.coalesce(func.sum(Interest.count), 0)).where(*hers)
    else:
        earliest = microseconds(now) - condition.within.timedelta // dt.timedelta(microseconds=1)
        kept = _instants(on_postgres=on_postgres)
        times = select(func.count()).select_from(Interest).join(kept, true()).where(*hers, kept.c.value >= earliest)
    return times.correlate(Customer).scalar_subquery() >= condition.at_least


def _instants(*, on_postgres: bool) -> TableValuedAlias:
    """The newest instants of an interest as rows."""
    if on_postgres:
        return func.unnest(Interest.recent).table_valued(column("value", BigInteger)).render_derived()
    return func.json_each(Interest.recent).table_valued(column("value", BigInteger))
