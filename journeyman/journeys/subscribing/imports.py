"""Taking over consent that was given elsewhere: what was said before counts by when it was said (L1)."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from journeyman.customers import repository as customers
from journeyman.customers.consent import ConsentUpdate
from journeyman.customers.consents import repository as consents
from journeyman.customers.consents.topic import Topic
from journeyman.customers.preferences import Statement
from journeyman.customers.repository import Addressee
from journeyman.journeys.subscribing.notice import record_all
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database, to_json
from journeyman.kit.wake import Wake
from journeyman.language.instants import BEFORE_ALL

SKEW = timedelta(minutes=5)
"""How far another system's clock may be ahead of ours."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a customer, named by any of her ids, said; `update.at` is when."""

    customer: str
    update: ConsentUpdate


@dataclass(frozen=True, slots=True)
class Refused:
    """A statement that cannot be taken, by its place in the batch."""

    index: int
    detail: str


@dataclass(slots=True)
class Taken:
    """What became of a batch: what holds now, what is kept as proof alone, what was known already."""

    applied: int = 0
    kept: int = 0
    known: int = 0
    refused: list[Refused] = field(default_factory=list)


class ConsentImport:
    """Takes batches of statements. The same statement again changes nothing and is no second proof."""

    def __init__(self, database: Database, wake: Wake, clock: Clock) -> None:
        self.database = database
        self.wake = wake
        self.clock = clock

    async def take(self, batch: Sequence[Said]) -> Taken:
        """Write a batch: older than what is known changes nothing, but is kept; of one instant a no wins."""
        now = self.clock.now()
        async with self.database.transaction() as connection:
            people = await customers.addressees(connection, {said.customer for said in batch})
            topics = {topic.key: topic for topic in await consents.topics(connection)}
            taken = Taken(refused=list(_refusals(batch, people, self.clock)))
            refused = {one.index for one in taken.refused}
            given = {
                digest(said): _statement(said, people, topics)
                for index, said in enumerate(batch)
                if index not in refused
            }
            await customers.lock_profiles(connection, {customer_id for customer_id, _ in given.values()})
            known = await consents.known_proofs(connection, given)
            new = [one for key, one in given.items() if key not in known]
            changed = await record_all(connection, sorted(new, key=_order), now)
        self.wake.notify()
        taken.applied, taken.kept = len(changed), len(new) - len(changed)
        taken.known = len(batch) - len(refused) - len(new)
        return taken


def digest(said: Said) -> str:
    """The name of a statement: the same words of the same customer at the same time have the same."""
    one = said.update
    parts = (one.subject, one.status, one.at, one.source, one.wording, one.basis, one.expires_at)
    named = [said.customer, *(part.isoformat() if isinstance(part, datetime) else part for part in parts)]
    return hashlib.sha256(to_json(named).encode()).hexdigest()


def _refusals(batch: Sequence[Said], people: Mapping[str, Addressee], clock: Clock) -> list[Refused]:
    latest = clock.now() + SKEW
    found = []
    for index, said in enumerate(batch):
        person = people.get(said.customer)
        if person is None or person.customer_id is None:
            found.append(Refused(index, "there is no such customer"))
        elif said.update.at is None or said.update.at > latest:
            found.append(Refused(index, "it was said in the future"))
    return found


def _statement(said: Said, people: Mapping[str, Addressee], topics: Mapping[str, Topic]) -> Statement:
    topic = topics.get(said.update.subject)
    basis = said.update.basis or (topic.basis if topic and said.update.status == "yes" else None)
    return people[said.customer].customer_id or "", replace(said.update, basis=basis, digest=digest(said))


def _order(statement: Statement) -> tuple[datetime, bool]:
    """In the order of time; of one instant a no comes last, and so stands."""
    update = statement[1]
    return update.at or BEFORE_ALL, update.status == "no"
