"""Every query of ad audiences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, bindparam, delete, exists, func, insert, literal, null, or_, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers.segments.tables import Membership
from journeyman.customers.tables import Consent
from journeyman.journeys.audiences.tables import AudienceLeaving, AudienceMember
from journeyman.kit.bulk import Row
from journeyman.kit.holdings import Holding
from journeyman.kit.ids import new_id

AUDIENCES = Holding("audience_members", AudienceMember, ("audience",), hidden=("told_as",))
PENDING, NOT_CONFIGURED, TOLD, FAILED, WITHHELD = "pending", "not_configured", "told", "failed", "withheld"
ADS = "ads"
"""The subject of consent to be shown ads by what is known of her."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A change that an ad network has still to be told; `changed_at` tells it from a later one."""

    customer_id: str
    is_in: bool
    changed_at: datetime
    attempts: int
    told_as: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a change."""

    change: Pending
    state: str
    told_as: Mapping[str, str] | None = None
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How many members of an audience are how far, by state, and what failed last."""

    counts: Mapping[str, int]
    inside: int
    told_at: datetime | None
    failure: str | None


async def change(connection: AsyncConnection, row: Row) -> None:
    """Note who is to be in an audience or out of it; the last word counts."""
    into = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
    anew = {"told_at": None, "attempts": 0, "failure": None}
    statement = into(AudienceMember).values(**row, **anew, told_as=null())
    changed = {name: value for name, value in {**row, **anew}.items() if name not in {"audience", "customer_id"}}
    await connection.execute(statement.on_conflict_do_update(index_elements=["audience", "customer_id"], set_=changed))


async def pending(connection: AsyncConnection, audience: str, limit: int) -> list[Pending]:
    """The oldest changes first, those of before the ad network was set up too."""
    one = AudienceMember
    columns = (one.customer_id, one.is_in, one.changed_at, one.attempts, one.told_as)
    mine = (one.audience == audience, one.state.in_((PENDING, NOT_CONFIGURED)))
    query = select(*columns).where(*mine).order_by(one.changed_at, one.customer_id).limit(limit)
    return [Pending(*row) for row in await connection.execute(query)]


async def settle(connection: AsyncConnection, audience: str, settled: Sequence[Settled], now: datetime) -> None:
    """Note what became of changes; one that was made meanwhile stays pending, and is known as told."""
    if not settled:
        return
    table = AudienceMember.__table__
    mine = (table.c.audience == audience, table.c.customer_id == bindparam("b_customer"))
    known = update(AudienceMember).where(*mine).values(told_as=bindparam("b_told_as"))
    await connection.execute(
        known, [{"b_customer": one.change.customer_id, "b_told_as": _document(one.told_as)} for one in settled]
    )
    values = {"state": bindparam("b_state"), "failure": bindparam("b_failure"), "told_at": now}
    statement = update(AudienceMember).where(*mine, table.c.changed_at == bindparam("b_changed_at")).values(values)
    given = [
        {
            "b_customer": one.change.customer_id,
            "b_changed_at": one.change.changed_at,
            "b_state": one.state,
            "b_failure": one.failure,
        }
        for one in settled
    ]
    await connection.execute(statement, given)


async def note_known_as(connection: AsyncConnection, audience: str, known: Mapping[str, Mapping[str, str]]) -> None:
    """Note under which hashes the network may have customers from now on, before it is told."""
    if not known:
        return
    table = AudienceMember.__table__
    mine = (table.c.audience == audience, table.c.customer_id == bindparam("b_customer"))
    statement = update(AudienceMember).where(*mine).values(told_as=bindparam("b_told_as"))
    given = [{"b_customer": customer, "b_told_as": dict(keys)} for customer, keys in known.items()]
    await connection.execute(statement, given)


async def note_failure(connection: AsyncConnection, audience: str, changes: Sequence[Pending], failure: str) -> None:
    """The network took none of these; they stay pending."""
    mine = (
        AudienceMember.audience == audience,
        AudienceMember.customer_id.in_([one.customer_id for one in changes]),
        AudienceMember.state == PENDING,
    )
    values = {"attempts": AudienceMember.attempts + 1, "failure": failure[:500]}
    await connection.execute(update(AudienceMember).where(*mine).values(values))


async def judge_consent_again(connection: AsyncConnection, audience: str, now: datetime) -> int:
    """Who is in it and no longer agrees to ads is to be told of anew, and who agrees now and was held back."""
    agreed = exists().where(
        Consent.customer_id == AudienceMember.customer_id,
        Consent.subject == ADS,
        Consent.status == "yes",
        or_(Consent.expires_at.is_(None), Consent.expires_at > now),
    )
    turned = or_((AudienceMember.state == TOLD) & ~agreed, (AudienceMember.state == WITHHELD) & agreed)
    mine = (AudienceMember.audience == audience, AudienceMember.is_in, turned)
    return await _count(connection, update(AudienceMember).where(*mine).values(state=PENDING, changed_at=now))


