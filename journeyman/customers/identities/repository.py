"""Every query of identities."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    TextClause,
    Update,
    and_,
    bindparam,
    case,
    delete,
    func,
    inspect,
    literal_column,
    null,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased
from sqlalchemy.sql.dml import UpdateBase

from journeyman.customers.identities.tables import IdentifierHolder, MergeRecord, Separation
from journeyman.customers.identity import ANONYMOUS_ID, Held, Identifier, Merge, People, Person, Sharing
from journeyman.customers.repository import lock_profiles
from journeyman.customers.tables import AttributeChange, Consent, ConsentChange, Event
from journeyman.customers.tables import Identifier as IdentifierRow
from journeyman.kit.bulk import Row, insert_many
from journeyman.kit.database import Base, to_json
from journeyman.kit.lists import is_among

# Statements of the hot path are made once: making one costs as much as running it.
_COLUMNS = (
    "i.kind, i.value, i.customer_id, i.shared_at IS NOT NULL AS is_shared, CASE WHEN i.shared_at IS NULL THEN "
    "(SELECT count(*) FROM identifier_holders h WHERE h.kind = i.kind AND h.value = i.value) ELSE 0 END AS holders"
)
_LEADING_TO: CompoundSelect[Any] = union_all(
    select(
        literal_column("'known'").label("relation"),
        IdentifierRow.kind,
        IdentifierRow.value,
        IdentifierRow.customer_id,
        IdentifierRow.shared_at.label("at"),
        null().label("source"),
    ).where(is_among(IdentifierRow.customer_id, "customer_ids")),
    select(
        literal_column("'held'"),
        IdentifierHolder.kind,
        IdentifierHolder.value,
        IdentifierHolder.customer_id,
        IdentifierHolder.since,
        IdentifierHolder.source,
    ).where(is_among(IdentifierHolder.customer_id, "customer_ids")),
    select(
        literal_column("'apart'"),
        literal_column("''"),
        Separation.other_id,
        Separation.customer_id,
        Separation.at,
        Separation.by,
    ).where(is_among(Separation.customer_id, "customer_ids")),
)
_MOVE = (
    update(IdentifierRow)
    .where(IdentifierRow.kind == bindparam("the_kind"), IdentifierRow.value == bindparam("the_value"))
    .values(customer_id=bindparam("owner"))
)


@cache
def _named(dialect: str) -> TextClause:
    """Identifiers by (kind, value) pairs, each pair looked up by the primary key."""
    if dialect == "sqlite":
        given = "json_each(:pairs) g CROSS JOIN identifiers i"
        same = "i.kind = json_extract(g.value, '$[0]') AND i.value = json_extract(g.value, '$[1]')"
    else:
        given = (
            "(SELECT p->>0 AS kind, p->>1 AS value FROM jsonb_array_elements(CAST(:pairs AS jsonb)) AS p) g "
            "JOIN identifiers i ON true"
        )
        same = "i.kind = g.kind AND i.value = g.value"
    return text(f"SELECT {_COLUMNS} FROM {given} WHERE {same}")  # noqa: S608 - own names


async def people(
    connection: AsyncConnection, identifiers: Collection[Identifier], ids: Collection[str]
) -> tuple[list[Person], Sharing]:
    """The profiles with these identifiers or ids, locked, with all that identity asks for, and who shares what.

    Whoever was merged brings the survivor along.
    """
    wanted = set(ids)
    shared, holders = set(), {}
    if identifiers:
        given = {"pairs": to_json(list(identifiers))}
        for kind, value, customer_id, is_shared, count in await connection.execute(
            _named(connection.dialect.name), given
        ):
            wanted.add(customer_id)
            holders[kind, value] = count
            if is_shared:
                shared.add((kind, value))
    return await lock(connection, wanted), Sharing(frozenset(shared), holders)


async def lock(connection: AsyncConnection, ids: Collection[str]) -> list[Person]:
    """Profiles by id, as `lock_profiles`, with all their identifiers and from whom they are apart."""
    persons = {person.id: person for person in await lock_profiles(connection, ids)}
    rows = (await connection.execute(_LEADING_TO, {"customer_ids": list(persons)})).all() if persons else []
    for row in rows:
        relation, kind, value, customer_id, at, source = tuple(row)
        person = persons[customer_id]
        if relation == "known":
            person.known_as.add((kind, value))
            person.is_place = person.is_place or (kind == ANONYMOUS_ID and at is not None)
        elif relation == "held":
            person.holds[kind, value] = Held(at, source)
        else:
            person.apart.add(value)
    return list(persons.values())


async def save(connection: AsyncConnection, people: People, at: datetime) -> None:
    """Write what a batch has learnt of identities: new and moved identifiers, who shares them, and what merged."""
    rows = [
        {"kind": kind, "value": value, "customer_id": person.survivor.id}
        for (kind, value), person in people.moved.items()
    ]
    new = [
        {
            "kind": kind,
            "value": value,
            "customer_id": person.survivor.id,
            "created_at": at,
            "source": people.sources[kind, value],
        }
        for (kind, value), person in people.named.items()
    ]
    await insert_many(connection, IdentifierRow, new)
    await _move(connection, rows)
    await _save_shared(connection, people)
    await _save_holders(connection, people)
    await insert_many(connection, MergeRecord, [_merge_row(merge) for merge in people.merges])


async def _move(connection: AsyncConnection, rows: Sequence[Row]) -> None:
    if rows:
        given = [{"the_kind": row["kind"], "the_value": row["value"], "owner": row["customer_id"]} for row in rows]
        await connection.execute(_MOVE, given)


async def _save_shared(connection: AsyncConnection, people: People) -> None:
    for (kind, value), at in people.shared_at.items():
        this = and_(IdentifierRow.kind == kind, IdentifierRow.value == value)
        await connection.execute(update(IdentifierRow).where(this).values(shared_at=at))


async def _save_holders(connection: AsyncConnection, people: People) -> None:
    """What the persons hold who hold something new, or no longer."""
    if not people.new_holders:
        return
    mine = IdentifierHolder.customer_id.in_(people.new_holders)
    await connection.execute(delete(IdentifierHolder).where(mine))
    rows = [
        {"kind": kind, "value": value, "customer_id": person.id, "since": held.since, "source": held.source}
        for person in people.all()
        if person.id in people.new_holders
        for (kind, value), held in person.holds.items()
    ]
    await insert_many(connection, IdentifierHolder, rows)


async def follow_merges(connection: AsyncConnection, merges: Sequence[Merge]) -> None:
    """Everything of the profiles that were merged becomes the survivors'. A `no` to anything stays a no (L1)."""
    pairs = {merge.loser.id: merge.survivor.survivor.id for merge in merges}
    given = [{"loser": loser, "survivor": survivor} for loser, survivor in pairs.items()]
    if not given:
        return
    for statement in _FOLLOW:
        await connection.execute(statement, given)
    for losers in await _rounds_with_consents(connection, pairs):
        for joining in _JOIN_CONSENTS:
            await connection.execute(joining, [{"loser": loser, "survivor": pairs[loser]} for loser in losers])
    await _follow_separations(connection, pairs)


