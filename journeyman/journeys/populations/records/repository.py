"""Conditions on what is on record of customers as SQL, of the row of `customers` at hand; none is ever NULL."""

import datetime as dt

from sqlalchemy import exists, not_, select

from journeyman.customers.tables import Customer
from journeyman.journeys.populations.documents import Truth
from journeyman.journeys.tables import Run
from journeyman.language.records import JourneyCondition


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
