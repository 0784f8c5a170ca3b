"""The preference centre: what a reader of a mail may choose, what is recorded of it, and in which language."""

import re
from typing import Any

import pytest

from tests.api.routes.test_tracking import anonymous, receipts, sent
from tests.world import World

FORM = {"content-type": "application/x-www-form-urlencoded"}
TRANSLATED = {"de": {"name": "Neuigkeiten", "description": "Einmal in der Woche"}}


async def centre(world: World) -> str:
    """The link of a mail that Ann got; there are two topics that she may choose, and one that she may not."""
    await world.put("/v1/topics/news", {"name": "News", "description": "Once a week", "translations": TRANSLATED})
    await world.put("/v1/topics/offers", {"name": "Offers <b>", "double_opt_in": True})
    await world.put("/v1/topics/orders", {"name": "Your orders", "marketing": False, "basis": "contract"})
    return world.tokens.preferences_url(await sent(world))


def boxes(page: str) -> dict[str, bool]:
    found = re.findall(r'<input type="checkbox"[^>]* value="([^"]+)"( checked)?', page)
    return {subject: bool(checked) for subject, checked in found}


def filled(page: str, **ticked: bool) -> dict[str, Any]:
    """The form as a browser sends it, with some boxes changed."""
    hidden = re.findall(r'<input type="hidden" name="(offered|shown)" value="([^"]+)"', page)
    on = [subject for subject, is_on in {**boxes(page), **ticked}.items() if is_on]
    sent_back: dict[str, Any] = {"on": on, "do": "save"}
    for name, value in hidden:
        sent_back.setdefault(name, []).append(value)
    return sent_back


async def said(world: World) -> dict[str, tuple[str, str, str | None]]:
    items = (await world.get("/v1/customers/ann/consent"))["items"]
    return {one["subject"]: (one["status"], one["source"], one["wording"]) for one in items}


async def test_the_mail_leads_to_what_may_be_chosen(world: World) -> None:
    url = await centre(world)
    html = world.smtp.read().get_body(("html",))
    assert html is not None
    assert f'href="{url}"' in html.get_content(), "beside the link that ends everything"
    page = await anonymous(world, "GET", url)
    assert boxes(page.text) == {"email": True, "news": True, "offers": True}
    assert ("Offers &lt;b&gt;" in page.text, "Your orders" in page.text) == (True, False)
    assert "script" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert await said(world) == {"email": ("yes", "test", None)}, "looking changes nothing"


async def test_l1_only_what_was_changed_is_a_statement_with_its_wording(world: World) -> None:
    url = await centre(world)
    page = (await anonymous(world, "GET", url)).text
    answer = await anonymous(world, "POST", url, data=filled(page, news=False))
    assert (answer.status_code, "Your choices are saved" in answer.text) == (200, True)
    assert boxes(answer.text) == {"email": True, "news": False, "offers": True}
    wording = "What may we write about? News Once a week"
    assert await said(world) == {
        "email": ("yes", "test", None),
        "news": ("no", "preference centre", wording),
    }, "a box that was ticked when the page was shown proves no yes"
    again = await anonymous(world, "POST", url, data=filled(answer.text, news=True))
    assert boxes(again.text)["news"]
    assert (await said(world))["news"] == ("yes", "preference centre", wording)


async def test_l1_a_page_that_was_opened_before_takes_nothing_back(world: World) -> None:
    url = await centre(world)
    old = (await anonymous(world, "GET", url)).text
    await anonymous(world, "POST", url, data={"do": "leave"})
    answer = await anonymous(world, "POST", url, data=filled(old))
    assert ("Nothing was changed" in answer.text, boxes(answer.text)["email"]) == (True, False)


async def test_l2_one_press_ends_everything(world: World) -> None:
    url = await centre(world)
    answer = await anonymous(world, "POST", url, data={"do": "leave"})
    assert "Your choices are saved" in answer.text
    assert (await said(world))["email"] == ("no", "preference centre", "Unsubscribe from everything")
    assert len(await receipts(world, "Unsubscribed")) == 1
    await world.pass_time(days=2)
    assert len(world.smtp.mails) == 1, "the second mail of the journey is not sent any more"


async def test_what_is_not_offered_cannot_be_chosen(world: World) -> None:
    url = await centre(world)
    forged = {"offered": ["orders", "sms", "email", "x" * 200], "on": ["orders", "sms", "email"], "shown": ["email"]}
    answer = await anonymous(world, "POST", url, data=forged)
    assert ("Nothing was changed" in answer.text, list(await said(world))) == (True, ["email"])


async def test_a_yes_that_waits_is_shown_as_waiting(world: World) -> None:
    url = await centre(world)
    await world.put("/v1/customers/ann/consent", {"offers": {"status": "yes"}})
    page = await anonymous(world, "GET", url)
    assert (boxes(page.text)["offers"], "Waits for your confirmation" in page.text) == (False, True)
    await anonymous(world, "POST", url, data=filled(page.text, offers=True))
    assert (await said(world))["offers"][0] == "yes", "the mail that has this link came to her address"


@pytest.mark.parametrize(
    ("accepted", "language", "words", "topic"),
    [
        ("de-AT,de;q=0.9", "de", "Was Sie erhalten möchten", "Neuigkeiten"),
        ("pl", "pl", "Co chcesz otrzymywać", "News"),
        ("fr", "en", "What you want to receive", "News"),
    ],
)
async def test_pages_speak_the_readers_language(
    world: World, accepted: str, language: str, words: str, topic: str
) -> None:
    url = await centre(world)
    page = await anonymous(world, "GET", url, headers={"accept-language": accepted})
    assert f'<html lang="{language}">' in page.text
    assert (words in page.text, topic in page.text) == (True, True)
    assert (page.headers["content-language"], page.headers["vary"]) == (language, "Accept-Language")


async def test_l1_the_wording_is_what_was_read(world: World) -> None:
    url = world.tokens.unsubscribe_url(await sent(world))
    answer = await anonymous(world, "POST", url, headers={"accept-language": "de"})
    assert "Sie sind abgemeldet" in answer.text
    assert (await said(world))["email"] == ("no", "unsubscribe page", "Von E-Mails abmelden")


async def test_the_page_behind_unsubscribe_leads_to_the_choices(world: World) -> None:
    message_id = await sent(world)
    page = await anonymous(world, "GET", world.tokens.unsubscribe_url(message_id))
    assert world.tokens.preferences_url(message_id) in page.text


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_link_that_is_not_ours_or_not_known_changes_nothing(world: World, method: str) -> None:
    for path in ("/p/nonsense", "/c/nonsense"):
        assert (await anonymous(world, method, path)).json()["code"] == "invalid_link"
    for url in (world.tokens.preferences_url("msg_gone"), world.tokens.confirmation_url("confirm_gone")):
        page = await anonymous(world, method, url)
        assert (page.status_code, "<form" in page.text) == (200, False)


async def test_a_form_beyond_measure_is_refused(world: World) -> None:
    url = await centre(world)
    body = "&".join(["on=email"] * 3000).encode()
    answer = await anonymous(world, "POST", url, content=body, headers=FORM)
    assert answer.status_code == 400
    assert (await anonymous(world, "POST", url, content=b"x" * 200_000, headers=FORM)).status_code == 413
