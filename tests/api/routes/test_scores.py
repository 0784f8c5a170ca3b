"""Scores over the API: defined, counted, and the list of whom to call today."""

from typing import Any

import pytest
from sqlalchemy import insert

from journeyman.customers.segments.tables import Membership, Segment
from journeyman.journeys.scoring import ScoreKeeper
from journeyman.kit.yaml_format import load_yaml
from tests.builders import NOON, incoming
from tests.world import World

VIEWS: dict[str, Any] = {
    "name": "Interest",
    "half_life": "30d",
    "rules": [
        {"event": "Product Viewed", "points": 3, "category": "browsing", "cap": 12},
        {"when": {"attribute": "plan", "equals": "pro"}, "points": 5},
    ],
    "thresholds": [{"at": 10, "name": "ready"}],
    "bands": [{"at": 0, "name": "cold"}, {"at": 5, "name": "warm"}],
}


async def count_anew(world: World) -> None:
    keeper = ScoreKeeper(world.database, world.clock)
    while await keeper.step():
        pass


async def browse(world: World) -> None:
    await world.shop.introduce("ann", plan="pro")
    await world.shop.introduce("bob", plan="free")
    await world.shop.introduce("cid", plan="free")
    views = [incoming("Product Viewed", user) for user in ("ann", "ann", "ann", "ann", "ann", "bob")]
    await world.shop.accept(*views)
    await world.put("/v1/scores/interest", VIEWS)
    await count_anew(world)


async def test_a_score_comes_out_as_it_went_in(world: World) -> None:
    saved = await world.put("/v1/scores/interest", VIEWS)
    assert (saved["key"], saved["name"], saved["rebuilding"]) == ("interest", "Interest", True)
    read = await world.get("/v1/scores/interest")
    assert read == {**VIEWS, "score": "interest"} == saved["document"]
    assert (await world.put("/v1/scores/interest", read))["document"] == read
    yaml = await world.http.get("/v1/scores/interest", headers={"accept": "application/yaml"})
    assert load_yaml(yaml.text) == read
    (item,) = (await world.get("/v1/scores"))["items"]
    assert (item["key"], item["updated_at"]) == ("interest", NOON.isoformat().replace("+00:00", "Z"))


async def test_lists_go_page_by_page(world: World) -> None:
    for key in ("a", "b", "c"):
        await world.put(f"/v1/scores/{key}", VIEWS)
    first = await world.get("/v1/scores", limit=2)
    second = await world.get("/v1/scores", limit=2, cursor=first["next"])
    assert [item["key"] for page in (first, second) for item in page["items"]] == ["a", "b", "c"]
    assert second["next"] is None


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({**VIEWS, "rules": [{"event": "Product Viewed", "point": 3}]}, "/rules/0/point"),
        ({**VIEWS, "rules": [{"event": "Score Band Changed", "points": 3}]}, "/rules/0/event"),
        ({**VIEWS, "rules": [{"when": {"attribute": "plan", "is": "pro"}, "points": 3}]}, "/rules/0/when/is"),
        ({**VIEWS, "half_life": "a month"}, "/half_life"),
        ({**VIEWS, "score": "other"}, "/score"),
        ({"half_life": "1d"}, "/rules"),
        ([VIEWS], ""),
    ],
)
async def test_what_is_wrong_with_a_score_is_named(world: World, body: Any, pointer: str) -> None:
    answer = await world.http.put("/v1/scores/interest", json=body)
    assert answer.status_code == 422
    assert pointer in {error["pointer"] for error in answer.json()["errors"]}


async def test_the_best_are_listed_with_their_reasons(world: World) -> None:
    await browse(world)
    top = await world.get("/v1/scores/interest/top", n=1)
    assert {name: top[name] for name in ("score", "of", "rebuilding")} == {
        "score": "interest",
        "of": 2,
        "rebuilding": False,
    }
    assert top["items"] == [
        {
            "customer": "ann",
            "value": 17.0,
            "band": "warm",
            "reached": ["ready"],
            "by_category": {"browsing": 12.0},
            "reasons": [
                {"text": "5 x Product Viewed: +12, capped", "points": 12.0, "category": "browsing", "count": 5},
                {"text": 'attribute plan equals "pro": +5', "points": 5.0, "category": None, "count": 0},
            ],
        }
    ]
    world.clock.at = world.clock.at.replace(month=4)
    everybody = (await world.get("/v1/scores/interest/top"))["items"]
    assert [(one["customer"], one["value"]) for one in everybody] == [("ann", 12.33), ("bob", 1.47)]


async def test_the_best_of_a_category_and_of_a_segment(world: World) -> None:
    await browse(world)
    browsing = (await world.get("/v1/scores/interest/top", category="browsing"))["items"]
    assert [(one["customer"], one["value"]) for one in browsing] == [("ann", 12), ("bob", 3)]
    segment = {"key": "vip", "name": "VIP", "description": "", "generation": 1, "created_at": NOON, "updated_at": NOON}
    async with world.database.transaction() as connection:
        await connection.execute(insert(Segment).values(segment))
        await connection.execute(insert(Membership).values(segment_key="vip", customer_id="bob", since=NOON))
    top = await world.get("/v1/scores/interest/top", segment="vip")
    assert ([one["customer"] for one in top["items"]], top["of"]) == (["bob"], 1)
    unknown = await world.http.get("/v1/scores/interest/top", params={"segment": "nobody"})
    fishing = await world.http.get("/v1/scores/interest/top", params={"category": "fishing"})
    assert (unknown.status_code, fishing.status_code) == (404, 422)


async def test_a_customer_shows_her_scores_and_why(world: World) -> None:
    await browse(world)
    shown = await world.get("/v1/customers/bob/scores")
    assert (shown["customer"], shown["rfm"]) == ("bob", None)
    (score,) = shown["scores"]
    assert (score["score"], score["value"], score["band"], score["reached"]) == ("interest", 3, "cold", [])
    assert [reason["text"] for reason in score["reasons"]] == ["1 x Product Viewed: +3"]
    (nothing,) = (await world.get("/v1/customers/cid/scores"))["scores"]
    assert (nothing["value"], nothing["band"], nothing["reasons"]) == (0, "cold", [])
    assert (await world.http.get("/v1/customers/nobody/scores")).status_code == 404


async def test_a_score_can_be_forgotten(world: World) -> None:
    await browse(world)
    assert (await world.http.delete("/v1/scores/interest")).status_code == 204
    for path in ("/v1/scores/interest", "/v1/scores/interest/top"):
        assert (await world.http.get(path)).status_code == 404
    assert (await world.http.delete("/v1/scores/interest")).status_code == 404
