"""Webhooks over real sockets: taken, refused, unanswered, and kept away from addresses inside the house."""

from collections.abc import AsyncIterator
from datetime import timedelta
from ipaddress import ip_address

import pytest

from journeyman.channels.webhooks.errors import WebhookRefusedError
from journeyman.channels.webhooks.network import is_public, problem_of
from journeyman.channels.webhooks.posting import WebhookPost
from journeyman.channels.webhooks.signatures import secret_of
from journeyman.kit.clock import FixedClock
from tests.builders import NOON
from tests.parts.webhook_receiver import DIE, SILENT, WebhookReceiver

SECRET = secret_of(b"key", "vip")


@pytest.fixture
async def receiver() -> AsyncIterator[WebhookReceiver]:
    async with WebhookReceiver() as opened:
        yield opened


@pytest.fixture
async def post() -> AsyncIterator[WebhookPost]:
    made = WebhookPost(FixedClock(NOON), allows_private=True, patience=0.3)
    yield made
    await made.close()


async def refusal(post: WebhookPost, url: str) -> WebhookRefusedError:
    with pytest.raises(WebhookRefusedError) as caught:
        await post(url, SECRET, "m1", b"{}")
    return caught.value


async def test_what_is_posted_comes_signed(post: WebhookPost, receiver: WebhookReceiver) -> None:
    for number in range(3):
        await post(receiver.url(), SECRET, f"m{number}", b'{"n": "\xc3\xbc"}')
    first, *_ = receiver.taken
    assert (first.path, first.document, first.headers["content-type"]) == ("/in?x=1", {"n": "ü"}, "application/json")
    assert first.headers["webhook-timestamp"] == str(int(NOON.timestamp()))
    assert [one.headers["webhook-id"] for one in receiver.taken if one.is_signed_with(SECRET)] == ["m0", "m1", "m2"]
    assert not first.is_signed_with(secret_of(b"key", "lost"))


@pytest.mark.parametrize(
    ("answer", "told", "is_gone", "wait"),
    [
        ("500 No", "answered with 500", False, None),
        ("302 Found\r\nLocation: /elsewhere", "answered with 302", False, None),
        ("410 Gone", "answered with 410", True, None),
        ("429 Slow\r\nRetry-After: 90", "answered with 429", False, timedelta(seconds=90)),
        ("503 Later\r\nRetry-After: 999999999", "answered with 503", False, timedelta(hours=6)),
        ("503 Later\r\nRetry-After: Wed, 21 Oct 2026 07:28:00 GMT", "answered with 503", False, None),
        (DIE, "no answer: ", False, None),
        (SILENT, "no answer: ", False, None),
        ("nonsense", "no answer: ", False, None),
    ],
)
async def test_everything_but_a_yes_is_a_refusal(
    post: WebhookPost, receiver: WebhookReceiver, answer: str, told: str, is_gone: bool, wait: timedelta | None
) -> None:
    receiver.script.append(answer)
    found = await refusal(post, receiver.url())
    assert found.detail.startswith(told)
    assert (found.is_gone, found.retry_after) == (is_gone, wait)
    assert len(receiver.taken) == 1, "no redirect is followed, and nothing is sent twice"


async def test_where_nobody_listens_it_is_a_refusal(post: WebhookPost) -> None:
    assert (await refusal(post, "http://127.0.0.1:1/")).detail.startswith("no answer: ")
    assert "cannot be found" in (await refusal(post, "http://no-such-host.invalid/")).detail


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0", "[::1]", "[::ffff:127.0.0.1]", "2130706433"])
async def test_no_call_goes_to_an_address_inside_the_house(receiver: WebhookReceiver, host: str) -> None:
    guarded = WebhookPost(FixedClock(NOON), allows_private=False, patience=2)
    try:
        assert "is not a public address" in (await refusal(guarded, receiver.url(host))).detail
    finally:
        await guarded.close()
    assert receiver.taken == []


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("93.184.216.34", True),
        ("2606:4700::1111", True),
        ("10.0.0.1", False),
        ("172.16.9.9", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("fe80::1", False),
        ("fd00:ec2::254", False),
        ("ff02::1", False),
        ("::ffff:10.0.0.1", False),
        ("2002:0a00:0001::", False),
        ("64:ff9b::10.0.0.1", False),
        ("64:ff9b::93.184.216.34", True),
    ],
)
def test_what_is_public(address: str, expected: bool) -> None:
    assert is_public(ip_address(address)) is expected


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("https://crm.example/in?list=vip", None),
        ("https://93.184.216.34:8443/", None),
        ("http://crm.example/", "it does not begin with https://"),
        ("ftp://crm.example/", "it does not begin with https://"),
        ("https:///in", "it names no host"),
        ("https://crm.example/a b", "it names no host, or has characters"),
        ("https://ann:secret@crm.example/", "it holds a user name"),
        ("https://10.0.0.1/", "its address is not public"),
        ("https://[::1]/", "its address is not public"),
        ("https://crm.example:99999/", "it is no URL"),
        ("https://[::1/", "it is no URL"),
    ],
)
def test_a_url_is_looked_at_when_it_is_given(url: str, problem: str | None) -> None:
    found = problem_of(url, allows_private=False)
    assert found is None if problem is None else (found or "").startswith(problem)


def test_where_private_addresses_are_allowed_plain_http_is_too() -> None:
    assert problem_of("http://10.0.0.1/in", allows_private=True) is None
