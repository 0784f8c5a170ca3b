"""What a channel asks of a provider: one port for all of them, and what comes back.

Messages go out through a `Sender`; what becomes of them, and what people answer, comes back through `Callbacks`.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol, TypeVar, runtime_checkable

HEADLINE_LIMIT = 120

AddressKind = Literal["email", "phone", "device", "subscription", "chat", "customer", "url"]
"""What an address of a channel is: a phone number is E.164, a subscription that of a browser (RFC 8030) as JSON."""

Status = Literal["sent", "delivered", "opened", "clicked", "bounced", "complained", "unsubscribed", "failed"]
"""What a provider may tell of a message. `bounced` is the receiver's refusal, `failed` the provider's own."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes out with a mail. What has a `url` is fetched from there first; senders are given bytes."""

    name: str
    content_type: str
    content: bytes = b""
    url: str | None = None


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """A rendered e-mail on its way to one address.

    `id` is the ledger's id, the idempotency key where a provider knows one. `headers` are e-mail headers beyond
    To, Subject, Date and Message-ID; a `From` among them stands instead of the sender's own.
    """

    id: str
    to: str
    subject: str = ""
    html: str | None = None
    text: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    attachments: Sequence[Attachment] = ()

    @property
    def headline(self) -> str:
        """What the message is known by in lists."""
        return self.subject


@dataclass(frozen=True, slots=True)
class OutgoingText:
    """A text message (SMS) to one number in E.164; `sender` stands instead of the provider's own number or name."""

    id: str
    to: str
    text: str
    sender: str | None = None
    lasts: timedelta | None = None
    """After so long the network is to give it up."""

    @property
    def headline(self) -> str:
        """What the message is known by in lists."""
        return shortened(self.text)


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press: it opens `url`, or answers with `id`."""

    text: str
    url: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class ChatTemplate:
    """A message that the provider approved beforehand, in one language, and what stands in its places, in order.

    `button_parameters` are what completes the link of each button that has a place, by the button's position.
    """

    name: str
    language: str
    header_parameters: Sequence[str] = ()
    parameters: Sequence[str] = ()
    button_parameters: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OutgoingChat:
    """A message in a chat: an approved template, or text with at most three buttons and one picture."""

    id: str
    to: str
    text: str = ""
    template: ChatTemplate | None = None
    buttons: Sequence[Button] = ()
    image: str | None = None

    @property
    def headline(self) -> str:
        """What the message is known by in lists."""
        return shortened(self.text) or (self.template.name if self.template else "")


@dataclass(frozen=True, slots=True)
class OutgoingPush:
    """A notification for one device or browser. `url` is what a press opens; `data` is for the app, texts by name."""

    id: str
    to: str
    title: str
    body: str
    url: str | None = None
    image: str | None = None
    icon: str | None = None
    badge: int | None = None
    collapse: str | None = None
    """A later notification with the same word takes the place of this one."""
    lasts: timedelta = timedelta(days=1)
    urgent: bool = False
    platform: str | None = None
    data: Mapping[str, str] = field(default_factory=dict)

    @property
    def headline(self) -> str:
        """What the message is known by in lists."""
        return shortened(self.title or self.body)


@dataclass(frozen=True, slots=True)
class OutgoingInApp:
    """A message that waits for the customer in the shop's app or on its pages; `to` is the customer's id.

    `placement` says how it is shown: in the inbox, as a banner, or as a modal.
    """

    id: str
    to: str
    placement: str
    title: str
    body: str = ""
    url: str | None = None
    image: str | None = None
    buttons: Sequence[Button] = ()
    lasts: timedelta = timedelta(days=30)
    data: Mapping[str, str] = field(default_factory=dict)

    @property
    def headline(self) -> str:
        """What the message is known by in lists."""
        return shortened(self.title)


Outgoing = OutgoingMail | OutgoingText | OutgoingChat | OutgoingPush | OutgoingInApp
M_contra = TypeVar("M_contra", bound=Outgoing, contravariant=True)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has taken the message; `provider_message_id` is how it names it.

    `parts` is how many messages it counts as, where that matters for its price.
    """

    provider_message_id: str
    parts: int = 1


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider can do.

    `idempotent`: a second call with the same id sends nothing, so that an unknown outcome may be asked again (M4).
    `tells` are the statuses that its receipts bring. `size_limit` is in bytes of what is sent.
    """

    address: AddressKind
    idempotent: bool = False
    tells: frozenset[Status] = frozenset()
    size_limit: int | None = None
    platforms: frozenset[str] = frozenset()
    """Of devices; none named: those for which no other provider is."""


class Sender(Protocol[M_contra]):
    """Hands messages of one channel to one provider.

    `send` raises the errors of `journeyman.channels.errors`, and nothing else, when the provider did not accept.
    `check` raises `SendError` when the provider cannot be reached or refuses the credentials.
    """

    @property
    def channel(self) -> str: ...

    @property
    def capabilities(self) -> Capabilities: ...

    async def send(self, message: M_contra, /) -> Accepted: ...

    async def check(self) -> None: ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Callback:
    """A request of a provider: header names in lower case, the body as it came, and the URL that it called."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message.

    `id` is the same for each repetition of the same news. A message is known by the ledger's id where the provider
    hands it back, else by its own. `address` is there where the address is to be suppressed; `machine` says that no
    person opened it; `detail` holds the provider's words without addresses.
    """

    id: str
    status: Status
    at: datetime
    message_id: str | None = None
    provider_message_id: str | None = None
    address: str | None = None
    permanent: bool = False
    """Of a bounce: the address is dead."""
    machine: bool = False
    url: str | None = None
    detail: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a person wrote, or pressed, on a channel; `sender` is her address on it, `answers` the message she means."""

    id: str
    channel: str
    sender: str
    at: datetime
    text: str = ""
    button: str | None = None
    answers: str | None = None
    """The provider's id of the message that she answers."""
    properties: Mapping[str, Any] = field(default_factory=dict)


class ForgedError(Exception):
    """A callback is not signed as it should be, or too old."""


class UnreadableError(Exception):
    """A callback is none of those that the provider documents; `str()` says what is wrong, without its content."""


@dataclass(frozen=True, slots=True)
class Response:
    """What a provider wants to read in answer to its callback, where a bare 200 does not do."""

    body: bytes = b""
    content_type: str = "text/plain"


class Callbacks(Protocol):
    """Reads what one provider sends back.

    Raises `ForgedError`, before anything of the body is believed, and `UnreadableError`. What does not concern messages
    is left out. `hello` answers a provider that checks the address before it uses it, None where it does not.
    """

    def read(self, callback: Callback, now: datetime) -> Sequence[Receipt | Reply]: ...

    def hello(self, callback: Callback) -> Response | None: ...


@runtime_checkable
class Answering(Protocol):
    """A reader of callbacks whose provider takes something from the answer; None where there is nothing to say."""

    def answer(self, callback: Callback) -> Response | None: ...


@runtime_checkable
class Listening(Protocol):
    """A sender over whose own connection receipts and replies come back; `told` returns how many were about ours."""

    def listen(self, told: Callable[[Sequence[Receipt | Reply]], Awaitable[int]]) -> None: ...


def shortened(text: str) -> str:
    """The beginning of a text, in one line."""
    line = " ".join(text.split())
    return line if len(line) <= HEADLINE_LIMIT else line[: HEADLINE_LIMIT - 1].rstrip() + "…"
