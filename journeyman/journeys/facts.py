"""What is known of customers, brought from the stores for the conditions that are going to be judged."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.ledger import repository as ledger
from journeyman.channels.ledger.messages import Message
from journeyman.customers import repository as customers
from journeyman.language.facts import EventFact, Facts, MessageFact
from journeyman.language.needs import Needs


@dataclass(slots=True)
class Known:
    """One customer's stored facts; intake adds to them as it goes through a batch."""

    events: list[EventFact] = field(default_factory=list)
    consents: dict[str, str] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)

    def facts(self, attributes: Mapping[str, Any], now: datetime) -> Facts:
        return Facts(
            now=now,
            attributes=attributes,
            events=self.events,
            consents=self.consents,
            messages=[message_fact(message) for message in self.messages],
        )


def message_fact(message: Message) -> MessageFact:
    return MessageFact(
        step=message.step,
        run_id=message.run_id,
        channel=message.channel,
        outcome=message.outcome,
        times=message.times,
    )


async def load(
    connection: AsyncConnection, customer_ids: Collection[str], needs: Needs, now: datetime
) -> dict[str, Known]:
    """The facts that `needs` names, for every one of these customers. At most three statements."""
    known = {customer_id: Known() for customer_id in customer_ids}
    if not customer_ids:
        return known
    if needs.event_names:
        windows: Sequence[Any] = [needs.windows.get(name) for name in needs.event_names]
        since = now - max(windows) if all(window is not None for window in windows) else None
        for row in await customers.events_of(connection, customer_ids, needs.event_names, since):
            fact = EventFact(row.name, row.event_time, row.seq, row.properties)
            known[row.customer_id].events.append(fact)
    if needs.consents:
        for customer_id, consents in (await customers.consents(connection, customer_ids, now)).items():
            known[customer_id].consents.update(consents)
    if needs.messages:
        for customer_id, messages in (await ledger.of_customers(connection, customer_ids)).items():
            known[customer_id].messages.extend(messages)
    return known
