"""What an operator says of Apple's push service."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, SecretStr

from journeyman.channels.ports import OutgoingPush, Sender
from journeyman.channels.provider_settings import ProviderSettings
from journeyman.channels.providers.apns.sender import PRODUCTION, ApnsSender
from journeyman.kit.clock import Clock


class ApnsSettings(ProviderSettings):
    """An app of Apple's platforms, and a key that may send to it."""

    channel: ClassVar = "push"

    provider: Literal["apns"]
    team_id: Annotated[str, Field(pattern="^[A-Z0-9]{10}$")]
    key_id: Annotated[str, Field(pattern="^[A-Z0-9]{10}$")]
    private_key: Annotated[SecretStr, Field(description="The `.p8` file's PEM; `\\n` may stand for the ends of lines")]
    topic: Annotated[str, Field(min_length=1, description="The app's bundle id")]
    base_url: Annotated[
        str, Field(pattern="^https?://", description="`https://api.sandbox.push.apple.com` for apps under development")
    ] = PRODUCTION

    def sender_of(self, clock: Clock, callback_url: str | None) -> Sender[OutgoingPush]:  # noqa: ARG002 - of the port
        key = self.private_key.get_secret_value().replace("\\n", "\n")
        return ApnsSender(self.team_id, self.key_id, key, self.topic, clock, base_url=self.base_url)
