"""What FCM is sent, and the tokens with which it is."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from journeyman.channels.errors import AddressRejectedError, TemporaryError
from journeyman.channels.ports import OutgoingPush
from journeyman.channels.providers.fcm.sender import FcmSender
from journeyman.kit.clock import FixedClock, SystemClock
from tests.journeyman.channels.providers.fcm.harness import EMAIL, FAULTS, FcmFake, error
from tests.parts.keys import rsa_key


@pytest.fixture
async def fake() -> AsyncIterator[FcmFake]:
    async with FcmFake() as opened:
        yield opened


@pytest.fixture
async def clock() -> FixedClock:
    """It begins at the real present, for the fake looks at the real clock."""
    return FixedClock(SystemClock().now())


@pytest.fixture
async def sender(fake: FcmFake, clock: FixedClock) -> AsyncIterator[FcmSender]:
    urls = {"base_url": fake.url, "token_url": f"{fake.url}/token"}
    made = FcmSender("shop-1", EMAIL, rsa_key(), clock, timeout=5, **urls)
    yield made
    await made.close()


def push(**parts: Any) -> OutgoingPush:
    return OutgoingPush(**{"id": "msg_1", "to": "token", "title": "Hi", "body": "Come", **parts})


async def test_each_platform_gets_what_it_needs_of_its_own(fake: FcmFake, sender: FcmSender) -> None:
    parts = {"url": "shop://cart", "image": "https://shop.example/a.png", "badge": 3, "collapse": "cart"}
    await sender.send(push(**parts, urgent=True, lasts=timedelta(hours=2), data={"cart": "7"}))
    (message,) = fake.messages
    assert message["notification"] == {"title": "Hi", "body": "Come", "image": "https://shop.example/a.png"}
    assert message["data"] == {"cart": "7", "journeyman_id": "msg_1", "url": "shop://cart"}
    android = message["android"]
    assert (android["ttl"], android["priority"], android["collapse_key"]) == ("7200s", "HIGH", "cart")
    assert message["apns"]["payload"]["aps"] == {"badge": 3, "mutable-content": 1}
    assert message["apns"]["headers"] == {"apns-priority": "10", "apns-collapse-id": "cart"}


async def test_one_access_token_serves_until_a_minute_before_its_end(
    fake: FcmFake, sender: FcmSender, clock: FixedClock
) -> None:
    for _ in range(3):
        await sender.send(push())
    assert fake.tokens == 1
    clock.at += timedelta(seconds=3599 - 60)
    await sender.send(push())
    assert fake.tokens == 2


async def test_a_token_that_is_refused_is_asked_for_anew(fake: FcmFake, sender: FcmSender) -> None:
    await sender.send(push())
    fake.script.append(FAULTS.unauthorised)
    with pytest.raises(TemporaryError):
        await sender.send(push())
    await sender.send(push())
    assert (fake.tokens, len(fake.messages)) == (2, 2)


async def test_a_device_token_that_is_none_is_dead(fake: FcmFake, sender: FcmSender) -> None:
    await sender.send(push())
    violation = {"fieldViolations": [{"field": "message.token", "description": "not a valid FCM registration token"}]}
    answer = error(400, "INVALID_ARGUMENT", "The registration token is not a valid FCM registration token")
    body = answer.body.replace(b'"details": []', b'"details": [' + json.dumps(violation).encode() + b"]")
    fake.script.append(type(answer)(400, body))
    with pytest.raises(AddressRejectedError):
        await sender.send(push())
