"""Links in messages: opens, clicks, and unsubscribing, which takes effect before it is answered (L1, L2)."""

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from tests.builders import email, incoming, journey
from tests.world import World

STEPS = [
    {"id": "pause", "wait": {"for": "1h"}},
    {"id": "mail", "send": {"channel": "email", "template": "hello"}},
    {"id": "again", "wait": {"for": "1d"}},
    {"id": "second", "send": {"channel": "email", "template": "hello"}},
]
HTML = email(html='<p>Your <a href="https://shop.example/cart?a=1&amp;b=2">cart</a></p>')
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


async def sent(world: World, steps: list[dict[str, Any]] | None = None) -> str:
    """Ann has got a mail; its id in the ledger."""
    await world.shop.introduce("ann")
    await world.shop.publish(journey(steps=steps or STEPS), template=HTML)
    await world.shop.accept(incoming("Product Added", "ann", at=world.clock.at))
    await world.pass_time(hours=1)
    (message,) = (await world.get("/v1/customers/ann/messages"))["items"]
    assert message["state"] == "sent"
    return str(message["id"])


async def anonymous(world: World, method: str, url: str, **parts: Any) -> httpx.Response:
    """As a customer's browser or mail program calls: without a key."""
    headers = {"authorization": "", **parts.pop("headers", {})}
    return await world.http.request(method, url, headers=headers, **parts)


async def receipts(world: World, name: str) -> list[dict[str, Any]]:
    await world.shop.decide()
    items = (await world.get("/v1/customers/ann/timeline", limit=200))["items"]
    return [item for item in items if item["data"].get("type") == "receipt" and item["data"]["name"] == name]


async def message(world: World) -> dict[str, Any]:
    items: list[dict[str, Any]] = (await world.get("/v1/customers/ann/messages"))["items"]
    return items[-1]


async def test_the_first_open_is_noted_once(world: World) -> None:
    url = world.tokens.open_url(await sent(world))
    answers = [await anonymous(world, "GET", url) for _ in range(3)]
    assert all(answer.content.startswith(b"GIF89a") for answer in answers)
    assert {(answer.headers["content-type"], answer.headers["cache-control"]) for answer in answers} == {
        ("image/gif", "no-store")
    }
    (opened,) = await receipts(world, "Email Opened")
    assert (opened["journey"], opened["step"]) == ("cart", "mail")
    assert (await message(world))["opened_at"] is not None


async def test_each_click_counts_and_leads_on(world: World) -> None:
    url = world.tokens.click_url(await sent(world), "https://shop.example/cart?a=1&b=2")
    answers = [await anonymous(world, "GET", url) for _ in range(2)]
    assert {(answer.status_code, answer.headers["location"]) for answer in answers} == {
        (302, "https://shop.example/cart?a=1&b=2")
    }
    clicks = await receipts(world, "Email Link Clicked")
    assert [click["data"]["properties"]["url"] for click in clicks] == ["https://shop.example/cart?a=1&b=2"] * 2
    assert (await message(world))["clicked_at"] is not None


async def test_the_links_in_a_mail_that_was_sent_are_these(world: World) -> None:
    await sent(world)
    mail = world.smtp.read()
    body = mail.get_body(("html",))
    assert body is not None
    html = body.get_content()
    link = html.split('href="', 1)[1].split('"', 1)[0]
    answer = await anonymous(world, "GET", link)
    assert (answer.status_code, answer.headers["location"]) == (302, "https://shop.example/cart?a=1&b=2")


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("HEAD", {}),
        ("GET", {"purpose": "prefetch"}),
        ("GET", {"sec-purpose": "prefetch;prerender"}),
        ("GET", {"x-moz": "prefetch"}),
    ],
)
async def test_what_no_person_followed_is_no_click(world: World, method: str, headers: dict[str, str]) -> None:
    message_id = await sent(world)
    click = world.tokens.click_url(message_id, "https://shop.example/")
    opened = world.tokens.open_url(message_id)
    assert (await anonymous(world, method, click, headers=headers)).status_code == 302
    assert (await anonymous(world, method, opened, headers=headers)).status_code == 200
    assert await receipts(world, "Email Link Clicked") == await receipts(world, "Email Opened") == []


async def test_o4_what_a_mail_program_fetches_by_itself_is_no_open(world: World) -> None:
    opened = world.tokens.open_url(await sent(world))
    assert (await anonymous(world, "GET", opened, headers={"user-agent": "Mozilla/5.0"})).status_code == 200
    assert await receipts(world, "Email Opened") == []
    await anonymous(world, "GET", opened, headers={"user-agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"})
    assert len(await receipts(world, "Email Opened")) == 1


async def test_a_link_that_we_did_not_make_leads_nowhere(world: World) -> None:
    good = world.tokens.click_url("msg_1", "https://shop.example/")
    forged = good[:-2] + ("AA" if not good.endswith("AA") else "BB")
    for url in (forged, "/t/c/nonsense", "/u/nonsense"):
        page = await anonymous(world, "GET", url, headers={"accept": "text/html"})
        assert (page.status_code, page.headers["content-type"]) == (400, "text/html; charset=utf-8")
        assert "location" not in page.headers
        problem = await anonymous(world, "GET", url)
        assert (problem.status_code, problem.json()["code"]) == (400, "invalid_link")
    assert (await anonymous(world, "GET", "/t/o/nonsense")).content.startswith(b"GIF89a")
    assert (await anonymous(world, "POST", "/u/nonsense", data=ONE_CLICK)).status_code == 400


