"""Every query of the pages that look inside. They read the tables of all domains and write none."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import InstrumentedAttribute

from journeyman.channels.ledger.messages import Message
from journeyman.channels.tables import Message as MessageRow
from journeyman.customers.tables import Consent, ConsentChange, Customer, Event, Identifier
from journeyman.journeys.dates.tables import DueDate
from journeyman.journeys.runs import Run
from journeyman.journeys.tables import Conversion, JournalEntry, JourneyVersion
from journeyman.journeys.tables import Run as RunRow

RUN = RunRow.__table__.c
MESSAGE = MessageRow.__table__.c
RUN_COLUMNS = list(RUN)

Place = tuple[datetime, int, int]
"""Where a timeline goes on: an instant, the source, and the row's number in it."""
EVENT, CONSENT, JOURNAL = 0, 1, 2
"""The sources of a timeline; what happened at the same instant follows from the one before."""


@dataclass(frozen=True, slots=True)
class EventSeen:
    """A customer event that intake has decided."""

    seq: int
    at: datetime
    message_id: str
    type: str
    name: str
    properties: dict[str, Any]
    context: dict[str, Any]

    @property
    def place(self) -> Place:
        return self.at, EVENT, self.seq


@dataclass(frozen=True, slots=True)
class ConsentSeen:
    """One change of consent, with its proof."""

    seq: int
    at: datetime
    subject: str
    status: str
    source: str
    actor: str
    wording: str | None

    @property
    def place(self) -> Place:
        return self.at, CONSENT, self.seq


@dataclass(frozen=True, slots=True)
class JournalSeen:
    """A line of the journal."""

    seq: int
    at: datetime
    journey: str
    version: int
    run: str | None
    kind: str
    step: str | None
    visit: int | None
    code: str | None
    data: dict[str, Any]

    @property
    def place(self) -> Place:
        return self.at, JOURNAL, self.seq


EVENT_COLUMNS = (
    Event.seq,
    Event.event_time,
    Event.message_id,
    Event.type,
    Event.name,
    Event.properties,
    Event.context,
)
CONSENT_COLUMNS = (
    ConsentChange.id,
    ConsentChange.at,
    ConsentChange.subject,
    ConsentChange.status,
    ConsentChange.source,
    ConsentChange.actor,
    ConsentChange.wording,
)
JOURNAL_COLUMNS = (
    JournalEntry.seq,
    JournalEntry.at,
    JournalEntry.journey_key,
    JournalEntry.version,
    JournalEntry.run_id,
    JournalEntry.kind,
    JournalEntry.step,
    JournalEntry.visit,
    JournalEntry.code,
    JournalEntry.data,
)

# Timelines ------------------------------------------------------------------------------------------------------------


def _before(
    place: Place | None, source: int, at: InstrumentedAttribute[datetime], seq: InstrumentedAttribute[int]
) -> ColumnElement[bool]:
    """What comes after `place` in a list that has the newest first."""
    if place is None:
        return true()
    instant, of, number = place
    if source == of:
        return tuple_(at, seq) < tuple_(literal(instant, at.type), literal(number))
    return at <= instant if source < of else at < instant


async def events(connection: AsyncConnection, customer: str, after: Place | None, limit: int) -> list[EventSeen]:
    """The customer's events, newest first; changes of consent have a source of their own."""
    query = select(*EVENT_COLUMNS).where(Event.customer_id == customer, Event.type != "consent")
    query = query.where(_before(after, EVENT, Event.event_time, Event.seq))
    rows = await connection.execute(query.order_by(Event.event_time.desc(), Event.seq.desc()).limit(limit))
    return [EventSeen(*row) for row in rows]


async def consent_changes(
    connection: AsyncConnection, customer: str, after: Place | None, limit: int
) -> list[ConsentSeen]:
    """Changes of consent, newest first."""
    query = select(*CONSENT_COLUMNS).where(ConsentChange.customer_id == customer)
    query = query.where(_before(after, CONSENT, ConsentChange.at, ConsentChange.id))
    rows = await connection.execute(query.order_by(ConsentChange.at.desc(), ConsentChange.id.desc()).limit(limit))
    return [ConsentSeen(*row) for row in rows]


