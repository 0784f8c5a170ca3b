"""Customers for tests: the same person as rows of the database and as facts in memory."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.catalog.interests.interests import Interest, fold, ticks_of
from journeyman.catalog.interests.repository import add_interests
from journeyman.catalog.tables import ProductCategory
from journeyman.channels.suppressions import address_digest
from journeyman.channels.tables import Message, Suppression
from journeyman.customers.scoring.definition import ScoreModel, read_model
from journeyman.customers.scoring.rfm import Cuts
from journeyman.customers.scoring.scores import Accumulator, State
from journeyman.customers.scoring.standing import Standing, Yardsticks, kept_states
from journeyman.customers.scoring.tables import RfmCuts, ScoreModelRow
from journeyman.customers.segments.tables import Membership
from journeyman.customers.tables import Consent, Customer, Event
from journeyman.intelligence.predictions.tables import Prediction
from journeyman.journeys.reach.repository import keep
from journeyman.journeys.records.records import Recorded
from journeyman.journeys.tables import Run
from journeyman.language.evaluation import EventFact, Facts, MessageFact
from journeyman.language.facts import RunFact, by_name
from journeyman.language.instants import microseconds

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = b"a key of digests"
DAY = 86_400_000_000
NOON_US = microseconds(NOON)
CUTS = Cuts((1.0, 7.0, 30.0, 90.0), (1.0, 1.5, 2.0, 9.0), (-1.0, 0.0, 1.5, 100.0))


def _model(key: str, rules: list[dict[str, Any]], **more: Any) -> ScoreModel:
    return read_model({"score": key, "rules": rules, **more})


MODELS = {
    "leads": _model(
        "leads",
        [
            {"event": "Viewed", "points": 4, "category": "web", "cap": 5},
            {"event": "Bought", "points": 10.5},
            {"event": "Complained", "points": -3, "category": "web"},
            {"when": {"attribute": "flag", "equals": True}, "points": 2, "category": "fit"},
        ],
        half_life="1d",
    ),
    "still": _model("still", [{"event": "Viewed", "points": 1}]),
}
YARDSTICKS = Yardsticks(MODELS, CUTS)
PRODUCTS = ("runner", "boot", "cap", "stray")
SHELVES = {"runner": {"Shoes", "Shoes/Running"}, "boot": {"Shoes"}, "cap": {"Hats"}}
MAILBOXES = ("ann@example.com", "Ann@Example.com ", "bob@example.com", "eve@example.com", "nobody@", "")
NUMBERS_OF_PHONES = ("+48 600 100 200", "+48600100300", "12")
SUPPRESSED = {("email", "bob@example.com"): KEY, ("email", "eve@example.com"): b"", ("sms", "+48600100300"): KEY}
"""Addresses that are not written to, with what keys their digests."""
REFUSALS = ("failed", "no_consent", "suppressed", "unreachable")
FATES = ("sent", "delivered", "opened", "clicked", "bounced", "complained", "unsubscribed")


@dataclass(frozen=True)
class Mail:
    step: str = "remind"
    channel: str = "email"
    outcome: str | None = None
    reserved: datetime = NOON
    fates: dict[str, datetime] = field(default_factory=dict)

    @property
    def times(self) -> dict[str, datetime]:
        return self.fates if self.outcome is None else {**self.fates, self.outcome: self.reserved}


@dataclass(frozen=True)
class Stay:
    """A run; it is live as long as it has not ended."""

    journey: str = "welcome"
    entered: datetime = NOON
    ended: datetime | None = None
    outcome: str = "completed"


@dataclass(frozen=True)
class Person:
    attributes: dict[str, Any] = field(default_factory=dict)
    events: tuple[tuple[str, datetime, dict[str, Any]], ...] = ()
    consents: dict[str, str] = field(default_factory=dict)
    consent_ends: dict[str, datetime] = field(default_factory=dict)
    mails: tuple[Mail, ...] = ()
    merged: bool = False
    computed: dict[str, Any] = field(default_factory=dict)
    segments: tuple[str, ...] = ()
    scores: dict[str, State] = field(default_factory=dict)
    stays: tuple[Stay, ...] = ()
    dealings: tuple[tuple[str, str, datetime], ...] = ()
    predictions: dict[str, float] = field(default_factory=dict)

    @property
    def documents(self) -> dict[str, Any]:
        """What the profile keeps for scores."""
        return {key: state.document() for key, state in self.scores.items()}

    @property
    def interests(self) -> list[Interest]:
        """What her dealings with products come to."""
        lines = [
            Interest(product, "viewed" if kind == "viewed" else "bought", 1, 0, at, at, (ticks_of(at),), None)
            for product, kind, at in self.dealings
        ]
        return list(fold(("", line) for line in lines).values())

    def facts(self, now: datetime = NOON) -> Facts:
        return Facts(
            now=now,
            attributes=self.attributes,
            events=by_name(
                EventFact(name, at, seq, properties) for seq, (name, at, properties) in enumerate(self.events)
            ),
            consents=self.consents,
            consent_ends=self.consent_ends,
            computed=self.computed,
            segments=self.segments,
            standings=Standing(YARDSTICKS, kept_states(self.documents), self.computed, now),
            records=Recorded(
                [_run_fact(stay) for stay in self.stays],
                self.interests,
                SHELVES,
                SUPPRESSED.keys(),
                list(self.predictions.items()),
            ),
            messages=[MessageFact(mail.step, "run", mail.channel, mail.outcome, mail.times) for mail in self.mails],
        )


def _run_fact(stay: Stay) -> RunFact:
    return RunFact(str(id(stay)), stay.journey, stay.entered, stay.ended, stay.outcome if stay.ended else None)


async def store(connection: AsyncConnection, people: list[Person]) -> list[str]:
    """Writes everybody down; the ids, in the order of `people`."""
    ids = [f"c{index:04}" for index in range(len(people))]
    everybody = list(zip(ids, people, strict=True))
    rows: dict[type, list[dict[str, Any]]] = {
        Customer: [_customer(key, person) for key, person in everybody],
        Event: [row for key, person in everybody for row in _events(key, person)],
        Consent: [row for key, person in everybody for row in _consents(key, person)],
        Membership: [
            {"segment_key": segment, "customer_id": key, "since": NOON}
            for key, person in everybody
            for segment in person.segments
        ],
        Message: [row for key, person in everybody for row in _messages(key, person)],
        Run: [row for key, person in everybody for row in _runs(key, person)],
        ProductCategory: [
            {"path": path, "product_id": product, "depth": 1 + path.count("/")}
            for product, paths in SHELVES.items()
            for path in paths
        ],
        Suppression: [
            {
                "channel": channel,
                "address_digest": address_digest(channel, address, key),
                "reason": "a test",
                "at": NOON,
            }
            for (channel, address), key in SUPPRESSED.items()
        ],
        Prediction: [row for key, person in everybody for row in _predictions(key, person)],
        ScoreModelRow: [_model_row(model) for model in MODELS.values()],
        RfmCuts: [_cuts_row(CUTS)],
    }
    for number, row in enumerate(rows[Event]):
        row |= {"seq": number, "message_id": f"m{number}"}
    for number, row in enumerate(rows[Message]):
        row["id"] = f"msg{number}"
    for number, row in enumerate(rows[Run]):
        row |= {"id": f"run{number}", "correlation": str(number), "workflow_id": f"journey/{number}"}
    for table, several in rows.items():
        if several:
            await connection.execute(insert(table), several)
    await keep(connection, {key: person.attributes for key, person in everybody}, KEY)
    await add_interests(connection, [(key, one) for key, person in everybody for one in person.interests])
    return ids


def _model_row(model: ScoreModel) -> dict[str, Any]:
    plain = {"key": model.key, "basis": model.basis, "rebuilt_to": None, "updated_at": NOON}
    return {**plain, "document": model.document()}


def _cuts_row(cuts: Cuts) -> dict[str, Any]:
    points = {"recency": cuts.recency, "frequency": cuts.frequency, "monetary": cuts.monetary}
    return {"id": "workspace", "own": True, "customers": 0, "cells": [], "computed_at": NOON, **points}


def _customer(key: str, person: Person) -> dict[str, Any]:
    survivor = "c9999" if person.merged else None
    times = {"created_at": NOON, "updated_at": NOON}
    documents = {"attributes": person.attributes, "computed": person.computed, "scores": person.documents}
    return {"id": key, "merged_into": survivor, **documents, **times}


def _events(key: str, person: Person) -> list[dict[str, Any]]:
    shared = {"customer_id": key, "type": "track", "received_at": NOON, "context": {}}
    return [
        {**shared, "name": name, "event_time": at, "properties": properties} for name, at, properties in person.events
    ]


def _consents(key: str, person: Person) -> list[dict[str, Any]]:
    return [
        {
            "customer_id": key,
            "subject": subject,
            "status": status,
            "changed_at": NOON,
            "expires_at": person.consent_ends.get(subject) if status == "yes" else None,
        }
        for subject, status in person.consents.items()
    ]


def _messages(key: str, person: Person) -> list[dict[str, Any]]:
    shared = {"run_id": "run", "visit": 1, "journey_key": "j", "version": 1, "customer_id": key, "topic": "marketing"}
    return [
        {
            **shared,
            "step": mail.step,
            "channel": mail.channel,
            "template_key": "t",
            "state": "refused" if mail.outcome else "sent",
            "outcome": mail.outcome,
            "reserved_at": mail.reserved,
            **{f"{fate}_at": mail.fates.get(fate) for fate in FATES},
        }
        for mail in person.mails
    ]


def _predictions(key: str, person: Person) -> list[dict[str, Any]]:
    shared = {"customer_id": key, "n": 1000, "model": "m1", "trained_at": NOON, "at": NOON}
    return [{**shared, "key": kind, "value": value} for kind, value in person.predictions.items()]


def _runs(key: str, person: Person) -> list[dict[str, Any]]:
    shared = {"version": 1, "definition_hash": "", "customer_id": key, "entered_seq": 0, "entry": {}, "context": {}}
    where = {"step": None, "visit": 0, "until": None, "released": None, "goal_until": None}
    return [
        {
            **shared,
            **where,
            "journey_key": stay.journey,
            "state": "live" if stay.ended is None else "ended",
            "outcome": None if stay.ended is None else stay.outcome,
            "entered_at": stay.entered,
            "ended_at": stay.ended,
            "arrived_at": stay.entered,
        }
        for stay in person.stays
    ]


def crowd(size: int, *, seed: int) -> list[Person]:
    """Customers who do much and are written to often, so that every condition finds both answers among them."""
    dice = random.Random(seed)
    return [_somebody(dice) for _ in range(size)]


def _somebody(dice: random.Random) -> Person:
    return Person(
        attributes={**_document(dice), **_address(dice)},
        events=tuple(_event(dice) for _ in range(dice.randrange(8))),
        consents={
            subject: dice.choice(("yes", "no", "yes", "pending"))
            for subject in ("email", "sms", "marketing")
            if dice.random() < 0.6
        },
        predictions={key: dice.choice((0, 0.1, 0.3, 0.5, 1)) for key in ("purchase", "value") if dice.random() < 0.7},
        mails=tuple(_mail(dice) for _ in range(dice.randrange(4))),
        merged=dice.random() < 0.1,
        computed={**_document(dice), **_orders(dice), "favourite_device": dice.choice(("mobile", "tablet", None))},
        scores=_scores(dice),
        segments=tuple(key for key in ("vip", "lost") if dice.random() < 0.5),
        dealings=tuple(
            (dice.choice(PRODUCTS), dice.choice(("viewed", "bought")), _when(dice)) for _ in range(dice.randrange(14))
        ),
        stays=tuple(_stay(dice) for _ in range(dice.randrange(4))),
        consent_ends={"email": NOON + timedelta(days=dice.choice((-1, 0, 1)))} if dice.random() < 0.3 else {},
    )


def _address(dice: random.Random) -> dict[str, Any]:
    spots = ("PL", "pl", "Pl", "Riga", "LV", "", 1, None)
    found: dict[str, Any] = {name: dice.choice(spots) for name in ("country", "city", "region") if dice.random() < 0.7}
    inner = {name: dice.choice(spots) for name in ("country", "city", "state", "region") if dice.random() < 0.6}
    found |= {"email": dice.choice(MAILBOXES)} if dice.random() < 0.8 else {}
    found |= {"phone": dice.choice(NUMBERS_OF_PHONES)} if dice.random() < 0.8 else {}
    return {**found, "address": inner} if dice.random() < 0.7 else found


def _orders(dice: random.Random) -> dict[str, Any]:
    days = dice.choice((0, 1, 1, 6, 7, 8, 30, 90, 91, 179, 180, 181))
    last = NOON - timedelta(days=days, microseconds=dice.choice((0, 0, 1, -1)))
    found = {"orders": dice.choice((0, 1, 2, 3, 10)), "revenue": dice.choice((-5, 0, 1.5, 20, 500, None))}
    return {**found, "last_order_at": last.isoformat()} if dice.random() < 0.8 else {}


def _scores(dice: random.Random) -> dict[str, State]:
    return {key: some_state(dice, model) for key, model in MODELS.items() if dice.random() < 0.8}


def some_state(dice: random.Random, model: ScoreModel) -> State:
    """What may be kept of somebody for a score."""
    events = {
        place: Accumulator(rule.points * dice.choice((0.5, 1, 2.25)), NOON_US - dice.choice((-DAY, 0, DAY, 3 * DAY)), 1)
        for place, rule in model.event_rules.items()
        if dice.random() < 0.7
    }
    return State(model.basis, events, frozenset(place for place in model.condition_rules if dice.random() < 0.5))


def _document(dice: random.Random) -> dict[str, Any]:
    words, numbers = ("", "a", "ab", "b", "\u00fc"), (0, 1, -1, 1.0, 1.5, 2.5, 10)
    document = {
        "text": dice.choice(words),
        "\u00fc": dice.choice((*words, 1, None)),
        "number": dice.choice((*numbers, "1")),
        "first name": dice.choice((*numbers, True)),
        "flag": dice.choice((True, False, "true", 1)),
        "when": _when(dice).isoformat().replace("+00:00", dice.choice(("Z", "+00:00", ""))),
        "tags": [dice.choice((*words, *numbers, True)) for _ in range(dice.randrange(4))],
        "deep": dice.choice(({"x": dice.choice(words)}, {"x": dice.choice(numbers)}, {}, "x", [{"x": 1}])),
    }
    return {name: value for name, value in document.items() if dice.random() < 0.9}


def _event(dice: random.Random) -> tuple[str, datetime, dict[str, Any]]:
    amount = dice.choice((dice.randrange(-5, 20), dice.randrange(3000) / 100, "12", None))
    name = dice.choice(("Viewed", "Viewed", "Bought", "Order Completed"))
    return name, _when(dice), {**_document(dice), "amount": amount}


def _mail(dice: random.Random) -> Mail:
    return Mail(
        step=dice.choice(("remind", "thank")),
        channel=dice.choice(("email", "sms")),
        outcome=dice.choice((None, *REFUSALS)),
        reserved=_when(dice),
        fates={fate: _when(dice) for fate in FATES if dice.random() < 0.4},
    )


def _stay(dice: random.Random) -> Stay:
    ended = _when(dice) if dice.random() < 0.6 else None
    return Stay(dice.choice(("welcome", "cart")), _when(dice), ended, dice.choice(("completed", "exited")))


def _when(dice: random.Random) -> datetime:
    days = dice.choice((0, 0, 1, -1, -6, -7, -8, -30, 7))
    return NOON + timedelta(days=days, hours=dice.choice((0, 0, 1, -1)), microseconds=dice.choice((0, 0, 1, -1)))