async def follow_segment(connection: AsyncConnection, audience: str, segment: str, now: datetime) -> int:
    """Who is in the segment is to be in the audience, and nobody else whom the segment has brought there."""
    known = exists().where(AudienceMember.audience == audience, AudienceMember.customer_id == Membership.customer_id)
    columns = {
        "audience": literal(audience),
        "customer_id": Membership.customer_id,
        "is_in": literal(value=True),
        "state": literal(PENDING),
        "run_id": literal(""),
        "changed_at": literal(now, AudienceMember.changed_at.type),
        "attempts": literal(0),
    }
    new = select(*columns.values()).where(Membership.segment_key == segment, ~known)
    changed = await _count(connection, insert(AudienceMember).from_select(list(columns), new))
    is_there = exists().where(Membership.segment_key == segment, Membership.customer_id == AudienceMember.customer_id)
    for is_in, turned in ((True, is_there), (False, ~is_there)):
        mine = (AudienceMember.audience == audience, AudienceMember.run_id == "", AudienceMember.is_in.is_(not is_in))
        values = {"is_in": is_in, "state": PENDING, "changed_at": now, "attempts": 0, "failure": None}
        changed += await _count(connection, update(AudienceMember).where(*mine, turned).values(values))
    return changed


async def leavings(connection: AsyncConnection, audience: str, limit: int) -> dict[str, Mapping[str, str]]:
    """Hashes that the network is to forget, by id."""
    columns = (AudienceLeaving.id, AudienceLeaving.told_as)
    query = select(*columns).where(AudienceLeaving.audience == audience).order_by(AudienceLeaving.id).limit(limit)
    return {row.id: row.told_as for row in await connection.execute(query)}


async def drop_leavings(connection: AsyncConnection, ids: Sequence[str]) -> None:
    await connection.execute(delete(AudienceLeaving).where(AudienceLeaving.id.in_(ids)))


async def leave(connection: AsyncConnection, customers: Sequence[str]) -> None:
    """Have networks forget these customers, of whom nothing else will be known any more."""
    mine = (AudienceMember.customer_id.in_(customers), AudienceMember.told_as.is_not(None))
    rows = (await connection.execute(select(AudienceMember.audience, AudienceMember.told_as).where(*mine))).all()
    left = [{"id": new_id("leaving"), "audience": audience, "told_as": keys} for audience, keys in rows if keys]
    if left:
        await connection.execute(insert(AudienceLeaving), left)
        await connection.execute(update(AudienceMember).where(*mine).values(told_as=null()))


async def standing(connection: AsyncConnection) -> dict[str, Standing]:
    """How far each audience is that anybody was ever to be in."""
    one = AudienceMember
    total = func.count()
    query = select(one.audience, one.state, one.is_in, total, func.max(one.told_at)).group_by(
        one.audience, one.state, one.is_in
    )
    rows = (await connection.execute(query)).all()
    failed = select(one.audience, func.max(one.failure)).group_by(one.audience)
    failures: dict[str, str | None] = {row[0]: row[1] for row in await connection.execute(failed)}
    found: dict[str, Standing] = {}
    for audience in sorted({row[0] for row in rows}):
        its = [row for row in rows if row[0] == audience]
        counts: dict[str, int] = {}
        for row in its:
            counts[row[1]] = counts.get(row[1], 0) + row[3]
        inside = sum(row[3] for row in its if row[1] == TOLD and row[2])
        told = [when for row in its if (when := row[4]) is not None]
        found[audience] = Standing(counts, inside, max(told, default=None), failures.get(audience))
    return found


async def members(connection: AsyncConnection, audience: str) -> dict[str, tuple[bool, str]]:
    """Who is to be in it and who out of it, and how far the ad network knows."""
    query = select(AudienceMember.customer_id, AudienceMember.is_in, AudienceMember.state)
    rows = await connection.execute(query.where(AudienceMember.audience == audience))
    return {customer: (is_in, state) for customer, is_in, state in rows}


async def follow_merge(connection: AsyncConnection, loser: str, survivor: str) -> None:
    """The survivor's own word stays; where there is none, the loser's is hers. Networks forget what nobody is."""
    theirs = select(AudienceMember.audience).where(AudienceMember.customer_id == survivor)
    mine = AudienceMember.customer_id == loser
    moved = update(AudienceMember).where(mine, AudienceMember.audience.not_in(theirs)).values(customer_id=survivor)
    await connection.execute(moved)
    await leave(connection, [loser])
    await connection.execute(delete(AudienceMember).where(mine))


def _document(keys: Mapping[str, str] | None) -> dict[str, str] | None:
    return dict(keys) if keys is not None else None


async def _count(connection: AsyncConnection, statement: Any) -> int:  # noqa: ANN401 - an insert or an update
    return cast("CursorResult[Any]", await connection.execute(statement)).rowcount
