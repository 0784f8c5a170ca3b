"""Senders that hand over nothing: what a simulation sends stays in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from journeyman.channels.ports import Accepted, AddressKind, Capabilities, Outgoing
from journeyman.kit.clock import Clock

KINDS: Mapping[str, AddressKind] = {"email": "email"}


@dataclass(frozen=True, slots=True)
class Trapped:
    """A message as a provider would have got it, and when."""

    at: datetime
    channel: str
    message: Outgoing


class Trap:
    """Takes every message of a channel, at once."""

    def __init__(self, channel: str, clock: Clock) -> None:
        self.channel = channel
        self.capabilities = Capabilities(KINDS.get(channel, "device"))
        self.clock = clock
        self.messages: list[Trapped] = []
        self._by_id: dict[str, Trapped] = {}

    async def send(self, message: Outgoing) -> Accepted:
        caught = self._by_id[message.id] = Trapped(self.clock.now(), self.channel, message)
        self.messages.append(caught)
        return Accepted(message.id)

    def by_id(self, message_id: str | None) -> Trapped | None:
        """The message with this id of the ledger's."""
        return self._by_id.get(message_id or "")

    async def check(self) -> None:
        """Nobody is asked."""

    async def close(self) -> None:
        """Nothing is open."""
