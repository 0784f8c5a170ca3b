"""Callbacks of providers: verified and read by the provider's own reader, then noted."""

from asyncio import to_thread
from collections.abc import Mapping, Sequence

from journeyman.channels.ports import (
    Answering,
    Callback,
    Callbacks,
    ForgedError,
    Receipt,
    Reply,
    Response,
    UnreadableError,
)
from journeyman.journeys.receipts import ProviderReceipts
from journeyman.journeys.replies import Replies
from journeyman.kit.clock import Clock
from journeyman.kit.errors import DomainError, Fault, InvalidError, NotFoundError


class ForgedCallbackError(DomainError):
    """A callback is not signed as it should be."""

    code = "forged_callback"


class CallbackDesk:
    """Takes callbacks by the name that the operator gave the provider."""

    def __init__(
        self, readers: Mapping[str, Callbacks], receipts: ProviderReceipts, replies: Replies, clock: Clock
    ) -> None:
        self.readers = readers
        self.receipts = receipts
        self.replies = replies
        self.clock = clock

    async def take(self, provider: str, callback: Callback) -> Response:
        """Note what a provider tells; twice told it counts once.

        Raises `NotFoundError` for a provider that is not there or cannot be verified, `ForgedCallbackError`, and
        `InvalidError` for what it does not document.
        """
        reader = self._reader(provider)
        try:
            # A reader may have to fetch the certificate of who signed.
            hello = await to_thread(reader.hello, callback)
            if hello is not None:
                return hello
            told = await to_thread(reader.read, callback, self.clock.now())
        except ForgedError as error:
            raise ForgedCallbackError(str(error)) from error
        except UnreadableError as error:
            fault = Fault("", str(error), "Send what the provider's documentation has")
            raise InvalidError("the callback cannot be read", [fault]) from error
        await self.note(provider, told)
        said = reader.answer(callback) if isinstance(reader, Answering) else None
        return said or Response()

    async def note(self, provider: str, told: Sequence[Receipt | Reply]) -> int:
        """Note what a provider tells, however it came; returns how much of it was about ours."""
        known = await self.receipts.note(provider, [one for one in told if isinstance(one, Receipt)])
        return known + await self.replies.note(provider, [one for one in told if isinstance(one, Reply)])

    def _reader(self, provider: str) -> Callbacks:
        if provider not in self.readers:
            raise NotFoundError(f"there is no provider `{provider}` whose callbacks could be verified")
        return self.readers[provider]
