"""What people answer on a channel: events of theirs, and with STOP or START the end or beginning of consent (L2)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from journeyman.channels.ledger import repository as ledger
from journeyman.channels.ports import Reply
from journeyman.channels.sms.keywords import keyword_of
from journeyman.channels.suppressions import normalised
from journeyman.customers import repository as customers
from journeyman.customers.consent import ConsentUpdate, Status
from journeyman.customers.inbox.door import Inbox
from journeyman.journeys.direct import incoming
from journeyman.journeys.reach import repository as reach
from journeyman.journeys.receipts import moment_of
from journeyman.journeys.subscribing.notice import record
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.wake import Wake
from journeyman.language.channels import REPLIED, TITLES

WORDS: Final[dict[str, Status]] = {"stop": "no", "start": "yes"}
OPT_OUTS: Final = frozenset({"STOP", "START", "HELP"})
"""Words that a provider has read itself (Twilio's `OptOutType`)."""
TEXT_LIMIT: Final = 2_000


class Replies:
    """Takes what people write. A sender whom nobody here has as an address is nobody's reply."""

    def __init__(self, database: Database, inbox: Inbox, wake: Wake, clock: Clock) -> None:
        self.database = database
        self.inbox = inbox
        self.wake = wake
        self.clock = clock

    async def note(self, provider: str, replies: Sequence[Reply]) -> int:
        """Returns how many came from a customer. Once it returns, nothing more is sent to who said STOP (L2)."""
        return sum([await self._take(provider, reply) for reply in replies])

    async def _take(self, provider: str, reply: Reply) -> bool:
        now = self.clock.now()
        async with self.database.reading() as connection:
            address = normalised(reply.channel, reply.sender)
            people = sorted(await reach.customers_at(connection, reply.channel, [address]))
            answered = await ledger.by_provider(connection, provider, reply.answers) if reply.answers else None
        word = _word(reply)
        more: dict[str, Any] = {"message_id": answered.id, "step": answered.step} if answered is not None else {}
        told = {"channel": reply.channel, "text": reply.text[:TEXT_LIMIT], "button": reply.button, "word": word, **more}
        properties = {name: value for name, value in told.items() if value is not None}
        name, at = f"{TITLES[reply.channel]} {REPLIED}", moment_of(reply.at, now)
        ids = [f"reply_{provider}_{reply.id}_{number}"[:200] for number in range(len(people))]
        events = [incoming(one, key, "track", name, at, properties) for one, key in zip(people, ids, strict=True)]
        await self.inbox.accept(events, now)
        if word in WORDS:
            await self._record(people, reply, WORDS[word], now)
        return bool(people)

    async def _record(self, people: Sequence[str], reply: Reply, status: Status, now: datetime) -> None:
        update = ConsentUpdate(reply.channel, status, "keyword", f"reply/{reply.id}"[:200], reply.text[:100])
        async with self.database.transaction() as connection:
            for customer_id in people:
                if await customers.lock_profiles(connection, [customer_id]):
                    await record(connection, customer_id, [update], now)
        self.wake.notify()


def _word(reply: Reply) -> str | None:
    """STOP, START or HELP, as the provider or we read it."""
    said = reply.properties.get("opt_out")
    return str(said).lower() if said in OPT_OUTS else keyword_of(reply.text)
