"""Every query of customers."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Select,
    Text,
    TextualSelect,
    bindparam,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers.attributes import Change
from journeyman.customers.consent import EXPIRED
from journeyman.customers.identifiers import ANONYMOUS_ID, EMAIL, PHONE, USER_ID, email_of
from journeyman.customers.identity import Person
from journeyman.customers.tables import (
    AttributeChange,
    Consent,
    Customer,
    Event,
    InboxEvent,
    QuarantinedEvent,
)
from journeyman.customers.tables import Identifier as IdentifierRow
from journeyman.kit.bulk import Row, insert_many, update_many
from journeyman.kit.database import Instant, to_json
from journeyman.kit.lists import is_among
from journeyman.language.instants import BEFORE_ALL


class Waiting(NamedTuple):
    """An inbox row that intake takes."""

    seq: int
    message_id: str
    subject: str
    event_time: datetime
    received_at: datetime
    payload: str


async def take_inbox(connection: AsyncConnection, slots: Collection[int] | None, limit: int) -> list[Waiting]:
    """The oldest rows of the inbox, of some slots or of all."""
    columns = (
        InboxEvent.seq,
        InboxEvent.message_id,
        InboxEvent.subject,
        InboxEvent.event_time,
        InboxEvent.received_at,
        InboxEvent.payload,
    )
    query = select(*columns).order_by(InboxEvent.seq).limit(limit)
    if slots is not None:
        query = query.where(InboxEvent.slot.in_(slots))
    return [Waiting._make(row) for row in (await connection.execute(query))]


async def drop_inbox(connection: AsyncConnection, seqs: Sequence[int]) -> None:
    await connection.execute(_DROP, {"seqs": seqs})


async def inbox_depth(connection: AsyncConnection) -> tuple[int, datetime | None]:
    """How many events wait for intake, and since when the oldest does."""
    row = (await connection.execute(select(func.count(), func.min(InboxEvent.received_at)))).one()
    return row[0], row[1]


async def quarantine(connection: AsyncConnection, row: Waiting, reason: str, at: datetime) -> None:
    values: Row = {
        "seq": row.seq,
        "message_id": row.message_id,
        "subject": row.subject,
        "event_time": row.event_time,
        "received_at": row.received_at,
        "payload": row.payload,
        "reason": reason,
        "at": at,
    }
    await insert_many(connection, QuarantinedEvent, [values], ignore_conflicts=True)


async def quarantined(connection: AsyncConnection) -> int:
    return (await connection.execute(select(func.count()).select_from(QuarantinedEvent))).scalar_one()


SUBJECT_KINDS = (USER_ID, ANONYMOUS_ID)
"""The kinds of identifiers under which events wait in the inbox."""


def _undecided() -> Select[Any]:
    prefix = func.coalesce(func.nullif(IdentifierRow.kind, "user_id"), "u:")
    subject = func.replace(prefix, "anonymous_id", "a:") + IdentifierRow.value
    of_subjects = or_(*(IdentifierRow.kind == kind for kind in SUBJECT_KINDS))
    customer_id = bindparam("customer_id", type_=Text)
    # One subquery, so that both databases look the subjects up by their index however much the inbox holds.
    subjects = union_all(
        select(subject).where(IdentifierRow.customer_id == customer_id, of_subjects), select("c:" + customer_id)
    )
    up_to = InboxEvent.seq <= bindparam("up_to", type_=BigInteger)
    return select(func.max(InboxEvent.seq)).where(InboxEvent.subject.in_(subjects), up_to)


# Statements of the hot path are made once: making one costs as much as running it.
_UNDECIDED = _undecided()
_PROFILE_COLUMNS = select(
    Customer.id,
    Customer.attributes,
    Customer.created_at,
    Customer.computed,
    Customer.scores,
    Customer.segments,
    Customer.recheck_at,
    Customer.merged_into,
)
_PROFILE = _PROFILE_COLUMNS.with_for_update()
_PROFILES = _PROFILE.where(is_among(Customer.id, "ids")).order_by(Customer.id)
_STATUS = case((Consent.expires_at <= bindparam("now", type_=Instant), EXPIRED), else_=Consent.status)
_CONSENTS = select(Consent.customer_id, Consent.subject, _STATUS).where(is_among(Consent.customer_id, "customer_ids"))
_RECHECK = update(Customer).where(is_among(Customer.id, "ids")).values(recheck_at=bindparam("at"))
_FORGET_RECHECK = (
    update(Customer)
    .where(is_among(Customer.id, "ids"), Customer.recheck_at <= bindparam("up_to"), Customer.merged_into.is_not(None))
    .values(recheck_at=None)
)
_DROP = delete(InboxEvent).where(is_among(InboxEvent.seq, "seqs"))
_KNOWN_MESSAGES = select(Event.message_id).where(is_among(Event.message_id, "message_ids"))
NEWEST = 2**62
"""Higher than any sequence."""


async def undecided(connection: AsyncConnection, customer_id: str, up_to: int | None) -> int | None:
    """The highest sequence of an accepted event of this customer that intake has not decided yet, or None."""
    given = {"customer_id": customer_id, "up_to": NEWEST if up_to is None else up_to}
    newest: int | None = (await connection.execute(_UNDECIDED, given)).scalar_one()
    return newest


async def known_messages(connection: AsyncConnection, message_ids: Collection[str]) -> set[str]:
    """Which of these events are stored already."""
    return set((await connection.execute(_KNOWN_MESSAGES, {"message_ids": message_ids})).scalars())


async def lock_profiles(connection: AsyncConnection, ids: Collection[str]) -> list[Person]:
    """Profiles by id, locked in the order of their ids, so that two transactions never wait for each other.

    A profile that was merged brings its survivor along; what they are known as is not read.
    """
    if not ids:
        return []
    rows = (await connection.execute(_PROFILES, {"ids": list(ids)})).all()
    moved = {row.merged_into for row in rows if row.merged_into} - set(ids)
    persons = {row.id: Person(*row[:-1]) for row in rows}
    for person in await lock_profiles(connection, moved) if moved else []:
        persons[person.id] = person
    for row in rows:
        persons[row.id].merged_into = persons.get(row.merged_into) if row.merged_into else None
    return list(persons.values())


async def survivor_of(connection: AsyncConnection, customer_id: str) -> str:
    """Who a customer is by now, locked; who is not there, or no more, stays who she was."""
    for person in await lock_profiles(connection, [customer_id]):
        if person.id == customer_id:
            return person.survivor.id
    return customer_id


async def read_profiles(connection: AsyncConnection, ids: Collection[str]) -> list[Person]:
    """Profiles by id, for who only looks; the merged are not among them."""
    query = _PROFILE_COLUMNS.where(is_among(Customer.id, "ids"), Customer.merged_into.is_(None))
    return [Person(*row[:-1]) for row in (await connection.execute(query, {"ids": list(ids)}))]


async def due_for_recheck(connection: AsyncConnection, now: datetime, limit: int) -> list[str]:
    """Those whom time alone may have moved by now."""
    query = select(Customer.id).where(Customer.recheck_at <= now).order_by(Customer.recheck_at).limit(limit)
    return list((await connection.execute(query)).scalars())


async def recheck(connection: AsyncConnection, customer_ids: Collection[str], at: datetime) -> None:
    """Have these judged for all segments, at an instant or soon after it."""
    await connection.execute(_RECHECK, {"ids": list(customer_ids), "at": at})


async def forget_recheck(connection: AsyncConnection, customer_ids: Collection[str], up_to: datetime) -> None:
    """Those of these that are still due need no judging: they were merged into others."""
    await connection.execute(_FORGET_RECHECK, {"ids": list(customer_ids), "up_to": up_to})


async def ids_after(connection: AsyncConnection, after: str, limit: int) -> list[str]:
    """The next customers by id; those who were merged into others are nobody."""
    query = select(Customer.id).where(Customer.id > after, Customer.merged_into.is_(None))
    return list((await connection.execute(query.order_by(Customer.id).limit(limit))).scalars())


async def save_people(connection: AsyncConnection, persons: Iterable[Person], at: datetime) -> None:
    """Write new and changed profiles."""
    new, changed, counted = [], [], []
    for person in persons:
        if person.is_counted and not person.is_changed and not person.is_new:
            counted.append({"id": person.id, "computed": person.computed, "updated_at": at})
            continue
        row: Row = {
            "id": person.id,
            "attributes": person.attributes,
            "computed": person.computed,
            "scores": person.scores,
            "segments": person.segments,
            "recheck_at": person.recheck_at,
            "updated_at": at,
            "merged_into": person.merged_into.id if person.merged_into else None,
        }
        if person.is_new:
            new.append({**row, "created_at": person.created_at})
        elif person.is_changed:
            changed.append(row)
    await insert_many(connection, Customer, new)
    await update_many(connection, Customer, "id", changed)
    await update_many(connection, Customer, "id", counted)


async def save_events(connection: AsyncConnection, rows: Sequence[Row]) -> None:
    await insert_many(connection, Event, rows)


async def save_changes(connection: AsyncConnection, rows: Sequence[tuple[str, Change, str]]) -> None:
    """Write (customer, change, source) triples."""
    await insert_many(
        connection,
        AttributeChange,
        [
            {
                "customer_id": customer_id,
                "attribute": change.attribute,
                "old": change.old,
                "new": change.new,
                "at": change.at,
                "source": source,
            }
            for customer_id, change, source in rows
        ],
    )


@cache
def _events(dialect: str) -> TextualSelect:
    """Each customer's events of a name by the index that has them in order."""
    if dialect == "sqlite":
        given = (
            "(SELECT json_extract(value, '$[0]') AS customer_id, json_extract(value, '$[1]') AS name, "
            "json_extract(value, '$[2]') AS since FROM json_each(:wanted)) w CROSS JOIN"
        )
    else:
        given = (
            "unnest(CAST(:ids AS text[]), CAST(:names AS text[]), CAST(:sinces AS timestamptz[])) "
            "AS w(customer_id, name, since) JOIN"
        )
    return text(
        f"SELECT e.customer_id, e.name, e.event_time, e.seq, e.properties FROM {given} events e "  # noqa: S608 - own names
        "ON e.customer_id = w.customer_id AND e.name = w.name AND e.event_time >= w.since "
        "ORDER BY e.event_time, e.seq"
    ).columns(Event.customer_id, Event.name, Event.event_time, Event.seq, Event.properties)


