"""What an operator says of Vonage."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, SecretStr

from journeyman.channels.ports import Callbacks, OutgoingText, Sender
from journeyman.channels.provider_settings import ProviderSettings
from journeyman.channels.providers.vonage.callbacks import VonageCallbacks
from journeyman.channels.providers.vonage.sender import ACCOUNT_URL, BASE_URL, VonageSender
from journeyman.kit.clock import Clock


class VonageSettings(ProviderSettings):
    """An account of Vonage."""

    channel: ClassVar = "sms"

    provider: Literal["vonage"]
    key: Annotated[str, Field(min_length=1, description="The account's API key")]
    secret: Annotated[SecretStr, Field(description="The account's API secret")]
    sender: Annotated[str, Field(min_length=1, description="A number in E.164, or a name")]
    signature_secret: Annotated[
        SecretStr | None, Field(description="Signs the webhooks (SHA-256); without it none is believed")
    ] = None
    base_url: Annotated[str, Field(pattern="^https?://", description="Where its Messages API is")] = BASE_URL
    account_url: Annotated[str, Field(pattern="^https?://", description="Where its account API is")] = ACCOUNT_URL

    def sender_of(self, clock: Clock, callback_url: str | None) -> Sender[OutgoingText]:
        return VonageSender(
            self.key,
            self.secret.get_secret_value(),
            self.sender,
            clock,
            callback_url=callback_url if self.signature_secret is not None else None,
            base_url=self.base_url,
            account_url=self.account_url,
        )

    def callbacks(self) -> Callbacks | None:
        return None if self.signature_secret is None else VonageCallbacks(self.signature_secret.get_secret_value())
