"""Every query of consent, topics and confirmations."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, delete, func, literal, not_, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers.consent import EXPIRED, ConsentState, ConsentUpdate
from journeyman.customers.consents.tables import Confirmation as ConfirmationRow
from journeyman.customers.consents.tables import Topic as TopicRow
from journeyman.customers.consents.topic import Topic
from journeyman.customers.tables import Consent, ConsentChange
from journeyman.kit.bulk import Row, insert_many
from journeyman.kit.lists import is_among

# What stands, and its proof -------------------------------------------------------------------------------------------

_STATES = select(
    Consent.customer_id, Consent.subject, Consent.status, Consent.changed_at, Consent.basis, Consent.expires_at
).where(is_among(Consent.customer_id, "customer_ids"))
_KNOWN_PROOFS = select(ConsentChange.digest).where(is_among(ConsentChange.digest, "digests"))


@dataclass(frozen=True, slots=True)
class Proven:
    """One statement with its proof. `recorded_at` is when it was written down, None where that is not known."""

    id: int
    subject: str
    status: str
    at: datetime
    source: str
    actor: str
    wording: str | None
    basis: str | None
    expires_at: datetime | None
    recorded_at: datetime | None


_PROOF_COLUMNS = (
    ConsentChange.id,
    ConsentChange.subject,
    ConsentChange.status,
    ConsentChange.at,
    ConsentChange.source,
    ConsentChange.actor,
    ConsentChange.wording,
    ConsentChange.basis,
    ConsentChange.expires_at,
    ConsentChange.recorded_at,
)


async def states(connection: AsyncConnection, customer_ids: Collection[str]) -> dict[str, dict[str, ConsentState]]:
    """What stands, by customer and subject."""
    found: dict[str, dict[str, ConsentState]] = defaultdict(dict)
    rows = await connection.execute(_STATES, {"customer_ids": list(customer_ids)})
    for customer_id, subject, status, since, basis, expires_at in rows:
        found[customer_id][subject] = ConsentState(subject, status, since, basis, expires_at)
    return found


async def save_states(connection: AsyncConnection, changed: Mapping[tuple[str, str], ConsentState]) -> None:
    """Let these stand, by customer and subject, instead of what did."""
    if not changed:
        return
    await connection.execute(delete(Consent).where(tuple_(Consent.customer_id, Consent.subject).in_(list(changed))))
    rows = [
        {
            "customer_id": customer_id,
            "subject": subject,
            "status": state.status,
            "changed_at": state.since,
            "basis": state.basis,
            "expires_at": state.expires_at,
        }
        for (customer_id, subject), state in changed.items()
    ]
    await insert_many(connection, Consent, rows)


async def ending(connection: AsyncConnection, now: datetime, limit: int) -> list[str]:
    """The customers of whom a yes has come to its end, which nobody was told yet; the longest ago first."""
    query = select(Consent.customer_id).where(*_has_ended(now)).order_by(Consent.expires_at).limit(limit)
    return list((await connection.execute(query)).scalars())


async def note_ends(connection: AsyncConnection, customer_ids: Collection[str], now: datetime) -> dict[str, list[str]]:
    """What has come to its end, by customer, from now on counted as told."""
    mine = is_among(Consent.customer_id, "customer_ids")
    noting = update(Consent).where(mine, *_has_ended(now)).values(end_told=True)
    rows = await connection.execute(
        noting.returning(Consent.customer_id, Consent.subject), {"customer_ids": list(customer_ids)}
    )
    found: dict[str, list[str]] = defaultdict(list)
    for customer_id, subject in rows:
        found[customer_id].append(subject)
    return dict(found)


def _has_ended(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (Consent.expires_at <= now, not_(Consent.end_told), Consent.status == "yes")


async def save_proofs(
    connection: AsyncConnection, statements: Sequence[tuple[str, ConsentUpdate]], now: datetime
) -> None:
    rows: list[Row] = [
        {
            "customer_id": customer_id,
            "subject": one.subject,
            "status": one.status,
            "at": one.at or now,
            "actor": one.actor,
            "source": one.source,
            "wording": one.wording,
            "basis": one.basis,
            "expires_at": one.expires_at,
            "recorded_at": now,
            "digest": one.digest,
        }
        for customer_id, one in statements
    ]
    await insert_many(connection, ConsentChange, rows, ignore_conflicts=True)


async def known_proofs(connection: AsyncConnection, digests: Collection[str]) -> set[str]:
    """Which of these statements are kept already."""
    found = await connection.execute(_KNOWN_PROOFS, {"digests": list(digests)})
    return {digest for (digest,) in found if digest is not None}


async def current(connection: AsyncConnection, customer_id: str, now: datetime) -> list[Proven]:
    """What stands of each subject, with its newest proof; a yes whose time has passed is `expired`."""
    of_this = and_(
        ConsentChange.customer_id == Consent.customer_id,
        ConsentChange.subject == Consent.subject,
        ConsentChange.status == Consent.status,
    )
    newest = (
        select(ConsentChange.id)
        .where(of_this)
        .order_by(ConsentChange.at.desc(), ConsentChange.id.desc())
        .limit(1)
        .correlate(Consent)
        .scalar_subquery()
    )
    passed = and_(Consent.expires_at.is_not(None), Consent.expires_at <= now)
    status = case((passed, EXPIRED), else_=Consent.status)
    columns = (
        *(ConsentChange.id, Consent.subject, status, Consent.changed_at),
        *(ConsentChange.source, ConsentChange.actor, ConsentChange.wording),
        *(Consent.basis, Consent.expires_at, ConsentChange.recorded_at),
    )
    query = select(*columns).join(ConsentChange, ConsentChange.id == newest)
    rows: Any = await connection.execute(query.where(Consent.customer_id == customer_id).order_by(Consent.subject))
    return [Proven(*row) for row in rows]


async def history(
    connection: AsyncConnection, customer_id: str, after: tuple[datetime, int] | None, limit: int
) -> list[Proven]:
    """Everything that the customer said, newest first, from behind `after`."""
    query = select(*_PROOF_COLUMNS).where(ConsentChange.customer_id == customer_id)
    if after is not None:
        at, row_id = after
        earlier = and_(ConsentChange.at == at, ConsentChange.id < row_id)
        query = query.where(or_(ConsentChange.at < at, earlier))
    rows: Any = await connection.execute(query.order_by(ConsentChange.at.desc(), ConsentChange.id.desc()).limit(limit))
    return [Proven(*row) for row in rows]


# Topics ---------------------------------------------------------------------------------------------------------------

_TOPIC_COLUMNS = (
    TopicRow.key,
    TopicRow.name,
    TopicRow.description,
    TopicRow.channels,
    TopicRow.marketing,
    TopicRow.basis,
    TopicRow.double_opt_in,
    TopicRow.translations,
    TopicRow.updated_at,
)
_TOPICS = select(*_TOPIC_COLUMNS).order_by(TopicRow.key)
_TOPIC = _TOPICS.where(TopicRow.key == bindparam("topic"))


async def save_topic(connection: AsyncConnection, topic: Topic) -> None:
    await connection.execute(delete(TopicRow).where(TopicRow.key == topic.key))
    row = {**asdict(topic), "channels": list(topic.channels)}
    await insert_many(connection, TopicRow, [row])


async def delete_topic(connection: AsyncConnection, key: str) -> bool:
    """False where there is none."""
    found = await connection.execute(delete(TopicRow).where(TopicRow.key == key).returning(TopicRow.key))
    return found.scalar_one_or_none() is not None


async def find_topic(connection: AsyncConnection, key: str) -> Topic | None:
    row = (await connection.execute(_TOPIC, {"topic": key})).one_or_none()
    return Topic(*row) if row is not None else None


async def topics(connection: AsyncConnection, after: str = "", limit: int | None = None) -> list[Topic]:
    """Topics in the order of their keys, those after `after`."""
    rows: Any = await connection.execute(_TOPICS.where(TopicRow.key > after).limit(limit))
    return [Topic(*row) for row in rows]


# Confirmations --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A mail that asks to confirm a yes; see the table."""

    id: str
    customer_id: str
    address_digest: str
    subjects: Sequence[Mapping[str, Any]]
    actor: str
    state: str
    requested_at: datetime
    expires_at: datetime
    detail: str | None = None
    template_hash: str | None = None
    sent_at: datetime | None = None
    confirmed_at: datetime | None = None


