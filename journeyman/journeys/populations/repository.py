"""Which customers a condition holds for: one SELECT over all of them, the same answer as `evaluation.holds` for each.

The one place that reads the tables of customers, events, consents and messages together.
"""

import datetime as dt
from functools import partial
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import InstrumentedAttribute

from journeyman.channels.tables import Message
from journeyman.customers.scope import refuse_run_scoped
from journeyman.customers.scoring.standing import Yardsticks
from journeyman.customers.segments.tables import Membership
from journeyman.customers.tables import Consent, Customer, Event
from journeyman.journeys.facts import yardsticks
from journeyman.journeys.populations.comparisons import RELATIONS, Comparer
from journeyman.journeys.populations.documents import Dialect, Document, Postgres, Sqlite, Truth, Value
from journeyman.journeys.populations.records.repository import (
    interest_truth,
    journey_truth,
    prediction_truth,
    reach_truth,
)
from journeyman.journeys.populations.standing import rfm_truth, score_truth
from journeyman.language.comparisons import AttributeCondition, ComputedCondition, PropertyCondition
from journeyman.language.conditions import (
    AllOf,
    AnyOf,
    Condition,
    ConsentCondition,
    EventAllOf,
    EventAnyOf,
    EventCondition,
    EventNot,
    EventSome,
    MessageCondition,
    Not,
    OccurrenceCondition,
    SegmentCondition,
    meaning_of,
)
from journeyman.language.defined import Defined
from journeyman.language.durations import Duration
from journeyman.language.needs import needs
from journeyman.language.occurrences import Aggregate
from journeyman.language.paths import keys_of
from journeyman.language.readings import ROUNDED_TO
from journeyman.language.records import InterestCondition, JourneyCondition, ReachableCondition
from journeyman.language.standing import PredictionCondition, RfmCondition, ScoreCondition
from journeyman.language.values import Reference

_DIALECTS: Final[dict[str, Dialect]] = {"sqlite": Sqlite(), "postgresql": Postgres()}

_ATTRIBUTES: Final = Customer.__table__.c.attributes
_COMPUTED: Final = Customer.__table__.c.computed
_SCORES: Final = Customer.__table__.c.scores
_PROPERTIES: Final = Event.__table__.c.properties

_FATES: Final[dict[str, InstrumentedAttribute[dt.datetime | None]]] = {
    "sent": Message.sent_at,
    "delivered": Message.delivered_at,
    "opened": Message.opened_at,
    "clicked": Message.clicked_at,
    "bounced": Message.bounced_at,
    "complained": Message.complained_at,
    "unsubscribed": Message.unsubscribed_at,
}


async def members(
    connection: AsyncConnection,
    condition: Condition,
    *,
    now: dt.datetime,
    limit: int | None = None,
    after: str | None = None,
) -> list[str]:
    """The ids of the customers for whom the condition holds at `now`, in order, those behind `after` alone.

    A profile that was merged into another is nobody. Raises `InvalidError` for a condition that speaks of a run.
    """
    statement = (await _chosen(connection, condition, now)).order_by(Customer.id).limit(limit)
    if after is not None:
        statement = statement.where(Customer.id > after)
    return [*(await connection.execute(statement)).scalars().all()]


async def count(connection: AsyncConnection, condition: Condition, *, now: dt.datetime) -> int:
    """How many customers the condition holds for at `now`. Raises as `members` does."""
    chosen = (await _chosen(connection, condition, now)).subquery()
    return (await connection.execute(select(func.count()).select_from(chosen))).scalar_one()


async def _chosen(connection: AsyncConnection, condition: Condition, now: dt.datetime) -> Select[str]:
    refuse_run_scoped(condition)
    measured_by = await yardsticks(connection, needs(condition))
    population = _Population(_DIALECTS[connection.dialect.name], now, measured_by)
    return select(Customer.id).where(Customer.merged_into.is_(None), population.truth(condition))


