"""Erasing a customer (L3): what happens at once, and the receipt.

The request's transaction ends every run, forgets the profile and all its names, and remembers these by keyed digests.
What is left of her, rows that no name leads to any more, is removed by `erasure/removal.py`, which the engine runs.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels import suppressions
from journeyman.channels.erasure import repository as channels
from journeyman.channels.ledger import repository as ledger
from journeyman.customers import repository as customers
from journeyman.customers.erasure import repository as erasures
from journeyman.customers.erasure.digests import CUSTOMER_ID, EMAIL, PHONE, Name, name_digest
from journeyman.customers.erasure.receipts import Belongings, Receipt
from journeyman.customers.identity import ANONYMOUS_ID, USER_ID
from journeyman.journeys import repository
from journeyman.journeys.erasure import repository as traces
from journeyman.journeys.erasure.addresses import ADDRESS_KINDS
from journeyman.journeys.erasure.holdings import AT_ONCE
from journeyman.journeys.ports import EngineCommand
from journeyman.journeys.positions import signal_of
from journeyman.journeys.runs import Run, end
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.errors import ConflictError, NotFoundError
from journeyman.kit.holdings import take_away
from journeyman.kit.ids import new_id
from journeyman.kit.wake import Wake

NAMED = (CUSTOMER_ID, USER_ID, ANONYMOUS_ID, EMAIL, PHONE)
"""As what somebody may name a customer who was erased already."""
REFUSED = "said no before the erasure"
"""Why the addresses of somebody who withdrew her consent stay on the suppression list."""
NO_LIMIT = 1_000_000


class Erasing:
    """Takes requests, and tells what became of them."""

    def __init__(self, database: Database, wake: Wake, clock: Clock, key: bytes) -> None:
        self.database = database
        self.wake = wake
        self.clock = clock
        self.key = key

    async def request(self, customer: str, requested_by: str) -> Receipt:
        """Erase a customer, named by any of her ids. Once this returns nothing more is sent, and nobody knows her.

        Asked again for the same one, it answers with the same receipt. Raises `NotFoundError`.
        """
        async with self.database.transaction() as connection:
            family = await self._lock(connection, customer)
            if not family:
                return await self._earlier(connection, customer)
            receipt = await self._erase(connection, family, requested_by)
        self.wake.notify()
        return receipt

    async def receipt(self, erasure_id: str) -> Receipt:
        """Raises `NotFoundError`."""
        async with self.database.reading() as connection:
            found = await erasures.find(connection, erasure_id)
        if found is None:
            raise NotFoundError(f"there is no erasure `{erasure_id}`")
        return found

    async def lift(self, erasure_id: str, lifted_by: str) -> Receipt:
        """Let the erased names be taken again: she has come back on purpose. What was erased stays so.

        Raises `NotFoundError`, and `ConflictError` while the erasure is at work.
        """
        async with self.database.transaction() as connection:
            found = await erasures.lock_work(connection, erasure_id)
            if found is None:
                raise NotFoundError(f"there is no erasure `{erasure_id}`")
            if found[0].state != "done":
                raise ConflictError(f"erasure `{erasure_id}` is not done yet")
            if found[0].lifted_at is None:
                await erasures.drop_names(connection, erasure_id)
                await erasures.change(connection, erasure_id, lifted_at=self.clock.now(), lifted_by=lifted_by)
        return await self.receipt(erasure_id)

    async def _lock(self, connection: AsyncConnection, customer: str) -> list[str]:
        """The customer's profiles, locked before anything else, as intake does; none where nobody is meant."""
        while (customer_id := await customers.resolve(connection, customer)) is not None:
            family = await erasures.family(connection, customer_id, is_locked=True)
            # While this waited for the lock, she may have been merged into somebody, or erased.
            if family and await erasures.is_survivor(connection, customer_id):
                return family
        return []

    async def _earlier(self, connection: AsyncConnection, customer: str) -> Receipt:
        digests = [name_digest((kind, customer), self.key) for kind in NAMED]
        found = await erasures.erased_digests(connection, digests)
        receipt = await erasures.find(connection, max(found.values())) if found else None
        if receipt is None:
            raise NotFoundError(f"there is no customer `{customer}`")
        return receipt

    async def _erase(self, connection: AsyncConnection, family: Sequence[str], requested_by: str) -> Receipt:
        now = self.clock.now()
        belongings = await belongings_of(connection, family)
        await self._end_runs(connection, belongings, now)
        await self._keep_refusals(connection, belongings, now, requested_by)
        receipt = Receipt(new_id("era"), "requested", now, requested_by)
        await erasures.keep_withdrawals(connection, receipt.id, family)
        await self._remember(connection, receipt, belongings)
        counts = {
            holding.section: await take_away(connection, holding, belongings.owned, belongings.stand_in, NO_LIMIT)
            for holding in AT_ONCE
        }
        await erasures.change(connection, receipt.id, counts=counts)
        await self._start(connection, receipt)
        return replace(receipt, counts=counts)

    async def _end_runs(self, connection: AsyncConnection, belongings: Belongings, now: datetime) -> None:
        """Every live run is over now; its workflow is told, and a send that is due finds it so (M2)."""
        ended: list[Run] = []
        for run_id in await traces.live_runs(connection, belongings.owned):
            run = await repository.lock_run(connection, run_id)
            if run is None or not run.is_live:
                continue
            end(run, "erased", now, "erased")
            await ledger.abandon(connection, run.id)
            ended.append(run)
        await repository.save_runs(connection, ended)
        commands = [EngineCommand("signal", run.id, run.workflow_id, signal_of(run, "Erased", now)) for run in ended]
        await repository.tell(connection, commands, now)

    async def _keep_refusals(
        self, connection: AsyncConnection, belongings: Belongings, now: datetime, actor: str
    ) -> None:
        """Addresses of somebody who said no go to the suppression list: the next import must not write to them."""
        refused = await erasures.refused_subjects(connection, belongings.customers)
        for channel in refused & ADDRESS_KINDS.keys():
            for kind, address in belongings.addresses:
                if kind == ADDRESS_KINDS[channel]:
                    await suppressions.suppress(connection, channel, address, REFUSED, now, key=self.key, actor=actor)

    async def _remember(self, connection: AsyncConnection, receipt: Receipt, belongings: Belongings) -> None:
        names: set[Name] = {*belongings.names, *((CUSTOMER_ID, customer) for customer in belongings.customers)}
        await erasures.save(connection, receipt, belongings.as_json())
        digests = {name_digest((kind, value), self.key): kind for kind, value in names}
        await erasures.save_names(connection, receipt.id, digests)

    async def _start(self, connection: AsyncConnection, receipt: Receipt) -> None:
        workflow_id = f"erasure/{receipt.id}"
        command = EngineCommand("erase", receipt.id, workflow_id, {"erasure": receipt.id})
        await repository.tell(connection, [command], receipt.requested_at)


async def belongings_of(connection: AsyncConnection, customer_ids: Sequence[str]) -> Belongings:
    """Under which names the rows of these profiles are found."""
    sent = await channels.addresses(connection, {"customer": customer_ids})
    addresses = {(ADDRESS_KINDS[channel], address) for channel, address in sent if channel in ADDRESS_KINDS}
    names = await erasures.names(connection, customer_ids) | addresses
    return Belongings(list(customer_ids), sorted(names), new_id("gone"))
