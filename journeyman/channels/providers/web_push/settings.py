"""What an operator says of web push."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, SecretStr, field_validator

from journeyman.channels.ports import OutgoingPush, Sender
from journeyman.channels.provider_settings import ProviderSettings
from journeyman.channels.providers.web_push.sender import WebPushSender, private, public_of
from journeyman.kit.clock import Clock


class WebPushSettings(ProviderSettings):
    """Web push needs no account: a key of one's own, of which browsers are given the public half."""

    channel: ClassVar = "web_push"

    provider: Literal["web_push"]
    private_key: Annotated[SecretStr, Field(description="32 bytes in base64url: `journeyman key web-push` makes one")]
    subject: Annotated[str, Field(pattern="^(mailto:|https://)", description="Where push services reach the operator")]
    allow_private: Annotated[
        bool, Field(description="Whether push services may be inside the house, and without TLS: for tests alone")
    ] = False

    @field_validator("private_key")
    @classmethod
    def _is_a_key(cls, key: SecretStr) -> SecretStr:
        private(key.get_secret_value())
        return key

    @property
    def public_key(self) -> str:
        """What browsers are given, base64url."""
        return public_of(self.private_key.get_secret_value())

    def sender_of(self, clock: Clock, callback_url: str | None) -> Sender[OutgoingPush]:  # noqa: ARG002 - of the port
        return WebPushSender(
            self.private_key.get_secret_value(), self.subject, clock, allows_private=self.allow_private
        )
