"""What an operator says of Twilio."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, SecretStr

from journeyman.channels.ports import Callbacks, OutgoingText, Sender
from journeyman.channels.provider_settings import ProviderSettings
from journeyman.channels.providers.twilio.callbacks import TwilioCallbacks
from journeyman.channels.providers.twilio.sender import BASE_URL, TwilioSender
from journeyman.kit.clock import Clock


class TwilioSettings(ProviderSettings):
    """An account of Twilio."""

    channel: ClassVar = "sms"

    provider: Literal["twilio"]
    account: Annotated[str, Field(pattern="^AC[0-9a-f]{32}$", description="The account's SID")]
    token: Annotated[SecretStr, Field(description="The account's auth token; signs the callbacks, too")]
    sender: Annotated[str, Field(min_length=1, description="A number in E.164, a name, or a messaging service (`MG…`)")]
    base_url: Annotated[str, Field(pattern="^https?://", description="Where its API is")] = BASE_URL

    def sender_of(self, clock: Clock, callback_url: str | None) -> Sender[OutgoingText]:
        return TwilioSender(
            self.account,
            self.token.get_secret_value(),
            self.sender,
            clock,
            callback_url=callback_url,
            base_url=self.base_url,
        )

    def callbacks(self) -> Callbacks:
        return TwilioCallbacks(self.token.get_secret_value())
