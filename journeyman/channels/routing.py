"""The providers of a channel: which one a message goes to, and who takes over where that one fails."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from journeyman.channels.breaker import Breaker
from journeyman.channels.errors import (
    BusyError,
    RejectedError,
    SendError,
    TemporaryError,
    ThrottledError,
    UnknownOutcomeError,
)
from journeyman.channels.ports import Accepted, Capabilities, Outgoing, OutgoingPush, Sender
from journeyman.channels.warming.ramp import WarmUp
from journeyman.kit.clock import Clock


@dataclass(slots=True)
class Provider:
    """A provider under the name that the operator gave it."""

    name: str
    sender: Sender[Any]
    breaker: Breaker = field(default_factory=Breaker)
    warm_up: WarmUp | None = None


@dataclass(frozen=True, slots=True)
class Handed:
    """What came of handing a message over: who was asked last, and what was accepted or why it was not."""

    provider: str | None
    accepted: Accepted | None = None
    error: SendError | None = None

    @property
    def outcome(self) -> Accepted | SendError:
        if self.accepted is not None:
            return self.accepted
        if self.error is None:
            raise AssertionError("a hand-over came to nothing")
        return self.error


class Route:
    """The providers of one channel in the order in which they are asked; `by_topic` has another order for some topics.

    The next one is asked only where it is certain that the one before sent nothing.
    """

    def __init__(
        self,
        providers: Sequence[Provider],
        clock: Clock,
        by_topic: Mapping[str, Sequence[str]] | None = None,
        order: Sequence[str] | None = None,
    ) -> None:
        """`order` names those that are asked where the topic has none of its own; by default all, as they stand."""
        if not providers:
            raise ValueError("a channel needs a provider")
        self.providers = {provider.name: provider for provider in providers}
        self._clock = clock
        self._order_of = dict(by_topic or {})
        self._usual = tuple(order or self.providers)

    async def send(
        self, message: Outgoing, topic: str, asked_before: str | None = None, closed: Collection[str] = ()
    ) -> Handed:
        """Hand a message over, to none of `closed`; to `asked_before` first, who may have it already."""
        refused: Handed | None = None
        order = [one for one in self._order(topic, asked_before) if one.name not in closed]
        for provider in _serving(order, message):
            handed = await self._ask(provider, message)
            if handed.accepted is not None or not isinstance(handed.error, TemporaryError):
                return handed
            if refused is None or isinstance(refused.error, BusyError):
                refused = handed
        return refused or Handed(None, error=RejectedError("no provider is there for devices of this platform"))

    def for_topic(self, topic: str) -> "TopicSender":
        """The channel as a sender, for what is no message of a journey."""
        return TopicSender(self, topic)

    async def close(self) -> None:
        """Close what the providers have open."""
        for provider in self.providers.values():
            await provider.sender.close()

    def first(self, topic: str) -> str:
        """Who is asked first about a topic."""
        return self._names(topic)[0]

    def ramps(self, topic: str) -> list[tuple[str, WarmUp | None]]:
        """Who is asked about a topic, in order, each with its warm-up ramp if it has one."""
        return [(name, self.providers[name].warm_up) for name in self._names(topic)]

    def may_ask_again(self, topic: str, name: str | None) -> bool:
        """Whether a message of which nobody knows what became of it can be handed over again, and leaves once."""
        known = name in self.providers and self.providers[name].sender.capabilities.idempotent
        return known and len(self._names(topic)) == 1

    def _names(self, topic: str) -> Sequence[str]:
        return self._order_of.get(topic, self._usual)

    def _order(self, topic: str, asked_before: str | None) -> list[Provider]:
        names = [*self._names(topic)]
        if asked_before in self.providers:
            names = [asked_before, *(name for name in names if name != asked_before)]
        return [self.providers[name] for name in names]

    async def _ask(self, provider: Provider, message: Outgoing) -> Handed:
        wait = provider.breaker.waits(self._clock.now())
        if wait is not None:
            return Handed(provider.name, error=_resting(provider.name, wait))
        try:
            accepted = await provider.sender.send(message)
        except SendError as error:
            _tell(provider.breaker, error, self._clock)
            return Handed(provider.name, error=error)
        except BaseException:
            provider.breaker.failed(self._clock.now())
            raise
        provider.breaker.succeeded()
        return Handed(provider.name, accepted)


@dataclass(frozen=True, slots=True)
class TopicSender:
    """A channel's providers as one sender: `send` raises as a provider's does."""

    route: Route
    topic: str

    @property
    def channel(self) -> str:
        return self._first.channel

    @property
    def capabilities(self) -> Capabilities:
        return self._first.capabilities

    async def send(self, message: Outgoing) -> Accepted:
        outcome = (await self.route.send(message, self.topic)).outcome
        if isinstance(outcome, SendError):
            raise outcome
        return outcome

    async def check(self) -> None:
        await self._first.check()

    async def close(self) -> None:
        """The providers are closed with their route."""

    @property
    def _first(self) -> Sender[Any]:
        return next(iter(self.route.providers.values())).sender


def _serving(providers: Sequence[Provider], message: Outgoing) -> list[Provider]:
    """Those that reach the device's platform by its name; where there are none, those that name no platform."""
    if not isinstance(message, OutgoingPush):
        return list(providers)
    named = [one for one in providers if message.platform in one.sender.capabilities.platforms]
    return named or [one for one in providers if not one.sender.capabilities.platforms]


class RestingError(BusyError):
    """The provider is left alone for a while; `retry_after` is in seconds."""

    def __init__(self, detail: str, retry_after: float) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


def _resting(name: str, wait: timedelta) -> RestingError:
    return RestingError(f"`{name}` has failed again and again, or asked for a slower pace", wait.total_seconds())


def _tell(breaker: Breaker, error: SendError, clock: Clock) -> None:
    if isinstance(error, ThrottledError):
        breaker.asked_for(clock.now(), timedelta(seconds=error.retry_after))
    elif isinstance(error, BusyError):
        # Nobody was asked: that says nothing of the provider.
        breaker.is_trying = False
    elif isinstance(error, TemporaryError | UnknownOutcomeError):
        breaker.failed(clock.now())
    else:
        breaker.succeeded()


def only(sender: Sender[Any], clock: Clock, name: str | None = None) -> Route:
    """A channel with one provider."""
    return Route([Provider(name or type(sender).__name__.removesuffix("Sender").lower(), sender)], clock)
