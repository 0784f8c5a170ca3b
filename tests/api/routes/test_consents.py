"""Consent over the API: written with its proof, read, confirmed by a link, taken over from elsewhere (L1)."""

import re
from datetime import timedelta
from typing import Any

import pytest

from tests.api.routes.test_tracking import anonymous
from tests.builders import NOON, email, incoming, journey
from tests.world import World, world

SENDS = [{"id": "mail", "send": {"channel": "email", "template": "hello"}}]
ASK = {"email": {"status": "yes", "double_opt_in": True, "source": "footer form", "wording": "Write to me"}}
CONSENT = "/v1/customers/ann/consent"


async def introduced(world: World, name: str = "ann", **traits: Any) -> None:
    """A customer with an address who has said nothing."""
    given = {"email": f"{name}@example.com", **traits}
    await world.shop.accept(incoming("Identified", name, kind="identify", at=world.clock.at, traits=given))


async def enter(world: World) -> None:
    await world.shop.publish(journey(steps=SENDS))
    await world.shop.accept(incoming("Product Added", "ann", at=world.clock.at))
    await world.settle()


def subjects(world: World) -> list[str]:
    return [str(world.smtp.read(number)["Subject"]) for number in range(len(world.smtp.mails))]


def link(world: World, number: int = -1) -> str:
    """The link in a mail that asks to confirm."""
    body = world.smtp.read(number).get_body(("plain",))
    assert body is not None
    (found,) = re.findall(r"http\S+/c/\S+", body.get_content())
    return str(found)


async def status(world: World) -> str | None:
    items = (await world.get(CONSENT))["items"]
    return next((one["status"] for one in items if one["subject"] == "email"), None)


async def test_l1_a_yes_counts_only_once_its_link_was_pressed(world: World) -> None:
    await introduced(world)
    assert await world.put(CONSENT, ASK) == {"consents": {"email": "pending"}, "confirmation": "requested"}
    await enter(world)
    assert subjects(world) == ["Please confirm your subscription"], "pending counts as no"
    mail = world.smtp.read()
    assert (mail["To"], mail["Auto-Submitted"], mail["List-Unsubscribe"]) == ("ann@example.com", "auto-generated", None)

    page = await anonymous(world, "GET", link(world))
    assert (page.status_code, 'method="post"' in page.text, "E-mail" in page.text) == (200, True, True)
    assert (await anonymous(world, "HEAD", link(world))).status_code == 200
    assert await status(world) == "pending", "programs follow links as well"

    world.clock.at += timedelta(hours=1)
    for _ in range(2):
        assert "it is confirmed" in (await anonymous(world, "POST", link(world))).text
    assert "it is confirmed" in (await anonymous(world, "GET", link(world))).text
    (proof,) = (await world.get(CONSENT))["items"]
    assert (proof["status"], proof["source"], proof["wording"]) == ("yes", "double opt-in", "Write to me")
    assert proof["actor"].startswith("confirmation/confirm_")
    history = (await world.get(f"{CONSENT}/history"))["items"]
    assert [(one["status"], one["source"]) for one in history] == [("yes", "double opt-in"), ("pending", "footer form")]
    await enter(world)
    assert subjects(world)[1:] == ["Hello"]


async def test_l1_a_wait_for_consent_ends_when_it_is_confirmed(world: World) -> None:
    wait = {"id": "ask", "wait_for": {"when": {"consent": "email"}, "timeout": "7d"}}
    await introduced(world)
    await world.shop.publish(journey(steps=[wait, {"id": "done", "end": "agreed"}]))
    await world.shop.accept(incoming("Product Added", "ann", at=world.clock.at))
    await world.put(CONSENT, ASK)
    await world.settle()
    assert [run.state for run in await world.shop.runs()] == ["live"]
    await anonymous(world, "POST", link(world))
    await world.settle()
    assert [run.outcome for run in await world.shop.runs()] == ["agreed"]


