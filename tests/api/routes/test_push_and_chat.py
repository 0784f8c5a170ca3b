"""Notifications and chats from the step to the device and back, through providers that speak their real protocols."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from journeyman.channels.content.every import content_of
from journeyman.channels.providers.web_push.sender import new_key, public_of
from journeyman.journeys.devices import Devices, Told
from tests.builders import incoming, journey
from tests.journeyman.channels.providers.apns.harness import DEVICE, KEY_ID, TEAM, TOPIC, ApnsFake
from tests.journeyman.channels.providers.fcm.harness import EMAIL, FAULTS, FcmFake
from tests.journeyman.channels.providers.web_push.push_service import Browser, PushService
from tests.journeyman.channels.providers.whatsapp.harness import NUMBER, TOKEN, WhatsAppFake
from tests.journeyman.channels.providers.whatsapp.test_callbacks import SECRET, callback, message
from tests.parts.keys import p256_key, rsa_key
from tests.world import World, world

KEY = new_key()
PUSH = {"channel": "push", "title": "Hi {{ customer.name }}", "body": "Your cart waits", "url": "https://shop.example/"}


@dataclass
class House:
    """A world, and the providers around it."""

    world: World
    fcm: FcmFake
    apns: ApnsFake
    service: PushService
    whatsapp: WhatsAppFake

    async def play(self, template: dict[str, Any], *more: dict[str, Any]) -> None:
        shop, channel = self.world.shop, template["channel"]
        traits = {"phone": "+4915112345678", "name": "Ann"}
        await shop.accept(incoming("Identified", "ann", kind="identify", at=self.world.clock.at, traits=traits))
        await shop.consent("ann", None, **{channel: "yes"})
        step = {"id": "tell", "send": {"channel": channel, "template": "tell"}}
        await shop.publish(journey(steps=[step, *more]), template=content_of(template))
        await self.happen()

    async def happen(self) -> None:
        await self.world.shop.accept(incoming("Product Added", "ann", at=self.world.clock.at))
        await self.world.settle()

    async def has(self, channel: str, token: str | dict[str, Any], platform: str) -> None:
        devices = Devices(self.world.database, self.world.services.inbox, self.world.clock)
        await devices.register(Told(channel, token, user_id="ann", platform=platform))
        await self.world.settle()

    async def outcomes(self) -> list[str]:
        return [one["outcome"] for one in (await self.world.get("/v1/customers/ann/messages"))["items"]]


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        fcm = await stack.enter_async_context(FcmFake())
        apns = await stack.enter_async_context(ApnsFake())
        service = await stack.enter_async_context(PushService(Browser(), public_of(KEY)))
        chat = await stack.enter_async_context(WhatsAppFake())
        google = {"provider": "fcm", "project_id": "shop-1", "client_email": EMAIL, "private_key": rsa_key()}
        apple = {"provider": "apns", "team_id": TEAM, "key_id": KEY_ID, "private_key": p256_key(), "topic": TOPIC}
        web = {"provider": "web_push", "private_key": KEY, "subject": "mailto:ops@shop.example", "allow_private": True}
        meta = {"provider": "whatsapp", "phone_number_id": NUMBER, "token": TOKEN, "base_url": chat.url}
        named = {
            "google": {**google, "base_url": fcm.url, "token_url": f"{fcm.url}/token"},
            "apple": {**apple, "base_url": apns.url},
            "web": web,
            "wa": {**meta, "app_secret": SECRET, "verify_token": "a word of ours"},
        }
        file = tmp_path / "providers.yaml"
        file.write_text(yaml.safe_dump({"providers": named}))
        made = await stack.enter_async_context(world(database_url, providers_file=file))
        # Google's and Apple's fakes look at the real clock.
        made.clock.at = made.clock.at.now(made.clock.at.tzinfo)
        yield House(made, fcm, apns, service, chat)


async def test_each_device_gets_it_from_the_provider_of_its_platform(house: House) -> None:
    await house.has("push", "an-android-token", "android")
    await house.has("push", DEVICE, "ios")
    await house.play(PUSH)
    assert await house.outcomes() == ["sent"]
    assert [one["token"] for one in house.fcm.messages] == ["an-android-token"]
    assert [document["aps"]["alert"]["title"] for _, document in house.apns.notifications] == ["Hi Ann"]


async def test_a_dead_device_is_forgotten_and_the_living_one_is_reached(house: House) -> None:
    await house.has("push", "dead", "android")
    await house.has("push", DEVICE, "ios")
    assert FAULTS.dead_address is not None
    await house.play({**PUSH, "title": "One"})
    house.fcm.script.append(FAULTS.dead_address)
    await house.happen()
    assert await house.outcomes() == ["sent", "sent"]
    assert [one["platform"] for one in await house.world.get("/v1/customers/ann/devices")] == ["ios"]


async def test_without_a_device_nobody_is_reached(house: House) -> None:
    await house.play(PUSH)
    assert await house.outcomes() == ["unreachable"]


async def test_a_browser_gets_the_key_the_notification_and_its_press_is_a_click(house: House) -> None:
    http = house.world.http
    assert (await http.get("/v1/web-push/key", headers={"authorization": ""})).json() == {"key": public_of(KEY)}
    await house.has("web_push", json.loads(house.service.subscription), "firefox")
    await house.play({**PUSH, "channel": "web_push"})
    ((_, told),) = house.service.notifications
    assert (told["title"], told["body"]) == ("Hi Ann", "Your cart waits")
    assert (await http.post("/v1/push/opened", json={"id": told["id"]})).status_code == 204
    await house.world.settle()
    timeline = (await house.world.get("/v1/customers/ann/timeline", limit=100))["items"]
    assert "Pressed the Web Push of **tell**" in [item["text"] for item in timeline]


async def test_an_answer_in_a_chat_leads_on_and_stop_ends_it(house: House) -> None:
    template = {"name": "order_sent", "language": "en_US", "body": ["{{ customer.name }}"]}
    answer = {"event": "WhatsApp Reply Received", "where": {"property": "button", "equals": "yes"}, "timeout": "1d"}
    again = {"id": "again", "send": {"channel": "whatsapp", "template": "tell"}}
    content = {"channel": "whatsapp", "template": template}
    await house.play(content, {"id": "answer", "wait_for": {**answer, "on_timeout": "exit"}}, again)
    pressed = {"type": "button_reply", "button_reply": {"id": "yes", "title": "Yes"}}
    house.world.clock.at += timedelta(seconds=1)
    # WhatsApp tells whole seconds: the answer seems to come before the question.
    who = {"from": "4915112345678", "timestamp": str(int(house.world.clock.at.timestamp()) - 1)}
    given = callback(message(type="interactive", interactive=pressed, **who))
    answered = await house.world.http.post("/v1/callbacks/wa", content=given.body, headers=given.headers)
    assert answered.status_code == 200
    await house.world.settle()
    assert len(house.whatsapp.messages) == 2
    stop = callback(message(type="text", text={"body": "Stop"}, id="wamid.stop", **who))
    await house.world.http.post("/v1/callbacks/wa", content=stop.body, headers=stop.headers)
    await house.world.settle()
    consents = (await house.world.get("/v1/customers/ann"))["consents"]
    assert {one["subject"]: one["status"] for one in consents} == {"whatsapp": "no"}
