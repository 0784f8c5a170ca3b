"""A backtest: what a draft would have done to the customers whom the store knows, with what they really did."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from journeyman.customers.inbox.events import Incoming
from journeyman.journeys.drafts import checked
from journeyman.kit.database import Database
from journeyman.language.definition import Definition
from journeyman.simulation.cases import BEFORE, Open
from journeyman.simulation.history import Past, consents_of, pasts_of, who_would_enter
from journeyman.simulation.repository import Happened, Said
from journeyman.simulation.results import Result, Sent, result_of
from journeyman.simulation.simulation import Simulation
from journeyman.simulation.stock import Stock, furnish

LOT: Final = 200
"""Customers whose past is read at once."""
TOGETHER: Final = timedelta(minutes=10)
"""Events of different customers within so long are decided in one batch: a timer may be late by as much."""
WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Backtest:
    """What the journey would have done since `begins` to `played` of the `concerned` customers."""

    journey: str
    begins: datetime
    ends: datetime
    concerned: int
    results: Sequence[Result]

    @property
    def played(self) -> int:
        return len(self.results)

    @property
    def entries(self) -> Counter[date]:
        """Runs by the day, in UTC, on which they began."""
        return Counter(run.entered_at.date() for result in self.results for run in result.runs)

    @property
    def refusals(self) -> Counter[str]:
        """Entries that were refused, by reason (E8)."""
        return Counter(code for result in self.results for code in result.refusals)

    @property
    def messages(self) -> Counter[tuple[date, str]]:
        """Messages by day, in UTC, and channel."""
        return Counter((one.at.date(), one.channel) for one in self._sent)

    @property
    def refused_messages(self) -> Counter[str]:
        """Messages that would not have left, by outcome (M1): caps, consent, quiet hours and the others."""
        return Counter(one.outcome for result in self.results for one in result.messages if one.outcome != "sent")

    @property
    def outcomes(self) -> Counter[str]:
        """How the runs ended, `waiting` those that have not."""
        return Counter(
            "waiting" if run.is_live else run.outcome or "" for result in self.results for run in result.runs
        )

    @property
    def most_in_a_week(self) -> int:
        """The most messages that one customer would have got within seven days."""
        return max((_most(result.messages) for result in self.results), default=0)

    @property
    def _sent(self) -> Iterator[Sent]:
        return (one for result in self.results for one in result.messages if one.outcome == "sent")

    def as_json(self) -> dict[str, Any]:
        """All of it as a JSON document, figures only: no customer is named."""
        return {
            "journey": self.journey,
            "begins": self.begins.isoformat(),
            "ends": self.ends.isoformat(),
            "customers": {"concerned": self.concerned, "played": self.played},
            "entered": sum(self.entries.values()),
            "refused": dict(self.refusals),
            "outcomes": dict(self.outcomes),
            "messages": {"sent": sum(self.messages.values()), "refused": dict(self.refused_messages)},
            "most_in_a_week": self.most_in_a_week,
            "days": [
                {"date": day.isoformat(), "entered": self.entries[day], "messages": _on(self.messages, day)}
                for day in sorted({*self.entries, *(day for day, _ in self.messages)})
            ],
        }


async def backtest(
    database: Database, open_: Open, document: object, stock: Stock, now: datetime, *, days: int, limit: int
) -> Backtest:
    """Play the last `days` again for up to `limit` customers, with the journey in place from their beginning.

    Everybody begins as she was then. Raises `InvalidError` where the document cannot be published.
    """
    definition, begins = checked(document), now - timedelta(days=days)
    async with database.reading() as connection:
        ids, concerned = await who_would_enter(connection, definition, begins, limit)
    pasts: list[Past] = []
    for start in range(0, len(ids), LOT):
        async with database.reading() as connection:
            pasts += await pasts_of(connection, ids[start : start + LOT], begins)
    results = await _play(open_, definition, stock, pasts, begins, now)
    return Backtest(definition.journey, begins, now, concerned, results)


async def _play(
    open_: Open, definition: Definition, stock: Stock, pasts: Sequence[Past], begins: datetime, ends: datetime
) -> list[Result]:
    async with open_(begins - BEFORE) as simulation:
        await furnish(simulation, stock, definition)
        for past in pasts:
            await simulation.accept(*(_event(simulation, one) for one in past.before))
        known = [(past.id, past.attributes, consents_of(past.said_before)) for past in pasts]
        await simulation.introduce_all(known)
        await simulation.pass_until(begins)
        await simulation.publish(definition.to_document())
        since: list[Happened | Said] = [one for past in pasts for one in past.since]
        since += [one for past in pasts for one in past.said_since]
        for lot in _lots(sorted(since, key=lambda one: one.at)):
            await _happen(simulation, lot)
        await simulation.pass_until(ends)
        return [await result_of(simulation, past.id, definition.journey, with_story=False) for past in pasts]


def _lots(events: Sequence[Happened | Said]) -> Iterator[list[Happened | Said]]:
    """Events that may be decided in one batch: of customers who are all different, and close together."""
    lot: list[Happened | Said] = []
    there = set[str]()
    for event in events:
        if lot and (event.customer in there or event.at - lot[0].at > TOGETHER):
            yield lot
            lot, there = [], set()
        lot.append(event)
        there.add(event.customer)
    if lot:
        yield lot


async def _happen(simulation: Simulation, lot: Sequence[Happened | Said]) -> None:
    await simulation.pass_until(lot[0].at)
    # What is due between the first and the last is done with the last.
    simulation.clock.at = lot[-1].at
    await simulation.say([(one.customer, one.subject, one.status) for one in lot if isinstance(one, Said)])
    await simulation.accept(*(_event(simulation, one) for one in lot if isinstance(one, Happened)))


def _event(simulation: Simulation, one: Happened) -> Incoming:
    traits: Mapping[str, Any] | None = one.properties if one.type == "identify" else None
    return simulation.event(one.customer, one.name, one.properties, traits, one.at)


def _most(messages: Sequence[Sent]) -> int:
    at = [one.at for one in messages if one.outcome == "sent"]
    return max((sum(first <= other < first + WEEK for other in at) for first in at), default=0)


def _on(messages: Counter[tuple[date, str]], day: date) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for (when, channel), count in messages.items():
        if when == day:
            found[channel] += count
    return dict(found)
