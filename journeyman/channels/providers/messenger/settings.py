"""What an operator says of Messenger."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from journeyman.channels.ports import Callbacks, OutgoingChat, Sender
from journeyman.channels.provider_settings import ProviderSettings
from journeyman.channels.providers.messenger.callbacks import MessengerCallbacks
from journeyman.channels.providers.messenger.sender import BASE_URL, MessengerSender
from journeyman.kit.clock import Clock


class MessengerSettings(ProviderSettings):
    """A page of Facebook, and the app through which it writes."""

    channel: ClassVar = "messenger"

    provider: Literal["messenger"]
    token: Annotated[SecretStr, Field(description="The access token of the page")]
    app_secret: Annotated[SecretStr | None, Field(description="Signs the webhooks; without it none is believed")] = None
    verify_token: Annotated[SecretStr | None, Field(description="What you tell Meta when you set up the webhook")] = (
        None
    )
    base_url: Annotated[str, Field(pattern="^https?://", description="Where the Graph API is, with its version")] = (
        BASE_URL
    )

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.app_secret is None) is not (self.verify_token is None):
            raise PydanticCustomError("webhook", "webhooks need both `app_secret` and `verify_token`: set the other")
        return self

    def sender_of(self, clock: Clock, callback_url: str | None) -> Sender[OutgoingChat]:  # noqa: ARG002 - of the port
        return MessengerSender(self.token.get_secret_value(), clock, base_url=self.base_url)

    def callbacks(self) -> Callbacks | None:
        if self.app_secret is None or self.verify_token is None:
            return None
        return MessengerCallbacks(self.app_secret.get_secret_value(), self.verify_token.get_secret_value())
