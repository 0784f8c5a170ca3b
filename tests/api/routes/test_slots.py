"""Slots: what a page shows is chosen for who is there, by conditions, in experiments, and by what the page says."""

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest

from journeyman.kit.keys.keys import Role, create
from tests.api.routes.test_inbox import SHOP, page_key, signed
from tests.builders import incoming
from tests.world import World, world

HERO = {
    "name": "Hero",
    "variants": [
        {
            "key": "gold",
            "when": {"attribute": "plan", "equals": "gold"},
            "content": {"title": "Hi {{ customer.name }}"},
        },
        {"key": "cart", "when": {"event": "Product Added", "within": "7d"}, "content": {"title": "Your cart waits"}},
        {"key": "shoes", "when": {"context": "page", "equals": "shoes"}, "content": {"title": "{{ context.page }}"}},
        {"key": "rest", "content": {"title": "Welcome", "url": "/sale", "buttons": [{"text": "Go", "url": "/go"}]}},
    ],
}
TESTED = {
    "name": "Offer",
    "variants": [
        {
            "key": "offer",
            "arms": [
                {"key": "plain", "content": {"title": "Sale"}},
                {"key": "loud", "weight": 3, "content": {"title": "SALE"}},
            ],
        }
    ],
}


@pytest.fixture
async def shop(database_url: str) -> AsyncIterator[World]:
    async with world(database_url, visitor_secret=SHOP) as opened:
        yield opened