def _following(table: type[AttributeChange | ConsentChange]) -> Update:
    return _of_loser(table).values(customer_id=bindparam("survivor"))


def _of_loser(table: type[Base]) -> Update:
    columns = inspect(table).local_table.c
    return update(table).where(columns.customer_id == bindparam("loser"))


def _followed_by_events() -> Update:
    nameless = and_(Event.user_id.is_(None), Event.anonymous_id.is_(None))
    former = case((nameless, func.coalesce(Event.former_id, Event.customer_id)), else_=Event.former_id)
    return _of_loser(Event).values(customer_id=bindparam("survivor"), former_id=former)


_FOLLOW = (_followed_by_events(), _following(AttributeChange), _following(ConsentChange))


def _join_consents() -> tuple[UpdateBase, ...]:
    theirs = aliased(Consent)
    refused = select(theirs.subject).where(theirs.customer_id == bindparam("loser"), theirs.status == "no")
    known = select(theirs.subject).where(theirs.customer_id == bindparam("survivor"))
    mine = update(Consent).where(Consent.customer_id == bindparam("survivor"), Consent.status != "no")
    return (
        mine.where(Consent.subject.in_(refused)).values(status="no", basis=None, expires_at=None),
        delete(Consent).where(Consent.customer_id == bindparam("loser"), Consent.subject.in_(known)),
        _of_loser(Consent).values(customer_id=bindparam("survivor")),
    )


_JOIN_CONSENTS = _join_consents()
"""A refusal of either stands; of what both spoke of, the survivor's word; the rest is taken over."""


async def _rounds_with_consents(connection: AsyncConnection, pairs: Mapping[str, str]) -> list[list[str]]:
    """The losers who ever spoke of anything, at most one of each survivor at a time."""
    query = select(Consent.customer_id).where(Consent.customer_id.in_(list(pairs))).distinct()
    rounds: list[dict[str, str]] = []
    for loser in sorted((await connection.execute(query)).scalars()):
        free = next((one for one in rounds if pairs[loser] not in one), None)
        if free is None:
            rounds.append(free := {})
        free[pairs[loser]] = loser
    return [list(one.values()) for one in rounds]


async def _follow_separations(connection: AsyncConnection, pairs: Mapping[str, str]) -> None:
    """From whom the loser was split, the survivor is apart; that the two were split themselves is over."""
    theirs = or_(Separation.customer_id.in_(list(pairs)), Separation.other_id.in_(list(pairs)))
    rows = (await connection.execute(delete(Separation).where(theirs).returning(*_SEPARATION))).all()
    renamed = [(pairs.get(one, one), pairs.get(other, other), at, by) for one, other, at, by in rows]
    kept = {row[:2]: row for row in renamed if row[0] != row[1]}
    await insert_many(connection, Separation, [_separation_row(*row) for row in kept.values()], ignore_conflicts=True)


_SEPARATION = (Separation.customer_id, Separation.other_id, Separation.at, Separation.by)


def _separation_row(one: str, other: str, at: datetime, by: str) -> Row:
    return {"customer_id": one, "other_id": other, "at": at, "by": by}


def _merge_row(merge: Merge) -> Row:
    kind, value = merge.through or (None, None)
    return {
        "loser": merge.loser.id,
        "survivor": merge.survivor.id,
        "kind": kind,
        "value": value,
        "source": merge.source,
        "at": merge.at,
        "names": [list(name) for name in merge.names],
        "undone_at": None,
        "undone_by": None,
    }


async def holder(connection: AsyncConnection, kind: str, value: str) -> str | None:
    """The customer whom an identifier leads to; None where it leads to nobody, or to too many."""
    query = select(IdentifierRow.customer_id).where(IdentifierRow.kind == kind, IdentifierRow.value == value)
    return (await connection.execute(query.where(IdentifierRow.shared_at.is_(None)))).scalar_one_or_none()


async def has_kind(connection: AsyncConnection, customer_id: str, kind: str) -> bool:
    """Whether a customer is known by an identifier of this kind."""
    hers = (IdentifierRow.customer_id == customer_id, IdentifierRow.kind == kind)
    query = select(IdentifierRow.value).where(*hers).limit(1)
    return (await connection.execute(query)).first() is not None
