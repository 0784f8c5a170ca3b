"""Conditions on what is on record of customers as SQL, of the row of `customers` at hand; none is ever NULL."""

import datetime as dt

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    TableValuedAlias,
    and_,
    column,
    exists,
    func,
    not_,
    or_,
    select,
    true,
)

from journeyman.catalog.tables import Interest, ProductCategory
from journeyman.channels.devices.tables import Device
from journeyman.channels.tables import Suppression
from journeyman.customers.tables import Consent, Customer
from journeyman.intelligence.predictions.tables import Prediction
from journeyman.journeys.populations.comparisons import RELATIONS
from journeyman.journeys.populations.documents import Truth
from journeyman.journeys.reach.tables import Address
from journeyman.journeys.tables import Run
from journeyman.language.channels import DEVICES, IN_HOUSE
from journeyman.language.instants import microseconds
from journeyman.language.readings import MARKETING
from journeyman.language.records import InterestCondition, JourneyCondition, ReachableCondition
from journeyman.language.standing import PredictionCondition


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


def reach_truth(condition: ReachableCondition, now: dt.datetime) -> Truth:
    """Whether marketing may reach her: the rule of `journeyman.language.readings.hindrance`."""
    standing = or_(Consent.expires_at.is_(None), Consent.expires_at > now)
    hers = and_(Consent.customer_id == Customer.id, standing)
    channel = condition.reachable
    says_yes = exists(select(1).select_from(Consent).where(hers, Consent.subject == channel, Consent.status == "yes"))
    refuses = exists(
        select(1).select_from(Consent).where(hers, Consent.subject == MARKETING, Consent.status.in_(["no", "pending"]))
    )
    is_listed = exists(
        select(1)
        .select_from(Suppression)
        .where(
            Suppression.channel == channel,
            Suppression.address_digest.in_([Address.digest, Address.former_digest]),
        )
        .correlate(Address)
    )
    if channel in IN_HOUSE:
        return and_(says_yes.correlate(Customer), not_(refuses.correlate(Customer)))
    if channel in DEVICES:
        has_one = exists(select(1).where(Device.customer_id == Customer.id, Device.channel == channel))
        return and_(says_yes.correlate(Customer), not_(refuses.correlate(Customer)), has_one.correlate(Customer))
    at = (Address.customer_id == Customer.id, Address.channel == channel, Address.address.is_not(None))
    writes_to = exists(select(1).select_from(Address).where(*at, not_(is_listed)))
    return and_(says_yes.correlate(Customer), not_(refuses.correlate(Customer)), writes_to.correlate(Customer))


def prediction_truth(condition: PredictionCondition) -> Truth:
    """Whether what is predicted of her keeps the bounds."""
    found = [Prediction.customer_id == Customer.id, Prediction.key == condition.prediction]
    found += [RELATIONS[operator](Prediction.value, float(bound)) for operator, bound in condition.bounds]
    return exists(select(1).select_from(Prediction).where(*found).correlate(Customer))


def _instants(*, on_postgres: bool) -> TableValuedAlias:
    """The newest instants of an interest as rows."""
    if on_postgres:
        return func.unnest(Interest.recent).table_valued(column("value", BigInteger)).render_derived()
    return func.json_each(Interest.recent).table_valued(column("value", BigInteger))
