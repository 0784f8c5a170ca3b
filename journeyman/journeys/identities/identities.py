"""Merging and splitting profiles by hand."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.catalog.coupons import repository as coupons
from journeyman.channels.ledger import repository as ledger
from journeyman.channels.suppressions import UNKEYED
from journeyman.customers import repository as customers
from journeyman.customers.identities import repository as identities
from journeyman.customers.identities.history import Identities, Merged
from journeyman.customers.identities.parting import Given, Parting, rebuilt, sources_of
from journeyman.customers.identities.splitting import repository as splitting
from journeyman.customers.identity import MERGED, USER_ID, Identifier, Person, customer_id_of
from journeyman.customers.inbox.door import Inbox
from journeyman.customers.inbox.events import Incoming
from journeyman.journeys.experiments import repository as experiments
from journeyman.journeys.identities import repository
from journeyman.journeys.identities.derived import after_split
from journeyman.journeys.reach import repository as reach
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.errors import ConflictError, Fault, InvalidError, NotFoundError
from journeyman.kit.ids import new_id

EVENT = "Customers Merged"
"""The name of the event by which an operator merges."""


@dataclass(frozen=True, slots=True)
class MergeAccepted:
    """A merge that waits in line with what the two customers did before; `id` is the event that asks for it."""

    id: str
    customer: str
    merged: str


@dataclass(frozen=True, slots=True)
class SplitDone:
    """What went to which profile."""

    customer: str
    split_off: str
    events: int
    runs: int


class IdentityDesk:
    """What operators do about who is who."""

    def __init__(self, database: Database, inbox: Inbox, clock: Clock, digest_key: bytes = UNKEYED) -> None:
        self.digest_key = digest_key
        self.database = database
        self.inbox = inbox
        self.clock = clock

    async def of(self, customer: str) -> Identities:
        """What is on record of the identity of the customer whom any id names. Raises `NotFoundError`."""
        async with self.database.reading() as connection:
            customer_id = await _known(connection, customer)
            return Identities(
                customer=customer_id,
                identifiers=await splitting.identifiers(connection, customer_id),
                merges=await splitting.merges(connection, customer_id),
                apart_from=await splitting.apart_from(connection, customer_id),
            )

    async def merge(self, customer: str, other: str, by: str) -> MergeAccepted:
        """Have `other` become `customer`, also where both have a user id or were split before.

        Intake does it in its order among all other events. Raises `NotFoundError`, and `InvalidError` where the other
        is not known or is this one already.
        """
        async with self.database.reading() as connection:
            survivor = await _known(connection, customer)
            loser = await customers.resolve(connection, other)
            _must_be_another(survivor, loser)
            for known in await splitting.identifiers(connection, loser or ""):
                _must_not_be_shared(loser or "", known.kind, known.shared_at)
        now, message_id = self.clock.now(), new_id("merge")
        payload = {"type": MERGED, "name": EVENT, "customerId": survivor, "mergedId": loser}
        properties = {"merged": loser, "by": by}
        text = orjson.dumps({**payload, "properties": properties}).decode()
        await self.inbox.accept([Incoming(f"c:{survivor}", message_id, now, text)], now)
        return MergeAccepted(message_id, survivor, loser or "")

    async def split(self, customer: str, names: Sequence[Identifier], into: str | None, by: str) -> SplitDone:
        """Give some of a customer's identifiers, and all that came under them, to another profile.

        That is a new one, or `into`, which was merged into this one before. Raises `NotFoundError`, and `InvalidError`
        for identifiers that are not hers, for all of them, and for a profile that was never merged into hers.
        """
        now = self.clock.now()
        async with self.database.transaction() as connection:
            customer_id = await _known(connection, customer)
            persons = {one.id: one for one in await identities.lock(connection, {customer_id, into or customer_id})}
            history = await splitting.merges(connection, customer_id)
            person = persons[customer_id]
            if person.merged_into is not None:
                raise ConflictError(f"customer `{customer_id}` has just been merged into another")
            _must_be_hers(person, names)
            _must_be_former(customer_id, into, history)
            other = persons[into] if into else await _new_person(connection, names, now)
            done = await _Split(connection, person, other, now, by)(frozenset(names), history)
            await reach.keep(connection, {one.id: one.attributes for one in (person, other)}, self.digest_key)
            return done


class _Split:
    """One split, inside its transaction."""

    def __init__(self, connection: AsyncConnection, person: Person, other: Person, now: datetime, by: str) -> None:
        self.connection = connection
        self.person = person
        self.other = other
        self.now = now
        self.by = by

    async def __call__(self, names: frozenset[Identifier], history: Sequence[Merged]) -> SplitDone:
        parting, undone = self._parting(names, history)
        message_ids = {
            event.message_id
            for event in await splitting.events(self.connection, self.person.id)
            if parting.takes(event)
        }
        given = await splitting.given(self.connection, self.person.id)
        run_ids, refusals = await self._attempts(message_ids)
        sources = sources_of(message_ids, run_ids)
        await self._save_people(given, sources)
        await splitting.give_identifiers(self.connection, names, self.other.id)
        await splitting.give_events(self.connection, message_ids, self.other.id)
        await splitting.give_changes(self.connection, self.person.id, sources, self.other.id)
        await repository.give(self.connection, run_ids, refusals, self.other.id)
        await ledger.follow_split(self.connection, run_ids, self.other.id)
        await experiments.follow_split(self.connection, run_ids, self.other.id)
        await coupons.follow_split(self.connection, run_ids, self.other.id)
        await self._put_on_record(undone)
        await after_split(self.connection, [self.person.id, self.other.id], self.now)
        return SplitDone(self.person.id, self.other.id, len(message_ids), len(run_ids))

    def _parting(self, names: frozenset[Identifier], history: Sequence[Merged]) -> tuple[Parting, list[Merged]]:
        """What goes, and which merges were wrong: those of the former profile, and those whose names all go."""
        former = _lineage(self.other.id, history)
        before = {name for merged in history if merged.loser in former for name in merged.names}
        undone = [
            merged for merged in history if merged.loser == self.other.id or (merged.names and merged.names <= names)
        ]
        stay = frozenset(self.person.known_as - names)
        return Parting(names, stay, frozenset(before), frozenset(former)), undone

    async def _attempts(self, message_ids: Collection[str]) -> tuple[set[str], set[int]]:
        """The runs that these events started, and the entries that they were refused."""
        theirs = [
            one for one in await repository.attempts(self.connection, self.person.id) if one.message_id in message_ids
        ]
        return {one.run_id for one in theirs if one.run_id is not None}, {one.seq for one in theirs if not one.run_id}

    async def _save_people(self, given: Sequence[Given], sources: Collection[str]) -> None:
        """Attributes made anew for both sides; what is counted from events is counted when it is asked for next."""
        for person, goes in ((self.person, False), (self.other, True)):
            person.attributes = rebuilt(one for one in given if (one.source in sources) is goes)
            person.computed, person.recheck_at = {}, self.now
            person.merged_into, person.is_changed = None, True
        await customers.save_people(self.connection, [self.person, self.other], self.now)

    async def _put_on_record(self, undone: Sequence[Merged]) -> None:
        losers = {merged.loser for merged in undone} - {self.other.id}
        await splitting.lead_to(self.connection, losers, self.other.id)
        await splitting.undo_merges(self.connection, [merged.id for merged in undone], self.by, self.now)
        await splitting.separate(self.connection, self.person.id, self.other.id, self.by, self.now)
        await splitting.copy_refusals(self.connection, self.person.id, self.other.id, self.by, self.now)


def _lineage(customer_id: str, history: Sequence[Merged]) -> set[str]:
    """A profile and all that were merged into it, as far as nobody has undone that."""
    found = {customer_id}
    for merged in reversed(history):
        if merged.survivor in found and merged.undone_at is None:
            found.add(merged.loser)
    return found


async def _new_person(connection: AsyncConnection, names: Sequence[Identifier], now: datetime) -> Person:
    """A new profile, with the id that a new user of this name would get, where that is free."""
    user_id = next((value for kind, value in names if kind == USER_ID), None)
    wanted = customer_id_of(user_id)
    taken = await customers.lock_profiles(connection, [wanted])
    return Person(new_id("cus") if taken else wanted, {}, now, is_new=True)


async def _known(connection: AsyncConnection, customer: str) -> str:
    customer_id = await customers.resolve(connection, customer)
    if customer_id is None:
        raise NotFoundError(f"there is no customer `{customer}`")
    return customer_id


def _must_be_another(survivor: str, loser: str | None) -> None:
    if loser is None:
        fault = Fault("/customer", "there is no such customer", "Give the id of the customer who is the same person")
        raise InvalidError("the other customer is not known", [fault])
    if loser == survivor:
        fault = Fault("/customer", "this is the customer already", "Give the id of another customer")
        raise InvalidError("a customer cannot be merged with herself", [fault])


def _must_not_be_shared(loser: str, kind: str, shared_at: datetime | None) -> None:
    if kind == "anonymous_id" and shared_at is not None:
        fault = Fault("/customer", "it stands for a device that many people share", "Merge the people themselves")
        raise InvalidError(f"`{loser}` is nobody", [fault])


def _must_be_hers(person: Person, names: Sequence[Identifier]) -> None:
    faults = [
        Fault(
            f"/identifiers/{number}",
            "it does not lead to the customer",
            "Give identifiers of hers, as `identities` shows",
        )
        for number, name in enumerate(names)
        if name not in person.known_as
    ]
    if faults:
        raise InvalidError("an identifier is not hers", faults)
    if person.known_as <= set(names):
        fault = Fault("/identifiers", "these are all she is known as", "Leave at least one")
        raise InvalidError("nothing would stay", [fault])


def _must_be_former(customer_id: str, into: str | None, history: Sequence[Merged]) -> None:
    if into is not None and into not in _lineage(customer_id, history) - {customer_id}:
        fault = Fault(
            "/into", "it was never merged into the customer", "Give a profile that was, or none for a new one"
        )
        raise InvalidError("not a former profile", [fault])
