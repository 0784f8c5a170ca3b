"""Learning at which hours customers answer (O1): every night their own hours, once a week what holds of them all."""

import math
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers import repository as customers
from journeyman.customers.zones import place_of
from journeyman.intelligence.apart import apart
from journeyman.intelligence.registry.repository import Model
from journeyman.intelligence.send_times import repository as send_times
from journeyman.intelligence.send_times.learnt import MODEL, Everybody
from journeyman.intelligence.send_times.model import Fit, History, Measured, Own, Totals, learn, own_of, rates_of
from journeyman.journeys.learning import repository
from journeyman.journeys.learning.learner import Learnt, ModelCard, Trained
from journeyman.journeys.learning.repository import Sent
from journeyman.kit.database import Database

LOOKED_BACK: Final = timedelta(weeks=16)
HALF_LIFE: Final = timedelta(weeks=8)
"""After so long an hour in which somebody was there counts half."""
TRAINED_EVERY: Final = timedelta(days=6, hours=12)
"""Once a week, whatever the night's clock does."""
LEAST_MESSAGES: Final = 1_000
LEAST_CLICKS: Final = 100
"""Adobe asks for a month of messages, Insider for 1,000 delivered; clicks are what is learnt from."""
LEAST_OF_A_ZONE: Final = 5_000
"""Messages to customers of a time zone, for it to have hours of its own."""
LEAST_OWN: Final = 3
"""Clicks and hours of visits, below which nothing is known of a customer."""
MOST_STUDIED: Final = 5_000
"""Customers by whom it is found how far own figures are to be believed."""
CHUNK: Final = 200
"""Customers read at a time."""
ANSWERED_WITHIN: Final = timedelta(days=3)
"""A later click says nothing of the hour at which the message came."""
CAUSED: Final = timedelta(hours=1)
"""A visit so soon after a click is the click's, and no visit of its own."""
Told = Mapping[str, tuple[str, History]]
"""By customer her time zone and her history."""


