"""The coupon pools that journeys name: at publication, in lint, in previews and simulations (M6)."""

from typing import Any

import pytest

from journeyman.catalog.coupons.codes import EXAMPLE
from journeyman.channels import templates
from journeyman.kit.errors import InvalidError
from tests.builders import email
from tests.journeyman.journeys.contact.mailings import mail, mailing
from tests.journeyman.journeys.coupons.offers import TEMPLATE, fill, offer, states
from tests.world import World


async def findings(here: World) -> list[tuple[str, str]]:
    found = await here.get("/v1/journeys/cart/lint")
    return [(one["code"], one["pointer"]) for one in found["items"] if "coupon" in one["code"]]


@pytest.mark.parametrize(
    ("send", "told"),
    [
        ({"coupon": "ten-off"}, "step `mail`: there is no coupon pool `ten-off`"),
        ({}, "step `mail`: the template `hello` shows a coupon, and the step brings none"),
    ],
)
async def test_m6_a_journey_whose_coupon_cannot_be_sent_is_not_published(
    here: World, send: dict[str, Any], told: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        await offer(here, mail(**send))
    assert [(one.pointer, one.detail) for one in refused.value.faults] == [("/steps/0/send/coupon", told)]


async def test_lint_finds_codes_that_nobody_sees_and_pools_that_run_dry(here: World) -> None:
    await fill(here, "A", "B", alert_below=3)
    await here.shop.publish(mailing("cart", mail(coupon="ten-off")))
    place = "/steps/0/send/coupon"
    assert await findings(here) == [("coupon-not-shown", place), ("few-coupons", place)]
    await fill(here, "C", alert_below=3)
    await templates.save(here.database, "hello", TEMPLATE, here.clock.at)
    assert await findings(here) == []


async def test_lint_finds_a_pool_that_is_smaller_than_the_segment_of_a_schedule(here: World) -> None:
    await fill(here, "A")
    for name in ("ann", "bob"):
        await here.shop.introduce(name)
    await here.put("/v1/segments/crew", {"name": "Crew"})
    answer = await here.http.post("/v1/segments/crew/members", json={"add": ["ann", "bob"]})
    assert answer.status_code == 200, answer.text
    entry = {"on": "schedule", "once": "2026-04-01T09:00", "segment": "crew"}
    await here.shop.publish({**mailing("cart", mail(coupon="ten-off")), "entry": entry}, template=TEMPLATE)
    assert await findings(here) == [("few-coupons", "/steps/0/send/coupon")]
    await fill(here, "B")
    assert await findings(here) == []


@pytest.mark.parametrize("name", ["mjml", "html", "text", "subject"])
async def test_a_coupon_is_seen_wherever_a_mail_shows_it(here: World, name: str) -> None:
    shown = "{% if coupon %}{{ coupon.code }}{% endif %}"
    bodies = {
        "mjml": f"<mjml><mj-body><mj-raw>{shown}</mj-raw></mj-body></mjml>",
        "html": f"<html><body><p>{shown}</p></body></html>",
        "text": shown,
    }
    subject = shown if name == "subject" else "Hello"
    content = email(subject, **{name: bodies[name]} if name in bodies else {"text": "Hello"})
    with pytest.raises(InvalidError):
        await here.shop.publish(mailing("cart"), template=content)


async def test_a_preview_and_a_simulation_show_an_example_and_take_no_code(here: World) -> None:
    await fill(here, "A")
    shown = email("{{ coupon.code }}", text="{{ coupon.code }}")
    await here.shop.publish(mailing("cart", mail(coupon="ten-off")), template=shown)
    answer = await here.http.post("/v1/templates/hello/render", json={})
    assert answer.status_code == 200, answer.text
    assert EXAMPLE.code in answer.json()["text"]
    answer = await here.http.post("/v1/journeys/cart/simulate", json={"at": here.clock.at.isoformat()})
    assert answer.status_code == 200, answer.text
    (message,) = answer.json()["customers"][0]["messages"]
    assert (message["outcome"], message["subject"][:8]) == ("sent", "EXAMPLE-")
    assert await states(here) == {"A": "free"}
