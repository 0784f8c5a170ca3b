"""What an operator says of a provider, and what comes of it: a sender, and a reader of its callbacks."""

from abc import ABC, abstractmethod
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from journeyman.channels.ports import Callbacks, Sender
from journeyman.channels.warming.ramp import WarmUp
from journeyman.kit.clock import Clock


class ProviderSettings(BaseModel, ABC):
    """The settings of one provider; each has a `provider`, a `Literal` with its name. Secrets are `SecretStr`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    channel: ClassVar[str]

    @abstractmethod
    def sender_of(self, clock: Clock, callback_url: str | None) -> Sender[Any]:
        """What sends. `callback_url` is where the provider is to tell what became of a message, where it is told so."""

    def callbacks(self) -> Callbacks | None:
        """What reads its callbacks; None where it has none, or what verifies them is not set."""
        return None


class MailProviderSettings(ProviderSettings, ABC):
    """The settings of one that carries mail."""

    channel: ClassVar = "email"

    warm_up: Annotated[
        WarmUp | None, Field(description="How much it may carry a day while its domain or IP address is new")
    ] = None
