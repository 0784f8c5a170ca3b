"""What the doctor says of providers that are new."""

from datetime import date

from journeyman.channels.addresses import From
from journeyman.channels.providers.smtp.sender import SmtpSender
from journeyman.channels.routing import Provider, Route
from journeyman.channels.warming.places import admit
from journeyman.channels.warming.ramp import WarmUp
from journeyman.insight.health.warming import look_at_warm_up
from journeyman.kit.clock import FixedClock
from journeyman.kit.database import Database
from tests.builders import NOON


def route(ramp: WarmUp | None) -> dict[str, Route]:
    sender = SmtpSender("smtp://127.0.0.1:1", From.parse("new@shop.example"), clock=FixedClock(NOON))
    return {"email": Route([Provider("new", sender, warm_up=ramp)], FixedClock(NOON))}


async def test_a_ramp_tells_what_was_sent_and_warns_where_a_share_is_used_up(database: Database) -> None:
    ramp, clock = WarmUp(started=NOON.date(), first_day=2), FixedClock(NOON)
    for number in range(3):
        (found,) = await look_at_warm_up(database, clock, route(ramp))
        assert f"gmail {number} of 2" in found.detail or number > 2
        assert (found.level, bool(found.mend)) == (("ok", False) if number < 2 else ("warn", True))
        async with database.transaction() as connection:
            await admit(connection, [("new", ramp)], f"m{number}", "a@gmail.com", NOON.date(), keeps=False)


async def test_without_a_ramp_nothing_is_said_and_one_that_is_over_may_go(database: Database) -> None:
    assert await look_at_warm_up(database, FixedClock(NOON), route(None)) == []
    (found,) = await look_at_warm_up(database, FixedClock(NOON), route(WarmUp(started=date(2020, 1, 1))))
    assert (found.level, "is warm" in found.detail) == ("ok", True)
