"""Every query of receipts and erased names, and what the customers' side holds of somebody."""

from collections.abc import Collection, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers.consents.tables import Confirmation
from journeyman.customers.erasure.digests import EMAIL, PHONE, Name
from journeyman.customers.erasure.receipts import Receipt
from journeyman.customers.erasure.tables import ErasedName, ErasedWithdrawal, Erasure
from journeyman.customers.groups.tables import GroupMember
from journeyman.customers.identities.tables import IdentifierHolder, MergeRecord, Separation
from journeyman.customers.scoring.tables import ScoreRank
from journeyman.customers.segments.tables import Membership, MembershipChange
from journeyman.customers.tables import (
    AttributeChange,
    Consent,
    ConsentChange,
    Customer,
    Event,
    Identifier,
    InboxEvent,
    QuarantinedEvent,
)
from journeyman.kit.bulk import Row, insert_many
from journeyman.kit.holdings import Holding
from journeyman.kit.lists import is_among

# What the customers' side holds ---------------------------------------------------------------------------------------

PROFILES = (
    Holding("identifiers", Identifier, ("kind", "value")),
    Holding("profiles", Customer, ("id",), owner="id"),
)
"""Gone as soon as an erasure is requested, in this order: from then on nobody knows her."""
HOLDINGS = (
    Holding("attribute_changes", AttributeChange, ("id",)),
    Holding("events", Event, ("event_time", "seq")),
    Holding("accepted_events", InboxEvent, ("seq",), owner="subject", by="subject"),
    Holding("quarantined_events", QuarantinedEvent, ("seq",), owner="subject", by="subject"),
    Holding("consents", Consent, ("subject",), hidden=("end_told",)),
    Holding("consent_changes", ConsentChange, ("id",)),
    Holding("confirmations", Confirmation, ("requested_at", "id")),
    Holding("segments", Membership, ("segment_key",)),
    Holding("segment_changes", MembershipChange, ("id",)),
    Holding("identifier_holders", IdentifierHolder, ("kind", "value")),
    Holding("merges_into_others", MergeRecord, ("id",), owner="loser"),
    Holding("merges", MergeRecord, ("id",), owner="survivor"),
    Holding("separations", Separation, ("other_id",)),
    Holding("separations_of_others", Separation, ("customer_id",), owner="other_id"),
    Holding("groups", GroupMember, ("group_id",)),
    Holding("score_ranks", ScoreRank, ("model", "category")),
)
NOT_PERSONAL: Mapping[str, str] = {
    "erasures": "receipts, without a word about the person once they are done",
    "erased_names": "keyed digests alone, so that nobody who was erased comes back unasked",
    "erased_withdrawals": "the proof that somebody said no, under the number of a receipt",
}
"""Tables that speak of persons and are neither exported nor erased, and why."""

ADDRESS_ATTRIBUTES = (EMAIL, PHONE)
"""Attributes of a profile that hold an address."""


async def family(connection: AsyncConnection, customer_id: str, *, is_locked: bool = False) -> list[str]:
    """A profile and all that were merged into it, in the order of their ids, locked where that is asked for.

    None where there is no such profile; the profile it was merged into is not among them.
    """
    known = {customer_id}
    while True:
        mine = (Customer.id.in_(known)) | (Customer.merged_into.in_(known))
        query = select(Customer.id).where(mine).order_by(Customer.id)
        query = query.with_for_update() if is_locked else query
        found = set((await connection.execute(query)).scalars())
        if found <= known:
            return sorted(found)
        known |= found


async def is_survivor(connection: AsyncConnection, customer_id: str) -> bool:
    query = select(Customer.merged_into).where(Customer.id == customer_id)
    return (await connection.execute(query)).scalar_one_or_none() is None


async def names(connection: AsyncConnection, customer_ids: Collection[str]) -> set[Name]:
    """Every identifier and address under which customers are or were known."""
    mine = select(Identifier.kind, Identifier.value).where(Identifier.customer_id.in_(customer_ids))
    found = {(kind, value) for kind, value in await connection.execute(mine)}
    profiles = select(Customer.attributes).where(Customer.id.in_(customer_ids))
    for attributes in (await connection.execute(profiles)).scalars():
        found |= {(kind, attributes.get(kind)) for kind in ADDRESS_ATTRIBUTES}
    changes = select(AttributeChange.attribute, AttributeChange.old, AttributeChange.new).where(
        AttributeChange.customer_id.in_(customer_ids), AttributeChange.attribute.in_(ADDRESS_ATTRIBUTES)
    )
    for attribute, old, new in await connection.execute(changes):
        found |= {(attribute, value) for value in (old, new)}
    return {(kind, value) for kind, value in found if isinstance(value, str) and value.strip()}


