"""Pools of codes, journeys that mail them, and what became of the codes."""

from typing import Any

from sqlalchemy import select

from journeyman.catalog.coupons.coupons import Coupons
from journeyman.catalog.coupons.tables import CouponCode
from tests.builders import email
from tests.journeyman.journeys.contact.mailings import mail, mailing
from tests.world import World

TEMPLATE = email("Yours", text="Your code is {{ coupon.code }}, until {{ coupon.expires | date: '%d.%m.%Y' }}.\n")


async def fill(here: World, *codes: str, key: str = "ten-off", tier: str | None = None, **document: Any) -> None:
    coupons = Coupons(here.database, here.clock)
    await coupons.put(key, {"name": "Ten off", **document})
    if codes:
        await coupons.add(key, codes, tier)


async def offer(here: World, *steps: dict[str, Any], **parts: Any) -> None:
    """A journey that mails a code of `ten-off` at once."""
    await here.shop.publish(mailing("cart", *(steps or [mail(coupon="ten-off")]), **parts), template=TEMPLATE)


async def codes(here: World) -> dict[str, Any]:
    """Code → its row."""
    async with here.database.reading() as connection:
        rows = await connection.execute(select(CouponCode.__table__).order_by(CouponCode.id))
        return {row.code: row for row in rows}


async def states(here: World) -> dict[str, str]:
    return {code: row.state for code, row in (await codes(here)).items()}


def shown(here: World) -> list[str]:
    """The codes in the mails that have arrived, in their order."""
    return [text(here.smtp.read(place)).split("code is ")[1].split(",")[0] for place in range(len(here.smtp.mails))]


def text(message: Any) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())