async def test_l1_a_link_is_over_after_a_week(world: World) -> None:
    await introduced(world)
    await world.put(CONSENT, ASK)
    await world.settle()
    world.clock.at += timedelta(days=7)
    for method in ("GET", "POST"):
        assert "This link is over" in (await anonymous(world, method, link(world))).text
    assert await status(world) == "pending"


async def test_l1_a_no_beats_a_link_that_is_still_open(world: World) -> None:
    await introduced(world)
    await world.put(CONSENT, ASK)
    await world.settle()
    await world.put(CONSENT, {"email": {"status": "no"}})
    assert "This link is over" in (await anonymous(world, "POST", link(world))).text
    assert await status(world) == "no"


async def test_l1_who_has_another_address_by_now_has_confirmed_nothing(world: World) -> None:
    await introduced(world)
    await world.put(CONSENT, ASK)
    await world.settle()
    await introduced(world, "ann", email="other@example.com")
    assert "This link is over" in (await anonymous(world, "POST", link(world))).text
    assert await status(world) == "pending"


async def test_l1_the_link_of_a_profile_that_was_merged_confirms_for_the_person(world: World) -> None:
    await introduced(world)
    await world.put(CONSENT, ASK)
    await world.settle()
    await introduced(world, "anna", email="ann@example.com")
    await world.shop.accept(incoming("Aliased", "anna", kind="alias", previous="ann", at=world.clock.at))
    assert "it is confirmed" in (await anonymous(world, "POST", link(world))).text
    assert (await world.get("/v1/customers/anna/consent"))["items"][0]["status"] == "yes"


async def test_an_address_is_asked_at_most_so_often(world: World) -> None:
    await introduced(world)
    await introduced(world, "bob", email="ANN@example.com")
    answers = []
    for minutes in (0, 5, 20, 20, 20, 24 * 60):
        world.clock.at += timedelta(minutes=minutes)
        answers.append((await world.put(CONSENT, ASK))["confirmation"])
        await world.settle()
    assert answers == ["requested", "too_often", "requested", "requested", "too_often", "requested"]
    assert len(world.smtp.mails) == 4
    other = await world.put("/v1/customers/bob/consent", ASK)
    assert other == {"consents": {"email": "pending"}, "confirmation": "too_often"}
    for number in range(1, 4):
        assert link(world, number) != link(world, 0)


async def test_a_suppressed_address_is_not_asked(world: World) -> None:
    await introduced(world)
    await world.put("/v1/suppressions", {"address": "Ann@example.com", "reason": "complaint"})
    assert (await world.put(CONSENT, ASK))["confirmation"] == "suppressed"
    await world.settle()
    assert world.smtp.mails == []


async def test_an_address_that_is_suppressed_before_the_mail_leaves_gets_none(world: World) -> None:
    await introduced(world)
    await world.put(CONSENT, ASK)
    await world.put("/v1/suppressions", {"address": "ann@example.com", "reason": "complaint"})
    await world.settle()
    assert world.smtp.mails == []


async def test_a_yes_that_is_one_already_is_not_asked_about(world: World) -> None:
    await world.shop.introduce("ann")
    assert await world.put(CONSENT, ASK) == {"consents": {"email": "yes"}}


async def test_a_yes_that_cannot_be_confirmed_by_mail_is_refused(world: World) -> None:
    await introduced(world, email=None)
    answer = await world.http.put(CONSENT, json=ASK)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/email/double_opt_in")
    await introduced(world, "bob")
    wish = {"sms": {"status": "yes", "double_opt_in": True}}
    answer = await world.http.put("/v1/customers/bob/consent", json=wish)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/sms/double_opt_in")
    assert (await world.get("/v1/customers/bob/consent"))["items"] == [], "nothing was written"


