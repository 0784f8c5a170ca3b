import asyncio
import signal
import smtplib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.mailbox.app import create_app
from api.mailbox.store import Arrival, Search, Store
from journeyman.channels.addresses import From
from journeyman.channels.ports import OutgoingMail
from journeyman.channels.providers.smtp.sender import SmtpSender
from tests.parts.mailbox import MailboxProcess
from tests.parts.postgres import free_port

SHOP = From("Café Tea", "hello@shop.example")
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def outgoing(number: int = 1, **parts: Any) -> OutgoingMail:
    given = {
        "to": f"ann.{number}@a.example",
        "subject": f"Zażółć {number}",
        "html": "<p>Hi &amp; bye</p>",
        "text": "Hi",
    }
    return OutgoingMail(**{"id": f"msg_{number}", **given, **parts})


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[MailboxProcess]:
    running = MailboxProcess(tmp_path / "mailbox.db")
    yield running
    running.kill()


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[FastAPI]:
    """The mailbox in the test's own loop."""
    made = create_app(tmp_path / "mailbox.db", free_port())
    async with made.router.lifespan_context(made):
        yield made


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8025") as made:
        yield made


async def put(app: FastAPI, source: str | bytes, *to: str) -> None:
    store: Store = app.state.store
    raw = source if isinstance(source, bytes) else source.encode()
    await store.add(Arrival("a@b.example", to or ("ann@a.example",), raw))


async def send(port: int, *messages: OutgoingMail) -> None:
    sender = SmtpSender(f"smtp://127.0.0.1:{port}", SHOP)
    await asyncio.gather(*(sender.send(message) for message in messages))
    await sender.close()


