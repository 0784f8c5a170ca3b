"""What is known of customers, brought from the stores for the conditions that are going to be judged."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.ledger import repository as ledger
from journeyman.channels.ledger.messages import Message
from journeyman.customers import repository as customers
from journeyman.customers.consent import ConsentState
from journeyman.customers.consents import repository as consents
from journeyman.customers.scoring import repository as scoring
from journeyman.customers.scoring.rfm import Cuts
from journeyman.customers.scoring.shelf import model_of
from journeyman.customers.scoring.standing import Standing, Yardsticks, kept_states
from journeyman.journeys.records import loading
from journeyman.journeys.records.records import Recorded
from journeyman.language.facts import EventFact, Facts, MessageFact, Standings
from journeyman.language.instants import BEFORE_ALL
from journeyman.language.needs import Needs


@dataclass(slots=True)
class Known:
    """One customer's stored facts; intake adds to them as it goes through a batch."""

    events: dict[str, list[EventFact]] = field(default_factory=lambda: defaultdict(list))
    consents: dict[str, str] = field(default_factory=dict)
    consent_ends: dict[str, datetime] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    scores: Mapping[str, Any] = field(default_factory=dict)
    yardsticks: Yardsticks = field(default_factory=Yardsticks)
    records: Recorded = field(default_factory=Recorded)

    def facts(
        self,
        attributes: Mapping[str, Any],
        now: datetime,
        *,
        computed: Mapping[str, Any] | None = None,
        segments: Collection[str] = (),
        tallies: Callable[[str], tuple[int, int, int] | None] | None = None,
        standings: Standings | None = None,
    ) -> Facts:
        """The customer at `now`.

        `tallies` where they stand for the events that were not loaded, `standings` where scores are other than loaded.
        """
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
            standings=standings or Standing(self.yardsticks, kept_states(self.scores), computed or {}, now),
            records=self.records,
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
        self.records.join(theirs.records)


def message_fact(message: Message) -> MessageFact:
    return MessageFact(
        step=message.step,
        run_id=message.run_id,
        channel=message.channel,
        outcome=message.outcome,
        times=message.times,
        id=message.id,
    )


Wanted = tuple[str, str, datetime]
"""A customer's events of a name since an instant."""
Recall = Callable[[Mapping[str, Known], Sequence[Wanted]], list[Wanted]]
"""Adds the events that somebody remembers, and returns what has to be read."""


async def load(
    connection: AsyncConnection,
    customer_ids: Collection[str],
    needs: Needs,
    now: datetime,
    untallied: Collection[str] | None = None,
) -> dict[str, Known]:
    """The facts that `needs` names, for every one of these customers. At most three statements.

    For those in `untallied`, everybody by default, the events come too for which a tally would be enough.
    """
    return await load_each(connection, [(customer_ids, needs)], now, untallied)


async def load_each(
    connection: AsyncConnection,
    groups: Sequence[tuple[Collection[str], Needs]],
    now: datetime,
    untallied: Collection[str] | None = None,
    recall: Recall | None = None,
) -> dict[str, Known]:
    """As `load`, for groups of customers of whom something else is needed each."""
    known = {customer_id: Known() for customer_ids, _ in groups for customer_id in customer_ids}
    wanted = [one for customer_ids, needs in groups for one in _wanted(customer_ids, needs, now, untallied)]
    if recall is not None:
        wanted = recall(known, wanted)
    for customer_id, name, at, seq, properties in await customers.events_of(connection, wanted):
        known[customer_id].events[name].append(EventFact(name, at, seq, properties))
    speaking = [one for customer_ids, needs in groups if needs.consents for one in customer_ids]
    if speaking:
        for customer_id, said in (await consents.states(connection, speaking)).items():
            known[customer_id].hear(said, now)
    written = [one for customer_ids, needs in groups if needs.messages for one in customer_ids]
    if written:
        for customer_id, messages in (await ledger.of_customers(connection, written)).items():
            known[customer_id].messages.extend(messages)
    await _load_standing(connection, known, groups)
    await loading.load(connection, lambda customer_id: known[customer_id].records, groups)
    return known


async def _load_standing(
    connection: AsyncConnection, known: Mapping[str, Known], groups: Sequence[tuple[Collection[str], Needs]]
) -> None:
    """What scores and RFM are made from, where any of these needs it."""
    measured = [(one, needs) for customer_ids, needs in groups if needs.scores or needs.rfm for one in customer_ids]
    if not measured:
        return
    together = Needs()
    for _, needs in groups:
        together |= needs
    found = await yardsticks(connection, together)
    documents = await scoring.scores(connection, [one for one, _ in measured]) if together.scores else {}
    for customer_id, _ in measured:
        known[customer_id].yardsticks = found
        known[customer_id].scores = documents.get(customer_id, {})


async def yardsticks(connection: AsyncConnection, needs: Needs) -> Yardsticks:
    """The scores and the cut points by which conditions with these needs measure."""
    cuts = await cut_points(connection) if needs.rfm else None
    models = await scoring.models(connection) if needs.scores else []
    return Yardsticks({one.key: model_of(one) for one in models if one.key in needs.scores}, cuts)


async def cut_points(connection: AsyncConnection) -> Cuts | None:
    """The cut points of RFM that are in use, None where there are none yet."""
    stored = await scoring.rfm_cuts(connection)
    return stored.cuts if stored is not None else None


def _wanted(
    customer_ids: Collection[str], needs: Needs, now: datetime, untallied: Collection[str] | None
) -> Iterator[Wanted]:
    """Whose events of which name since when."""
    tallied, plain = _since(needs.windows, now), _since(needs.events, now)
    for customer_id in customer_ids:
        for name, since in plain if untallied is None or customer_id in untallied else tallied:
            yield customer_id, name, since


def _since(windows: Mapping[str, timedelta | None], now: datetime) -> list[tuple[str, datetime]]:
    return [(name, BEFORE_ALL if window is None else now - window) for name, window in windows.items()]
