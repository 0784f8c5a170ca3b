"""What an operator says of an official account of LINE."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, SecretStr

from journeyman.channels.ports import Callbacks, OutgoingChat, Sender
from journeyman.channels.provider_settings import ProviderSettings
from journeyman.channels.providers.line.callbacks import LineCallbacks
from journeyman.channels.providers.line.sender import BASE_URL, LineSender
from journeyman.kit.clock import Clock


class LineSettings(ProviderSettings):
    """A channel of LINE's Messaging API."""

    channel: ClassVar = "line"

    provider: Literal["line"]
    token: Annotated[SecretStr, Field(description="A channel access token")]
    channel_secret: Annotated[
        SecretStr | None,
        Field(description="The channel's secret, which signs the webhooks; without it none is believed"),
    ] = None
    base_url: Annotated[str, Field(pattern="^https?://", description="Where its API is")] = BASE_URL

    def sender_of(self, clock: Clock, callback_url: str | None) -> Sender[OutgoingChat]:  # noqa: ARG002 - of the port
        return LineSender(self.token.get_secret_value(), clock, base_url=self.base_url)

    def callbacks(self) -> Callbacks | None:
        return None if self.channel_secret is None else LineCallbacks(self.channel_secret.get_secret_value())
