"""A message centre on loopback: SMPP 3.4, answers that a test writes, receipts and replies that it sends."""

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

import smpp34

from tests.parts.postgres import free_port


@dataclass(frozen=True)
class Submitted:
    """A part as it came."""

    to: str
    source: str
    ton: int
    body: bytes
    coding: int
    esm_class: int
    receipt: int


SILENT = -1
"""A scripted answer: none comes."""


class MessageCentre:
    """Takes whatever is bound and submitted; `script` sets the command status of what comes next."""

    def __init__(self) -> None:
        self.port = free_port()
        self.taken: list[Submitted] = []
        self.script: deque[int] = deque()
        self.bound: list[smpp34.Esme] = []
        self._arrived = asyncio.Event()
        self._changed = asyncio.Condition()
        self._held: list[smpp34.SubmitSmEvent] = []

    async def __aenter__(self) -> Self:
        self._server = smpp34.Server("127.0.0.1", self.port, system_id="centre")
        await self._server.start()
        self._serving = asyncio.create_task(self._serve())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        self._serving.cancel()
        with suppress(asyncio.CancelledError):
            await self._serving
        await self._server.stop()

    async def tells(self, identity: str, state: str, error: str = "000") -> None:
        """A receipt, as appendix B has it."""
        dates = "submit date:2603021200 done date:2603021201"
        text = f"id:{identity} sub:001 dlvrd:001 {dates} stat:{state} err:{error} text:x"
        await self.bind()
        await self.bound[-1].deliver_sm("15005550006", text.encode(), source_addr="4915112345678", esm_class=0x04)

    async def writes(self, body: bytes, coding: int = 0) -> None:
        """Somebody writes."""
        await self.bind()
        await self.bound[-1].deliver_sm("15005550006", body, source_addr="4915112345678", data_coding=coding)

    async def bind(self, number: int = 1) -> smpp34.Esme:
        """Who has bound as the first, or the second: it knows of that a little before we do."""
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(lambda: len(self.bound) >= number)
        return self.bound[number - 1]

    async def wait_for_one(self) -> None:
        """Until something was taken."""
        async with asyncio.timeout(10):
            await self._arrived.wait()

    async def _serve(self) -> None:
        while True:
            event = await self._server.next()
            if isinstance(event, smpp34.Esme):
                async with self._changed:
                    self.bound.append(event)
                    self._changed.notify_all()
            elif isinstance(event, smpp34.SubmitSmEvent):
                self._answer(event)

    def _answer(self, event: smpp34.SubmitSmEvent) -> None:
        status = self.script.popleft() if self.script else 0
        if status == SILENT:
            self._held.append(event)
        elif status:
            event.reject(status)
        else:
            self.taken.append(
                Submitted(
                    event.destination_addr,
                    event.source_addr,
                    event.source_addr_ton,
                    event.short_message,
                    event.data_coding,
                    event.esm_class,
                    event.registered_delivery,
                )
            )
            self._arrived.set()
            event.accept(f"centre-{len(self.taken)}")