async def test_a_mail_is_caught_whole_and_survives_a_crash_and_a_stop(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "mailbox.db"
    headers = {"List-Unsubscribe": "<https://j.example/u/x>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    first = MailboxProcess(file)
    await send(first.smtp_port, outgoing(1, html='<a href="https://j.example/?a=1&amp;b=2">x</a>', headers=headers))
    first.kill()
    second = MailboxProcess(file)
    await send(second.smtp_port, outgoing(2))
    assert second.stop(signal.SIGTERM) == 0
    third = MailboxProcess(file)
    try:
        items = third.get("/api/messages").json()["items"]
        mail = third.get(f"/api/messages/{items[1]['id']}").json()
        source = third.get(f"/api/messages/{items[1]['id']}/source").text
    finally:
        assert third.stop(signal.SIGINT) == 0
    assert [item["subject"] for item in items] == ["Zażółć 2", "Zażółć 1"]
    assert (mail["sender"], mail["recipients"]) == ("Café Tea <hello@shop.example>", ["ann.1@a.example"])
    assert (mail["text"].strip(), mail["links"]) == ("Hi", ["https://j.example/?a=1&b=2"])
    assert {"name": "List-Unsubscribe", "value": "<https://j.example/u/x>"} in mail["headers"]
    assert source.startswith("From: ")


async def test_it_takes_a_campaign_without_losing_a_mail(mailbox: MailboxProcess) -> None:
    await send(mailbox.smtp_port, *(outgoing(number) for number in range(300)))
    counted = mailbox.get("/api/messages/count").json()
    assert counted == {"count": 300, "newest": 300}
    found = mailbox.get("/api/messages", to="ANN.42@a").json()["items"]
    assert [item["subject"] for item in found] == ["Zażółć 42"]


def test_it_takes_any_login_and_odd_mail(mailbox: MailboxProcess) -> None:
    with smtplib.SMTP("127.0.0.1", mailbox.smtp_port) as connection:
        connection.login("anybody", "anything")
        for odd in (
            b"",
            b"no headers at all",
            b"Subject: " + b"x" * 5_000 + b"\r\n\r\n\xff\xfe",
            b"From: @\r\nTo:;\r\n\r\nx",
        ):
            connection.sendmail("", ["x@y.example"], odd)
    assert mailbox.get("/api/messages/count").json()["count"] == 4
    for item in mailbox.get("/api/messages").json()["items"]:
        for view in ("mail", "text", "headers", "source"):
            assert mailbox.get(f"/messages/{item['id']}", view=view).status_code == 200


async def test_lists_are_searched_without_case_and_paged(app: FastAPI, client: httpx.AsyncClient) -> None:
    for number in range(5):
        await put(app, f"Subject: Größe {number}\nFrom: Shop <s{number}@shop.example>\n\nx", f"Ann{number}@a.example")

    async def subjects(path: str) -> list[str]:
        return [item["subject"][-1] for item in (await client.get(path)).json()["items"]]

    assert await subjects("/api/messages?subject=GRÖSSE") == ["4", "3", "2", "1", "0"]
    assert await subjects("/api/messages?to=aNN3@") == ["3"]
    assert await subjects("/api/messages?q=s2@shop") == ["2"]
    assert await subjects("/api/messages?to=subject") == await subjects("/api/messages?q=%25") == []
    page = (await client.get("/api/messages?limit=2")).json()
    assert [item["subject"][-1] for item in page["items"]] == ["4", "3"]
    rest = (await client.get(f"/api/messages?limit=3&cursor={page['next']}")).json()
    assert ([item["subject"][-1] for item in rest["items"]], rest["next"]) == (["2", "1", "0"], None)
    assert (await client.get("/api/messages/count?to=ann1")).json()["count"] == 1


async def test_all_is_deleted_on_request(app: FastAPI, client: httpx.AsyncClient) -> None:
    await put(app, "Subject: x\n\nx")
    assert (await client.delete("/api/messages")).status_code == 204
    assert (await client.get("/api/messages/count")).json() == {"count": 0, "newest": 1}


async def test_only_its_own_page_may_clear_it(app: FastAPI, client: httpx.AsyncClient) -> None:
    await put(app, "Subject: x\n\nx")
    for headers in ({}, {"Origin": "https://evil.example"}):
        assert (await client.post("/clear", headers=headers)).status_code == 403
    assert (await client.post("/clear", headers={"Origin": "http://127.0.0.1:8025"})).status_code == 303
    assert (await client.get("/api/messages/count")).json()["count"] == 0


async def test_pages_show_what_a_sender_wrote_as_text_only(app: FastAPI, client: httpx.AsyncClient) -> None:
    hostile = "<script>alert(1)</script>"
    await put(app, f'Subject: {hostile}\nFrom: "{hostile}" <a@b.example>\nX-A: {hostile}\n\n{hostile}', f"{hostile}@x")
    for path in (
        "/",
        f"/?q={hostile}",
        *(f"/messages/1?view={view}" for view in ("mail", "text", "headers", "source")),
    ):
        page = await client.get(path)
        assert page.status_code == 200
        assert hostile not in page.text
        assert "default-src 'self'" in page.headers["Content-Security-Policy"]


async def test_the_html_of_a_mail_runs_nothing_and_loads_nothing(app: FastAPI, client: httpx.AsyncClient) -> None:
    await put(app, "Content-Type: text/html\n\n<html><HEAD lang='x'><title>t</title></HEAD><p>x</p>")
    frame = await client.get("/messages/1/html")
    policy = frame.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups" in policy
    assert "allow-scripts" not in policy
    assert "<HEAD lang='x'><base target=\"_blank\"><title>" in frame.text


async def test_what_is_not_there_is_told(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/messages/9")).status_code == 404
    assert (await client.get("/messages/9")).status_code == 404
    assert (await client.get("/assets/app.py")).status_code == 404
    assert "No mail yet" in (await client.get("/")).text


async def test_the_list_has_pages(app: FastAPI, client: httpx.AsyncClient) -> None:
    await asyncio.gather(*(put(app, f"Subject: mail number {number}\n\nx") for number in range(120)))
    page = (await client.get("/?page=3&q=number")).text
    assert page.count("<li><a") == 20
    assert "3 of 3" in page
    assert "/?q=number&amp;page=2" in page
    assert "120 mails" in page


async def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    store = Store(tmp_path / "mailbox.db", keep=3)
    await store.open()
    for number in range(5):
        await store.add(Arrival("", ("a@b.example",), f"Subject: {number}\n\nx".encode()))
    assert [mail.subject for mail in await store.find(Search(), 10)] == ["4", "3", "2"]
    await store.close()


@pytest.mark.skipif(not CHROMIUM.exists(), reason="needs a Chromium")
async def test_new_mail_appears_by_itself_and_a_link_in_it_opens_a_new_tab(mailbox: MailboxProcess) -> None:
    from playwright.async_api import async_playwright, expect  # noqa: PLC0415 - only where there is a browser

    html = f'<p><a href="{mailbox.url}/livez">Follow me</a><img src="{mailbox.url}/assets/mailbox.svg"></p>'
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page()
        await page.goto(mailbox.url)
        await expect(page.get_by_text("No mail yet")).to_be_visible()
        await page.get_by_role("searchbox").fill("half a wo")
        await send(mailbox.smtp_port, outgoing(7, html=html))
        await page.get_by_text("Zażółć 7").click(timeout=20_000)
        async with page.expect_popup() as opened:
            await page.frame_locator("iframe").get_by_text("Follow me").click()
        assert (await (await opened.value).content()).count("alive") == 1
        picture = page.frame_locator("iframe").locator("img")
        assert await picture.evaluate("picture => picture.naturalWidth") == 0
        await browser.close()
