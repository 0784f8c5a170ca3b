"""Web push against a push service that checks the signature and a browser that reads what it was sent."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from journeyman.channels.errors import (
    AddressRejectedError,
    RejectedError,
    TemporaryError,
    ThrottledError,
    UnknownOutcomeError,
)
from journeyman.channels.ports import OutgoingPush
from journeyman.channels.providers.web_push.sender import (
    SIZE_LIMIT,
    WebPushSender,
    decoded,
    new_key,
    payload_of,
    public_of,
)
from journeyman.kit.clock import FixedClock, SystemClock
from tests.journeyman.channels.providers.web_push.push_service import Browser, PushService
from tests.parts.other_system import Says

KEY = new_key()


@pytest.fixture
async def service() -> AsyncIterator[PushService]:
    async with PushService(Browser(), public_of(KEY)) as opened:
        yield opened


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(SystemClock().now())


@pytest.fixture
async def sender(clock: FixedClock) -> AsyncIterator[WebPushSender]:
    made = WebPushSender(KEY, "mailto:ops@shop.example", clock, allows_private=True, timeout=5)
    yield made
    await made.close()


def push(service: PushService, **parts: Any) -> OutgoingPush:
    return OutgoingPush(**{"id": "msg_1", "to": service.subscription, "title": "Hi", "body": "Come", **parts})


async def test_the_browser_reads_what_was_sent_and_nobody_on_the_way(
    service: PushService, sender: WebPushSender
) -> None:
    more = {"url": "https://shop.example/", "image": "https://shop.example/a.png", "badge": 2, "data": {"cart": "7"}}
    await sender.send(push(service, **more, collapse="cart", urgent=True, lasts=timedelta(hours=1), title="Grüße 🎁"))
    ((headers, told),) = service.notifications
    assert told == {"id": "msg_1", "title": "Grüße 🎁", "body": "Come", **more, "tag": "cart"}
    assert (headers["ttl"], headers["urgency"], headers["topic"]) == ("3600", "high", "cart")
    assert b"Come" not in service.calls[0].body


async def test_each_time_it_is_encrypted_anew(service: PushService, sender: WebPushSender) -> None:
    for _ in range(2):
        await sender.send(push(service))
    first, second = service.calls
    assert first.body != second.body
    assert first.headers["authorization"] == second.headers["authorization"]  # one signature serves for hours


async def test_a_signature_is_renewed_before_its_end(
    service: PushService, sender: WebPushSender, clock: FixedClock
) -> None:
    await sender.send(push(service))
    clock.at += timedelta(hours=11, seconds=1)
    await sender.send(push(service))
    assert len({call.headers["authorization"] for call in service.calls}) == 2


async def test_another_key_is_the_operators_to_mend(service: PushService) -> None:
    other = WebPushSender(new_key(), "mailto:ops@shop.example", SystemClock(), allows_private=True)
    with pytest.raises(TemporaryError):
        await other.send(push(service))
    await other.close()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Says(410, b"gone"), AddressRejectedError),
        (Says(404, b""), AddressRejectedError),
        (Says(413, b""), RejectedError),
        (Says(429, b"", {"retry-after": "7"}), ThrottledError),
        (Says(503, b""), TemporaryError),
        (Says(502, b""), UnknownOutcomeError),
        (Says(status=None, after=True), UnknownOutcomeError),
    ],
)
async def test_what_each_answer_means(
    service: PushService, sender: WebPushSender, answer: Says, error: type[Exception]
) -> None:
    service.script.append(answer)
    with pytest.raises(error) as caught:
        await sender.send(push(service))
    assert type(caught.value) is error


async def test_a_service_that_nobody_reaches_has_the_message_wait(service: PushService, sender: WebPushSender) -> None:
    message = push(service)
    await service.stop()
    with pytest.raises(TemporaryError):
        await sender.send(message)


async def test_what_a_browser_cannot_be_sent_is_refused_here(service: PushService, sender: WebPushSender) -> None:
    fits = push(service, body="x")
    room = SIZE_LIMIT - len(payload_of(fits)) + 1
    await sender.send(push(service, body="x" * room))
    with pytest.raises(RejectedError, match="say less"):
        await sender.send(push(service, body="x" * (room + 1)))


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "[]",
        "{}",
        json.dumps({"endpoint": "https://push.example", "keys": {"p256dh": "AAAA", "auth": "AAAA"}}),
    ],
)
async def test_what_is_no_subscription_is_a_dead_address(
    service: PushService, sender: WebPushSender, broken: str
) -> None:
    with pytest.raises(AddressRejectedError):
        await sender.send(push(service, to=broken))


@pytest.mark.parametrize(
    "endpoint", ["http://127.0.0.1:1/x", "https://127.0.0.1/x", "https://[::1]/x", "https://169.254.169.254/latest"]
)
async def test_no_browser_has_this_machine_call_its_neighbours(service: PushService, endpoint: str) -> None:
    guarded = WebPushSender(KEY, "mailto:ops@shop.example", SystemClock())
    subscription = {**json.loads(service.subscription), "endpoint": endpoint}
    with pytest.raises(AddressRejectedError):
        await guarded.send(push(service, to=json.dumps(subscription)))
    await guarded.close()
    assert service.calls == []


def test_keys_are_those_of_the_curve() -> None:
    assert len(decoded(public_of(new_key()))) == 65
    with pytest.raises(ValueError, match="32 bytes"):
        WebPushSender("AAAA", "mailto:x@y.example", SystemClock())