async def test_links_of_a_message_that_is_not_known_still_lead_on(world: World) -> None:
    url = world.tokens.click_url("msg_gone", "https://shop.example/")
    assert (await anonymous(world, "GET", url)).status_code == 302


async def test_a_click_leads_on_although_it_cannot_be_noted(world: World) -> None:
    message_id = await sent(world)
    async with world.database.transaction() as connection:
        await connection.execute(text("DROP TABLE inbox"))
    click = await anonymous(world, "GET", world.tokens.click_url(message_id, "https://shop.example/"))
    opened = await anonymous(world, "GET", world.tokens.open_url(message_id))
    assert (click.status_code, opened.status_code) == (302, 200)


async def test_l2_looking_at_the_page_ends_nothing(world: World) -> None:
    url = world.tokens.unsubscribe_url(await sent(world))
    page = await anonymous(world, "GET", url)
    assert (page.status_code, "<button" in page.text, 'method="post"' in page.text) == (200, True, True)
    assert (await anonymous(world, "HEAD", url)).status_code == 200
    assert (await world.get("/v1/customers/ann"))["consents"][0]["status"] == "yes"


@pytest.mark.parametrize(
    ("parts", "how"),
    [
        ({"data": ONE_CLICK}, "one-click"),
        ({"files": {"List-Unsubscribe": (None, "One-Click")}}, "one-click"),
        ({}, "unsubscribe page"),
    ],
)
async def test_l2_one_click_takes_effect_before_it_is_answered(world: World, parts: dict[str, Any], how: str) -> None:
    message_id = await sent(world)
    url = world.tokens.unsubscribe_url(message_id)
    assert f"<{url}>" == world.smtp.read()["List-Unsubscribe"]
    answer = await anonymous(world, "POST", url, **parts)
    assert (answer.status_code, "You are unsubscribed" in answer.text) == (200, True)
    (consent,) = (await world.get("/v1/customers/ann"))["consents"]
    assert (consent["subject"], consent["status"], consent["source"]) == ("email", "no", how)
    assert (consent["actor"], consent["wording"]) == (f"message/{message_id}", "Unsubscribe from e-mail")
    await world.pass_time(days=2)
    assert len(world.smtp.mails) == 1, "the second mail of the journey is not sent any more"
    assert (await message(world))["unsubscribed_at"] is not None


async def test_l2_unsubscribing_again_changes_nothing(world: World) -> None:
    url = world.tokens.unsubscribe_url(await sent(world))
    answers = await asyncio.gather(*(anonymous(world, "POST", url, data=ONE_CLICK) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(await receipts(world, "Unsubscribed")) == 1
    items = (await world.get("/v1/customers/ann/timeline"))["items"]
    assert [item["data"]["status"] for item in items if item["kind"] == "consent"] == ["no", "yes"]


async def test_l2_a_link_of_a_message_that_is_not_known_is_answered_politely(world: World) -> None:
    answer = await anonymous(world, "POST", world.tokens.unsubscribe_url("msg_gone"), data=ONE_CLICK)
    assert (answer.status_code, "nothing left to end" in answer.text) == (200, True)


async def test_l2_the_link_of_a_profile_that_was_merged_ends_the_subscription_of_the_person(world: World) -> None:
    url = world.tokens.unsubscribe_url(await sent(world))
    await world.shop.accept(
        incoming("Identified", "anna", kind="identify", at=world.clock.at, traits={"email": "ann@example.com"}),
        incoming("Aliased", "anna", kind="alias", previous="ann", at=world.clock.at),
    )
    assert (await anonymous(world, "POST", url, data=ONE_CLICK)).status_code == 200
    assert [one["status"] for one in (await world.get("/v1/customers/anna"))["consents"]] == ["no"]


async def test_l1_every_change_of_consent_keeps_who_when_how_and_the_wording(world: World) -> None:
    await world.shop.introduce("ann", consent="no")
    wish = {"status": "yes", "source": "checkout form", "wording": "Yes, write to me"}
    answer = await world.put("/v1/customers/ann/consent", {"email": wish, "news": {"status": "no"}})
    assert answer == {"consents": {"email": "yes", "news": "no"}}
    consents = {one["subject"]: one for one in (await world.get("/v1/customers/ann"))["consents"]}
    proof = {"actor": "api/operator", "source": "checkout form", "wording": "Yes, write to me"}
    assert proof.items() <= consents["email"].items()
    items = (await world.get("/v1/customers/ann/timeline"))["items"]
    assert [item["text"] for item in items if item["kind"] == "consent"][:2] == [
        "Said no to **news** (how: api, recorded by: api/operator)",
        "Agreed to **email** (how: checkout form, recorded by: api/operator)",
    ]


async def test_l1_a_wait_for_consent_ends_when_it_is_given(world: World) -> None:
    wait = {"id": "ask", "wait_for": {"when": {"consent": "email"}, "timeout": "7d"}}
    await world.shop.introduce("ann", consent="no")
    await world.shop.publish(journey(steps=[wait, {"id": "done", "end": "agreed"}]))
    await world.shop.accept(incoming("Product Added", "ann", at=world.clock.at))
    await world.put("/v1/customers/ann/consent", {"email": {"status": "yes"}})
    await world.settle()
    assert [run.outcome for run in await world.shop.runs()] == ["agreed"]


async def test_l1_consent_of_somebody_unknown_is_not_found(world: World) -> None:
    answer = await world.http.put("/v1/customers/nobody/consent", json={"email": {"status": "yes"}})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
