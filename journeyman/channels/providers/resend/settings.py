"""What an operator says of Resend."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from journeyman.channels.addresses import From
from journeyman.channels.ports import Callbacks, OutgoingMail, Sender
from journeyman.channels.provider_settings import MailProviderSettings
from journeyman.channels.providers.resend.callbacks import ResendCallbacks
from journeyman.channels.providers.resend.sender import BASE_URL, ResendSender
from journeyman.kit.clock import Clock


def _checked(secret: SecretStr) -> SecretStr:
    ResendCallbacks(secret.get_secret_value())
    return secret


class ResendSettings(MailProviderSettings):
    """An account of Resend. Whether it counts opens and clicks beside us is a setting of the domain there."""

    provider: Literal["resend"]
    key: Annotated[SecretStr, Field(description="An API key that may send")]
    mail_from: Annotated[str, Field(min_length=3, description="From address: `Name <address>` or an address")]
    callback_secret: Annotated[
        Annotated[SecretStr, AfterValidator(_checked)] | None,
        Field(description="The webhook's signing secret (`whsec_…`); without it no webhook is believed"),
    ] = None
    base_url: Annotated[str, Field(pattern="^https?://", description="Where its API is")] = BASE_URL

    def sender_of(self, clock: Clock, callback_url: str | None) -> Sender[OutgoingMail]:  # noqa: ARG002 - of the port
        """Raises `ValueError` for an address that cannot be read."""
        return ResendSender(self.key.get_secret_value(), From.parse(self.mail_from), clock, base_url=self.base_url)

    def callbacks(self) -> Callbacks | None:
        return None if self.callback_secret is None else ResendCallbacks(self.callback_secret.get_secret_value())
