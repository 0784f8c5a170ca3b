"""Answers are fetched once for all who ask at once, and kept."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from journeyman.channels.connections.calling import ConnectedCalls
from journeyman.channels.connections.settings import Connection
from journeyman.channels.webhooks.calling import HttpCalls
from journeyman.journeys.lookups.asking import Answer, Ask
from journeyman.journeys.lookups.fetching import Fetching
from journeyman.kit.clock import FixedClock
from tests.builders import NOON
from tests.parts.other_system import OtherSystem, Says, says


@pytest.fixture
async def fetching(shop: OtherSystem) -> AsyncIterator[Fetching]:
    http = HttpCalls(allows_private=True)
    connections = {"shop": Connection.model_validate({"url": shop.url})}
    clock = FixedClock(NOON)
    yield Fetching(ConnectedCalls(http, connections, clock), clock, most_kept=2)
    await http.close()


def ask(path: str = "/stock", *, connection: str = "shop", seconds: float = 1, keep: int = 60) -> Ask:
    return Ask(connection, path, "stock", timedelta(seconds=seconds), timedelta(seconds=keep))


async def one(fetching: Fetching, asked: Ask) -> Answer:
    return (await fetching.fetch([asked]))[asked]


async def test_many_who_ask_at_once_make_one_request(fetching: Fetching, shop: OtherSystem) -> None:
    shop.script.append(says(200, {"left": 3}))
    found = await asyncio.gather(*(one(fetching, ask()) for _ in range(50)))
    assert ({one.document["left"] for one in found if isinstance(one.document, dict)}, len(shop.calls)) == ({3}, 1)


async def test_who_asks_first_may_go_and_the_others_still_get_the_answer(fetching: Fetching, shop: OtherSystem) -> None:
    first = asyncio.create_task(one(fetching, ask()))
    second = asyncio.create_task(one(fetching, ask()))
    await asyncio.sleep(0)
    first.cancel()
    assert ((await second).failure, len(shop.calls)) == (None, 1)
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_each_asks_for_how_old_an_answer_may_be(fetching: Fetching, shop: OtherSystem) -> None:
    clock = fetching.clock
    assert isinstance(clock, FixedClock)
    await one(fetching, ask())
    clock.at += timedelta(seconds=30)
    assert fetching.known(ask(keep=31)) is not None
    assert fetching.known(ask(keep=30)) is None
    await one(fetching, ask(keep=30))
    assert len(shop.calls) == 2


async def test_a_failure_is_kept_for_a_moment_only(fetching: Fetching, shop: OtherSystem) -> None:
    clock = fetching.clock
    assert isinstance(clock, FixedClock)
    shop.script.append(says(503))
    assert [(await one(fetching, ask())).failure for _ in range(2)] == ["the answer is 503"] * 2
    assert len(shop.calls) == 1
    clock.at += timedelta(seconds=5)
    assert (await one(fetching, ask())).failure is None


async def test_a_process_keeps_so_many_answers_and_no_more(fetching: Fetching, shop: OtherSystem) -> None:
    for path in ("/a", "/b", "/c"):
        await one(fetching, ask(path))
    assert [fetching.known(ask(path)) is not None for path in ("/a", "/b", "/c")] == [False, True, True]
    assert len(shop.calls) == 3


async def test_who_has_less_patience_than_the_first_does_not_wait_for_her(
    fetching: Fetching, shop: OtherSystem
) -> None:
    shop.script.append(Says(silent=True))
    patient = asyncio.create_task(one(fetching, ask(seconds=2)))
    await asyncio.sleep(0)
    assert (await one(fetching, ask(seconds=0.05))).failure == "no answer: it took too long"
    assert not patient.done()
    assert "no answer" in ((await patient).failure or "")


async def test_a_connection_that_is_not_there_is_no_answer(fetching: Fetching) -> None:
    assert (await one(fetching, ask(connection="shpo"))).failure == "there is no connection `shpo`"
