"""`journeyman.js` in a real browser, on a page of another origin under a strict content security policy."""

import asyncio
import base64
import gzip
import json
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from sqlalchemy import select

from api.routes.client import SCRIPTS
from journeyman.channels.content.every import content_of
from journeyman.channels.providers.web_push.sender import new_key, public_of
from journeyman.channels.providers.web_push.settings import WebPushSettings
from journeyman.channels.routing import only
from journeyman.customers.tables import Event
from journeyman.journeys.advance import NotYetError
from journeyman.kit.keys.keys import Role, create
from tests.api.routes.test_inbox import SHOP, signed
from tests.api.routes.test_preferences_browser import picture
from tests.api.test_mailbox import CHROMIUM, FLAGS
from tests.builders import incoming, journey
from tests.conftest import sqlite_url
from tests.journeyman.channels.providers.web_push.push_service import Browser, PushService
from tests.parts.http_server import HttpServer
from tests.parts.other_system import Called, OtherSystem, Says
from tests.world import SECRET, World, world

LIMIT = 8 * 1024
needs_browser = pytest.mark.skipif(not CHROMIUM.exists(), reason="needs a Chromium")
PATIENCE = 15.0


def test_the_client_stays_small_and_needs_no_inline_code() -> None:
    script = SCRIPTS["journeyman.js"]
    assert len(gzip.compress(script, 9, mtime=0)) < LIMIT
    for forbidden in (
        "eval(",
        "new Function",
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        ".style.",
    ):
        assert forbidden not in script.decode(), forbidden


def test_every_call_has_a_type() -> None:
    types = (Path(__file__).parents[2] / "client" / "journeyman.d.ts").read_text()
    api = SCRIPTS["journeyman.js"].decode().split("var api = {")[1].split("\n  };")[0]
    names = set(re.findall(r"^    (\w+): ", api, re.MULTILINE)) | set(
        re.findall(r"^      (\w+): (?:function|mount)", api, re.MULTILINE)
    )
    assert names >= {"load", "track", "content", "inbox", "mount"}
    assert [name for name in sorted(names) if not re.search(rf"\b{name}[(:]", types)] == []


class Site(OtherSystem):
    """The shop's own pages, on an origin of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: dict[str, tuple[str, str]] = {}
        self.api = ""

    def answer(self, called: Called) -> Says:
        path = called.path.partition("?")[0]
        if path == "/favicon.ico":
            return Says(200, b"", {"content-type": "image/svg+xml"})
        if path not in self.pages:
            return Says(404, b"", {"content-type": "text/plain"})
        kind, text = self.pages[path]
        policy = (
            f"default-src 'self'; script-src 'self' {self.api}; connect-src 'self' {self.api}; img-src 'self' data:"
        )
        return Says(200, text.encode(), {"content-type": kind, "content-security-policy": policy})

    def shows(self, path: str, body: str, attributes: str) -> str:
        script = f'<script src="{self.api}/journeyman.js" {attributes}></script>'
        self.pages[path] = ("text/html; charset=utf-8", f"<!doctype html><title>Shop</title>{body}{script}")
        return f"{self.url}{path}"


@dataclass
class Stage:
    """The API as a process, the world behind it, the shop's site, and a browser."""

    world: World
    server: HttpServer
    site: Site
    page: Any
    key: str
    complaints: list[str] = field(default_factory=list)
    sent: float = 0.0
    """When the last message's step was over, by the clock on the wall."""

    async def opens(self, body: str = "", **data: str) -> None:
        attributes = " ".join(f'data-{name}="{value}"' for name, value in {"key": self.key, **data}.items())
        await self.page.goto(self.site.shows("/", body, attributes))

    async def calls(self, script: str) -> Any:
        return await self.page.evaluate(script)

    async def events(self) -> list[Any]:
        """What was stored, decided here and now."""
        await self.world.shop.decide()
        async with self.world.database.reading() as connection:
            return list((await connection.execute(select(Event.__table__).order_by(Event.seq))).all())

    async def names(self) -> list[str]:
        return [event.name for event in await self.events()]

    async def until(self, holds: Callable[[], Any], seconds: float = PATIENCE) -> None:
        async with asyncio.timeout(seconds):
            while not await holds():  # noqa: ASYNC110 - a browser is another party
                await asyncio.sleep(0.02)

    async def settle(self) -> None:
        """As the world's; what the page sends meanwhile is decided, too."""
        while True:
            try:
                return await self.world.settle()
            except NotYetError:
                await self.world.shop.decide()

    async def has(self, name: str, times: int = 1) -> bool:
        return (await self.names()).count(name) >= times


