"""Codes that were reserved for a run that is over: nobody settles its message any more (M6)."""

from datetime import datetime, timedelta
from typing import Final

from journeyman.catalog.coupons import repository as coupons
from journeyman.channels.ledger import repository as ledger
from journeyman.channels.ledger.messages import Message
from journeyman.journeys import repository as runs
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database

PAUSE: Final = timedelta(minutes=1)
"""Between two looks at all of them, and how long a code is reserved before it is looked at."""
LOST: Final = timedelta(hours=1)
"""After this nobody settles a hand-over any more: the customer of an ended run may have the message, or may not."""
AT_ONCE: Final = 200


class CouponSweeper:
    """Frees what ended runs have reserved and not sent, and gives for good what may have been sent."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self._after = 0
        self._next: datetime | None = None

    async def step(self) -> int:
        """One transaction's work; returns how many codes were looked at, 0 where there is nothing more to do now."""
        now = self.clock.now()
        if self._next is not None and now < self._next:
            return 0
        async with self.database.transaction() as connection:
            found = await coupons.reserved(connection, now - PAUSE, self._after, AT_ONCE)
            if found:
                live = await runs.live_among(connection, {one.run_id for one in found if one.run_id})
                over = [one for one in found if one.run_id not in live]
                sent = await ledger.among(connection, {one.message_id for one in over if one.message_id})
                ends = {one.id: _end(sent.get(one.message_id or ""), now) for one in over}
                given, freed = ([code for code, end in ends.items() if end is kind] for kind in (True, False))
                await coupons.settle(connection, given, freed, now)
        self._after = found[-1].id if len(found) == AT_ONCE else 0
        self._next = None if self._after else now + PAUSE
        return len(found) if self._after else 0


def _end(message: Message | None, now: datetime) -> bool | None:
    """Whether the code of an ended run's message is given; None where that is still to be seen."""
    if message is None or message.state == "sent" or message.ambiguous:
        return True
    if message.in_flight:
        return True if now - message.reserved_at > LOST else None
    return False