async def events_of(connection: AsyncConnection, wanted: Sequence[tuple[str, str, datetime]]) -> list[Any]:
    """(customer_id, name, event_time, seq, properties) of stored events, in order of time.

    `wanted` says whose events, of which name, since when.
    """
    if not wanted:
        return []
    if connection.dialect.name == "sqlite":
        rows = [(customer_id, name, _text(since)) for customer_id, name, since in wanted]
        given: dict[str, Any] = {"wanted": to_json(rows)}
    else:
        given = dict(zip(("ids", "names", "sinces"), map(list, zip(*wanted, strict=True)), strict=True))
    return list((await connection.execute(_events(connection.dialect.name), given)).all())


def _text(instant: datetime) -> str:
    """As `Instant` keeps it on SQLite."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


async def all_events_of(
    connection: AsyncConnection, customer_ids: Collection[str]
) -> dict[str, list[tuple[str, datetime, dict[str, Any], dict[str, Any]]]]:
    """(name, event time, properties, context) of everything that is stored of these customers."""
    columns = (Event.customer_id, Event.name, Event.event_time, Event.properties, Event.context)
    found = defaultdict(list)
    query = select(*columns).where(is_among(Event.customer_id, "customer_ids"))
    for customer_id, *event in await connection.execute(query, {"customer_ids": list(customer_ids)}):
        found[customer_id].append((event[0], event[1], event[2], event[3]))
    return dict(found)


async def consents(
    connection: AsyncConnection, customer_ids: Collection[str], now: datetime = BEFORE_ALL
) -> dict[str, dict[str, str]]:
    """Subject → status, for each customer that has said anything; `expired` where a yes has come to its end."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    rows = await connection.execute(_CONSENTS, {"customer_ids": list(customer_ids), "now": now})
    for customer_id, subject, status in rows:
        found[customer_id][subject] = status
    return dict(found)


