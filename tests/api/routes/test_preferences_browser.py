"""The pages behind a mail's links in a real browser without scripts: by mouse, by keyboard, by label."""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.api.routes.test_preferences import TRANSLATED
from tests.api.routes.test_tracking import sent
from tests.api.test_mailbox import CHROMIUM, FLAGS
from tests.conftest import sqlite_url
from tests.parts.http_server import HttpServer
from tests.world import SECRET, World, world

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="needs a Chromium")
PICTURES = os.environ.get("JOURNEYMAN_TEST_PICTURES")
"""A folder for pictures of the pages, for whoever wants to look at them."""


@pytest.fixture
async def served(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[tuple[World, HttpServer]]:
    """A world, and the application as a process on the same database."""
    url = sqlite_url(sqlite_template, tmp_path)
    async with world(url) as opened:
        server = HttpServer(url, JOURNEYMAN_SECRET_KEY=SECRET)
        yield opened, server
        server.stop()


async def topics(opened: World) -> None:
    await opened.put("/v1/topics/news", {"name": "News", "description": "Once a week", "translations": TRANSLATED})
    await opened.put("/v1/topics/offers", {"name": "Offers", "double_opt_in": True})


async def picture(page: Any, name: str) -> None:
    if PICTURES:
        await page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


async def test_choices_are_made_without_scripts_by_mouse_and_keyboard(served: tuple[World, HttpServer]) -> None:
    from playwright.async_api import async_playwright, expect  # noqa: PLC0415 - only where there is a browser

    opened, server = served
    await topics(opened)
    message_id = await sent(opened)
    await opened.put("/v1/customers/ann/consent", {"offers": {"status": "yes"}})
    path = opened.tokens.preferences_url(message_id).split("/", 3)[3]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(java_script_enabled=False, locale="de-DE", viewport={"width": 375, "height": 812})
        await page.goto(f"{server.url}/{path}")
        for part in [page.get_by_role("main"), *await page.get_by_role("button").all()]:
            box = await part.bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 375
            assert box["height"] >= 44, "a thumb finds it"
        await expect(page.get_by_role("heading")).to_have_text("Was Sie erhalten möchten")
        news = page.get_by_role("checkbox", name="Neuigkeiten")
        await expect(page.get_by_label("E-Mail")).to_be_checked()
        await expect(news).to_have_accessible_description("Einmal in der Woche")
        await expect(page.get_by_label("Offers")).not_to_be_checked()
        await picture(page, "preferences-de")
        for _ in range(2):
            await page.keyboard.press("Tab")
        await expect(news).to_be_focused()
        await page.keyboard.press("Space")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status")).to_have_text("Ihre Auswahl ist gespeichert.")
        await expect(news).not_to_be_checked()
        await picture(page, "preferences-de-saved")
        await page.get_by_role("button", name="Von allem abmelden").click()
        await expect(page.get_by_label("E-Mail")).not_to_be_checked()
        await browser.close()
    items = (await opened.get("/v1/customers/ann/consent"))["items"]
    assert {one["subject"]: one["status"] for one in items} == {"email": "no", "news": "no", "offers": "pending"}


async def test_the_other_pages_read_well(served: tuple[World, HttpServer]) -> None:
    from playwright.async_api import async_playwright, expect  # noqa: PLC0415 - only where there is a browser

    opened, server = served
    await topics(opened)
    message_id = await sent(opened)
    opened.clock.at = datetime.now(UTC)  # the process has no other clock
    await opened.put("/v1/customers/ann/consent", {"news": {"status": "yes", "double_opt_in": True}})
    (payload,) = [payload for kind, payload in await opened.shop.outbox() if kind == "confirm"]
    confirm = opened.tokens.confirmation_url(payload["confirmation"]).split("/", 3)[3]
    leave = opened.tokens.unsubscribe_url(message_id).split("/", 3)[3]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(java_script_enabled=False, locale="pl-PL", color_scheme="dark")
        await page.goto(f"{server.url}/{leave}")
        await expect(page.get_by_role("button", name="Wypisz mnie z e-maili")).to_be_visible()
        await picture(page, "unsubscribe-pl-dark")
        choices = opened.tokens.preferences_url(message_id)
        link = page.get_by_role("link", name="Albo wybierz, co chcesz otrzymywać")
        await expect(link).to_have_attribute("href", choices)
        await page.goto(f"{server.url}/{choices.split('/', 3)[3]}")
        await expect(page.get_by_text("Czeka na potwierdzenie")).to_be_visible()
        await picture(page, "preferences-pl-dark")
        await page.set_viewport_size({"width": 390, "height": 844})
        await page.goto(f"{server.url}/{confirm}")
        await expect(page.get_by_role("listitem")).to_have_text("News")
        await picture(page, "confirm-pl-dark")
        await page.get_by_role("button", name="Tak, chcę to otrzymywać").click()
        await expect(page.get_by_role("heading")).to_have_text("Dziękujemy, potwierdzone")
        await browser.close()
