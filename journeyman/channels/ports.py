"""What a channel asks of a provider."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A rendered message on its way to one address.

    `id` is the ledger's id, the idempotency key where a provider knows one. `headers` are e-mail headers beyond
    To, Subject, Date and Message-ID; a `From` among them stands instead of the sender's own.
    """

    id: str
    to: str
    subject: str = ""
    html: str | None = None
    text: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has taken the message; `provider_message_id` is how it names it."""

    provider_message_id: str


class Sender(Protocol):
    """Hands messages of one channel to one provider.

    `send` raises the errors of `journeyman.channels.errors`, and nothing else, when the provider did not accept.
    `check` raises `SendError` when the provider cannot be reached or refuses the credentials.
    """

    channel: str

    async def send(self, message: Outgoing) -> Accepted: ...

    async def check(self) -> None: ...

    async def close(self) -> None: ...