async def ask(opened: World, headers: dict[str, str], *slots: str, **more: Any) -> Any:
    headers = {"authorization": f"Bearer {await page_key(opened)}", **headers}
    answer = await opened.http.post("/v1/content", json={"slots": [*slots], **more}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def meet(opened: World, user: str, **traits: Any) -> None:
    told = incoming("Identified", user, kind="identify", at=opened.clock.at, traits={"name": user.title(), **traits})
    await opened.shop.accept(told)


async def test_two_customers_see_different_content_in_one_place(shop: World) -> None:
    await shop.put("/v1/slots/hero", HERO)
    await meet(shop, "ann", plan="gold")
    await meet(shop, "bob")
    await shop.shop.accept(incoming("Product Added", "bob", at=shop.clock.at))
    shown = {user: (await ask(shop, signed(user), "hero"))["hero"] for user in ("ann", "bob", "eve")}
    assert {user: (one["variant"], one["content"]["title"]) for user, one in shown.items()} == {
        "ann": ("gold", "Hi Ann"),
        "bob": ("cart", "Your cart waits"),
        "eve": ("rest", "Welcome"),
    }
    assert shown["eve"]["content"]["buttons"] == [{"label": "Go", "url": "/go"}]
    assert shown["eve"]["experiment"] is None


async def test_the_page_tells_where_it_is_and_a_stranger_sees_what_is_for_everybody(shop: World) -> None:
    await shop.put("/v1/slots/hero", HERO)
    stranger = {"x-journeyman-anonymous-id": "cookie-1"}
    assert (await ask(shop, stranger, "hero", context={"page": "shoes"}))["hero"]["content"]["title"] == "shoes"
    assert (await ask(shop, {}, "hero", "nothing-yet")) == {
        "hero": (await ask(shop, stranger, "hero"))["hero"],
        "nothing-yet": None,
    }


async def test_o3_everybody_keeps_her_arm_and_the_arms_their_shares(shop: World) -> None:
    await shop.put("/v1/slots/offer", TESTED)
    arms = {}
    for number in range(400):
        who = {"x-journeyman-anonymous-id": f"cookie-{number}"}
        arms[number] = (await ask(shop, who, "offer"))["offer"]["variant"]
    counts = Counter(arms.values())
    assert 260 < counts["loud"] < 340, counts
    again = await ask(shop, {"x-journeyman-anonymous-id": "cookie-7"}, "offer")
    assert (again["offer"]["variant"], again["offer"]["experiment"]) == (arms[7], "offer")


async def test_a_back_end_names_the_customer_and_a_page_does_not(shop: World) -> None:
    await shop.put("/v1/slots/hero", HERO)
    await meet(shop, "ann", plan="gold")
    asked = {"slots": ["hero"], "customer": "ann"}
    reader = await create(shop.database, Role.READ, "", shop.clock.at)
    answers = {
        key: await shop.http.post("/v1/content", json=asked, headers={"authorization": f"Bearer {key}"})
        for key in (reader, await page_key(shop))
    }
    assert [one.status_code for one in answers.values()] == [200, 403]
    assert answers[reader].json()["items"]["hero"]["variant"] == "gold"
    nobody = {**asked, "customer": "nobody"}
    answer = await shop.http.post("/v1/content", json=nobody, headers={"authorization": f"Bearer {reader}"})
    assert answer.status_code == 404


async def test_who_is_signed_in_has_to_prove_it(shop: World) -> None:
    await shop.put("/v1/slots/hero", HERO)
    signed_in = incoming("Identified", "ann", kind="identify", at=shop.clock.at, anonymous="cookie-1")
    await shop.shop.accept(signed_in)
    headers = {"authorization": f"Bearer {await page_key(shop)}", "x-journeyman-anonymous-id": "cookie-1"}
    answer = await shop.http.post("/v1/content", json={"slots": ["hero"]}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "unproven")


async def test_a_text_that_cannot_be_rendered_for_somebody_shows_nothing(
    shop: World, caplog: pytest.LogCaptureFixture
) -> None:
    variants = [{"key": "all", "content": {"title": "Hi", "url": "{{ customer.link }}"}}]
    await shop.put("/v1/slots/hero", {"name": "Hero", "variants": variants})
    await meet(shop, "ann", link="javascript:alert(1)")
    assert await ask(shop, signed("ann"), "hero") == {"hero": None}
    assert "slot hero shows nothing" in caplog.text


@pytest.mark.parametrize(
    ("variants", "pointer"),
    [
        ([], "/variants"),
        ([{"key": "a"}, {"key": "b"}], ""),
        ([{"key": "a", "content": {}}, {"key": "a"}], ""),
        ([{"key": "a", "content": {"title": "{{ customer.name"}}], "/variants/0/content/title"),
        ([{"key": "a", "when": {"entry": "x", "equals": 1}}], "/variants/0/when/entry"),
        ([{"key": "a", "when": {"attribut": "x", "equals": 1}}], "/variants/0/when/attribut"),
        ([{"key": "a", "content": {"titel": "x"}}], "/variants/0/content/titel"),
        ([{"key": "a", "content": {}, "arms": [{"key": "b", "content": {}}]}], "/variants/0"),
        ([{"key": "a", "arms": [{"key": "b", "weight": 0, "content": {}}]}], "/variants/0/arms/0/weight"),
    ],
)
async def test_a_mistake_is_told_by_its_place(shop: World, variants: list[Any], pointer: str) -> None:
    answer = await shop.http.put("/v1/slots/hero", json={"name": "Hero", "variants": variants})
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json()["errors"]], answer.json()
    assert all(error["mend"] for error in answer.json()["errors"])


async def test_slots_are_listed_read_and_forgotten(shop: World) -> None:
    for key in ("a", "b"):
        kept = await shop.put(f"/v1/slots/{key}", HERO)
        assert await shop.put(f"/v1/slots/{key}", kept) == kept, "what was read can be written"
    page = await shop.get("/v1/slots", limit=1)
    more = await shop.get("/v1/slots", cursor=page["next"])
    assert [one["key"] for one in (*page["items"], *more["items"])] == ["a", "b"]
    assert (await shop.http.delete("/v1/slots/a")).status_code == 204
    assert [(await shop.http.request(method, "/v1/slots/a")).status_code for method in ("DELETE", "GET")] == [404, 404]
