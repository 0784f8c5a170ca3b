"""What is known of customers, brought from the stores for the conditions that are going to be judged."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.ledger import repository as ledger
from journeyman.channels.ledger.messages import Message
from journeyman.customers import repository as customers
from journeyman.customers.consent import ConsentState
from journeyman.customers.consents import repository as consents
from journeyman.language.facts import EventFact, Facts, MessageFact
from journeyman.language.needs import Needs


@dataclass(slots=True)
class Known:
    """One customer's stored facts; intake adds to them as it goes through a batch."""

    events: dict[str, list[EventFact]] = field(default_factory=lambda: defaultdict(list))
    consents: dict[str, str] = field(default_factory=dict)
    consent_ends: dict[str, datetime] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)

    def facts(
        self,
        attributes: Mapping[str, Any],
        now: datetime,
        *,
        computed: Mapping[str, Any] | None = None,
        segments: Collection[str] = (),
        tallies: Callable[[str], tuple[int, int, int] | None] | None = None,
    ) -> Facts:
        """The customer at `now`; `tallies` where they stand for the events that were not loaded."""
        return Facts(
            now=now,
            attributes=attributes,
            events=self.events,
            consents=self.consents,
            consent_ends=self.consent_ends,
            messages=[message_fact(message) for message in self.messages],
            computed=computed or {},
            segments=segments,
            tallies=tallies,
        )

    def hear(self, said: Mapping[str, ConsentState], now: datetime) -> None:
        """Take in what stands of consent, by subject."""
        self.consents = {subject: state.read_at(now) for subject, state in said.items()}
        ends = {subject: state.expires_at for subject, state in said.items()}
        self.consent_ends = {subject: end for subject, end in ends.items() if end is not None}

    def join(self, theirs: Self) -> None:
        """These facts and those of a profile that is merged into this one; a refusal of either stands (L1)."""
        for name, events in theirs.events.items():
            self.events[name] = sorted([*self.events[name], *events], key=lambda fact: (fact.at, fact.seq))
        ends = {subject: end for subject, end in theirs.consent_ends.items() if subject not in self.consents}
        self.consent_ends = {**ends, **self.consent_ends}
        refused = {subject: "no" for subject, status in theirs.consents.items() if status == "no"}
        self.consents = {**theirs.consents, **self.consents, **refused}
        self.messages = sorted([*self.messages, *theirs.messages], key=lambda message: message.reserved_at)


def message_fact(message: Message) -> MessageFact:
    return MessageFact(
        step=message.step,
        run_id=message.run_id,
        channel=message.channel,
        outcome=message.outcome,
        times=message.times,
    )


async def load(
    connection: AsyncConnection,
    customer_ids: Collection[str],
    needs: Needs,
    now: datetime,
    untallied: Collection[str] | None = None,
) -> dict[str, Known]:
    """The facts that `needs` names, for every one of these customers. At most four statements.

    For those in `untallied`, everybody by default, the events come too for which a tally would be enough.
    """
    known = {customer_id: Known() for customer_id in customer_ids}
    if not customer_ids:
        return known
    plain = set(customer_ids) if untallied is None else set(untallied)
    await _load_events(connection, known, plain, needs.events, now)
    await _load_events(connection, known, known.keys() - plain, needs.windows, now)
    if needs.consents:
        for customer_id, said in (await consents.states(connection, customer_ids)).items():
            known[customer_id].hear(said, now)
    if needs.messages:
        for customer_id, messages in (await ledger.of_customers(connection, customer_ids)).items():
            known[customer_id].messages.extend(messages)
    return known


async def _load_events(
    connection: AsyncConnection,
    known: Mapping[str, Known],
    customer_ids: Collection[str],
    windows: Mapping[str, timedelta | None],
    now: datetime,
) -> None:
    if not customer_ids or not windows:
        return
    spans = [window for window in windows.values() if window is not None]
    since = now - max(spans) if len(spans) == len(windows) else None
    for row in await customers.events_of(connection, list(customer_ids), list(windows), since):
        events = known[row.customer_id].events[row.name]
        events.append(EventFact(row.name, row.event_time, row.seq, row.properties))