async def resolve(connection: AsyncConnection, given: str) -> str | None:
    """The customer's id for an id or any identifier that somebody gives; survivors, not the merged."""
    query = select(Customer.id, Customer.merged_into).where(Customer.id == given)
    row = (await connection.execute(query)).one_or_none()
    if row is not None:
        return await resolve(connection, row.merged_into) if row.merged_into else row.id
    return (await _named(connection, [given])).get(given)


async def _named(connection: AsyncConnection, given: Collection[str]) -> dict[str, str]:
    """Value → customer id; where a value is somebody's in several kinds, a user id tells most, a phone number least."""
    spelt = {one: email_of(one) or one for one in given if "@" in one}
    query = (
        select(IdentifierRow.value, IdentifierRow.customer_id)
        .where(IdentifierRow.kind.in_(_GIVEN_KINDS), is_among(IdentifierRow.value, "values"))
        .where(or_(IdentifierRow.shared_at.is_(None), IdentifierRow.kind == ANONYMOUS_ID))
        .order_by(case({kind: place for place, kind in enumerate(_GIVEN_KINDS)}, value=IdentifierRow.kind))
    )
    rows = await connection.execute(query, {"values": {*given, *spelt.values()}})
    found = {value: customer_id for value, customer_id in rows}  # noqa: C416 - rows are no pairs to a type checker
    meant = {one: found.get(one) or found.get(spelt.get(one, one)) for one in given}
    return {one: customer_id for one, customer_id in meant.items() if customer_id is not None}


