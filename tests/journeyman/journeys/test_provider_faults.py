"""M4, M5: whatever fails at a provider, the ledger tells the truth of it, and nothing goes out that has to stay.

Every provider that is called over HTTP goes through every fault, behind the gates, the ledger and the run: its fake
says what it has taken, the ledger what we think of it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from journeyman.channels.content.every import content_of
from journeyman.channels.devices.devices import Device
from journeyman.channels.devices.repository import keep, tokens_of
from journeyman.channels.ports import Accepted, Capabilities, Outgoing, OutgoingPush, Sender
from journeyman.channels.routing import only
from journeyman.journeys.advance import Request
from journeyman.journeys.delivery import RetryLaterError
from journeyman.language.channels import AT_MOST_ONCE, ATTRIBUTES, DEVICES
from tests.builders import incoming, journey
from tests.conftest import sqlite_url
from tests.journeyman.channels.providers.contract import Harness
from tests.journeyman.channels.providers.test_contract import NAMES
from tests.parts.other_system import Says
from tests.world import World, world

TEMPLATES: dict[str, dict[str, Any]] = {
    "email": {"subject": "Hello", "text": "Hello {{ unsubscribe_url }}"},
    "sms": {"text": "Hello"},
    "push": {"title": "Hello", "body": "Ann"},
    "web_push": {"title": "Hello", "body": "Ann"},
}
CHAT = {"text": "Hello", "buttons": [{"text": "Hi", "id": "pressed"}]}
LOST, TAKEN_AND_LOST = Says(status=None), Says(status=None, after=True)


class Killed(BaseException):
    """The process is gone at this instant."""


class Dying:
    """A provider during whose call the process is killed, before or after the provider has taken the message."""

    def __init__(self, sender: Sender[Any]) -> None:
        self.sender = sender
        self.dies: str | None = None

    @property
    def channel(self) -> str:
        return self.sender.channel

    @property
    def capabilities(self) -> Capabilities:
        return self.sender.capabilities

    async def send(self, message: Outgoing) -> Accepted:
        dies, self.dies = self.dies, None
        if dies == "before":
            raise Killed
        accepted = await self.sender.send(message)
        if dies == "after":
            raise Killed
        return accepted

    async def check(self) -> None:
        await self.sender.check()

    async def close(self) -> None:
        await self.sender.close()


@dataclass
class House:
    """A world with one provider; Ann's run stands before its message."""

    world: World
    harness: Harness
    sender: Dying

    @property
    def channel(self) -> str:
        return self.sender.channel

    @property
    def is_idempotent(self) -> bool:
        return self.sender.capabilities.idempotent

    async def play(self) -> Any:
        """The run goes on as the engine would have it go, with its pauses and a new worker after a death."""
        asked = 0
        while True:
            (run,) = await self.world.shop.runs()
            if run.state != "live":
                return await self.message()
            asked += 1
            assert asked < 20, "the run does not come to its end"
            try:
                await self.world.advance(Request(run.id, run.step, run.visit, self.world.clock.at, self.channel))
            except RetryLaterError as later:
                self.world.clock.at += later.delay
            except Killed:
                await asyncio.sleep(0)

    async def message(self) -> Any:
        (message,) = (await self.world.get("/v1/customers/ann/messages"))["items"]
        return message

    @property
    def taken(self) -> int:
        """How often the provider has taken the message."""
        names = self.harness.taken()
        assert len(set(names)) <= 1
        return len(names)


@pytest.fixture(params=NAMES)
async def house(request: pytest.FixtureRequest, sqlite_template: Path, tmp_path: Path) -> AsyncIterator[House]:
    module = import_module(f"tests.journeyman.channels.providers.{request.param}.harness")
    async with AsyncExitStack() as stack:
        harness = await stack.enter_async_context(module.opened())
        opened = await stack.enter_async_context(world(sqlite_url(sqlite_template, tmp_path)))
        sender = Dying(harness.sender)
        stack.push_async_callback(sender.close)
        route = only(sender, opened.clock, request.param)
        opened.delivery.routes = {sender.channel: route}
        made = House(opened, harness, sender)
        await _introduce(made)
        yield made


