"""What the contract of the port asks of each provider: a sender, a fake that speaks its protocol, and its documents."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

from journeyman.channels.ports import Attachment, Outgoing, Sender
from tests.parts.other_system import OtherSystem, Says


@dataclass(frozen=True)
class Faults:
    """A provider's documented answers to what can go wrong; None where its protocol has no such answer."""

    dead_address: Says | None
    refused: Says | None
    throttled: Says = field(default_factory=lambda: Says(429, b"{}", {"retry-after": "7"}))
    unauthorised: Says = field(default_factory=lambda: Says(401, b"{}"))
    failing: Says = field(default_factory=lambda: Says(503, b"{}"))


@dataclass(frozen=True)
class Harness:
    """One provider over HTTP under the contract. `taken` are the ledger's ids of what the fake has accepted, in order.

    `impatient` makes the sender again with a time-out in seconds; `wrong_key` with a key that the fake does not know.
    """

    fake: OtherSystem
    sender: Sender[Any]
    message: Callable[[str], Outgoing]
    taken: Callable[[], list[str]]
    faults: Faults
    impatient: Callable[[float], Sender[Any]]
    wrong_key: Callable[[], Sender[Any]]
    attached: Callable[[], list[Attachment]] | None = None
    """Of mail: what came with the last message that the fake has accepted."""


Open = Callable[[], AbstractAsyncContextManager[Harness]]
"""What the module `harness` of a provider's tests calls `opened`."""
