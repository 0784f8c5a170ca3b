"""What Apple is sent, and how long a signature serves."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from journeyman.channels.errors import AddressRejectedError, TemporaryError
from journeyman.channels.ports import OutgoingPush
from journeyman.channels.providers.apns.sender import RENEWED_AFTER, ApnsSender, apple_id
from journeyman.kit.clock import FixedClock, SystemClock
from tests.journeyman.channels.providers.apns.harness import DEVICE, KEY_ID, TEAM, TOPIC, ApnsFake
from tests.parts.keys import p256_key
from tests.parts.other_system import says


@pytest.fixture
async def fake() -> AsyncIterator[ApnsFake]:
    async with ApnsFake() as opened:
        yield opened


@pytest.fixture
def clock() -> FixedClock:
    """It begins before the real present, for a signature of the future is none."""
    return FixedClock(SystemClock().now() - timedelta(hours=2))


@pytest.fixture
async def sender(fake: ApnsFake, clock: FixedClock) -> AsyncIterator[ApnsSender]:
    made = ApnsSender(TEAM, KEY_ID, p256_key(), TOPIC, clock, base_url=fake.url, timeout=5)
    yield made
    await made.close()


def push(**parts: Any) -> OutgoingPush:
    return OutgoingPush(**{"id": "msg_1", "to": DEVICE, "title": "Hi", "body": "Come", **parts})


async def test_the_notification_its_headers_and_what_the_app_reads(
    fake: ApnsFake, sender: ApnsSender, clock: FixedClock
) -> None:
    more = {"badge": 0, "image": "https://shop.example/a.png", "url": "shop://cart", "data": {"cart": "7"}}
    await sender.send(push(**more, collapse="cart", urgent=True, lasts=timedelta(hours=1)))
    ((headers, document),) = fake.notifications
    assert document["aps"]["alert"] == {"title": "Hi", "body": "Come"}
    assert (document["aps"]["badge"], document["aps"]["mutable-content"]) == (0, 1)
    assert (document["cart"], document["url"], document["journeyman_id"]) == ("7", "shop://cart", "msg_1")
    assert headers[":path"] == f"/3/device/{DEVICE}"
    assert (headers["apns-priority"], headers["apns-collapse-id"]) == ("10", "cart")
    assert headers["apns-expiration"] == str(int((clock.at + timedelta(hours=1)).timestamp()))
    assert headers["apns-id"] == apple_id("msg_1")


async def test_what_an_app_reads_can_not_take_the_place_of_the_notification(fake: ApnsFake, sender: ApnsSender) -> None:
    await sender.send(push(data={"aps": "broken", "journeyman_id": "another"}))
    ((_, document),) = fake.notifications
    assert (document["aps"]["alert"]["title"], document["journeyman_id"]) == ("Hi", "msg_1")


async def test_one_signature_serves_for_forty_minutes(fake: ApnsFake, sender: ApnsSender, clock: FixedClock) -> None:
    for _ in range(3):
        await sender.send(push())
    assert len(fake.tokens) == 1
    clock.at += RENEWED_AFTER
    await sender.send(push())
    assert len(fake.tokens) == 2


async def test_a_signature_that_apple_calls_old_is_renewed(
    fake: ApnsFake, sender: ApnsSender, clock: FixedClock
) -> None:
    await sender.send(push())
    fake.script.append(says(403, {"reason": "ExpiredProviderToken"}))
    with pytest.raises(TemporaryError):
        await sender.send(push())
    clock.at += timedelta(seconds=1)
    await sender.send(push())
    assert len(fake.tokens) == 2


@pytest.mark.parametrize("reason", ["BadDeviceToken", "DeviceTokenNotForTopic", "Unregistered"])
async def test_a_device_token_that_is_none_is_dead(fake: ApnsFake, sender: ApnsSender, reason: str) -> None:
    fake.script.append(says(400, {"reason": reason}))
    with pytest.raises(AddressRejectedError):
        await sender.send(push())