async def test_the_workspace_may_ask_for_every_yes(database_url: str) -> None:
    async with world(database_url, double_opt_in=True) as asking:
        await introduced(asking)
        answer = await asking.put(CONSENT, {"email": {"status": "yes"}, "news": {"status": "yes"}})
        assert answer == {"consents": {"email": "pending", "news": "yes"}, "confirmation": "requested"}
        answer = await asking.put(CONSENT, {"email": {"status": "yes", "double_opt_in": False}})
        assert answer["consents"]["email"] == "yes"


async def test_the_mail_is_the_workspaces_own_where_it_has_one(world: World) -> None:
    await introduced(world, locale="de-AT")
    await world.put("/v1/topics/news", {"name": "News", "translations": {"de": {"name": "Neues <b>"}}})
    await world.put(CONSENT, {"news": ASK["email"]})
    await world.settle()
    assert subjects(world) == ["Bitte bestätigen Sie Ihre Anmeldung"]
    html = world.smtp.read().get_body(("html",))
    assert html is not None
    assert "Neues &lt;b&gt;" in html.get_content()
    own = email(subject="Really, {{ customer.email }}?", text="{{ subscriptions | join: ', ' }}: {{ confirm_url }}")
    await world.put("/v1/templates/double-opt-in", own.document())
    world.clock.at += timedelta(hours=1)
    await world.put(CONSENT, {"news": ASK["email"]})
    await world.settle()
    assert subjects(world)[1:] == ["Really, ann@example.com?"]
    assert "Neues <b>: http" in world.smtp.read().get_content()


async def test_l1_what_was_said_before_counts_by_when_it_was_said(world: World) -> None:
    for name in ("ann", "bob"):
        await introduced(world, name)
    world.clock.at = NOON + timedelta(days=30)

    def said(customer: str, word: str, day: int, **parts: Any) -> dict[str, Any]:
        at = (NOON + timedelta(days=day)).isoformat()
        return {"customer": customer, "subject": "email", "status": word, "at": at, "source": "old shop", **parts}

    await world.put("/v1/customers/bob/consent", {"email": {"status": "no"}})
    items = [
        said("ann", "yes", 3, wording="I agree", basis="consent"),
        said("ann", "no", 2),
        said("ann", "yes", 1),
        said("bob", "yes", 3, basis="legitimate_interest"),
        said("nobody", "yes", 3),
        said("ann", "yes", 400),
    ]
    answer = await world.http.post("/v1/consents", json={"items": items})
    assert answer.status_code == 200, answer.text
    taken = answer.json()
    assert [one["index"] for one in taken.pop("refused")] == [4, 5]
    assert taken == {"applied": 3, "kept": 1, "known": 0}
    again = (await world.http.post("/v1/consents", json={"items": items})).json()
    assert (again["applied"], again["kept"], again["known"]) == (0, 0, 4)

    (ann,) = (await world.get(CONSENT))["items"]
    assert (ann["status"], ann["basis"], ann["wording"], ann["actor"]) == ("yes", "consent", "I agree", "api/operator")
    assert (ann["since"], ann["recorded_at"]) == ("2026-03-05T12:00:00Z", "2026-04-01T12:00:00Z")
    (bob,) = (await world.get("/v1/customers/bob/consent"))["items"]
    assert bob["status"] == "no", "what is newer holds"
    history = (await world.get("/v1/customers/bob/consent/history"))["items"]
    assert [(one["status"], one["basis"]) for one in history] == [("no", None), ("yes", "legitimate_interest")]


async def test_l1_of_one_instant_a_no_stands_in_any_order(world: World) -> None:
    for name in ("ann", "bob", "cy"):
        await introduced(world, name)

    def said(customer: str, word: str) -> dict[str, Any]:
        at = (NOON - timedelta(days=1)).isoformat()
        return {"customer": customer, "subject": "email", "status": word, "at": at, "source": "list"}

    await world.http.post("/v1/consents", json={"items": [said("ann", "no"), said("ann", "yes"), said("bob", "yes")]})
    await world.http.post("/v1/consents", json={"items": [said("bob", "no"), said("cy", "no")]})
    await world.http.post("/v1/consents", json={"items": [said("cy", "yes")]})
    for name in ("ann", "bob", "cy"):
        assert (await world.get(f"/v1/customers/{name}/consent"))["items"][0]["status"] == "no"


