"""Telling the team of tasks, campaigns and failing providers: once each, together where they come together."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from journeyman.channels.notices.apprise_sender import AppriseSender
from journeyman.channels.notices.settings import NoticeTarget
from journeyman.channels.routing import Route
from journeyman.journeys.notices import repository
from journeyman.journeys.notices.keeping import ATTEMPTS, LONGEST_REST, LOOK, PAUSE, NoticeKeeper
from tests.journeyman.journeys.steps.visits import END, enter
from tests.parts.other_system import OtherSystem, says
from tests.world import World

CALL: dict[str, Any] = {
    "id": "phone",
    "task": {"title": "Call {{ customer.name }}", "team": "sales", "choices": ["reached"], "timeout": "3d"},
}


@pytest.fixture
async def chat() -> AsyncIterator[OtherSystem]:
    async with OtherSystem() as system:
        yield system


def keeping(here: World, routes: dict[str, Route] | None = None, **targets: NoticeTarget) -> NoticeKeeper:
    return NoticeKeeper(here.database, here.clock, targets, routes or {}, AppriseSender())


def target(*systems: OtherSystem, **given: Any) -> NoticeTarget:
    urls = tuple(SecretStr(f"json://127.0.0.1:{one.port}/") for one in systems)
    return NoticeTarget(to=urls, **given)


def told(system: OtherSystem) -> list[tuple[str, int]]:
    """Title and number of lines of each notice."""
    return [(one.document["title"], len(one.document["message"].splitlines())) for one in system.calls]


async def work(here: World, keeper: NoticeKeeper, passes: timedelta = LOOK) -> int:
    here.clock.at += passes
    return await keeper.step()


async def test_what_was_there_before_is_not_told_of_and_what_comes_is_once(here: World, chat: OtherSystem) -> None:
    await here.shop.introduce()
    await enter(here, CALL, END)
    here.clock.at += timedelta(hours=1)
    keeper = keeping(here, ops=target(chat))
    await keeper.step()
    assert chat.calls == []
    await enter(here, {**CALL, "id": "again"}, END, parts={"key": "other"})
    assert [await work(here, keeper) for _ in range(3)] == [1, 0, 0]
    assert told(chat) == [("A task for somebody", 1)]


async def test_nothing_about_a_customer_leaves_unless_it_is_wanted(here: World, chat: OtherSystem) -> None:
    async with OtherSystem() as inner:
        keeper = keeping(here, ops=target(chat), support=target(inner, details=True))
        await keeper.step()
        await here.shop.introduce()
        await enter(here, CALL, END)
        assert await work(here, keeper) == 2
        assert "Ann" not in chat.calls[0].document["message"]
        assert "Call Ann" in inner.calls[0].document["message"]


async def test_a_team_hears_of_its_own_tasks_and_of_what_it_asks_for(here: World, chat: OtherSystem) -> None:
    async with OtherSystem() as other:
        keeper = keeping(here, sales=target(chat, team="sales"), ops=target(other, about=("campaign",), team="sales"))
        await keeper.step()
        await enter(here, CALL, END)
        assert await work(here, keeper) == 1
        assert (len(chat.calls), other.calls) == (1, [])


async def test_a_hundred_tasks_of_a_minute_are_one_notice(here: World, chat: OtherSystem) -> None:
    keeper = keeping(here, ops=target(chat))
    await keeper.step()
    async with here.database.transaction() as connection:
        rows = [row for number in range(100) for row in [_row(here, number)]]
        await repository.note(connection, rows)
        await repository.note(connection, rows)
    assert await work(here, keeper) == 1
    assert told(chat) == [("100 tasks for somebody", 11)]
    async with here.database.transaction() as connection:
        await repository.note(connection, [_row(here, 100), _row(here, 101)])
    assert await work(here, keeper) == 0
    assert await work(here, keeper, PAUSE) == 1
    assert told(chat)[1:] == [("2 tasks for somebody", 2)]


def _row(here: World, number: int) -> dict[str, Any]:
    at = here.clock.at
    known = {"id": f"notice_{number:04}", "target": "ops", "place": 0, "kind": "task", "subject": f"task_{number}"}
    state = {"state": "pending", "at": at, "next_at": at, "sent_at": None, "attempts": 0, "failure": None}
    return {**known, "line": f"task {number}", "customer_id": None, **state}


async def test_each_address_is_told_until_it_takes_it_and_none_of_them_twice(here: World, chat: OtherSystem) -> None:
    async with OtherSystem() as down:
        keeper = keeping(here, ops=target(chat, down))
        await keeper.step()
        down.script.extend([says(503), says(503)])
        await enter(here, CALL, END)
        assert await work(here, keeper) == 1
        assert await work(here, keeper, timedelta(seconds=30)) == 0
        assert await work(here, keeper, timedelta(minutes=2)) == 1
        assert (len(chat.calls), len(down.calls)) == (1, 3)
        async with here.database.reading() as connection:
            assert await repository.troubled(connection) == {}


async def test_who_never_takes_it_fails_after_so_many_attempts(here: World, chat: OtherSystem) -> None:
    keeper = keeping(here, ops=target(chat))
    await keeper.step()
    chat.script.extend([says(500)] * (ATTEMPTS + 2))
    await enter(here, CALL, END)
    for _ in range(ATTEMPTS + 2):
        await work(here, keeper, LONGEST_REST)
    assert len(chat.calls) == ATTEMPTS
    async with here.database.reading() as connection:
        (kept,) = await repository.newest(connection, 10)
        assert (kept.state, kept.failure) == ("failed", "the service did not take it")
        assert await repository.troubled(connection) == {"ops": "the service did not take it"}


async def test_the_team_hears_once_an_hour_that_a_provider_fails(here: World, chat: OtherSystem) -> None:
    (provider,) = here.routes["email"].providers.values()
    keeper = keeping(here, {"email": here.routes["email"]}, ops=target(chat))
    other = keeping(here, {"email": here.routes["email"]}, ops=target(chat))
    await keeper.step()
    for _ in range(5):
        provider.breaker.failed(here.clock.at + LOOK)
    assert await work(here, keeper, LOOK + timedelta(seconds=1)) == 1
    assert await work(here, other, timedelta(seconds=1)) == 0
    assert told(chat) == [("A provider fails", 1)]
    assert "email: the provider smtp fails" in chat.calls[0].document["message"]


async def test_the_end_of_a_campaign_is_told_with_its_figures(here: World, chat: OtherSystem) -> None:
    keeper = keeping(here, ops=target(chat, about=("campaign",)))
    await keeper.step()
    await here.shop.publish(
        {"journey": "news", "entry": {"on": "api"}, "steps": [{"id": "stay", "wait": {"for": "1d"}}]}
    )
    begun = (await here.http.post("/v1/journeys/news/campaigns", json={})).json()
    await here.http.post(f"/v1/campaigns/{begun['id']}/cancel")
    assert await work(here, keeper) == 1
    assert "The campaign of news was cancelled: 0 of 0 entered" in chat.calls[0].document["message"]
