"""Q9: text messages heed the hours of the country of the number beside all others; the strictest wins."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from journeyman.channels.content.text import TextContent
from journeyman.channels.routing import only
from journeyman.language.national_hours import NATIONAL_HOURS
from journeyman.language.quiet import Window, is_quiet
from journeyman.simulation.trap import Trap
from tests.builders import incoming
from tests.journeyman.journeys.contact.mailings import go, mailing, outcomes, policy
from tests.world import World

TEXT = {"id": "text", "send": {"channel": "sms", "template": "text"}}
FRENCH, AMERICAN, GERMAN = "+33612345678", "+12125550123", "+4915112345678"


async def texted(here: World, phone: str, when: datetime, **traits: Any) -> list[str | None]:
    """What becomes of a text message to this number at that time."""
    here.delivery.routes = {**here.delivery.routes, "sms": only(Trap("sms", here.clock), here.clock)}
    await here.shop.introduce(phone=phone, **traits)
    await here.shop.consent("ann", sms="yes")
    await here.shop.publish(mailing("cart", TEXT), template=TextContent(channel="sms", text="Hello"))
    here.clock.at = when
    await go(here)
    return await outcomes(here)


@pytest.mark.parametrize(
    ("phone", "when", "is_sent"),
    [
        (FRENCH, "2026-03-07T20:30+00:00", True),
        (FRENCH, "2026-03-07T21:30+00:00", False),
        (FRENCH, "2026-03-08T11:00+00:00", False),
        (AMERICAN, "2026-03-04T13:30+00:00", True),
        (AMERICAN, "2026-03-04T12:30+00:00", False),
        (GERMAN, "2026-03-08T02:00+00:00", True),
    ],
    ids=["Saturday evening", "Saturday night", "Sunday", "half past eight in New York", "half past seven", "no rule"],
)
async def test_q9_texts_wait_for_the_hours_of_the_numbers_country(
    here: World, phone: str, when: str, *, is_sent: bool
) -> None:
    assert await texted(here, phone, datetime.fromisoformat(when)) == (["sent"] if is_sent else [None])


async def test_q9_what_waits_goes_in_the_morning(here: World) -> None:
    assert await texted(here, FRENCH, datetime(2026, 3, 7, 22, tzinfo=UTC)) == [None]
    await here.pass_time(hours=32)
    assert await outcomes(here) == [None], "it is Sunday"
    await here.pass_time(hours=2)
    assert await outcomes(here) == ["sent"]


async def test_a_workspace_may_have_rules_of_its_own(here: World) -> None:
    await policy(here, national_hours=False)
    assert await texted(here, FRENCH, datetime(2026, 3, 8, 2, tzinfo=UTC)) == ["sent"]


async def test_q8_what_is_no_advertising_goes_at_any_hour(here: World) -> None:
    here.delivery.routes = {**here.delivery.routes, "sms": only(Trap("sms", here.clock), here.clock)}
    await here.shop.introduce(phone=FRENCH)
    await here.shop.publish(
        mailing("code", TEXT, topic="transactional"), template=TextContent(channel="sms", text="Hello")
    )
    here.clock.at = datetime(2026, 3, 8, 2, tzinfo=UTC)
    await go(here)
    assert await outcomes(here) == ["sent"]


async def test_mail_heeds_them_not(here: World) -> None:
    await here.shop.introduce(phone=FRENCH)
    await here.shop.publish(mailing())
    await here.shop.accept(incoming("Seen", at=here.clock.at))
    here.clock.at = datetime(2026, 3, 8, 2, tzinfo=UTC)
    await go(here)
    assert await outcomes(here) == ["sent"]


@pytest.mark.parametrize("country", NATIONAL_HOURS)
def test_every_country_leaves_hours_to_write(country: str) -> None:
    windows = [Window.of(hours) for hours in NATIONAL_HOURS[country]]
    monday = datetime(2026, 3, 2, tzinfo=UTC)
    free = [hour for hour in range(24) if not is_quiet(windows, UTC, monday + timedelta(hours=hour))]  # type: ignore[arg-type]  # any tzinfo tells the hour
    assert {10, 11, 12, 17} <= set(free)
