"""M7: what a message looks up is asked for at the instant of sending, outside of any transaction, and is told."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.pool import QueuePool

from journeyman.channels import templates
from journeyman.channels.templates import read_content
from journeyman.journeys.delivery import RetryLaterError
from journeyman.journeys.lookups.asking import Answer, Ask, Nobody
from journeyman.journeys.lookups.messages import read_lookups
from tests.journeyman.journeys.contact.mailings import gates, go, ledger, mail, mailing, outcomes
from tests.parts.other_system import OtherSystem, Says, says
from tests.world import World

WEATHER: dict[str, Any] = {
    "connection": "shop",
    "path": "/weather?city={{ customer.city | url_encode }}",
    "take": "/current/degrees",
    "timeout": "1s",
}
MAIL = {"channel": "email", "subject": "It is {{ lookup.weather }} degrees", "text": "Come in"}


def warm(degrees: int) -> Says:
    return says(200, {"current": {"degrees": degrees}})


async def publish(here: World, *steps: dict[str, Any], lookups: dict[str, Any] | None = None, **parts: Any) -> None:
    template = {**MAIL, "lookups": lookups or {"weather": {**WEATHER, **parts}}}
    await here.shop.publish(mailing("cart", *steps), template=read_content(template))


async def read(here: World) -> dict[str, Any]:
    """What the gate of lookups has read of the last message."""
    line = [entry for entry in await here.shop.journal() if entry.kind == "message"][-1]
    (gate,) = [one for one in line.data["gates"] if one["gate"] == "lookup"]
    return dict(gate["read"])


async def test_m7_a_message_shows_what_the_other_system_says_as_it_is_sent(here: World, shop: OtherSystem) -> None:
    shop.script.append(warm(21))
    await here.shop.introduce(city="Łódź & more")
    await publish(here)
    await go(here)
    assert here.smtp.read()["subject"] == "It is 21 degrees"
    (asked,) = shop.calls
    assert (asked.method, asked.path) == ("GET", "/api/weather?city=%C5%81%C3%B3d%C5%BA+%26+more")
    assert await read(here) == {"weather": "answered"}
    (run,) = await here.shop.runs()
    assert not run.kept


async def test_m7_no_transaction_is_open_while_another_system_is_asked(here: World, shop: OtherSystem) -> None:
    open_ones = []
    source = here.delivery.mail.lookups.source

    class Watching(Nobody):
        """Asks, and looks at the pool of connections meanwhile."""

        def known(self, ask: Ask) -> Answer | None:
            return source.known(ask)

        async def fetch(self, asks: Iterable[Ask]) -> dict[Ask, Answer]:
            pool = here.database.engine.pool
            assert isinstance(pool, QueuePool)
            open_ones.append(pool.checkedout())
            return await source.fetch(asks)

    here.delivery.mail.lookups.source = Watching()
    shop.script.append(warm(1))
    await here.shop.introduce(city="Bonn")
    await publish(here)
    await go(here)
    assert (open_ones, await outcomes(here)) == ([0], ["sent"])


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (says(503), "the answer is 503"),
        (says(200, {"current": {}}), "the answer has nothing at `/current/degrees`"),
        (Says(200, b"{"), "the answer cannot be read"),
        (Says(None), "no answer"),
        (Says(silent=True), "no answer: it took too long"),
        (Says(200, b'"' + b"x" * 65_536 + b'"'), "the answer is larger than 64 KB"),
        (says(200, {"current": {"degrees": "x" * 16_384}}), "larger than 16 KB"),
        (says(302, {}, location="http://127.0.0.1:1/"), "the answer is 302"),
    ],
)
async def test_m7_a_failing_lookup_takes_its_other_value(
    here: World, shop: OtherSystem, answer: Says, why: str
) -> None:
    shop.script.append(answer)
    await here.shop.introduce(city="Bonn")
    await publish(here, otherwise="so many", timeout="1s")
    await go(here)
    assert here.smtp.read()["subject"] == "It is so many degrees"
    assert why in (await read(here))["weather"]


async def test_m7_without_another_value_the_message_is_not_sent_and_the_run_goes_on(
    here: World, shop: OtherSystem
) -> None:
    shop.script.append(says(500))
    await here.shop.introduce(city="Bonn")
    plain = {"id": "plain", "send": {"channel": "email", "template": "plain"}}
    await publish(here, mail(on={"no_lookup": "plain"}), plain)
    await templates.save(here.database, "plain", read_content({**MAIL, "subject": "No weather"}), here.clock.at)
    await go(here)
    assert await outcomes(here) == ["no_lookup", "sent"]
    assert here.smtp.read()["subject"] == "No weather"
    assert (await gates(here))[0][-1] == "lookup!"
    (run,) = await here.shop.runs()
    assert not run.kept


async def test_m7_a_second_attempt_says_what_the_first_one_said(here: World, shop: OtherSystem) -> None:
    shop.script.extend([warm(1), warm(2)])
    await here.shop.introduce(city="Bonn")
    await publish(here)
    here.smtp.script("RCPT", "451 try again")
    with pytest.raises(RetryLaterError):
        await go(here)
    here.clock.at += timedelta(hours=1)
    await here.settle()
    assert (here.smtp.read()["subject"], len(shop.calls)) == ("It is 1 degrees", 1)


async def test_m7_an_answer_is_kept_as_long_as_the_template_says(here: World, shop: OtherSystem) -> None:
    shop.script.extend([warm(1), warm(2)])
    await here.shop.introduce(city="Bonn")
    await publish(here, keep="10m")
    await go(here)
    await here.pass_time(minutes=9)
    await go(here)
    await here.pass_time(minutes=2)
    await go(here)
    subjects = [here.smtp.read(index)["subject"] for index in range(3)]
    assert subjects == ["It is 1 degrees", "It is 1 degrees", "It is 2 degrees"]


async def test_m7_a_path_that_is_another_at_every_attempt_is_given_up(here: World, shop: OtherSystem) -> None:
    await here.shop.introduce(city="Bonn")
    await publish(here, path="/{{ 'now' | date: '%s' }}{{ customer.turn }}", otherwise="no")
    source = here.delivery.mail.lookups.source
    turns = iter(range(99))

    class Turning(Nobody):
        """Answers, and has the customer move on meanwhile."""

        def known(self, ask: Ask) -> Answer | None:
            return source.known(ask)

        async def fetch(self, asks: Iterable[Ask]) -> dict[Ask, Answer]:
            found = await source.fetch(asks)
            await here.shop.introduce(turn=next(turns))
            return found

    here.delivery.mail.lookups.source = Turning()
    await go(here)
    assert (await read(here), len(shop.calls)) == ({"weather": "it asks for something else at every attempt"}, 4)


async def test_m7_who_cannot_be_written_to_asks_nobody(here: World, shop: OtherSystem) -> None:
    await here.shop.introduce(city="Bonn", email=None)
    await publish(here)
    await go(here)
    assert (await outcomes(here), shop.calls) == (["unreachable"], [])


async def test_m7_a_path_may_not_lead_upwards(here: World, shop: OtherSystem) -> None:
    await here.shop.introduce(city="../../admin")
    await publish(here, path="/weather/{{ customer.city }}")
    await go(here)
    assert (await outcomes(here), shop.calls) == (["no_lookup"], [])
    (row,) = await ledger(here)
    assert "lead upwards" in row.detail


def test_only_what_is_read_is_looked_up() -> None:
    content = read_content({**MAIL, "lookups": {"weather": WEATHER, "stock": {"connection": "shop"}}})
    assert list(read_lookups(content)) == ["weather"]
