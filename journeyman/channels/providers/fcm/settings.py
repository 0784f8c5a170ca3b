"""What an operator says of Firebase Cloud Messaging."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, SecretStr

from journeyman.channels.ports import OutgoingPush, Sender
from journeyman.channels.provider_settings import ProviderSettings
from journeyman.channels.providers.fcm.sender import BASE_URL, FcmSender
from journeyman.channels.service_accounts import TOKEN_URL
from journeyman.kit.clock import Clock


class FcmSettings(ProviderSettings):
    """A project of Firebase, and the service account that may send for it: fields of its JSON file."""

    channel: ClassVar = "push"

    provider: Literal["fcm"]
    project_id: Annotated[str, Field(pattern="^[a-z][a-z0-9-]{4,62}$")]
    client_email: Annotated[str, Field(min_length=3)]
    private_key: Annotated[SecretStr, Field(description="PEM; `\\n` may stand for the ends of lines")]
    base_url: Annotated[str, Field(pattern="^https?://", description="Where its API is")] = BASE_URL
    token_url: Annotated[str, Field(pattern="^https?://", description="Where access tokens come from")] = TOKEN_URL

    def sender_of(self, clock: Clock, callback_url: str | None) -> Sender[OutgoingPush]:  # noqa: ARG002 - of the port
        return FcmSender(
            self.project_id,
            self.client_email,
            self.private_key.get_secret_value().replace("\\n", "\n"),
            clock,
            base_url=self.base_url,
            token_url=self.token_url,
        )