async def _introduce(house: House) -> None:
    shop, channel, example = house.world.shop, house.channel, house.harness.message("msg_1")
    traits = {"name": "Ann"} | ({ATTRIBUTES[channel]: example.to} if channel in ATTRIBUTES else {})
    await shop.accept(incoming("Identified", "ann", kind="identify", at=house.world.clock.at, traits=traits))
    await shop.consent("ann", None, **{channel: "yes"})
    if isinstance(example, OutgoingPush):
        customer = (await house.world.get("/v1/customers/ann"))["id"]
        platform = min(house.sender.capabilities.platforms, default=None)
        async with house.world.database.transaction() as connection:
            await keep(connection, [Device(customer, channel, example.to, house.world.clock.at, platform)])
    content = content_of({"channel": channel, **TEMPLATES.get(channel, CHAT)})
    steps = [{"id": "tell", "send": {"channel": channel, "template": "tell"}}, {"id": "over", "end": "over"}]
    await shop.publish(journey(steps=steps), template=content)
    await shop.accept(incoming("Product Added", "ann", at=house.world.clock.at))


async def test_m4_an_answer_that_is_lost_after_the_message_was_taken(house: House) -> None:
    house.harness.fake.script.append(TAKEN_AND_LOST)
    message = await house.play()
    _settled_after(house, message)


async def test_m4_a_worker_that_is_killed_after_the_message_was_taken(house: House) -> None:
    house.sender.dies = "after"
    message = await house.play()
    _settled_after(house, message)


def _settled_after(house: House, message: Any) -> None:
    if house.is_idempotent:
        assert (message["outcome"], house.taken) == ("sent", 1)
    elif house.channel in AT_MOST_ONCE:
        assert (message["outcome"], house.taken) == ("failed", 1)
    else:
        assert (message["outcome"], house.taken) == ("sent", 2)
    assert message["ambiguous"], "nobody could know"


async def test_m4_an_answer_that_is_lost_before_the_message_was_taken(house: House) -> None:
    house.harness.fake.script.append(LOST)
    message = await house.play()
    _settled_before(house, message)


async def test_m4_a_worker_that_is_killed_before_the_message_was_taken(house: House) -> None:
    house.sender.dies = "before"
    message = await house.play()
    _settled_before(house, message)


def _settled_before(house: House, message: Any) -> None:
    """From here it looks as if it might have been taken."""
    is_given_up = house.channel in AT_MOST_ONCE and not house.is_idempotent
    assert (message["outcome"], house.taken) == (("failed", 0) if is_given_up else ("sent", 1))
    assert message["ambiguous"]


async def test_m5_a_slower_pace_is_kept_and_the_message_goes_once(house: House) -> None:
    began = house.world.clock.at
    house.harness.fake.script.append(house.harness.faults.throttled)
    message = await house.play()
    assert (message["outcome"], message["ambiguous"], house.taken) == ("sent", False, 1)
    assert (house.world.clock.at - began).total_seconds() >= 7


async def test_m5_a_burst_of_failures_is_waited_out(house: House) -> None:
    house.harness.fake.script.extend([house.harness.faults.failing] * 3)
    message = await house.play()
    assert (message["outcome"], message["ambiguous"], house.taken) == ("sent", False, 1)
    assert message["attempts"] == 4


async def test_m5_a_provider_that_fails_for_ever_fails_the_message_and_the_run_goes_on(house: House) -> None:
    house.harness.fake.script.extend([house.harness.faults.failing] * 12)
    message = await house.play()
    assert (message["outcome"], message["ambiguous"], house.taken) == ("failed", False, 0)
    (run,) = await house.world.shop.runs()
    assert run.outcome == "over"


async def test_m1_a_dead_address_is_an_outcome_and_written_to_no_more(house: House) -> None:
    if house.harness.faults.dead_address is None:
        pytest.skip("the provider tells of dead addresses later, by a callback")
    house.harness.fake.script.append(house.harness.faults.dead_address)
    message = await house.play()
    assert (message["outcome"], house.taken) == ("rejected", 0)
    customer = (await house.world.get("/v1/customers/ann"))["id"]
    if house.channel in DEVICES:
        async with house.world.database.reading() as connection:
            assert await tokens_of(connection, customer, house.channel) == {}
    else:
        listed = (await house.world.get("/v1/suppressions"))["items"]
        assert [one["channel"] for one in listed] == [house.channel]


async def test_m1_a_message_that_is_refused_fails_and_the_address_stays(house: House) -> None:
    if house.harness.faults.refused is None:
        pytest.skip("the provider refuses addresses alone")
    house.harness.fake.script.append(house.harness.faults.refused)
    message = await house.play()
    assert (message["outcome"], message["ambiguous"], house.taken) == ("failed", False, 0)
    assert (await house.world.get("/v1/suppressions"))["items"] == []
