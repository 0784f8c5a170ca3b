"""Where an import's documents go. Whoever calls over HTTP has a sink of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import orjson

from journeyman.customers.imports.calls import Document
from journeyman.customers.inbox.door import Inbox
from journeyman.customers.inbox.errors import RefusedError
from journeyman.customers.inbox.events import Incoming
from journeyman.customers.inbox.reading import read_event
from journeyman.kit.clock import Clock
from journeyman.kit.errors import DomainError


@dataclass(slots=True)
class Stored:
    """What became of a batch: how many were new, and which were refused and why, by their place in it."""

    new: int
    refused: list[tuple[int, str]] = field(default_factory=list)


class Sink(Protocol):
    """Takes documents. Raises `OverloadedError`, with nothing stored, where it has to be asked again later."""

    async def store(self, documents: Sequence[Document]) -> Stored: ...


class InboxSink:
    """Puts calls through the door of the inbox, within this process."""

    def __init__(self, inbox: Inbox, clock: Clock) -> None:
        self._inbox = inbox
        self._clock = clock

    async def store(self, documents: Sequence[Document]) -> Stored:
        now = self._clock.now()
        events: list[Incoming] = []
        refused: list[tuple[int, str]] = []
        for place, document in enumerate(documents):
            try:
                events.append(read_event(document, received_at=now, plain=is_plain(document), is_import=True))
            except RefusedError as refusal:
                refused.append((place, reason_of(refusal)))
        return Stored(len(await self._inbox.accept(events, now)), refused)


def is_plain(document: Document) -> bool:
    """Whether the document certainly holds nothing that the databases cannot keep (`json_text.storable`)."""
    try:
        return b"\\u0000" not in orjson.dumps(document)
    except TypeError:
        return False


def reason_of(refusal: DomainError) -> str:
    """A refusal on one line: what is wrong where, and the mend."""
    if not refusal.faults:
        return refusal.detail
    fault = refusal.faults[0]
    return " ".join(part for part in (fault.pointer, fault.detail, fault.mend) if part)
