"""A score that is new, or whose rules are, is made from everybody's past, a few customers at a time."""

from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from journeyman.customers.scoring import repository
from journeyman.customers.scoring.definition import read_model
from journeyman.customers.scoring.scores import add_all, empty, read_state, value
from journeyman.customers.scoring.scoring import Scoring
from journeyman.customers.scoring.shelf import ScoreShelf
from journeyman.customers.tables import InboxEvent
from journeyman.journeys.scoring import ScoreKeeper
from journeyman.kit.database import Database
from journeyman.kit.errors import InvalidError, NotFoundError
from journeyman.language.facts import EventFact
from tests.builders import NOON, Shop, incoming

VIEWS: dict[str, Any] = {
    "half_life": "30d",
    "rules": [
        {"event": "Product Viewed", "points": 4, "category": "browsing"},
        {"event": "Order Completed", "where": {"property": "revenue", "gte": 50}, "points": 20},
        {"when": {"attribute": "plan", "equals": "pro"}, "points": 5, "category": "fit"},
    ],
    "thresholds": [{"at": 10, "name": "ready"}],
}


@pytest.fixture
def shop(database: Database) -> Shop:
    return Shop(database)


@pytest.fixture
def scoring(shop: Shop) -> Scoring:
    return Scoring(shop.database, shop.clock, ScoreShelf())


async def rescore(shop: Shop, chunk: int = 2) -> int:
    """Every step that there is; how many there were."""
    keeper, steps = ScoreKeeper(shop.database, shop.clock, chunk), 0
    while await keeper.step():
        steps += 1
    return steps


async def browse(shop: Shop) -> None:
    """Five customers: who looked, who bought, who is on a plan, and who did nothing that counts."""
    for number in range(5):
        await shop.introduce(f"c{number}", plan="pro" if number == 3 else "free")
    month = NOON - timedelta(days=30)
    views = [incoming("Product Viewed", f"c{number}", at=month) for number in (0, 1, 1)]
    orders = [incoming("Order Completed", "c2", revenue=revenue) for revenue in (49, 50)]
    await shop.accept(*views, *orders, incoming("Slept", "c4"))


async def test_a_new_score_counts_the_past(shop: Shop, scoring: Scoring) -> None:
    await browse(shop)
    assert (await scoring.save("interest", VIEWS)).rebuilding
    assert await rescore(shop) == 3
    top = await scoring.top("interest", 10)
    assert [(one.customer_id, one.value) for one in top.best] == [("c2", 20), ("c3", 5), ("c1", 4), ("c0", 2)]
    assert (top.of, top.kept.rebuilding) == (4, False)
    assert top.best[2].score.reasons[0].text == "2 x Product Viewed: +4, decayed from 8"
    browsing = await scoring.top("interest", 1, "browsing")
    assert [(one.customer_id, one.value) for one in browsing.best] == [("c1", 4)]


async def test_time_changes_who_is_first(shop: Shop, scoring: Scoring) -> None:
    await browse(shop)
    await scoring.save("interest", VIEWS)
    await rescore(shop)
    shop.pass_time(days=90)
    top = await scoring.top("interest", 3)
    assert [(one.customer_id, one.value) for one in top.best] == [("c3", 5), ("c2", 2.5), ("c1", 0.5)]


async def test_other_rules_count_the_past_anew_and_other_names_do_not(shop: Shop, scoring: Scoring) -> None:
    await browse(shop)
    await scoring.save("interest", VIEWS)
    await rescore(shop)
    renamed = {**VIEWS, "name": "Interest", "thresholds": []}
    assert not (await scoring.save("interest", renamed)).rebuilding
    assert await rescore(shop) == 0
    assert (await scoring.save("interest", {**VIEWS, "rules": VIEWS["rules"][:1]})).rebuilding
    assert await rescore(shop, 100) == 1
    assert [one.customer_id for one in (await scoring.top("interest", 10)).best] == ["c1", "c0"]


