"""Learning how customers answer on each channel (O2): what holds of all of them; her own is read as she is sent to."""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from journeyman.customers import repository as customers
from journeyman.intelligence.channel_choice import LOADS, Moments, Prior, Seen, load_of
from journeyman.intelligence.registry.repository import Model
from journeyman.journeys.contact.best_channel import LATELY, LOOKED_BACK, MATURES, MODEL
from journeyman.journeys.learning import repository
from journeyman.journeys.learning.learner import Learnt, ModelCard, Trained
from journeyman.journeys.learning.repository import Sent
from journeyman.kit.database import Database

LEAST_MESSAGES: Final = 1_000
LEAST_CLICKS: Final = 100
"""Of a channel; Insider asks for as much of text messages."""
LEAST_CUSTOMERS: Final = 100
LEAST_CHANNELS: Final = 2
CHUNK: Final = 500
HELD_OUT: Final = 4
"""One message in so many of each customer, the latest, is foretold to measure the model."""


class BestChannel:
    """The learner of how all customers answer on each channel."""

    key = MODEL
    card = ModelCard(
        "Next best channel",
        "How probable it is that a customer clicks the next message of a channel; used by `best_channel`.",
        "Messages sent in the last 180 days, until yesterday, and whether they were clicked; how many of the channel "
        "had come in the week before.",
        f"{LEAST_MESSAGES:,} messages to {LEAST_CUSTOMERS} customers and {LEAST_CLICKS} clicks on each channel. With "
        "less on one of the channels that a step names, its author's order holds.",
        "The rate of the channel over all customers.",
        "A click is all that counts: a message that is read and not clicked is worth nothing to it. What a message "
        "says is not known to it, nor that some messages are only for the phone.",
    )

    def __init__(self, database: Database, zone: str) -> None:
        self.database = database
        self.zone = zone

    async def learn(self, now: datetime, current: Model | None) -> Learnt:
        """Learn anew every night: one look at the messages to count, one for tiredness and the measures."""
        del current
        moments: dict[str, Moments] = defaultdict(Moments)
        async for of_channel in self._messages(now):
            for channel, sent in of_channel:
                moments[channel].add(len(sent), sum(one.clicked_at is not None for one in sent))
        known = {channel: one for channel, one in moments.items() if _is_enough(one)}
        n = sum(one.sent for one in moments.values())
        if len(known) < LEAST_CHANNELS:
            return Learnt(_too_little(moments), n, enough=False)
        priors = {channel: one.prior() for channel, one in known.items()}
        loss = _Loss()
        async for of_channel in self._messages(now):
            for channel, sent in of_channel:
                if channel in known:
                    _tire(known[channel], priors[channel], sent)
                    loss.add(priors[channel], known[channel].rate, sent)
        learnt = {channel: one.prior().to_json() for channel, one in known.items()}
        quality, baseline = loss.means()
        words = f"{', '.join(sorted(known))}: {n:,} messages, {baseline - quality:+.5f} of the squared error gained"
        measured = {"brier": round(quality, 6), "foretold": loss.n}
        return Learnt(words, n, trained=Trained(learnt, measured, {"brier": round(baseline, 6)}))

    async def _messages(self, now: datetime) -> AsyncIterator[list[tuple[str, list[Sent]]]]:
        """(channel, what one customer was sent on it, oldest first), some customers at a time."""
        after = ""
        while True:
            async with self.database.reading() as connection:
                ids = await customers.ids_after(connection, after, CHUNK)
                if not ids:
                    return
                sent = await repository.sent_to(connection, ids, now - LOOKED_BACK, now - MATURES)
            after = ids[-1]
            yield [pair for one in sent.values() for pair in _by_channel(one).items()]


def _by_channel(sent: Sequence[Sent]) -> dict[str, list[Sent]]:
    found: dict[str, list[Sent]] = defaultdict(list)
    for one in sent:
        found[one.channel].append(one)
    return found


def _is_enough(one: Moments) -> bool:
    return one.sent >= LEAST_MESSAGES and one.clicked >= LEAST_CLICKS and one.customers >= LEAST_CUSTOMERS


def _tire(moments: Moments, prior: Prior, sent: Sequence[Sent]) -> None:
    """Note what one customer did after how many messages of the week before, beside what she does on the whole."""
    clicked = sum(one.clicked_at is not None for one in sent)
    share = min(1.0, len(LOADS) * 10 / len(sent))
    chance = prior.chance(Seen(len(sent), clicked))
    for place, one in enumerate(sent):
        lately = sum(one.at - before.at <= LATELY for before in sent[max(place - LOADS[-1], 0) : place])
        moments.clicks_by_load[load_of(lately)] += share * (one.clicked_at is not None)
        moments.expected_by_load[load_of(lately)] += share * chance


class _Loss:
    """The squared error of customers' latest messages, foretold from those before by the model and by the rate."""

    def __init__(self) -> None:
        self.n = 0
        self.own = self.everybody = 0.0

    def add(self, prior: Prior, rate: float, sent: Sequence[Sent]) -> None:
        late = len(sent) // HELD_OUT
        if late == 0:
            return
        before = sent[:-late]
        chance = prior.chance(Seen(len(before), sum(one.clicked_at is not None for one in before)))
        for one in sent[-late:]:
            clicked = one.clicked_at is not None
            self.own += (chance - clicked) ** 2
            self.everybody += (rate - clicked) ** 2
        self.n += late

    def means(self) -> tuple[float, float]:
        return self.own / max(self.n, 1), self.everybody / max(self.n, 1)


def _too_little(moments: Mapping[str, Moments]) -> str:
    has = ", ".join(f"{channel} {one.sent:,} and {one.clicked:,}" for channel, one in sorted(moments.items()))
    return (
        f"not enough data: needs {LEAST_MESSAGES:,} messages and {LEAST_CLICKS} clicks on each of "
        f"{LEAST_CHANNELS} channels in 180 days, has {has or 'none'}"
    )