async def journal(connection: AsyncConnection, customer: str, after: Place | None, limit: int) -> list[JournalSeen]:
    """What journeys did with the customer, newest first."""
    query = select(*JOURNAL_COLUMNS).where(JournalEntry.customer_id == customer)
    query = query.where(_before(after, JOURNAL, JournalEntry.at, JournalEntry.seq))
    rows = await connection.execute(query.order_by(JournalEntry.at.desc(), JournalEntry.seq.desc()).limit(limit))
    return [JournalSeen(*row) for row in rows]


# Runs -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filters:
    """Which runs; what is None does not matter."""

    journey: str | None = None
    customer: str | None = None
    state: str | None = None
    step: str | None = None


async def runs(
    connection: AsyncConnection, filters: Filters, after: tuple[datetime, str] | None, limit: int
) -> list[Run]:
    """Runs, the newest first."""
    wanted = {"journey_key": filters.journey, "customer_id": filters.customer}
    wanted |= {"state": filters.state, "step": filters.step}
    query = select(*RUN_COLUMNS).where(*(RUN[name] == value for name, value in wanted.items() if value is not None))
    if after is not None:
        query = query.where(tuple_(RUN.entered_at, RUN.id) < tuple_(literal(after[0], RUN.entered_at.type), after[1]))
    query = query.order_by(RUN.entered_at.desc(), RUN.id.desc()).limit(limit)
    return [Run(**row) for row in (await connection.execute(query)).mappings()]


async def run(connection: AsyncConnection, run_id: str) -> Run | None:
    row = (await connection.execute(select(*RUN_COLUMNS).where(RUN.id == run_id))).mappings().one_or_none()
    return Run(**row) if row is not None else None


async def journal_of_run(connection: AsyncConnection, run_id: str) -> list[JournalSeen]:
    """Everything that a run did, in order."""
    query = select(*JOURNAL_COLUMNS).where(JournalEntry.run_id == run_id).order_by(JournalEntry.seq)
    return [JournalSeen(*row) for row in await connection.execute(query)]


