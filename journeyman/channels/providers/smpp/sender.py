"""Text messages over SMPP 3.4 (SMS Forum, Short Message Peer to Peer Protocol Specification v3.4, issue 1.2)."""

import asyncio
import itertools
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Final

import smpp34

from journeyman.channels.errors import (
    AddressRejectedError,
    RejectedError,
    SendError,
    TemporaryError,
    ThrottledError,
    UnknownOutcomeError,
)
from journeyman.channels.ports import Accepted, Capabilities, OutgoingText, Receipt, Reply
from journeyman.channels.providers.smpp.receipts import UCS2, UDHI, read
from journeyman.channels.scrubbing import scrub
from journeyman.channels.sms.segments import segments_of
from journeyman.kit.clock import Clock

log = logging.getLogger(__name__)

Told = Callable[[Sequence[Receipt | Reply]], Awaitable[int]]
"""Takes what was delivered; returns how much of it was about messages or customers of ours."""

TIMEOUT_SECONDS: Final = 30.0
PACE_SECONDS: Final = 1.0
"""How long to wait where the message centre asks for a slower pace: it names no time."""
LONGEST: Final = timedelta(days=14)
RTHROTTLED, RMSGQFUL, RSYSERR, RINVDSTADR = 0x58, 0x14, 0x08, 0x0B
"""Command statuses (section 5.1.3)."""
THROTTLED: Final = frozenset({RTHROTTLED, RMSGQFUL})
LATER: Final = frozenset({RSYSERR, 0x04, 0x0D, 0x0E, 0x0F, 0x61, 0x64})
"""System errors, and what is wrong with the bind: the operator's to mend, and the message waits."""
PART_TRIES: Final = 10
"""How often a later part is offered to a centre that asks for a slower pace."""
AGAIN_SECONDS: Final = (1.0, 2.0, 4.0, 8.0, 16.0)
"""A receipt may be faster than the ledger: it is shown again after so long."""


