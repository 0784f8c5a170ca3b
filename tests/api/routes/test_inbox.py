"""In-app messages: shown to whom they are for and to nobody else, and what she does with them is an event."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from journeyman.bootstrap import house_routes
from journeyman.channels.content.every import content_of
from journeyman.channels.ports import OutgoingInApp
from journeyman.kit.keys.keys import Role, create
from tests.builders import NOON, incoming, journey
from tests.conftest import sqlite_url
from tests.parts.http_server import HttpServer
from tests.world import SECRET, World, world

SHOP = "the shop signs with thirty-two of these"
NOTE = {
    "channel": "in_app",
    "title": "Hi {{ customer.name }}",
    "body": "Your cart waits",
    "url": "https://shop.example/cart",
    "buttons": [{"text": "Later"}],
    "data": {"cart": "{{ entry.cart_id }}"},
}


@pytest.fixture
async def shop(database_url: str) -> AsyncIterator[World]:
    async with world(database_url, visitor_secret=SHOP) as opened:
        yield opened


async def play(opened: World, *more: dict[str, Any], template: dict[str, Any] = NOTE, **who: Any) -> None:
    """A message waits for somebody: for Ann, or for who is named."""
    await meet(opened, **(who or {"user": "ann"}))
    step = {"id": "tell", "send": {"channel": "in_app", "template": "tell"}}
    await opened.shop.publish(journey(steps=[step, *more]), template=content_of(template))
    await add(opened, **who)


async def meet(opened: World, user: str | None = "ann", anonymous: str | None = None) -> None:
    traits = {"name": "Ann"}
    at = opened.clock.at
    await opened.shop.accept(incoming("Identified", user, kind="identify", at=at, traits=traits, anonymous=anonymous))
    await opened.put(f"/v1/customers/{user or anonymous}/consent", {"in_app": {"status": "yes"}})
    await opened.settle()


async def add(opened: World, user: str | None = "ann", anonymous: str | None = None) -> None:
    added = incoming("Product Added", user, at=opened.clock.at, anonymous=anonymous, cart_id="c1")
    await opened.shop.accept(added)
    await opened.settle()


def signed(user: str, *, secret: str = SHOP, lasts: timedelta = timedelta(hours=1)) -> dict[str, str]:
    claims = {"sub": user, "exp": datetime.now(UTC) + lasts}
    return {"x-journeyman-token": jwt.encode(claims, secret, algorithm="HS256")}


async def page_key(opened: World) -> str:
    return await create(opened.database, Role.INGEST, "", opened.clock.at)


async def ask(opened: World, headers: dict[str, str], path: str = "/v1/inbox") -> httpx.Response:
    return await opened.http.get(path, headers={"authorization": f"Bearer {await page_key(opened)}", **headers})


async def tell(opened: World, message: str, moment: str, headers: dict[str, str], **more: str) -> int:
    headers = {"authorization": f"Bearer {await page_key(opened)}", **headers}
    answer = await opened.http.post(f"/v1/inbox/{message}/{moment}", json=more, headers=headers)
    await opened.settle()
    return answer.status_code


async def test_a_message_waits_for_who_is_signed_in(shop: World) -> None:
    await play(shop)
    found = (await ask(shop, signed("ann"))).json()
    (item,) = found["items"]
    assert (found["unread"], item["placement"], item["title"]) == (1, "inbox", "Hi Ann")
    assert item["buttons"] == [{"label": "Later", "url": None}]
    assert item["data"] == {"cart": "c1"}
    assert item["url"] == "https://shop.example/cart"
    assert (await ask(shop, signed("bob"))).json() == {"items": [], "next": None, "unread": 0}


async def test_nobody_reads_what_is_for_somebody_else(shop: World) -> None:
    """Not by her user id, not by making her own browser hers, not with a token of one's own, an old one or none."""
    await play(shop)
    await shop.shop.accept(incoming("Identified", "ann", kind="identify", at=NOON, anonymous="mallory"))
    refused = [
        {"x-journeyman-anonymous-id": "mallory"},
        signed("ann", secret="another one of thirty-two letters"),
        signed("ann", lasts=-timedelta(minutes=5)),
        {"x-journeyman-token": jwt.encode({"sub": "ann", "exp": 9_999_999_999}, "", algorithm="none")},
        {"x-journeyman-token": "nonsense"},
    ]
    answers = [await ask(shop, headers) for headers in refused]
    assert [(one.status_code, one.json()["code"]) for one in answers] == [(403, "unproven")] * len(refused)
    assert (await ask(shop, {})).json()["items"] == []
    assert (await ask(shop, {"x-journeyman-anonymous-id": "nobody"})).json()["items"] == []
    assert (await ask(shop, signed("ann"))).json()["unread"] == 1


