"""What an operator says of SendGrid."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from journeyman.channels.addresses import From
from journeyman.channels.ports import Callbacks, OutgoingMail, Sender
from journeyman.channels.provider_settings import MailProviderSettings
from journeyman.channels.providers.sendgrid.callbacks import SendGridCallbacks, public_key_of
from journeyman.channels.providers.sendgrid.sender import BASE_URL, SendGridSender
from journeyman.kit.clock import Clock


def _checked(text: str) -> str:
    public_key_of(text)
    return text


class SendGridSettings(MailProviderSettings):
    """An account of SendGrid."""

    provider: Literal["sendgrid"]
    key: Annotated[SecretStr, Field(description="An API key that may send mail")]
    mail_from: Annotated[str, Field(min_length=3, description="From address: `Name <address>` or an address")]
    tracking: Annotated[bool, Field(description="SendGrid's own pixel and links, beside ours")] = False
    callback_key: Annotated[
        Annotated[str, AfterValidator(_checked)] | None,
        Field(description="The verification key of the signed event webhook; without it no webhook is believed"),
    ] = None
    base_url: Annotated[
        str, Field(pattern="^https?://", description="Where its API is; `https://api.eu.sendgrid.com` in the EU")
    ] = BASE_URL

    def sender_of(self, clock: Clock, callback_url: str | None) -> Sender[OutgoingMail]:  # noqa: ARG002 - of the port
        """Raises `ValueError` for an address that cannot be read."""
        return SendGridSender(
            self.key.get_secret_value(),
            From.parse(self.mail_from),
            clock,
            tracking=self.tracking,
            base_url=self.base_url,
        )

    def callbacks(self) -> Callbacks | None:
        return None if self.callback_key is None else SendGridCallbacks(self.callback_key)
