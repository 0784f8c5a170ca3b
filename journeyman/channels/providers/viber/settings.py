"""What an operator says of a Viber bot."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, SecretStr

from journeyman.channels.ports import Callbacks, OutgoingChat, Sender
from journeyman.channels.provider_settings import ProviderSettings
from journeyman.channels.providers.viber.callbacks import ViberCallbacks
from journeyman.channels.providers.viber.sender import BASE_URL, NAME_LIMIT, ViberSender
from journeyman.kit.clock import Clock


class ViberSettings(ProviderSettings):
    """A bot of Viber."""

    channel: ClassVar = "viber"

    provider: Literal["viber"]
    token: Annotated[SecretStr, Field(description="The bot's authentication token; signs the callbacks, too")]
    name: Annotated[str, Field(min_length=1, max_length=NAME_LIMIT, description="Who writes")]
    avatar: Annotated[str | None, Field(pattern="^https://", description="The URL of its picture")] = None
    base_url: Annotated[str, Field(pattern="^https?://", description="Where its API is")] = BASE_URL

    def sender_of(self, clock: Clock, callback_url: str | None) -> Sender[OutgoingChat]:  # noqa: ARG002 - of the port
        return ViberSender(self.token.get_secret_value(), self.name, clock, avatar=self.avatar, base_url=self.base_url)

    def callbacks(self) -> Callbacks:
        return ViberCallbacks(self.token.get_secret_value())