@pytest.fixture
async def stage(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Stage]:
    from playwright.async_api import async_playwright  # noqa: PLC0415 - only where there is a browser

    url = sqlite_url(sqlite_template, tmp_path)
    file = tmp_path / "providers.yaml"
    push = {"provider": "web_push", "private_key": PUSH_KEY, "subject": "mailto:ops@shop.example"}
    file.write_text(yaml.safe_dump({"providers": {"browsers": push}}))
    async with AsyncExitStack() as stack:
        opened = await stack.enter_async_context(world(url, visitor_secret=SHOP))
        opened.clock.at = datetime.now(UTC)
        settings = {
            "JOURNEYMAN_SECRET_KEY": SECRET,
            "JOURNEYMAN_VISITOR_SECRET": SHOP,
            "JOURNEYMAN_PROVIDERS_FILE": str(file),
        }
        server = HttpServer(url, **settings)
        stack.callback(server.stop)
        site = await stack.enter_async_context(Site())
        site.api = server.url
        site.pages["/journeyman-worker.js"] = (
            "text/javascript",
            f'importScripts("{server.url}/journeyman-worker.js");',
        )
        playwright = await stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        stack.push_async_callback(browser.close)
        context = await browser.new_context(permissions=["notifications"])
        page = await context.new_page()
        key = await create(opened.database, Role.INGEST, "", opened.clock.at)
        made = Stage(opened, server, site, page, key)
        page.on("console", lambda line: made.complaints.append(line.text))
        page.on("pageerror", lambda error: made.complaints.append(str(error)))
        yield made


PUSH_KEY = new_key()


@needs_browser
async def test_what_visitors_do_is_stored_under_a_strict_policy(stage: Stage) -> None:
    await stage.opens()
    await stage.calls("journeyman.identify('ann', {plan: 'gold'})")
    await stage.calls("journeyman.track('Product Viewed', {product_id: 'p1'})")
    await stage.until(lambda: stage.has("Product Viewed"))
    events = {event.name: event for event in await stage.events()}
    assert events["Product Viewed"].properties == {"product_id": "p1"}
    customer = await stage.world.get("/v1/customers/ann")
    assert customer["attributes"]["plan"] == "gold"
    assert stage.complaints == []


@needs_browser
async def test_calls_before_the_script_is_there_are_kept(stage: Stage) -> None:
    stage.site.pages["/early.js"] = ("text/javascript", "window.journeyman=[['track','Early',{n:1}]];")
    await stage.opens('<script src="/early.js"></script>', quiet="")
    await stage.until(lambda: stage.has("Early"))
    assert await stage.names() == ["Early"]


@needs_browser
async def test_events_survive_an_outage_and_a_reload_and_are_stored_once(stage: Stage) -> None:
    await stage.opens(quiet="")
    await stage.page.route("**/v1/batch", lambda route: route.abort())
    await stage.calls("for (let n = 0; n < 120; n++) journeyman.track('Clicked', {n})")
    await asyncio.sleep(0.5)
    assert await stage.names() == []
    await stage.page.unroute("**/v1/batch")
    # What the page that is gone has left is taken over once it is surely gone.
    await stage.calls(
        "for (const k of Object.keys(localStorage)) if (k.startsWith('journeyman.queue.')) "
        "{ const q = JSON.parse(localStorage[k]); q.at -= 60000; localStorage[k] = JSON.stringify(q) }"
    )
    await stage.page.reload()
    await stage.until(lambda: stage.has("Clicked", 120))
    numbers = [event.properties["n"] for event in await stage.events()]
    assert sorted(numbers) == list(range(120))


