"""Every query of a split, and of what is on record of a customer's identity."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, func, literal, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers.identifiers import Identifier
from journeyman.customers.identities.history import Apart, KnownAs, Merged
from journeyman.customers.identities.parting import Came, Given
from journeyman.customers.identities.tables import IdentifierHolder, MergeRecord, Separation
from journeyman.customers.tables import AttributeChange, Consent, ConsentChange, Customer, Event
from journeyman.customers.tables import Identifier as IdentifierRow
from journeyman.kit.bulk import Row, insert_many
from journeyman.kit.lists import is_among

# What is on record ----------------------------------------------------------------------------------------------------


async def identifiers(connection: AsyncConnection, customer_id: str) -> list[KnownAs]:
    """What leads to the customer, and what she holds that leads elsewhere; the newest last."""
    held = IdentifierHolder.__table__.alias()
    others = select(func.count()).where(held.c.kind == IdentifierRow.kind, held.c.value == IdentifierRow.value)
    columns = (IdentifierRow.kind, IdentifierRow.value)
    shared = (IdentifierRow.shared_at, others.scalar_subquery().label("shared_with"))
    hers = select(
        *columns,
        IdentifierRow.created_at.label("since"),
        IdentifierRow.source,
        *shared,
        literal(0).label("leads_elsewhere"),
    ).where(IdentifierRow.customer_id == customer_id)
    same = and_(IdentifierHolder.kind == IdentifierRow.kind, IdentifierHolder.value == IdentifierRow.value)
    elsewhere = (
        select(*columns, IdentifierHolder.since, IdentifierHolder.source, *shared, literal(1))
        .join_from(IdentifierHolder, IdentifierRow, same)
        .where(IdentifierHolder.customer_id == customer_id)
    )
    rows = await connection.execute(union_all(hers, elsewhere).order_by("since", "kind", "value"))
    return [
        KnownAs(row.kind, row.value, row.since, row.source, row.shared_at, row.shared_with, bool(row.leads_elsewhere))
        for row in rows
    ]


async def merges(connection: AsyncConnection, customer_id: str) -> list[Merged]:
    """Every merge by which other profiles came to be this one, and theirs before, oldest first."""
    found: dict[int, Merged] = {}
    seen: set[str] = set()
    wanted = {customer_id}
    while wanted:
        query = select(MergeRecord.__table__).where(MergeRecord.survivor.in_(wanted))
        rows = [_merged(row) for row in (await connection.execute(query)).mappings()]
        found |= {row.id: row for row in rows}
        seen |= wanted
        wanted = {row.loser for row in rows} - seen
    return sorted(found.values(), key=lambda merged: merged.id)


def _merged(row: Mapping[Any, Any]) -> Merged:
    return Merged(
        id=row["id"],
        loser=row["loser"],
        survivor=row["survivor"],
        through=(row["kind"], row["value"]) if row["kind"] is not None else None,
        source=row["source"],
        at=row["at"],
        names=frozenset((kind, value) for kind, value in row["names"]),
        undone_at=row["undone_at"],
        undone_by=row["undone_by"],
    )


async def apart_from(connection: AsyncConnection, customer_id: str) -> list[Apart]:
    query = select(Separation.other_id, Separation.at, Separation.by).where(Separation.customer_id == customer_id)
    return [Apart(*row) for row in await connection.execute(query.order_by(Separation.at, Separation.other_id))]


async def events(connection: AsyncConnection, customer_id: str) -> list[Came]:
    columns = (Event.message_id, Event.user_id, Event.anonymous_id, Event.former_id)
    return [Came(*row) for row in await connection.execute(select(*columns).where(Event.customer_id == customer_id))]


async def given(connection: AsyncConnection, customer_id: str) -> list[Given]:
    """What her attributes were given, by calls and by the product itself."""
    calls = select(Event.received_at, Event.seq, Event.message_id, Event.properties)
    identified = await connection.execute(calls.where(Event.customer_id == customer_id, Event.type == "identify"))
    found = [Given(*row) for row in identified]
    columns = (AttributeChange.at, AttributeChange.id, AttributeChange.source)
    query = select(*columns, AttributeChange.attribute, AttributeChange.new)
    known = select(Event.message_id).where(Event.customer_id == customer_id, Event.type == "identify")
    changes = query.where(AttributeChange.customer_id == customer_id, AttributeChange.source.not_in(known))
    made = (await connection.execute(changes)).all()
    return found + [Given(at, seq, source, {name: new}) for at, seq, source, name, new in made]


async def happened(
    connection: AsyncConnection, customer_ids: Collection[str]
) -> list[tuple[str, str, datetime, dict[str, Any], int]]:
    """(customer, name, event time, properties, ingest sequence) of everything that is stored of these customers."""
    columns = (Event.customer_id, Event.name, Event.event_time, Event.properties, Event.seq)
    query = select(*columns).where(is_among(Event.customer_id, "customer_ids"))
    rows = await connection.execute(query, {"customer_ids": list(customer_ids)})
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]


# What a split writes --------------------------------------------------------------------------------------------------


async def give_identifiers(connection: AsyncConnection, names: Collection[Identifier], to: str) -> None:
    for kind, value in names:
        this = and_(IdentifierRow.kind == kind, IdentifierRow.value == value)
        await connection.execute(update(IdentifierRow).where(this).values(customer_id=to))


async def give_events(connection: AsyncConnection, message_ids: Collection[str], to: str) -> None:
    # What came under no name has left no other profile any more.
    former = case((Event.former_id == to, None), else_=Event.former_id)
    statement = update(Event).where(is_among(Event.message_id, "message_ids"))
    await connection.execute(statement.values(customer_id=to, former_id=former), {"message_ids": list(message_ids)})


async def give_changes(connection: AsyncConnection, customer_id: str, sources: Collection[str], to: str) -> None:
    """The history of attributes that these sources wrote."""
    theirs = and_(AttributeChange.customer_id == customer_id, is_among(AttributeChange.source, "sources"))
    await connection.execute(update(AttributeChange).where(theirs).values(customer_id=to), {"sources": list(sources)})


async def copy_refusals(connection: AsyncConnection, customer_id: str, to: str, by: str, at: datetime) -> None:
    """A `no` stays on both sides, with its proof (L1)."""
    query = select(Consent.subject).where(Consent.customer_id == customer_id, Consent.status == "no")
    subjects = sorted((await connection.execute(query)).scalars())
    states = [_refusal(to, subject) | {"changed_at": at, "expires_at": None} for subject in subjects]
    await insert_many(connection, Consent, states, ignore_conflicts=True)
    proof = {"at": at, "recorded_at": at, "source": "split", "actor": by}
    await insert_many(connection, ConsentChange, [_refusal(to, subject) | proof for subject in subjects])


def _refusal(customer_id: str, subject: str) -> Row:
    return {"customer_id": customer_id, "subject": subject, "status": "no", "basis": None}


async def separate(connection: AsyncConnection, one: str, other: str, by: str, at: datetime) -> None:
    """From now on the two never merge by an identifier; from whom one was apart, the other is as well."""
    others = [apart.customer for apart in await apart_from(connection, one)]
    pairs = [(one, other), *((third, other) for third in others if third != other)]
    rows = [
        {"customer_id": left, "other_id": right, "at": at, "by": by}
        for pair in pairs
        for left, right in (pair, pair[::-1])
    ]
    await insert_many(connection, Separation, rows, ignore_conflicts=True)


async def undo_merges(connection: AsyncConnection, ids: Sequence[int], by: str, at: datetime) -> None:
    undone = update(MergeRecord).where(MergeRecord.id.in_(ids), MergeRecord.undone_at.is_(None))
    await connection.execute(undone.values(undone_at=at, undone_by=by))


async def lead_to(connection: AsyncConnection, ids: Collection[str], customer_id: str) -> None:
    """Profiles that were merged lead to another survivor than before."""
    merged = and_(Customer.id.in_(ids), Customer.merged_into.is_not(None), Customer.id != customer_id)
    await connection.execute(update(Customer).where(merged).values(merged_into=customer_id))
