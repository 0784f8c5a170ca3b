"""The rows that are left of somebody who was erased, removed portion by portion.

Every part can be done again and goes on where it was: what the erasure needs to know stands with its receipt until the
last transaction, which also says that it is done.
"""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels import repository as suppressions
from journeyman.channels.erasure import repository as channels
from journeyman.customers.erasure import repository as erasures
from journeyman.customers.erasure.receipts import Belongings, Receipt
from journeyman.journeys.audiences import repository as audiences
from journeyman.journeys.erasure import repository as traces
from journeyman.journeys.erasure.addresses import listed
from journeyman.journeys.erasure.holdings import AT_ONCE, LATER
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.holdings import Holding, take_away

PORTION = 500
"""Rows in one transaction: short enough to hold up nobody."""
LONGEST_HAND_OVER = timedelta(seconds=100)
"""After that no attempt at a message is under way any more: the activity's own limit is shorter."""
SOON = timedelta(seconds=1)


class UnfinishedError(Exception):
    """Something of hers is still under way; the same call is to be made again after `delay`."""

    def __init__(self, detail: str, delay: timedelta) -> None:
        super().__init__(detail)
        self.delay = delay


class Remains:
    """What the database still holds of people whose erasure was requested; `key` is what keys digests of addresses."""

    def __init__(self, database: Database, clock: Clock, key: bytes) -> None:
        self.database = database
        self.clock = clock
        self.key = key

    async def begin(self, erasure_id: str) -> tuple[Receipt, Belongings | None]:
        """The receipt, and whom it is about; None once it is done.

        Raises `LookupError` for an erasure that nobody requested, and `UnfinishedError` while a message is being
        handed over, which will write once more, or the engine has not heard of every run that was ended.
        """
        async with self.database.transaction() as connection:
            found = await erasures.lock_work(connection, erasure_id)
            if found is None:
                raise LookupError(f"there is no erasure {erasure_id}")
            receipt, work = found
            if work is None:
                return receipt, None
            await erasures.change(connection, erasure_id, state="running")
        belongings = Belongings.of(work)
        await self._must_be_over(receipt, belongings)
        return receipt, belongings

    async def _must_be_over(self, receipt: Receipt, belongings: Belongings) -> None:
        async with self.database.reading() as connection:
            flying = await channels.in_flight(connection, belongings.owned)
            untold = await traces.untold(connection, belongings.owned)
        if flying and self.clock.now() < receipt.requested_at + LONGEST_HAND_OVER:
            raise UnfinishedError(f"messages are being handed over: {flying}", SOON)
        if untold:
            raise UnfinishedError(f"the engine has not been told of runs: {untold}", SOON)

    async def workflow_ids(self, belongings: Belongings) -> set[str]:
        """Under which ids the engine may have histories."""
        async with self.database.reading() as connection:
            return await traces.workflow_ids(connection, belongings.owned)

    async def remove(self, erasure_id: str, belongings: Belongings, beat: Callable[[], object]) -> Receipt:
        """Remove every row; `beat` is called after each portion. The engine's histories have to be gone by then."""
        async with self.database.transaction() as connection:
            await audiences.leave(connection, sorted(belongings.owned["customer"]))
        for holding in LATER:
            while await self._portion(erasure_id, holding, belongings) == PORTION:
                beat()
        return await self._finish(erasure_id, belongings)

    async def count(self, erasure_id: str, section: str, number: int) -> None:
        """Write into the receipt how many of something were removed."""
        async with self.database.transaction() as connection:
            await _count(connection, erasure_id, section, number)

    async def _forget_addresses(self, connection: AsyncConnection, belongings: Belongings) -> None:
        """Of addresses that are not written to, the suppression list keeps the digests alone."""
        for channel, _, digests in listed(belongings, self.key):
            await suppressions.forget_address(connection, channel, digests)
        await channels.forget_spelled(connection, [address for _, address in belongings.addresses])

    async def _portion(self, erasure_id: str, holding: Holding, belongings: Belongings) -> int:
        async with self.database.transaction() as connection:
            taken = await take_away(connection, holding, belongings.owned, belongings.stand_in, PORTION)
            await _count(connection, erasure_id, holding.section, taken)
        return taken

    async def _finish(self, erasure_id: str, belongings: Belongings) -> Receipt:
        """What came in while rows were removed goes as well, and with it the knowledge of whom this was about."""
        async with self.database.transaction() as connection:
            for holding in (*AT_ONCE, *LATER):
                while taken := await take_away(connection, holding, belongings.owned, belongings.stand_in, PORTION):
                    await _count(connection, erasure_id, holding.section, taken)
            await self._forget_addresses(connection, belongings)
            await erasures.change(connection, erasure_id, state="done", completed_at=self.clock.now(), work=None)
            receipt = await erasures.find(connection, erasure_id)
        if receipt is None:
            raise AssertionError(f"erasure {erasure_id} has lost its receipt")
        return receipt


async def _count(connection: AsyncConnection, erasure_id: str, section: str, taken: int) -> None:
    found = await erasures.lock_work(connection, erasure_id) if taken else None
    if found is not None:
        counts = {**found[0].counts, section: found[0].counts.get(section, 0) + taken}
        await erasures.change(connection, erasure_id, counts=counts)