class SendTimes:
    """The learner of send times."""

    key = MODEL
    card = ModelCard(
        "Best send time",
        "At which of the 168 hours of her local week a customer answers, compared with the average hour; used by "
        "`at: best_time` and `wait: {best_time: …}`.",
        "Messages sent in the last 16 weeks with their clicks and human opens, and the hours in which the customer was "
        "on the site or in the app, which count half after 8 weeks. Clicks are compared with what was sent then.",
        f"{LEAST_MESSAGES:,} messages sent and {LEAST_CLICKS} clicked in 16 weeks; of a customer {LEAST_OWN} clicks or "
        "hours of visits. Below it nobody has a best hour, and the author's `else` says when to send.",
        "The hours of all customers together. Where own hours do not foretell clicks better than those, beyond what "
        "chance explains, nobody has own hours.",
        "Customers whose days change (shift work, holidays); messages whose matter sets the hour (a parcel at the "
        "door); workspaces that have always sent at the same hour learn the others from 5 messages in 100 only.",
    )

    def __init__(self, database: Database, zone: str) -> None:
        self.database = database
        self.zone = zone

    async def learn(self, now: datetime, current: Model | None) -> Learnt:
        since = now - LOOKED_BACK
        async with self.database.reading() as connection:
            messages, clicks, people = await repository.sent_in_all(connection, since, now)
        if messages < LEAST_MESSAGES or clicks < LEAST_CLICKS:
            await self._forget(current)
            return Learnt(_too_little(messages, clicks), messages, enough=False)
        if current is not None and current.trained_at > now - TRAINED_EVERY:
            written = await self._write(Everybody.from_json(current.artefact), current.name, now)
            return Learnt(f"{written:,} customers have hours of their own", messages)
        everybody, measured = await self._train(now, people)
        written = await self._write(everybody, f"{MODEL}/{now:%Y-%m-%d}", now)
        quality = {"log_loss": round(measured.own, 6), "foretold": measured.n}
        baseline = {"log_loss": round(measured.everybody, 6), "log_loss_flat": round(measured.flat, 6)}
        return Learnt(
            _words(everybody.fit, measured, written), messages, trained=Trained(everybody.to_json(), quality, baseline)
        )

    async def _forget(self, current: Model | None) -> None:
        if current is not None:
            async with self.database.transaction() as connection:
                await send_times.clear(connection)

    async def _train(self, now: datetime, people: int) -> tuple[Everybody, Measured]:
        """What holds of all customers; some of them, spread over all, are studied one by one."""
        totals: dict[str, Totals] = defaultdict(Totals)
        studied: list[History] = []
        each = max(people // MOST_STUDIED, 1)
        seen = 0
        async for told in self._histories(now):
            for zone, history in told.values():
                totals[zone].add(history)
                if history.sends:
                    seen += 1
                    if seen % each == 0 and len(studied) < MOST_STUDIED:
                        studied.append(history)
        whole = Totals()
        for one in totals.values():
            whole.merge(one)
        fit, measured = await apart(learn, studied, whole)
        zones = {zone: rates_of(one) for zone, one in totals.items() if one.n >= LEAST_OF_A_ZONE and len(totals) > 1}
        return Everybody(fit, zones), measured

    async def _write(self, everybody: Everybody, model: str, now: datetime) -> int:
        """Give every customer of whom something is known her own hours; returns how many those are."""
        written = 0
        async for told in self._histories(now):
            own = {customer: found for customer, one in told.items() if (found := _own(everybody, one)) is not None}
            async with self.database.transaction() as connection:
                await send_times.save(connection, list(told), own, model, now)
            written += len(own)
        return written

    async def _histories(self, now: datetime) -> AsyncIterator[Told]:
        """Everybody's history, some customers at a time."""
        after = ""
        while True:
            async with self.database.reading() as connection:
                ids = await customers.ids_after(connection, after, CHUNK)
                if not ids:
                    return
                told = await self._read(connection, ids, now)
            after = ids[-1]
            yield told

    async def _read(self, connection: AsyncConnection, ids: Collection[str], now: datetime) -> Told:
        since = now - LOOKED_BACK
        sent = await repository.sent_to(connection, ids, since, now)
        there = await repository.hours_there(connection, ids, since, now)
        profiles = await customers.attributes_of_many(connection, ids)
        found = {}
        for customer_id in ids:
            place = place_of(profiles.get(customer_id, {}), None, self.zone)
            history = history_of(sent.get(customer_id, []), there.get(customer_id, []), place.zone, now)
            found[customer_id] = (place.zone.key, history)
        return found


def history_of(sent: Collection[Sent], there: Collection[datetime], zone: ZoneInfo, now: datetime) -> History:
    """A customer's history by the hours of her local week.

    An open or a click tells that she was there, whenever the message was sent. A visit that a click led to is none of
    its own: it would tell of the hour at which we wrote.
    """
    history = History()
    clicked = [one.clicked_at for one in sent if one.clicked_at is not None]
    caused = {at.replace(minute=0, second=0, microsecond=0) for click in clicked for at in (click, click + CAUSED)}
    for one in sent:
        in_time = one.clicked_at is not None and one.clicked_at - one.at <= ANSWERED_WITHIN
        history.sends.append((cell_of(one.at, zone), in_time))
    looked = {at.replace(minute=0, second=0, microsecond=0) for at in clicked}
    looked |= {one.opened_at.replace(minute=0, second=0, microsecond=0) for one in sent if one.opened_at is not None}
    # At the hour of sending itself an answer says nothing that the message's own figure does not.
    looked -= {one.at.replace(minute=0, second=0, microsecond=0) for one in sent}
    for hour in (set(there) - caused) | looked:
        cell = cell_of(hour, zone)
        history.active[cell] = history.active.get(cell, 0.0) + _weight(now - hour)
    return history


def cell_of(at: datetime, zone: ZoneInfo) -> int:
    """The hour of the local week, from Monday midnight."""
    local = at.astimezone(zone)
    return local.weekday() * 24 + local.hour


def _weight(age: timedelta) -> float:
    return math.pow(0.5, max(age, timedelta(0)) / HALF_LIFE)


def _own(everybody: Everybody, told: tuple[str, History]) -> tuple[Own, int] | None:
    """A customer's own hours, and from how much they were learnt; None where nothing is known of her."""
    zone, history = told
    known = sum(clicked for _, clicked in history.sends) + len(history.active)
    if everybody.fit.alpha is None or known < LEAST_OWN:
        return None
    fit = Fit(
        everybody.rates(zone),
        everybody.fit.there,
        everybody.fit.there_days,
        everybody.fit.alpha,
        everybody.fit.gamma,
        everybody.fit.m,
    )
    return own_of(fit, history), known


def _too_little(messages: int, clicks: int) -> str:
    return (
        f"not enough data: needs {LEAST_MESSAGES:,} messages sent and {LEAST_CLICKS} of them clicked in 16 weeks, "
        f"has {messages:,} and {clicks:,}"
    )


def _words(fit: Fit, measured: Measured, written: int) -> str:
    if fit.alpha is None:
        return f"own hours foretell clicks no better than everybody's ({measured.n:,} messages looked at)"
    gain = (measured.everybody - measured.own) / measured.everybody
    return f"{written:,} customers have hours of their own, which foretell clicks better by {gain:.1%} of the log loss"
