"""A backtest plays what customers really did again, with a journey that was not there."""

from datetime import timedelta
from typing import Any

from journeyman.bootstrap import simulation
from journeyman.kit.database import Database
from journeyman.simulation.backtest import Backtest, backtest
from journeyman.simulation.stock import Stock
from tests.builders import NOON, Shop, incoming, journey

DAY = timedelta(days=1)
STEPS: list[dict[str, Any]] = [
    {"id": "pause", "wait": {"for": "1d"}},
    {"id": "mail", "send": {"channel": "email", "template": "hello"}},
]
EXIT = [{"on": "event", "event": "Order Completed", "outcome": "bought"}]
GOLD = {"attribute": "plan", "equals": "gold"}


def draft(**entry: Any) -> dict[str, Any]:
    return journey("cart", entry={"on": "event", "event": "Product Added", **entry}, exit=EXIT, steps=STEPS)


async def a_month(database: Database) -> Shop:
    """Ann adds and waits, bob adds and buys, cid adds too early, dora never agreed; ann was of plan gold back then."""
    shop = Shop(database)
    shop.clock.at = NOON - 40 * DAY
    for name, consent in (("ann", "yes"), ("bob", "yes"), ("cid", "yes"), ("dora", "no")):
        await shop.introduce(name, consent=consent, plan="gold" if name == "ann" else "free")
    for days, name, event in (
        (35, "cid", "Product Added"),
        (20, "ann", "Product Added"),
        (20, "bob", "Product Added"),
        (19.5, "bob", "Order Completed"),
        (12, "dora", "Product Added"),
    ):
        shop.clock.at = NOON - days * DAY
        await shop.accept(incoming(event, name, at=shop.clock.at))
    shop.clock.at = NOON - 5 * DAY
    await shop.accept(incoming("Identified", "ann", kind="identify", at=shop.clock.at, traits={"plan": "free"}))
    shop.clock.at = NOON
    return shop


async def play(database: Database, document: dict[str, Any], *, limit: int = 100) -> Backtest:
    return await backtest(database, simulation, document, Stock(), NOON, days=30, limit=limit)


async def test_everybody_does_again_what_she_did(database: Database) -> None:
    await a_month(database)
    found = await play(database, draft())
    assert (found.concerned, found.played, sum(found.entries.values())) == (3, 3, 3)
    assert dict(found.outcomes) == {"completed": 2, "bought": 1}
    assert dict(found.messages) == {((NOON - 19 * DAY).date(), "email"): 1}
    assert dict(found.refused_messages) == {"no_consent": 1}
    assert found.most_in_a_week == 1


async def test_everybody_is_as_she_was_then(database: Database) -> None:
    await a_month(database)
    found = await play(database, draft(audience=GOLD))
    assert (sum(found.entries.values()), dict(found.refusals)) == (1, {"audience": 2})


async def test_a_sample_says_how_many_there_are(database: Database) -> None:
    await a_month(database)
    found = (await play(database, draft(), limit=1)).as_json()
    assert found["customers"] == {"concerned": 3, "played": 1}


async def test_nothing_of_it_stays_in_the_store(database: Database) -> None:
    shop = await a_month(database)
    await play(database, draft())
    assert await shop.runs() == []


async def test_a_no_in_between_counts_from_then_on(database: Database) -> None:
    shop = await a_month(database)
    shop.clock.at = NOON - 19.5 * DAY
    await shop.consent("ann", email="no")
    shop.clock.at = NOON
    found = await play(database, draft())
    assert (sum(found.messages.values()), dict(found.refused_messages)) == (0, {"no_consent": 2})


async def test_a_no_in_between_takes_out_at_once_whom_it_takes_out_in_the_product(database: Database) -> None:
    shop = await a_month(database)
    shop.clock.at = NOON - 19.8 * DAY
    await shop.consent("ann", email="no")
    shop.clock.at = NOON
    gone = {"on": "condition", "when": {"consent": "email", "is": "no"}, "outcome": "said-no"}
    (ann,) = [one for one in (await play(database, {**draft(), "exit": [gone]})).results if one.customer == "ann"]
    assert (ann.outcome, ann.runs[-1].ended_at, ann.messages) == ("said-no", NOON - 19.8 * DAY, [])