async def refused_subjects(connection: AsyncConnection, customer_ids: Collection[str]) -> set[str]:
    """To which channels and topics the customer has said no."""
    mine = (Consent.customer_id.in_(customer_ids), Consent.status == "no")
    return set((await connection.execute(select(Consent.subject).where(*mine))).scalars())


async def keep_withdrawals(connection: AsyncConnection, erasure_id: str, customer_ids: Collection[str]) -> None:
    """Keep when a customer said no, and to what."""
    mine = (ConsentChange.customer_id.in_(customer_ids), ConsentChange.status == "no")
    query = select(ConsentChange.subject, ConsentChange.at, ConsentChange.recorded_at).where(*mine)
    rows = [
        {"erasure_id": erasure_id, "subject": subject, "at": at, "recorded_at": recorded_at}
        for subject, at, recorded_at in await connection.execute(query.order_by(ConsentChange.id))
    ]
    await insert_many(connection, ErasedWithdrawal, rows)


# Receipts -------------------------------------------------------------------------------------------------------------

_RECEIPT = [Erasure.__table__.c[one.name] for one in fields(Receipt)]


async def save(connection: AsyncConnection, receipt: Receipt, work: Mapping[str, Any]) -> None:
    row: Row = {one.name: getattr(receipt, one.name) for one in fields(Receipt)}
    await insert_many(connection, Erasure, [{**row, "work": work}])


async def find(connection: AsyncConnection, erasure_id: str) -> Receipt | None:
    row = (await connection.execute(select(*_RECEIPT).where(Erasure.id == erasure_id))).one_or_none()
    return Receipt(*row) if row is not None else None


async def lock_work(connection: AsyncConnection, erasure_id: str) -> tuple[Receipt, Mapping[str, Any] | None] | None:
    """A receipt with what its erasure still has to know, locked."""
    query = select(*_RECEIPT, Erasure.work).where(Erasure.id == erasure_id).with_for_update()
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    *receipt, work = row
    return Receipt(*receipt), work


async def change(connection: AsyncConnection, erasure_id: str, **changed: object) -> None:
    await connection.execute(update(Erasure).where(Erasure.id == erasure_id).values(**changed))


async def unfinished(connection: AsyncConnection) -> list[str]:
    """The ids of erasures that are not done, oldest first."""
    query = select(Erasure.id).where(Erasure.state != "done").order_by(Erasure.id)
    return list((await connection.execute(query)).scalars())


# Erased names ---------------------------------------------------------------------------------------------------------

_ANY = select(exists().select_from(ErasedName))
_ERASED = select(ErasedName.digest, ErasedName.erasure_id).where(is_among(ErasedName.digest, "digests"))


async def save_names(connection: AsyncConnection, erasure_id: str, digests: Mapping[str, str]) -> None:
    """Remember digests, each with its kind."""
    rows = [{"digest": digest, "erasure_id": erasure_id, "kind": kind} for digest, kind in digests.items()]
    await insert_many(connection, ErasedName, rows, ignore_conflicts=True)


async def is_anybody_erased(connection: AsyncConnection) -> bool:
    return bool((await connection.execute(_ANY)).scalar_one())


async def erased_digests(connection: AsyncConnection, digests: Collection[str]) -> dict[str, str]:
    """Which of these digests are erased, each with the receipt's id."""
    rows = await connection.execute(_ERASED, {"digests": list(digests)})
    return {digest: erasure_id for digest, erasure_id in rows}  # noqa: C416 - rows are no pairs to a type checker


async def drop_names(connection: AsyncConnection, erasure_id: str) -> None:
    await connection.execute(delete(ErasedName).where(ErasedName.erasure_id == erasure_id))


async def count_late(connection: AsyncConnection, dropped: Mapping[str, int], at: datetime) -> None:
    """Count events that were dropped, by receipt."""
    for erasure_id, number in sorted(dropped.items()):
        values = {"late_events": Erasure.late_events + number, "last_late_at": at}
        await connection.execute(update(Erasure).where(Erasure.id == erasure_id).values(values))