class SmppSender:
    """The `Sender` of SMS for one message centre, over one connection.

    It binds as a transmitter; after `listen` as a transceiver, so that nobody takes reports who would lose them. A
    message in parts is known by the name of its last one. A wrong password shows only as a bind that is not answered.
    Belongs to the event loop that first sends.
    """

    channel = "sms"
    capabilities = Capabilities("phone", tells=frozenset({"delivered", "bounced", "failed"}))

    def __init__(
        self,
        host: str,
        port: int,
        user: str,
        password: str,
        sender: str,
        clock: Clock,
        *,
        tls: bool = False,
        system_type: str = "",
        window: int = 50,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        """`sender` is a number in E.164, a short code, or up to 11 letters; `window` how many wait for an answer."""
        self._client: smpp34.Client | None = None
        self._new_client = partial(
            smpp34.Client,
            host,
            port,
            user,
            password,
            system_type=system_type,
            tls=tls,
            window_size=window,
            connect_timeout_ms=int(timeout * 1000),
        )
        self._sender = sender
        self._clock = clock
        self._timeout = timeout
        self._told: Told | None = None
        self._session: smpp34.Smsc | None = None
        self._binding = asyncio.Lock()
        self._numbers = itertools.count(1)
        self._tasks: set[asyncio.Task[None]] = set()

    def listen(self, told: Told) -> None:
        """Have receipts and replies be taken by `told` from the next bind on."""
        self._told = told

    async def send(self, message: OutgoingText) -> Accepted:
        """Hand one message over. Raises the errors of `journeyman.channels.errors` and nothing else."""
        session = await self._bound()
        segments = segments_of(message.text)
        coding = UCS2 if segments.alphabet == "ucs2" else 0
        parts = _marked(segments.parts, next(self._numbers) % 256)
        name = message.id
        for place, part in enumerate(parts, 1):
            # The report on the last part tells of all: the others have gone before it.
            submit = partial(self._submit, session, message, part, coding, is_marked=len(parts) > 1)
            name = await self._offered(submit, is_first=place == 1, is_last=place == len(parts)) or name
        return Accepted(name, len(parts))

    async def _offered(
        self, submit: Callable[..., Awaitable[smpp34.SubmitSmResp]], *, is_first: bool, is_last: bool
    ) -> str | None:
        """The centre's name of a part. What has begun to arrive is not begun again: a later part is offered anew."""
        for _ in range(PART_TRIES):
            try:
                async with asyncio.timeout(self._timeout):
                    answer = await submit(is_last=is_last)
            except (smpp34.SmppError, TimeoutError) as error:
                self._session = None
                raise UnknownOutcomeError(f"the message centre did not answer: {scrub(str(error))}") from error
            if answer.is_success:
                return answer.message_id
            refusal = _refusal(answer.command_status)
            if is_first:
                raise refusal
            if not isinstance(refusal, ThrottledError):
                break
            await asyncio.sleep(refusal.retry_after)
        raise UnknownOutcomeError("the message centre took the beginning of the message, and not the rest")

    async def check(self) -> None:
        """Bind. Raises `TemporaryError` where that is not answered, which is also how a wrong password shows."""
        await self._bound()

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.stop()

    async def _bound(self) -> smpp34.Smsc:
        if self._session is not None:
            return self._session
        async with self._binding:
            if self._session is not None:  # bound meanwhile
                return self._session
            if self._client is not None:
                await self._client.stop()
            # One binds once: after a loss there is another.
            self._client = self._new_client(bind_type="TX" if self._told is None else "TRX")
            try:
                async with asyncio.timeout(self._timeout):
                    self._session = await self._client.connect()
            except (smpp34.SmppError, TimeoutError, OSError) as error:
                raise TemporaryError(f"the message centre does not answer the bind: {scrub(str(error))}") from error
            self._begin(self._receive(self._session))
            return self._session

    async def _submit(
        self, session: smpp34.Smsc, message: OutgoingText, part: bytes, coding: int, *, is_marked: bool, is_last: bool
    ) -> smpp34.SubmitSmResp:
        source = message.sender or self._sender
        ton, npi = _kind(source)
        return await session.submit_sm(
            message.to.lstrip("+"),
            part,
            source_addr=source.lstrip("+"),
            source_addr_ton=ton,
            source_addr_npi=npi,
            dest_addr_ton=1,
            dest_addr_npi=1,
            esm_class=UDHI if is_marked else 0,
            validity_period=_validity(message.lasts),
            registered_delivery=1 if is_last else 0,
            data_coding=coding,
        )

    async def _receive(self, session: smpp34.Smsc) -> None:
        """Take what comes until the connection is lost, which is how the next message knows that it has to bind."""
        while not isinstance(event := await session.next(), smpp34.Disconnected):
            told = read(event, self._clock.now())
            if told is not None and self._told is not None:
                self._begin(_tell(self._told, told))
        if self._session is session:
            self._session = None

    def _begin(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _tell(told: Told, one: Receipt | Reply) -> None:
    """Show it until somebody knows it: the receipt of a message may come before the ledger has its name."""
    for pause in (0.0, *AGAIN_SECONDS):
        await asyncio.sleep(pause)
        try:
            if await told([one]) or isinstance(one, Reply):
                return
        except Exception:
            log.exception("a receipt of the message centre could not be taken")


def _marked(parts: Sequence[bytes], number: int) -> list[bytes]:
    """Parts with the header that joins them (3GPP TS 23.040 section 9.2.3.24.1); one alone has none."""
    if len(parts) == 1:
        return list(parts)
    return [bytes([5, 0, 3, number, len(parts), place]) + part for place, part in enumerate(parts, 1)]


def _kind(source: str) -> tuple[int, int]:
    """Type of number and numbering plan: international, a short code, or letters."""
    if source.startswith("+"):
        return 1, 1
    return (3, 0) if source.isdecimal() else (5, 0)


def _validity(lasts: timedelta | None) -> str:
    """A relative time (section 7.1.1.1): `YYMMDDhhmmss000R`."""
    if lasts is None:
        return ""
    seconds = int(min(max(lasts, timedelta(seconds=1)), LONGEST).total_seconds())
    days, rest = divmod(seconds, 86_400)
    return f"0000{days:02}{rest // 3600:02}{rest % 3600 // 60:02}{rest % 60:02}000R"


def _refusal(status: int) -> SendError:
    """What a command status means for the message (section 5.1.3)."""
    detail = f"command status {status:#010x}"
    if status in THROTTLED:
        return ThrottledError(detail, PACE_SECONDS)
    if status == RINVDSTADR:
        return AddressRejectedError(detail)
    return TemporaryError(detail) if status in LATER else RejectedError(detail)