@needs_browser
async def test_events_that_are_too_much_for_one_request_go_in_several(stage: Stage) -> None:
    await stage.opens(quiet="")
    await stage.calls(
        "const note = 'x'.repeat(30000); for (let n = 0; n < 40; n++) journeyman.track('Long', {n, note})"
    )
    await stage.until(lambda: stage.has("Long", 40))
    assert sorted(event.properties["n"] for event in await stage.events()) == list(range(40))


@needs_browser
async def test_events_wait_for_a_key_that_is_taken(stage: Stage) -> None:
    await stage.opens(quiet="")
    await stage.page.route("**/v1/batch", lambda route: route.fulfill(status=401, body="{}"))
    async with stage.page.expect_response("**/v1/batch"):
        await stage.calls("journeyman.track('Early', {})")
    await stage.page.unroute("**/v1/batch")
    await stage.calls("journeyman.flush()")
    await stage.until(lambda: stage.has("Early"))


@needs_browser
async def test_a_page_that_is_left_sends_what_it_has(stage: Stage) -> None:
    await stage.opens(quiet="")
    await stage.calls("journeyman.track('Last', {})")
    await stage.page.goto("about:blank")
    await stage.until(lambda: stage.has("Last"))


@needs_browser
async def test_without_consent_nothing_is_kept_or_sent(stage: Stage) -> None:
    await stage.opens(consent="required")
    await stage.calls("journeyman.track('Secret', {})")
    assert await stage.calls("Object.keys(localStorage)") == []
    await stage.calls("journeyman.consent({analytics: true}), journeyman.track('Open', {})")
    await stage.until(lambda: stage.has("Open"))
    assert await stage.names() == ["Open"]
    await stage.calls("journeyman.consent({analytics: false})")
    assert await stage.calls("Object.keys(localStorage)") == ["journeyman.consent"]


async def note(stage: Stage, **template: Any) -> None:
    """Have a message be sent to ann, who is on the page."""
    step = {"id": "tell", "send": {"channel": "in_app", "template": "tell"}}
    content = content_of(
        {"channel": "in_app", "title": "Hi {{ customer.name }}", "body": "Your cart waits", **template}
    )
    await stage.world.shop.publish(journey(steps=[step]), template=content)
    await stage.world.shop.accept(incoming("Product Added", "ann", at=stage.world.clock.at))
    await stage.settle()
    stage.sent = time.time()


async def meet(stage: Stage) -> None:
    told = incoming("Identified", "ann", kind="identify", at=stage.world.clock.at, traits={"name": "Ann"})
    await stage.world.shop.accept(told)
    await stage.world.put("/v1/customers/ann/consent", {"in_app": {"status": "yes"}, "web_push": {"status": "yes"}})
    await stage.settle()


@needs_browser
async def test_an_in_app_message_is_there_within_a_second_and_its_press_comes_back(stage: Stage) -> None:
    await meet(stage)
    await stage.opens('<main id="inbox"></main>', token=signed("ann")["x-journeyman-token"], quiet="")
    async with stage.page.expect_response("**/v1/inbox/stream"):
        await stage.calls("void journeyman.inbox.mount(document.getElementById('inbox'))")
    await stage.calls(SEEN)
    await note(stage, buttons=[{"text": "To the cart", "url": f"{stage.site.url}/cart"}])
    await stage.page.get_by_text("Hi Ann").wait_for(timeout=PATIENCE * 1_000)
    (message,) = await stage.calls("journeyman.inbox.list().then(found => found.items)")
    took = await stage.calls(f"window.seen['{message['id']}']") / 1_000 - stage.sent
    assert took < 1, f"{took:.2f} s"
    await stage.until(lambda: stage.has("In-App Message Delivered"))
    await picture(stage.page, "in-app-inbox")
    stage.site.pages["/cart"] = ("text/html", "<title>Cart</title>")
    await stage.page.get_by_role("button", name="To the cart").click()
    await stage.page.wait_for_url("**/cart")
    await stage.until(lambda: stage.has("In-App Message Clicked"))
    assert stage.complaints == []


