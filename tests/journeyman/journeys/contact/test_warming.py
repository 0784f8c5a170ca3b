"""Warm-up ramps on messages of journeys: exactly so many a day, the rest by another provider or on another day."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from journeyman.channels.templates import read_content
from journeyman.journeys.delivery import RetryLaterError
from tests.journeyman.journeys.contact.mailings import gates, go, ledger, mailing, outcomes
from tests.parts.smtp import SmtpServer
from tests.world import World, world

PROVIDERS = """
providers:
  new:
    provider: smtp
    url: {new}
    mail_from: new@shop.example
    warm_up: {{started: 2026-03-02, first_day: 3, growth: 2, until: 1000}}
  {more}
"""
NEEDS_A_NAME = {"channel": "email", "subject": "{{ customer.name }}", "text": "x"}
OLD = "old: {{provider: smtp, url: '{old}', mail_from: old@shop.example}}"


@pytest.fixture
async def new() -> AsyncIterator[SmtpServer]:
    async with SmtpServer() as server:
        yield server


@pytest.fixture
async def here(database_url: str, new: SmtpServer, tmp_path: Path) -> AsyncIterator[World]:
    """One provider, which is new."""
    file = tmp_path / "providers.yaml"
    file.write_text(PROVIDERS.format(new=new.url(), more=""))
    async with world(database_url, providers_file=file) as opened:
        yield opened


async def introduce(here: World, *customers: str, domain: str = "gmail.com") -> None:
    for customer in customers:
        await here.shop.introduce(customer, email=f"{customer}@{domain}")


def days(rows: list[Any]) -> Counter[int]:
    return Counter(row.sent_at.day for row in rows if row.sent_at is not None)


NAMES = [f"c{number}" for number in range(12)]


async def test_so_many_go_a_day_and_the_rest_on_the_next_ones(here: World, new: SmtpServer) -> None:
    await introduce(here, *NAMES)
    await here.shop.publish(mailing())
    for customer in NAMES:
        await go(here, customer)
    assert len(new.mails) == 3
    await here.pass_time(hours=11)
    assert len(new.mails) == 3
    await here.pass_time(days=1)
    assert len(new.mails) == 9
    await here.pass_time(days=1)
    assert days(await ledger(here)) == {2: 3, 3: 6, 4: 3}
    assert await outcomes(here) == ["sent"] * 12
    assert len({mail.rcpt_tos[0] for mail in new.mails}) == 12
    assert (await gates(here, "held"))[0][-1] == "warm_up!"
    assert (await gates(here))[-1][-1] == "warm_up"


async def test_each_mailbox_provider_has_its_share(here: World, new: SmtpServer) -> None:
    await introduce(here, *NAMES[:5])
    await introduce(here, *NAMES[5:], domain="outlook.com")
    await here.shop.publish(mailing())
    for customer in NAMES:
        await go(here, customer)
    assert Counter(mail.rcpt_tos[0].partition("@")[2] for mail in new.mails) == {"gmail.com": 3, "outlook.com": 3}


async def test_what_is_over_goes_by_the_next_provider_of_the_route(
    database_url: str, new: SmtpServer, tmp_path: Path
) -> None:
    async with SmtpServer() as old:
        file = tmp_path / "providers.yaml"
        file.write_text(PROVIDERS.format(new=new.url(), more=OLD.format(old=old.url())))
        async with world(database_url, providers_file=file) as here:
            await introduce(here, *NAMES)
            await here.shop.publish(mailing())
            for customer in NAMES:
                await go(here, customer)
            assert (len(new.mails), len(old.mails)) == (3, 9)
            assert Counter(row.provider for row in await ledger(here)) == {"new": 3, "old": 9}


async def test_transactional_messages_go_first_on_the_next_day(here: World) -> None:
    await introduce(here, *NAMES)
    await here.shop.publish(mailing())
    await here.shop.publish(mailing("order", event="Ordered", topic="transactional"))
    for customer in NAMES[:8]:
        await go(here, customer)
    for customer in NAMES[8:]:
        await go(here, customer, "Ordered")
    await here.pass_time(days=1)
    second = [row for row in await ledger(here) if row.sent_at is not None and row.sent_at.day == 3]
    assert [row.topic for row in sorted(second, key=lambda row: row.sent_at)] == ["transactional"] * 4 + [
        "marketing"
    ] * 2
    await here.pass_time(days=1)
    assert days(await ledger(here)) == {2: 3, 3: 6, 4: 3}


async def test_what_waits_is_judged_again(here: World, new: SmtpServer) -> None:
    await introduce(here, *NAMES[:5])
    await here.shop.publish(mailing())
    for customer in NAMES[:5]:
        await go(here, customer)
    written = {mail.rcpt_tos[0] for mail in new.mails}
    waiting = [name for name in NAMES[:5] if f"{name}@gmail.com" not in written]
    assert len(waiting) == 2
    await here.shop.consent(waiting[0], email="no")
    await here.pass_time(days=1)
    assert await outcomes(here) == ["no_consent", "sent", "sent", "sent", "sent"]
    assert len(new.mails) == 4


async def test_a_second_attempt_takes_no_second_place(here: World, new: SmtpServer) -> None:
    await introduce(here, *NAMES[:4])
    await here.shop.publish(mailing())
    new.script("DATA", "451 4.3.0 later")
    with pytest.raises(RetryLaterError):
        await go(here, NAMES[0])
    await here.settle()
    for customer in NAMES[1:4]:
        await go(here, customer)
    assert len(new.mails) == 3
    async with here.database.reading() as connection:
        rows = (await connection.exec_driver_sql("SELECT part, taken, kept FROM warm_up_days")).all()
    assert [tuple(row) for row in rows] == [("gmail", 3, 0)]


async def test_a_message_that_cannot_be_made_gives_its_place_back(here: World, new: SmtpServer) -> None:
    await introduce(here, *NAMES[:4])
    await here.shop.publish(mailing(), template=read_content(NEEDS_A_NAME))
    await here.shop.introduce(NAMES[0], email="c0@gmail.com", name="")
    for customer in NAMES[:4]:
        await go(here, customer)
    assert await outcomes(here) == ["failed", "sent", "sent", "sent"]
    assert len(new.mails) == 3


async def test_nobody_waits_for_longer_than_a_week(database_url: str, new: SmtpServer, tmp_path: Path) -> None:
    file = tmp_path / "providers.yaml"
    file.write_text(PROVIDERS.format(new=new.url(), more="").replace("2026-03-02", "2026-04-02"))
    async with world(database_url, providers_file=file) as here:
        await introduce(here, "c1")
        await here.shop.publish(mailing())
        await go(here, "c1")
        await here.pass_time(days=6)
        assert await outcomes(here) == [None]
        await here.pass_time(days=3)
        assert await outcomes(here) == ["capped"]


async def test_how_far_a_ramp_is_stands_in_the_metrics(here: World) -> None:
    await introduce(here, "c1", domain="aol.com")
    await here.shop.publish(mailing())
    await go(here, "c1")
    text = (await here.http.get("/metrics")).text
    assert 'journeyman_warm_up_messages{part="yahoo",provider="new",state="taken"} 1.0' in text
    assert 'journeyman_warm_up_messages{part="yahoo",provider="new",state="most"} 3.0' in text
    assert 'journeyman_warm_up_messages{part="gmail",provider="new",state="taken"} 0.0' in text
