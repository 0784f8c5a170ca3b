"""M6: many messages at once take codes of one pool, and workers die in between."""

import asyncio
import os
import signal
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from journeyman.channels.ledger.messages import Message
from journeyman.journeys.advance import Request
from journeyman.journeys.coupons.reserving import Pools
from journeyman.journeys.runs import Run, Scene
from journeyman.language.facts import Facts
from tests.builders import NOON, definition
from tests.journeyman.journeys.contact.mailings import go, mail
from tests.journeyman.journeys.coupons.offers import codes, fill, offer, shown, states
from tests.parts.smtp import SILENT, TAKEN
from tests.world import SECRET, World

WORKER = Path(__file__).parents[3] / "parts" / "coupon_worker.py"
WAIT = {"id": "wait", "wait": {"for": "1d"}}
SENDS, CODES = 2000, 1500


def run(number: int) -> tuple[Run, Message]:
    known: dict[str, Any] = dict.fromkeys(("outcome", "ended_at", "until", "released", "goal_until", "step"), None)
    mine = Run(
        **known,
        id=f"run_{number}",
        journey_key="cart",
        version=1,
        definition_hash="x",
        customer_id=f"c{number}",
        correlation="",
        workflow_id="",
        state="live",
        entered_at=NOON,
        entered_seq=1,
        entry={},
        context={},
        visit=1,
        arrived_at=NOON,
    )
    message = Message(
        f"msg_{number}",
        mine.id,
        "mail",
        1,
        "cart",
        1,
        mine.customer_id,
        "email",
        "marketing",
        "hello",
        "reserved",
        NOON,
    )
    return mine, message


async def test_m6_two_thousand_sends_at_once_of_fifteen_hundred_codes(here: World) -> None:
    """Every tenth message fails at first and is sent afterwards, while the others are at it."""
    await fill(here, *(f"C{number:04}" for number in range(CODES)))
    pools, scene, got = Pools(), Scene(definition(), Facts(NOON, {}), NOON), Counter[str]()
    at_once = asyncio.Semaphore(40)

    async def send(number: int, *, fails: bool) -> str | None:
        mine, message = run(number)
        async with at_once:
            async with here.database.transaction() as connection:
                taken = await pools.reserve(connection, "ten-off", message, mine, scene)
            await asyncio.sleep(0)
            message.state = "failed" if fails else "sent"
            async with here.database.transaction() as connection:
                await pools.settle(connection, "ten-off", message, NOON)
        return taken.coupon.code if taken.coupon is not None else None

    async def both(number: int) -> str | None:
        if number % 10 == 0:
            await send(number, fails=True)
        return await send(number, fails=False)

    for code in await asyncio.gather(*(both(number) for number in range(SENDS))):
        got[code or "no_coupon"] += 1
    assert got.pop("no_coupon") == SENDS - CODES
    assert (len(got), set(got.values())) == (CODES, {1})
    assert set((await states(here)).values()) == {"given"}
    assert len({row.run_id for row in (await codes(here)).values()}) == CODES


async def test_m6_nobody_passes_by_the_last_code_while_another_lets_it_go(here: World) -> None:
    """The one code is just being taken by a transaction that will not come to its end."""
    await fill(here, "A")
    pools, scene = Pools(), Scene(definition(), Facts(NOON, {}), NOON)

    async def other() -> str | None:
        mine, message = run(2)
        async with here.database.transaction() as connection:
            taken = await pools.reserve(connection, "ten-off", message, mine, scene)
        return taken.coupon.code if taken.coupon is not None else None

    async def takes_and_lets_go() -> None:
        async with here.database.transaction() as connection:
            mine, message = run(1)
            assert (await pools.reserve(connection, "ten-off", message, mine, scene)).coupon is not None
            waiting.append(asyncio.create_task(other()))
            await _interrupted(here)

    waiting: list[asyncio.Task[str | None]] = []
    with pytest.raises(InterruptedError):
        await takes_and_lets_go()
    assert [await one for one in waiting] == ["A"]


async def _interrupted(here: World) -> None:
    """End the transaction as soon as another waits for it; on SQLite it waits at the door."""
    waits = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    async with asyncio.timeout(30), here.database.reading() as connection:
        while not here.database.is_sqlite and not (await connection.execute(waits)).scalar_one():
            await connection.rollback()
    raise InterruptedError


async def _worker(here: World, request: Request) -> asyncio.subprocess.Process:
    """A process of its own that advances the run."""
    at = here.clock.at.isoformat()
    given = [here.database.url, here.smtp.url(), request.run_id, request.step, str(request.visit), at]
    return await asyncio.create_subprocess_exec(
        *(sys.executable, str(WORKER), *given),
        env={**os.environ, "JOURNEYMAN_SECRET_KEY": SECRET, "PYTHONPATH": str(WORKER.parents[2])},
        stderr=asyncio.subprocess.PIPE,
    )


async def _before_the_mail(here: World) -> Request:
    await fill(here, "A", "B")
    await here.shop.introduce()
    await offer(here, WAIT, mail(coupon="ten-off"))
    await go(here)
    here.clock.at += timedelta(days=1, seconds=1)
    (mine,) = await here.shop.runs()
    return Request(mine.id, mine.step, mine.visit, here.clock.at, "email")


async def _kill(here: World, process: asyncio.subprocess.Process) -> None:
    """Until the worker waits for the provider's answer, which may have the message; then it is killed."""
    async with asyncio.timeout(60):
        while here.smtp.is_to_answer("END"):
            assert process.returncode is None, (await process.communicate())[1].decode()
            await asyncio.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    await process.wait()


async def test_m6_a_worker_killed_between_reserve_and_settle_loses_no_code(here: World) -> None:
    request = await _before_the_mail(here)
    here.smtp.script("END", SILENT)
    await _kill(here, await _worker(here, request))
    assert here.smtp.mails == []
    assert await states(here) == {"A": "reserved", "B": "free"}
    await here.advance(request)
    assert (await states(here), shown(here)) == ({"A": "given", "B": "free"}, ["A"])


async def test_m6_a_worker_killed_after_the_provider_accepted_gives_no_code_twice(here: World) -> None:
    request = await _before_the_mail(here)
    here.smtp.script("END", TAKEN)
    await _kill(here, await _worker(here, request))
    assert len(here.smtp.mails) == 1
    assert await states(here) == {"A": "reserved", "B": "free"}
    await here.advance(request)
    assert (await states(here), shown(here)) == ({"A": "given", "B": "free"}, ["A", "A"])
    await here.shop.introduce("bob")
    await go(here, "bob")
    await here.pass_time(days=1, minutes=1)
    assert shown(here)[2:] == ["B"]