async def test_l1_an_imported_yes_wakes_what_waits_for_it(world: World) -> None:
    wait = {"id": "ask", "wait_for": {"when": {"consent": "email"}, "timeout": "7d"}}
    await introduced(world)
    await world.shop.publish(journey(steps=[wait, {"id": "done", "end": "agreed"}]))
    await world.shop.accept(incoming("Product Added", "ann", at=world.clock.at))
    item = {"customer": "ann", "subject": "email", "status": "yes", "at": "2025-01-01T00:00:00Z", "source": "crm"}
    assert (await world.http.post("/v1/consents", json={"items": [item]})).json()["applied"] == 1
    await world.settle()
    assert [run.outcome for run in await world.shop.runs()] == ["agreed"]


async def test_l1_a_yes_may_end_by_itself(world: World) -> None:
    await introduced(world)
    ends = (NOON + timedelta(days=10)).isoformat()
    await world.put(CONSENT, {"email": {"status": "yes", "expires_at": ends}})
    await enter(world)
    assert len(world.smtp.mails) == 1
    world.clock.at = NOON + timedelta(days=10)
    assert await status(world) == "expired"
    await enter(world)
    assert len(world.smtp.mails) == 1
    messages = (await world.get("/v1/customers/ann/messages"))["items"]
    assert messages[0]["outcome"] == "no_consent"
    await world.put(CONSENT, {"email": {"status": "yes"}})
    await enter(world)
    assert len(world.smtp.mails) == 2


async def test_l3_a_no_in_mid_wait_counts_for_the_next_message(world: World) -> None:
    await introduced(world)
    await world.put(CONSENT, {"email": {"status": "yes"}})
    await world.shop.publish(journey(steps=[{"id": "pause", "wait": {"for": "1d"}}, *SENDS]))
    await world.shop.accept(incoming("Product Added", "ann", at=world.clock.at))
    await world.pass_time(hours=23)
    await world.put(CONSENT, {"email": {"status": "no"}})
    await world.pass_time(hours=2)
    assert (world.smtp.mails, await world.shop.codes("message")) == ([], ["no_consent"])
    assert [run.outcome for run in await world.shop.runs()] == ["completed"]


async def test_a_page_of_history_is_followed_by_the_next(world: World) -> None:
    await introduced(world)
    for number in range(5):
        word = "yes" if number % 2 else "no"
        await world.put(CONSENT, {"email": {"status": word, "source": f"form {number}"}})
    first = await world.get(f"{CONSENT}/history", limit=3)
    second = await world.get(f"{CONSENT}/history", limit=3, cursor=first["next"])
    assert [one["source"] for one in first["items"] + second["items"]] == [
        f"form {number}" for number in (4, 3, 2, 1, 0)
    ]
    assert second["next"] is None


@pytest.mark.parametrize(
    "wish",
    [
        {"status": "pending"},
        {"status": "yes", "basis": "because"},
        {"status": "yes", "expires_at": "2027-01-01"},
        {"status": "yes", "expires_at": "9999-12-31T23:59:59-12:00"},
    ],
)
async def test_what_no_consent_can_be_is_refused(world: World, wish: dict[str, Any]) -> None:
    await introduced(world)
    assert (await world.http.put(CONSENT, json={"email": wish})).status_code == 422


async def test_consent_of_somebody_unknown_is_not_found(world: World) -> None:
    for path in ("consent", "consent/history"):
        assert (await world.http.get(f"/v1/customers/nobody/{path}")).status_code == 404