SEEN = """() => {
  window.seen = {};
  void journeyman.inbox.on(messages => {
    for (const one of messages) window.seen[one.id] = window.seen[one.id] || Date.now();
  });
}"""
"""Notes when the page has each message."""


@needs_browser
async def test_a_modal_holds_the_focus_and_closes_with_escape(stage: Stage) -> None:
    await meet(stage)
    await stage.opens("<button>Behind</button>", token=signed("ann")["x-journeyman-token"], quiet="")
    await stage.calls("void journeyman.inbox.on(() => {})")
    await note(stage, placement="modal")
    dialog = stage.page.get_by_role("dialog", name="Hi Ann")
    await dialog.wait_for(timeout=PATIENCE * 1_000)
    assert await stage.calls("document.activeElement.closest('dialog') !== null")
    await picture(stage.page, "in-app-modal")
    colour = await dialog.evaluate("one => getComputedStyle(one).borderRadius")
    assert colour == "12px", "its style came without inline code"
    await stage.page.keyboard.press("Escape")
    await dialog.wait_for(state="detached")
    await stage.until(lambda: stage.has("In-App Message Dismissed"))
    assert stage.complaints == []


@needs_browser
async def test_texts_are_texts_and_no_markup(stage: Stage) -> None:
    await meet(stage)
    await stage.opens(token=signed("ann")["x-journeyman-token"], quiet="")
    await stage.calls("void journeyman.inbox.on(() => {})")
    await note(stage, placement="banner", title="<img src=x onerror=alert(1)>")
    banner = stage.page.get_by_role("status")
    await banner.wait_for(timeout=PATIENCE * 1_000)
    assert "<img src=x onerror=alert(1)>" in await banner.inner_text()
    assert await banner.locator("img").count() == 0
    await picture(stage.page, "in-app-banner")


@needs_browser
async def test_two_customers_see_different_content_in_one_slot(stage: Stage) -> None:
    variants = [
        {"key": "gold", "when": {"attribute": "plan", "equals": "gold"}, "content": {"title": "For gold"}},
        {"key": "rest", "content": {"title": "For all", "url": "/sale"}},
    ]
    await stage.world.put("/v1/slots/hero", {"name": "Hero", "variants": variants})
    for user, plan in (("ann", "gold"), ("bob", "none")):
        told = incoming("Identified", user, kind="identify", at=stage.world.clock.at, traits={"plan": plan})
        await stage.world.shop.accept(told)
    seen = {}
    parts = '<h2 data-journeyman="title"></h2><a data-journeyman="url">x</a>'
    slot = f'<section data-journeyman-slot="hero" hidden>{parts}</section>'
    for user in ("ann", "bob"):
        await stage.opens(slot, token=signed(user)["x-journeyman-token"], quiet="")
        await stage.calls("journeyman.content()")
        seen[user] = await stage.page.locator("h2").inner_text()
    assert seen == {"ann": "For gold", "bob": "For all"}
    await stage.page.locator("h2").click()
    await stage.until(lambda: stage.has("Content Clicked"))
    about = [event.properties for event in await stage.events() if event.name == "Content Viewed"]
    assert {"slot": "hero", "variant": "gold", "experiment": None} in about
    assert stage.complaints == []