async def test_who_has_no_user_id_is_known_by_her_browser(shop: World) -> None:
    await play(shop, user=None, anonymous="cookie-1")
    found = await ask(shop, {"x-journeyman-anonymous-id": "cookie-1"})
    assert [item["title"] for item in found.json()["items"]] == ["Hi Ann"]


async def test_pages_are_taken_at_their_word_where_that_is_wanted(database_url: str) -> None:
    async with world(database_url, visitor_trust=True) as opened:
        await play(opened, user="ann", anonymous="cookie-1")
        found = await ask(opened, {"x-journeyman-anonymous-id": "cookie-1"})
        assert found.json()["unread"] == 1
        assert (await ask(opened, signed("ann"))).status_code == 403, "there is no secret to check it with"


async def test_what_she_does_is_an_event_and_wakes_waits(shop: World) -> None:
    waits = {"id": "seen", "wait_for": {"message": "tell", "status": "clicked", "timeout": "1d"}}
    await play(shop, waits, {"id": "over", "end": "pressed"})
    (item,) = (await ask(shop, signed("ann"))).json()["items"]
    codes = [await tell(shop, item["id"], moment, signed("ann")) for moment in ("delivered", "opened", "opened")]
    assert codes == [200, 200, 200]
    found = (await ask(shop, signed("ann"))).json()
    assert (found["unread"], found["items"][0]["read_at"] is not None) == (0, True)
    assert await tell(shop, item["id"], "clicked", signed("ann"), url="https://shop.example/cart") == 200
    assert (await ask(shop, signed("ann"))).json()["items"] == []
    timeline = (await shop.get("/v1/customers/ann/timeline", limit=100))["items"]
    told = [one["text"] for one in timeline if one["kind"] == "event" and "In-App" in one["text"]]
    assert len(told) == 3, told
    (run,) = await shop.shop.runs()
    assert run.outcome == "pressed"
    (message,) = (await shop.get("/v1/customers/ann/messages"))["items"]
    assert (message["outcome"], message["opened_at"] is not None, message["clicked_at"] is not None) == (
        "sent",
        True,
        True,
    )


async def test_what_was_closed_is_shown_nowhere_any_more(shop: World) -> None:
    await play(shop)
    (item,) = (await ask(shop, signed("ann"))).json()["items"]
    assert await tell(shop, item["id"], "dismissed", signed("bob")) == 404
    assert await tell(shop, item["id"], "dismissed", signed("ann")) == 200
    assert (await ask(shop, signed("ann"))).json() == {"items": [], "next": None, "unread": 0}


async def test_it_is_shown_until_its_time_is_over_and_forgotten_later(shop: World) -> None:
    await play(shop, template={**NOTE, "lasts": "2d"})
    await shop.pass_time(days=1, hours=23)
    assert (await ask(shop, signed("ann"))).json()["unread"] == 1
    await shop.pass_time(hours=1)
    assert (await ask(shop, signed("ann"))).json()["unread"] == 0


async def test_l1_without_a_yes_nothing_is_put_there(shop: World) -> None:
    await play(shop)
    await shop.shop.consent("ann", None, in_app="no")
    await add(shop)
    outcomes = [one["outcome"] for one in (await shop.get("/v1/customers/ann/messages"))["items"]]
    assert sorted(outcomes) == ["no_consent", "sent"]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", " JavaScript:alert(1)", "java\tscript:alert(1)", "data:text/html,x"]
)
async def test_a_link_that_would_run_in_the_page_is_not_sent(shop: World, url: str) -> None:
    await play(shop, template={**NOTE, "url": "{{ customer.link }}"})
    traits = {"link": url}
    await shop.shop.accept(incoming("Identified", "ann", kind="identify", at=shop.clock.at, traits=traits))
    await add(shop)
    outcomes = [one["outcome"] for one in (await shop.get("/v1/customers/ann/messages"))["items"]]
    assert sorted(outcomes) == ["failed", "sent"]