class _Population:
    """Conditions as SQL, each about the row of `customers` (and of `events`) at hand, and none ever NULL."""

    def __init__(self, dialect: Dialect, now: dt.datetime, measured_by: Yardsticks) -> None:
        self._dialect = dialect
        self._now = now
        self._measured_by = measured_by
        self._comparer = Comparer(dialect, now, self._reference)

    def _reference(self, reference: Reference) -> Value:
        return self._dialect.read(_ATTRIBUTES, reference.keys)

    def truth(self, condition: Condition) -> Truth:
        match condition:
            case AllOf():
                return and_(*[self.truth(member) for member in condition.all])
            case AnyOf():
                return or_(*[self.truth(member) for member in condition.any])
            case Not():
                return not_(self.truth(condition.not_))
            case Defined():
                return self.truth(meaning_of(condition))
            case AttributeCondition() | ComputedCondition() | ScoreCondition() | RfmCondition():
                return self._of_profile(condition)
            case _:
                return self._of_rows(condition)

    def _of_profile(self, condition: AttributeCondition | ComputedCondition | ScoreCondition | RfmCondition) -> Truth:
        match condition:
            case AttributeCondition():
                return self._comparer.satisfies(self._dialect.read(_ATTRIBUTES, condition.keys), condition)
            case ComputedCondition():
                return self._comparer.satisfies(self._dialect.read(_COMPUTED, condition.keys), condition)
            case ScoreCondition():
                return score_truth(self._dialect, _SCORES, condition, self._measured_by, self._now)
            case RfmCondition():
                return rfm_truth(self._dialect, _COMPUTED, condition, self._measured_by, self._now)

    def _of_rows(self, condition: Condition) -> Truth:
        match condition:
            case OccurrenceCondition():
                return self._occurrences(condition)
            case ConsentCondition():
                return self._consent(condition)
            case SegmentCondition():
                return _segment(condition)
            case MessageCondition():
                return self._message(condition)
            case _:
                return self._of_records(condition)

    def _of_records(self, condition: Condition) -> Truth:
        match condition:
            case JourneyCondition():
                return journey_truth(condition, self._now)
            case InterestCondition():
                return interest_truth(condition, self._now, on_postgres=isinstance(self._dialect, Postgres))
            case ReachableCondition():
                return reach_truth(condition, self._now)
            case PredictionCondition():
                return prediction_truth(condition)
            case _:
                raise AssertionError("conditions on a run are refused before")

    def _of_event(self, where: EventCondition, document: Document = _PROPERTIES) -> Truth:
        match where:
            case PropertyCondition():
                return self._comparer.satisfies(self._dialect.read(document, where.keys), where)
            case EventSome():
                return self._dialect.some(document, where.keys, partial(self._of_event, where.where))
            case EventAllOf():
                return and_(*[self._of_event(member, document) for member in where.all])
            case EventAnyOf():
                return or_(*[self._of_event(member, document) for member in where.any])
            case EventNot():
                return not_(self._of_event(where.not_, document))

    def _occurrences(self, condition: OccurrenceCondition) -> Truth:
        found = [
            Event.customer_id == Customer.id,
            Event.name == condition.event,
            *self._window(Event.event_time, condition.within),
        ]
        if condition.where is not None:
            found.append(self._of_event(condition.where))
        if condition.only_asks_for_one or condition.asks_for_none:
            some = exists(select(1).select_from(Event).where(*found).correlate(Customer))
            return some if condition.only_asks_for_one else not_(some)
        bounds = [RELATIONS[operator](func.count(), number) for operator, number in condition.bounds]
        totals = [self._total(name, aggregate) for name, aggregate in condition.aggregates]
        counted = select(and_(*bounds, *totals)).select_from(Event).where(*found)
        return counted.correlate(Customer).scalar_subquery()

    def _total(self, name: str, aggregate: Aggregate) -> Truth:
        value = self._dialect.read(_PROPERTIES, keys_of(aggregate.property))
        form = "number" if name in {"max", "min"} else "decimal"
        numbers = case((value.types["number"], value.forms[form]))
        match name:
            case "sum":
                total: ColumnElement[Any] = func.coalesce(func.round(func.sum(numbers), ROUNDED_TO), 0)
            case "average":
                total = func.round(func.avg(numbers), ROUNDED_TO)
            case _:
                total = func.max(numbers) if name == "max" else func.min(numbers)
        kept = [RELATIONS[operator](total, self._dialect.number(number)[form]) for operator, number in aggregate.bounds]
        return func.coalesce(and_(*kept), false())

    def _message(self, condition: MessageCondition) -> Truth:
        found = [Message.customer_id == Customer.id]
        if condition.message != "any":
            found.append(Message.step == condition.message)
        if condition.channel is not None:
            found.append(Message.channel == condition.channel)
        if condition.status in _FATES:
            found += self._window(_FATES[condition.status], condition.within)
        else:
            found += [Message.outcome == condition.status, *self._window(Message.reserved_at, condition.within)]
        return exists(select(1).select_from(Message).where(*found).correlate(Customer))

    def _window(self, at: InstrumentedAttribute[Any], within: Duration | None) -> list[Truth]:
        """What has happened by now, and in the last so long."""
        past = [at <= self._now]
        return past if within is None else [*past, at >= self._now - within.timedelta]

    def _consent(self, condition: ConsentCondition) -> Truth:
        """A yes that waits for its confirmation, or has come to its end, is unknown (L1)."""
        wanted = ["yes", "no"] if condition.is_ == "unknown" else [condition.is_]
        holds = or_(Consent.expires_at.is_(None), Consent.expires_at > self._now)
        of_this = [Consent.customer_id == Customer.id, Consent.subject == condition.consent]
        found = select(1).select_from(Consent).where(*of_this, Consent.status.in_(wanted), holds)
        some = exists(found.correlate(Customer))
        return not_(some) if condition.is_ == "unknown" else some


def _segment(condition: SegmentCondition) -> Truth:
    found = [Membership.customer_id == Customer.id, Membership.segment_key == condition.segment]
    return exists(select(1).select_from(Membership).where(*found).correlate(Customer))