async def test_a_change_in_the_middle_begins_anew(shop: Shop, scoring: Scoring) -> None:
    await browse(shop)
    await scoring.save("interest", VIEWS)
    keeper = ScoreKeeper(shop.database, shop.clock, 2)
    assert await keeper.step() == 2
    await scoring.save("interest", {**VIEWS, "half_life": "60d"})
    assert await rescore(shop) == 3
    c0 = (await scoring.of_customer("c0")).scores[0][1]
    assert c0.value == pytest.approx(4 * 0.5**0.5, abs=0.01)


async def test_what_is_made_is_what_events_come_to_one_by_one(shop: Shop, scoring: Scoring) -> None:
    await browse(shop)
    await scoring.save("interest", VIEWS)
    await rescore(shop)
    model = read_model({"score": "interest", **VIEWS})
    async with shop.database.reading() as connection:
        document = (await repository.scores(connection, ["c1"]))["c1"]["interest"]
    made = read_state(document, model)
    past = [EventFact("Product Viewed", NOON - timedelta(days=30), 0, {})] * 2
    assert made is not None
    assert value(made, model, NOON) == value(add_all(empty(model), past, model), model, NOON)
    assert made.reached == frozenset()


async def waiting(shop: Shop) -> list[tuple[str, dict[str, Any]]]:
    """The events in the inbox, by their subject."""
    async with shop.database.reading() as connection:
        rows = await connection.execute(select(InboxEvent.subject, InboxEvent.payload).order_by(InboxEvent.seq))
        return [(subject, orjson.loads(payload)) for subject, payload in rows]


async def test_what_time_alone_crosses_becomes_an_event(shop: Shop, scoring: Scoring) -> None:
    await browse(shop)
    await scoring.save("interest", VIEWS)
    await rescore(shop)
    shop.pass_time(days=29)
    assert await rescore(shop) == 0
    shop.pass_time(days=1, hours=2)
    assert await rescore(shop) == 1
    ((subject, lost),) = await waiting(shop)
    assert (subject, lost["name"], lost["customerId"]) == ("c:c2", "Score Threshold Lost", "c2")
    assert lost["properties"] == {"score": "interest", "threshold": "ready", "value": 9.98}
    shop.pass_time(days=300)
    assert await rescore(shop) == 0
    assert len(await waiting(shop)) == 1


async def test_what_holds_ends_by_time_alone(shop: Shop, scoring: Scoring) -> None:
    await browse(shop)
    recent = {"when": {"event": "Order Completed", "within": "7d"}, "points": 10}
    away = {"when": {"event": "Order Completed", "count": 0, "within": "7d"}, "points": -1}
    document = {"rules": [recent, away, VIEWS["rules"][0]], "thresholds": [{"at": 5, "name": "ready"}]}
    await scoring.save("interest", document)
    await rescore(shop)
    before = {one.customer_id: one.value for one in (await scoring.top("interest", 10)).best}
    assert before == {"c2": 10, "c1": 7, "c0": 3}
    shop.pass_time(days=8)
    assert await rescore(shop) == 1
    assert [(subject, event["name"]) for subject, event in await waiting(shop)] == [("c:c2", "Score Threshold Lost")]
    assert (await scoring.of_customer("c2")).scores[0][1].value == -1


async def test_scores_that_are_not_there(shop: Shop, scoring: Scoring) -> None:
    await browse(shop)
    await scoring.save("interest", VIEWS)
    for ask in (scoring.get("other"), scoring.top("other", 5), scoring.drop("other"), scoring.of_customer("nobody")):
        with pytest.raises(NotFoundError):
            await ask
    with pytest.raises(InvalidError) as error:
        await scoring.top("interest", 5, "fishing")
    assert error.value.faults[0].mend == "Ask for one of: `browsing`, `fit`"
    with pytest.raises(InvalidError):
        await scoring.save("interest", {**VIEWS, "score": "other"})


async def test_a_score_that_is_dropped_is_gone_and_may_come_again(shop: Shop, scoring: Scoring) -> None:
    await browse(shop)
    await scoring.save("interest", VIEWS)
    await rescore(shop)
    await scoring.drop("interest")
    assert await scoring.list() == []
    assert (await scoring.of_customer("c1")).scores == []
    await scoring.save("interest", VIEWS)
    assert (await scoring.top("interest", 5)).best == []
    await rescore(shop)
    assert len((await scoring.top("interest", 5)).best) == 4
