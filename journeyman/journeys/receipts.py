"""What became of a message, as its own links tell: a receipt is a customer event like any other."""

from journeyman.channels.ledger import repository as ledger
from journeyman.customers.inbox.door import Inbox
from journeyman.journeys.direct import incoming
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.ids import new_id

OPENED = "Email Opened"
CLICKED = "Email Link Clicked"


class Receipts:
    """Notes opens and clicks. Those of messages that are not in the ledger, such as tests, are no receipts."""

    def __init__(self, database: Database, inbox: Inbox, clock: Clock) -> None:
        self.database = database
        self.inbox = inbox
        self.clock = clock

    async def opened(self, message_id: str) -> None:
        """Note that a message was opened; only the first time counts."""
        await self._note(message_id, f"rcpt_{message_id}_opened", OPENED, {})

    async def clicked(self, message_id: str, url: str) -> None:
        """Note a click on a link; each counts."""
        await self._note(message_id, new_id(f"rcpt_{message_id}_clicked"), CLICKED, {"url": url})

    async def _note(self, message_id: str, event_id: str, name: str, more: dict[str, str]) -> None:
        async with self.database.reading() as connection:
            message = await ledger.read(connection, message_id)
        if message is None:
            return
        properties = {"message_id": message.id, "journey": message.journey_key, "step": message.step, **more}
        now = self.clock.now()
        await self.inbox.accept([incoming(message.customer_id, event_id, "receipt", name, now, properties)], now)
