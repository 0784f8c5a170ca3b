"""What an operator says of MessageBird."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, SecretStr

from journeyman.channels.ports import Callbacks, OutgoingText, Sender
from journeyman.channels.provider_settings import ProviderSettings
from journeyman.channels.providers.messagebird.callbacks import MessageBirdCallbacks
from journeyman.channels.providers.messagebird.sender import BASE_URL, MessageBirdSender
from journeyman.kit.clock import Clock


class MessageBirdSettings(ProviderSettings):
    """A workspace of MessageBird (Bird), over its classic API."""

    channel: ClassVar = "sms"

    provider: Literal["messagebird"]
    key: Annotated[SecretStr, Field(description="The access key")]
    sender: Annotated[str, Field(min_length=1, description="A number in E.164, or a name of up to 11 characters")]
    signing_key: Annotated[SecretStr | None, Field(description="Signs the callbacks; without it none is believed")] = (
        None
    )
    base_url: Annotated[str, Field(pattern="^https?://", description="Where its API is")] = BASE_URL

    def sender_of(self, clock: Clock, callback_url: str | None) -> Sender[OutgoingText]:
        return MessageBirdSender(
            self.key.get_secret_value(),
            self.sender,
            clock,
            callback_url=callback_url if self.signing_key is not None else None,
            base_url=self.base_url,
        )

    def callbacks(self) -> Callbacks | None:
        return None if self.signing_key is None else MessageBirdCallbacks(self.signing_key.get_secret_value())