SUBSCRIBE = """subscription => {
  const told = { endpoint: subscription.endpoint, keys: subscription.keys };
  PushManager.prototype.subscribe = async function (options) {
    window.asked = Array.from(new Uint8Array(options.applicationServerKey));
    return { toJSON: () => told, unsubscribe: async () => true };
  };
}"""
"""A browser without a push service of its own: the subscription is that of the emulated one."""


@needs_browser
async def test_a_notification_goes_from_the_step_to_the_service_worker_and_its_press_comes_back(stage: Stage) -> None:
    await meet(stage)
    async with PushService(Browser(), public_of(PUSH_KEY)) as service:
        await stage.opens(quiet="")
        await stage.calls("journeyman.identify('ann')")
        await stage.page.evaluate(SUBSCRIBE, json.loads(service.subscription))
        await stage.calls("journeyman.push.subscribe()")
        given = bytes(await stage.calls("window.asked"))
        assert base64.urlsafe_b64encode(given).rstrip(b"=").decode() == public_of(PUSH_KEY)
        await stage.until(lambda: _has_device(stage))
        payload = await _send(stage, service)
    worker = stage.page.context.service_workers[0]
    await _deliver(stage, payload)
    shown = await worker.evaluate(
        "async () => (await registration.getNotifications()).map(n => [n.title, n.body, n.tag])"
    )
    assert shown == [["Hi Ann", "Your cart waits", "cart"]]
    press = "dispatchEvent(new NotificationEvent('notificationclick', {notification: n}))"
    await worker.evaluate(f"async () => {{ const [n] = await registration.getNotifications(); {press} }}")
    await stage.until(lambda: stage.has("Web Push Clicked"))
    assert await worker.evaluate("async () => (await registration.getNotifications()).length") == 0


async def _has_device(stage: Stage) -> bool:
    await stage.world.shop.decide()
    found = await stage.world.http.get("/v1/customers/ann/devices")
    return found.status_code == 200 and bool(found.json())


async def _send(stage: Stage, service: PushService) -> dict[str, Any]:
    """The message of a journey, as the push service has decrypted it."""
    settings = WebPushSettings(
        provider="web_push", private_key=PUSH_KEY, subject="mailto:ops@shop.example", allow_private=True
    )
    sender = settings.sender_of(stage.world.clock, "")
    stage.world.delivery.routes = {**stage.world.delivery.routes, "web_push": only(sender, stage.world.clock)}
    step = {"id": "tell", "send": {"channel": "web_push", "template": "tell"}}
    words = {"title": "Hi {{ customer.name }}", "body": "Your cart waits", "collapse": "cart"}
    await stage.world.shop.publish(journey(steps=[step]), template=content_of({"channel": "web_push", **words}))
    await stage.world.shop.accept(incoming("Product Added", "ann", at=stage.world.clock.at))
    await stage.settle()
    await sender.close()
    ((_, payload),) = service.notifications
    return payload


async def _deliver(stage: Stage, payload: dict[str, Any]) -> None:
    """What a browser's own push service does: hand the payload to the service worker (CDP)."""
    session = await stage.page.context.new_cdp_session(stage.page)
    registrations: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    session.on("ServiceWorker.workerRegistrationUpdated", registrations.put_nowait)
    await session.send("ServiceWorker.enable")
    async with asyncio.timeout(PATIENCE):
        found = (await registrations.get())["registrations"][0]["registrationId"]
    message = {"origin": stage.site.url, "registrationId": found, "data": json.dumps(payload)}
    await session.send("ServiceWorker.deliverPushMessage", message)


@needs_browser
async def test_browsers_may_keep_the_client_and_ask_whether_it_is_still_the_same(stage: Stage) -> None:
    async with httpx.AsyncClient(base_url=stage.server.url) as http:
        first = await http.get("/journeyman.js")
        assert first.headers["content-type"] == "text/javascript; charset=utf-8"
        again = await http.get("/journeyman.js", headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