async def save_confirmation(connection: AsyncConnection, confirmation: Confirmation) -> None:
    await insert_many(connection, ConfirmationRow, [asdict(confirmation)])


async def find_confirmation(connection: AsyncConnection, confirmation_id: str) -> Confirmation | None:
    query = select(ConfirmationRow.__table__).where(ConfirmationRow.id == confirmation_id)
    row = (await connection.execute(query)).mappings().one_or_none()
    return Confirmation(**row) if row is not None else None


async def change_confirmation(
    connection: AsyncConnection, confirmation_id: str, *, of_state: Sequence[str], **changed: object
) -> None:
    """Change a confirmation that is still in one of these states."""
    this = (ConfirmationRow.id == confirmation_id, ConfirmationRow.state.in_(of_state))
    await connection.execute(update(ConfirmationRow).where(*this).values(**changed))


async def asked_since(connection: AsyncConnection, address_digest: str, since: datetime) -> tuple[int, datetime | None]:
    """How many mails an address was asked by since an instant, and when it was last."""
    query = select(func.count(), func.max(ConfirmationRow.requested_at)).where(
        ConfirmationRow.address_digest == address_digest,
        ConfirmationRow.requested_at > since,
        ConfirmationRow.state != literal("failed"),
    )
    row = (await connection.execute(query)).one()
    return row[0], row[1]
