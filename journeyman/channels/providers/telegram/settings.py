"""What an operator says of a Telegram bot."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from journeyman.channels.ports import Callbacks, OutgoingChat, Sender
from journeyman.channels.provider_settings import ProviderSettings
from journeyman.channels.providers.telegram.callbacks import TelegramCallbacks
from journeyman.channels.providers.telegram.sender import BASE_URL, TelegramSender
from journeyman.kit.clock import Clock


class TelegramSettings(ProviderSettings):
    """A bot of Telegram."""

    channel: ClassVar = "telegram"

    provider: Literal["telegram"]
    token: Annotated[SecretStr, Field(description="The bot's token, as BotFather gives it")]
    webhook_secret: Annotated[
        SecretStr | None, Field(description="The `secret_token` of `setWebhook`; without it no update is believed")
    ] = None
    base_url: Annotated[str, Field(pattern="^https?://", description="Where the Bot API is")] = BASE_URL

    @model_validator(mode="after")
    def _token_is_whole(self) -> Self:
        # A pattern on the field would repeat the secret in its complaint.
        identity, colon, secret = self.token.get_secret_value().partition(":")
        if not (identity.isdecimal() and colon and secret):
            raise PydanticCustomError("token", "the token of a bot is a number, a colon and a word")
        return self

    def sender_of(self, clock: Clock, callback_url: str | None) -> Sender[OutgoingChat]:  # noqa: ARG002 - of the port
        return TelegramSender(self.token.get_secret_value(), clock, base_url=self.base_url)

    def callbacks(self) -> Callbacks | None:
        return None if self.webhook_secret is None else TelegramCallbacks(self.webhook_secret.get_secret_value())