async def test_pages_of_messages_follow_one_another(shop: World) -> None:
    await play(shop)
    for minute in (1, 2):
        shop.clock.at = NOON + timedelta(minutes=minute)
        await add(shop)
    first = (await ask(shop, signed("ann"), "/v1/inbox?limit=2")).json()
    second = (await ask(shop, signed("ann"), f"/v1/inbox?limit=2&cursor={first['next']}")).json()
    assert ([len(page["items"]) for page in (first, second)], second["next"]) == ([2, 1], None)


@pytest.fixture
async def served(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[tuple[World, HttpServer]]:
    """A world in the present, and the application as a process on the same database."""
    url = sqlite_url(sqlite_template, tmp_path)
    async with world(url, visitor_secret=SHOP) as opened:
        opened.clock.at = datetime.now(UTC)
        server = HttpServer(url, JOURNEYMAN_SECRET_KEY=SECRET, JOURNEYMAN_VISITOR_SECRET=SHOP)
        yield opened, server
        server.stop()


async def told(lines: AsyncIterator[str]) -> tuple[str, Any]:
    """The next server-sent event: its name and what it says."""
    name = ""
    async for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            return name, json.loads(line.removeprefix("data: "))
    raise AssertionError("the line was cut")


async def test_an_open_page_hears_within_a_second_of_what_comes_and_of_what_is_closed_elsewhere(
    served: tuple[World, HttpServer],
) -> None:
    opened, server = served
    await meet(opened)
    headers = {"authorization": f"Bearer {await page_key(opened)}", **signed("ann")}
    async with (
        httpx.AsyncClient(timeout=20) as browser,
        browser.stream("GET", f"{server.url}/v1/inbox/stream", headers=headers) as line,
    ):
        assert (line.status_code, line.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        lines = line.aiter_lines()
        await play(opened)
        async with asyncio.timeout(1):
            name, item = await told(lines)
        assert (name, item["title"]) == ("message", "Hi Ann")
        await browser.post(f"{server.url}/v1/inbox/{item['id']}/dismissed", json={}, headers=headers)
        async with asyncio.timeout(1):
            assert await told(lines) == ("withdrawn", {"id": item["id"]})


async def test_somebody_of_whom_nobody_has_heard_hears_once_she_is_known(served: tuple[World, HttpServer]) -> None:
    opened, server = served
    headers = {"authorization": f"Bearer {await page_key(opened)}", "x-journeyman-anonymous-id": "cookie-1"}
    async with (
        httpx.AsyncClient(timeout=20) as browser,
        browser.stream("GET", f"{server.url}/v1/inbox/stream", headers=headers) as line,
    ):
        await play(opened, user=None, anonymous="cookie-1")
        async with asyncio.timeout(5):
            assert (await told(line.aiter_lines()))[0] == "message"


async def test_who_was_merged_meanwhile_finds_what_was_on_its_way_to_her(shop: World) -> None:
    await meet(shop, None, "a1")
    await meet(shop, "zoe")
    loser = (await shop.get("/v1/customers/a1"))["id"]
    known = incoming("Identified", "zoe", kind="identify", at=shop.clock.at, anonymous="a1", traits={"name": "Zoe"})
    await shop.shop.accept(known)
    zoe = (await shop.get("/v1/customers/zoe"))["id"]
    assert loser != zoe
    (provider,) = house_routes(shop.services)["in_app"].providers.values()
    await provider.sender.send(OutgoingInApp("msg_" + "1" * 32, loser, "inbox", "Hi"))
    shelf = (await ask(shop, signed("zoe"))).json()
    assert [item["title"] for item in shelf["items"]] == ["Hi"]