async def hashes(connection: AsyncConnection, versions: Collection[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """The document's hash of each (journey, version)."""
    mine = tuple_(JourneyVersion.journey_key, JourneyVersion.version).in_(list(versions))
    query = select(JourneyVersion.journey_key, JourneyVersion.version, JourneyVersion.hash).where(mine)
    return {(key, version): found for key, version, found in (await connection.execute(query)).all()}


async def published_since(connection: AsyncConnection, journey: str) -> datetime | None:
    """When the journey was first published."""
    query = select(func.min(JourneyVersion.published_at)).where(JourneyVersion.journey_key == journey)
    return (await connection.execute(query)).scalar_one()


async def due_date(connection: AsyncConnection, customer_id: str, journey: str) -> tuple[datetime, str] | None:
    """When the customer's next date comes due for a journey, and the time zone in which it was reckoned."""
    query = select(DueDate.due_at, DueDate.time_zone)
    query = query.where(DueDate.journey_key == journey, DueDate.customer_id == customer_id)
    row = (await connection.execute(query.order_by(DueDate.due_at).limit(1))).one_or_none()
    return (row.due_at, row.time_zone) if row is not None else None


# Customers ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Profile:
    """A customer's row; `computed` with what only who keeps it reads."""

    id: str
    attributes: dict[str, Any]
    computed: dict[str, Any]
    created_at: datetime
    updated_at: datetime


GONE = datetime(1970, 1, 1, tzinfo=UTC)
"""When somebody was made of whom nothing is known any more."""


async def profile(connection: AsyncConnection, customer: str) -> Profile:
    columns = (Customer.id, Customer.attributes, Customer.computed, Customer.created_at, Customer.updated_at)
    row = (await connection.execute(select(*columns).where(Customer.id == customer))).one_or_none()
    # Runs of somebody who was erased are still there, under a stand-in that has no profile.
    return Profile(*row) if row is not None else Profile(customer, {}, {}, GONE, GONE)


async def identifiers(connection: AsyncConnection, customer: str) -> list[tuple[str, str]]:
    """(kind, value) of every name of the customer."""
    query = select(Identifier.kind, Identifier.value).where(Identifier.customer_id == customer)
    rows = await connection.execute(query.order_by(Identifier.kind.desc(), Identifier.created_at, Identifier.value))
    return [(kind, value) for kind, value in rows]


async def consents(connection: AsyncConnection, customer: str) -> list[ConsentSeen]:
    """What stands now of each subject, with the newest proof of it."""
    newest = (
        select(ConsentChange.id)
        .where(ConsentChange.customer_id == customer, ConsentChange.subject == Consent.subject)
        .where(ConsentChange.status == Consent.status)
        .order_by(ConsentChange.at.desc(), ConsentChange.id.desc())
        .limit(1)
        .correlate(Consent)
        .scalar_subquery()
    )
    query = select(*CONSENT_COLUMNS).join(Consent, ConsentChange.id == newest)
    rows = await connection.execute(query.where(Consent.customer_id == customer).order_by(Consent.subject))
    return [ConsentSeen(*row) for row in rows]


async def counts(connection: AsyncConnection, customer: str) -> dict[str, int]:
    """How much there is of a customer."""
    queries: dict[str, Select[int]] = {
        "events": select(func.count()).where(Event.customer_id == customer),
        "runs": select(func.count()).where(RUN.customer_id == customer),
        "live_runs": select(func.count()).where(RUN.customer_id == customer, RUN.state == "live"),
        "messages_sent": select(func.count()).where(MESSAGE.customer_id == customer, MESSAGE.state == "sent"),
        "conversions": select(func.count()).where(Conversion.customer_id == customer),
    }
    row = (await connection.execute(select(*(query.scalar_subquery() for query in queries.values())))).one()
    return dict(zip(queries, row, strict=True))


async def messages(
    connection: AsyncConnection, customer: str, after: tuple[datetime, str] | None, limit: int
) -> list[Message]:
    """The ledger's rows of a customer, newest first."""
    query = select(MessageRow.__table__).where(MESSAGE.customer_id == customer)
    if after is not None:
        bound = tuple_(literal(after[0], MESSAGE.reserved_at.type), after[1])
        query = query.where(tuple_(MESSAGE.reserved_at, MESSAGE.id) < bound)
    query = query.order_by(MESSAGE.reserved_at.desc(), MESSAGE.id.desc()).limit(limit)
    return [Message.of(row) for row in (await connection.execute(query)).mappings()]


@dataclass(frozen=True, slots=True)
class Reached:
    """A goal that a run reached."""

    goal: str
    at: datetime
    value: float | None
    credited: list[str]
    message_id: str


async def conversions(connection: AsyncConnection, run_id: str) -> list[Reached]:
    columns = (Conversion.goal, Conversion.at, Conversion.value, Conversion.credited, Conversion.message_id)
    query = select(*columns).where(Conversion.run_id == run_id).order_by(Conversion.at, Conversion.goal)
    return [Reached(*row) for row in await connection.execute(query)]


async def refusals(connection: AsyncConnection, customer: str, journey: str, limit: int) -> list[JournalSeen]:
    """Why the customer did not enter a journey, each time, newest first (E8)."""
    mine = and_(JournalEntry.customer_id == customer, JournalEntry.journey_key == journey)
    query = select(*JOURNAL_COLUMNS).where(mine, JournalEntry.kind == "refused")
    rows = await connection.execute(query.order_by(JournalEntry.at.desc(), JournalEntry.seq.desc()).limit(limit))
    return [JournalSeen(*row) for row in rows]


async def journal_of(connection: AsyncConnection, run_ids: Sequence[str], kind: str) -> list[JournalSeen]:
    """The lines of one kind of some runs, in order."""
    mine = and_(JournalEntry.run_id.in_(run_ids), JournalEntry.kind == kind)
    rows = await connection.execute(select(*JOURNAL_COLUMNS).where(mine).order_by(JournalEntry.seq))
    return [JournalSeen(*row) for row in rows]
