"""Several providers on one channel, each a real one over a socket: who is asked, and when the next one is."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from journeyman.channels.breaker import FAILURES
from journeyman.channels.errors import (
    AddressRejectedError,
    RejectedError,
    TemporaryError,
    ThrottledError,
    UnknownOutcomeError,
)
from journeyman.channels.ports import OutgoingText
from journeyman.channels.providers.twilio.sender import TwilioSender
from journeyman.channels.routing import Provider, RestingError, Route, only
from journeyman.kit.clock import FixedClock
from tests.builders import NOON
from tests.journeyman.channels.providers.twilio.harness import ACCOUNT, FAULTS, TOKEN, TwilioFake
from tests.parts.other_system import Says

MESSAGE = OutgoingText("msg_1", "+4915112345678", "Hello")


class Two:
    """Two providers of text messages."""

    def __init__(self, first: TwilioFake, second: TwilioFake) -> None:
        self.first, self.second = first, second
        self.clock = FixedClock(NOON)
        self.providers = [self._provider("first", first), self._provider("second", second)]
        self.route = Route(self.providers, self.clock, {"codes": ["second", "first"]})

    def _provider(self, name: str, fake: TwilioFake) -> Provider:
        url = f"https://journeyman.example/v1/callbacks/{name}"
        sender = TwilioSender(ACCOUNT, TOKEN, "Shop", self.clock, callback_url=url, base_url=fake.url, timeout=5)
        return Provider(name, sender)

    @property
    def taken(self) -> tuple[int, int]:
        return len(self.first.messages), len(self.second.messages)


@pytest.fixture
async def two() -> AsyncIterator[Two]:
    async with AsyncExitStack() as stack:
        found = Two(await stack.enter_async_context(TwilioFake()), await stack.enter_async_context(TwilioFake()))
        yield found
        await found.route.close()


async def test_the_first_is_asked_and_for_some_topics_another(two: Two) -> None:
    assert (await two.route.send(MESSAGE, "marketing")).provider == "first"
    assert (await two.route.send(MESSAGE, "codes")).provider == "second"
    assert two.taken == (1, 1)


@pytest.mark.parametrize("answer", [FAULTS.throttled, FAULTS.unauthorised, FAULTS.failing])
async def test_the_next_takes_over_where_it_is_certain_that_nothing_was_sent(two: Two, answer: Says) -> None:
    two.first.script.append(answer)
    handed = await two.route.send(MESSAGE, "marketing")
    assert (handed.provider, two.taken) == ("second", (0, 1))


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Says(status=None, after=True), UnknownOutcomeError),
        (FAULTS.dead_address, AddressRejectedError),
        (FAULTS.refused, RejectedError),
    ],
)
async def test_m4_the_next_is_not_asked_where_it_may_have_been_sent_or_nobody_would_take_it(
    two: Two, answer: Says, error: type[Exception]
) -> None:
    two.first.script.append(answer)
    handed = await two.route.send(MESSAGE, "marketing")
    assert isinstance(handed.error, error)
    assert len(two.second.calls) == 0


async def test_m4_who_may_have_it_already_is_asked_first(two: Two) -> None:
    assert (await two.route.send(MESSAGE, "marketing", asked_before="second")).provider == "second"


async def test_where_all_fail_the_first_failure_is_told(two: Two) -> None:
    two.first.script.append(FAULTS.throttled)
    two.second.script.append(FAULTS.failing)
    handed = await two.route.send(MESSAGE, "marketing")
    assert (handed.provider, type(handed.error)) == ("first", ThrottledError)


async def test_who_fails_again_and_again_is_not_asked_for_a_while(two: Two) -> None:
    two.first.script.extend([FAULTS.failing] * FAILURES)
    for _ in range(FAILURES + 3):
        assert (await two.route.send(MESSAGE, "marketing")).provider == "second"
    assert len(two.first.calls) == FAILURES
    two.clock.at += two.providers[0].breaker.rest
    assert (await two.route.send(MESSAGE, "marketing")).provider == "first"


async def test_a_lone_provider_that_rests_has_the_message_wait_until_then(two: Two) -> None:
    route = only(two.providers[0].sender, two.clock)
    two.first.script.append(FAULTS.throttled)
    assert isinstance((await route.send(MESSAGE, "marketing")).error, ThrottledError)
    error = (await route.send(MESSAGE, "marketing")).error
    assert isinstance(error, RestingError)
    assert error.retry_after == 7
    assert len(two.first.calls) == 1


async def test_as_a_sender_it_raises_as_a_provider_does(two: Two) -> None:
    sender = two.route.for_topic("codes")
    assert (sender.channel, sender.capabilities.address) == ("sms", "phone")
    assert (await sender.send(MESSAGE)).parts == 1
    two.first.script.append(FAULTS.failing)
    two.second.script.append(FAULTS.failing)
    with pytest.raises(TemporaryError):
        await sender.send(MESSAGE)
    await sender.check()


def test_a_channel_without_a_provider_is_none() -> None:
    with pytest.raises(ValueError, match="needs a provider"):
        Route([], FixedClock(NOON))