_GIVEN_KINDS = (PHONE, EMAIL, ANONYMOUS_ID, USER_ID)
"""The kinds of identifiers by which people name somebody in a call, the most telling last."""


async def attributes_of(connection: AsyncConnection, customer_id: str) -> dict[str, Any] | None:
    query = select(Customer.attributes).where(Customer.id == customer_id)
    return (await connection.execute(query)).scalar_one_or_none()


async def attributes_of_many(connection: AsyncConnection, ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """The attributes of these customers."""
    query = select(Customer.id, Customer.attributes).where(is_among(Customer.id, "ids"))
    return {row.id: row.attributes for row in await connection.execute(query, {"ids": list(ids)})}


async def count(connection: AsyncConnection) -> int:
    """How many customers there are."""
    query = select(func.count()).select_from(Customer).where(Customer.merged_into.is_(None))
    return (await connection.execute(query)).scalar_one()


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody by any of her ids. `subject` is under which name her events wait, so that one more keeps their order.

    `customer_id` is None for a user id that nobody has yet.
    """

    subject: str
    customer_id: str | None
    user_id: str | None = None


async def addressees(connection: AsyncConnection, given: Collection[str]) -> dict[str, Addressee]:
    """Who is meant by each of these ids, where somebody is; as `resolve`, for many at once."""
    found = await _meant(connection, given)
    columns = (IdentifierRow.customer_id, IdentifierRow.kind, IdentifierRow.value)
    query = select(*columns).where(IdentifierRow.customer_id.in_(set(found.values())))
    query = query.where(IdentifierRow.kind.in_(SUBJECT_KINDS))
    rows = await connection.execute(query.order_by(IdentifierRow.kind, IdentifierRow.value))
    # In the order of kinds a user id comes after an anonymous one, and stays.
    names = {customer_id: f"{'u' if kind == 'user_id' else 'a'}:{value}" for customer_id, kind, value in rows}
    return {one: Addressee(names.get(mine, f"c:{mine}"), mine) for one, mine in found.items()}


async def _meant(connection: AsyncConnection, given: Collection[str]) -> dict[str, str]:
    found = await _named(connection, given)
    profiles = select(Customer.id, Customer.merged_into).where(Customer.id.in_(given))
    for customer_id, merged_into in (await connection.execute(profiles)).all():
        survivor = await resolve(connection, merged_into) if merged_into else customer_id
        found[customer_id] = survivor or customer_id
    return found


async def exists_any(connection: AsyncConnection) -> bool:
    return bool((await connection.execute(select(exists().select_from(Customer)))).scalar_one())
