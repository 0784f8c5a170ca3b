"""Coupon pools over HTTP: kept, filled, generated, read."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from journeyman.kit.keys.keys import Role, create
from tests.builders import NOON
from tests.world import World, world

POOL = {"name": "Ten off", "expires": "2027-01-01T00:00:00Z", "alert_below": 5}
TIERS = [{"key": "lost", "when": {"attribute": "plan", "equals": "pro"}}, {"key": "others"}]


@pytest.fixture(name="here")
async def opened(database_url: str) -> AsyncIterator[World]:
    async with world(database_url) as made:
        await made.put("/v1/coupons/ten-off", POOL)
        yield made


async def add(here: World, status: int = 200, key: str = "ten-off", once: str | None = None, **body: Any) -> Any:
    headers = {"idempotency-key": once} if once is not None else {}
    answer = await here.http.post(f"/v1/coupons/{key}", json=body, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


async def codes(here: World, **query: Any) -> list[str]:
    return [one["code"] for one in (await here.get("/v1/coupons/ten-off/codes", **query))["items"]]


async def test_a_pool_is_kept_and_shown_with_its_counts(here: World) -> None:
    added = await add(here, codes=["A", " B ", "A"])
    assert (added["added"], added["known"], added["pool"]["codes"]["free"]) == (2, 1, 2)
    assert (await add(here, codes=["B", "C"]))["added"] == 1
    pool = await here.get("/v1/coupons/ten-off")
    assert {name: pool[name] for name in POOL} == {**POOL, "expires": "2027-01-01T00:00:00Z"}
    assert (pool["codes"], pool["by_tier"]) == ({"free": 3, "reserved": 0, "given": 0, "redeemed": 0}, {})
    await here.put("/v1/coupons/ten-off", pool)
    assert await here.get("/v1/coupons/ten-off") == pool, "what is read can be written"
    assert [one["key"] for one in await here.get("/v1/coupons")] == ["ten-off"]


async def test_codes_come_page_by_page_in_the_order_in_which_they_are_given(here: World) -> None:
    await add(here, codes=["C", "A", "B"])
    first = await here.get("/v1/coupons/ten-off/codes", limit=2)
    rest = await here.get("/v1/coupons/ten-off/codes", limit=2, cursor=first["next"])
    assert [one["code"] for one in [*first["items"], *rest["items"]]] == ["C", "A", "B"]
    assert (first["items"][0]["state"], await codes(here, state="given")) == ("free", [])


async def test_codes_are_generated_by_a_pattern_and_never_twice(here: World) -> None:
    made = await add(here, generate={"count": 300, "pattern": "SPRING-####-****"})
    assert (made["added"], made["pool"]["codes"]["free"]) == (300, 300)
    found = await codes(here, limit=200)
    assert all(re.fullmatch(r"SPRING-[2-9]{4}-[A-HJKMNP-Z2-9]{4}", one) for one in found)
    assert found != sorted(found), "a code tells nothing of the one that comes after it"


async def test_generating_is_idempotent_under_a_key(here: World) -> None:
    wanted = {"count": 10, "pattern": "****-****"}
    assert (await add(here, once="k", generate=wanted))["added"] == 10
    again = await add(here, once="k", generate=wanted)
    assert (again["added"], again["known"], again["pool"]["codes"]["free"]) == (0, 10, 10)
    assert (await add(here, 409, once="k", generate={**wanted, "count": 11}))["code"] == "conflict"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"generate": {"count": 10, "pattern": "SPRING"}}, "/generate/pattern"),
        ({"generate": {"count": 10, "pattern": "****"}, "tier": None}, None),
        ({"generate": {"count": 1000, "pattern": "****"}}, "/generate/pattern"),
        ({"generate": {"count": 10, "pattern": "A ****"}}, "/generate/pattern"),
        ({"generate": {"count": 10, "pattern": "********", "alphabet": "A\t"}}, "/generate/alphabet"),
        ({"codes": ["A", "B C"]}, "/codes/1"),
        ({"codes": ["A", ""]}, "/codes/1"),
        ({"codes": ["A"], "tier": "lost"}, "/tier"),
        ({"codes": ["A"], "generate": {"count": 1, "pattern": "********"}}, ""),
        ({}, ""),
    ],
)
async def test_what_is_no_code_is_refused_with_its_place(
    here: World, body: dict[str, Any], pointer: str | None
) -> None:
    problem = await add(here, 422 if pointer is not None else 200, **body)
    assert pointer is None or problem["errors"][0]["pointer"] == pointer
    assert pointer is None or await codes(here) == [], "nothing of it is kept"


async def test_codes_belong_to_a_tier_that_stays_while_it_has_some(here: World) -> None:
    await here.put("/v1/coupons/tiered", {"name": "Tiered", "tiers": TIERS})
    await add(here, 422, "tiered", codes=["A"])
    added = await add(here, key="tiered", codes=["A"], tier="lost")
    assert {tier: counted["free"] for tier, counted in added["pool"]["by_tier"].items()} == {"lost": 1, "others": 0}
    answer = await here.http.put("/v1/coupons/tiered", json={"name": "Tiered", "tiers": TIERS[1:]})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/tiers")


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ({}, "/name"),
        ([], ""),
        ({"name": "x", "expires": "soon"}, "/expires"),
        ({"name": "x", "alert_below": 0}, "/alert_below"),
        ({"name": "x", "tiers": [{"key": "a"}, {"key": "b"}]}, ""),
        ({"name": "x", "tiers": [{"key": "a", "when": {"atribute": "plan"}}]}, "/tiers/0/when"),
    ],
)
async def test_a_pool_with_mistakes_is_refused_with_their_places(here: World, document: Any, pointer: str) -> None:
    answer = await here.http.put("/v1/coupons/other", json=document)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"].startswith(pointer)
    assert (await here.http.get("/v1/coupons/other")).status_code == 404


async def test_who_only_reads_sees_no_codes(here: World) -> None:
    key = await create(here.database, Role.READ, "", NOON)
    reading = {"authorization": f"Bearer {key}"}
    assert (await here.http.get("/v1/coupons/ten-off", headers=reading)).status_code == 200
    assert (await here.http.get("/v1/coupons/ten-off/codes", headers=reading)).status_code == 403


@pytest.mark.parametrize("path", ["/v1/coupons/none", "/v1/coupons/none/codes"])
async def test_a_pool_that_is_not_there_is_not_found(here: World, path: str) -> None:
    assert (await here.http.get(path)).status_code == 404
    await add(here, 404, "none", codes=["A"])
    await add(here, 404, "none", generate={"count": 1, "pattern": "********"})
