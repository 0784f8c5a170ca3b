"""What an operator says of Mailgun."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from journeyman.channels.addresses import From
from journeyman.channels.ports import Callbacks, OutgoingMail, Sender
from journeyman.channels.provider_settings import MailProviderSettings
from journeyman.channels.providers.mailgun.callbacks import MailgunCallbacks
from journeyman.channels.providers.mailgun.sender import BASE_URL, MailgunSender
from journeyman.kit.clock import Clock


class MailgunSettings(MailProviderSettings):
    """A domain of Mailgun."""

    provider: Literal["mailgun"]
    key: Annotated[SecretStr, Field(description="An API key; one that may only send is enough")]
    domain: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]+$", description="The sending domain")]
    mail_from: Annotated[str, Field(min_length=3, description="From address: `Name <address>` or an address")]
    tracking: Annotated[bool, Field(description="Mailgun's own pixel and links, beside ours")] = False
    callback_key: Annotated[
        SecretStr | None, Field(description="The webhook signing key; without it no webhook is believed")
    ] = None
    base_url: Annotated[
        str, Field(pattern="^https?://", description="Where its API is; `https://api.eu.mailgun.net` in the EU")
    ] = BASE_URL

    def sender_of(self, clock: Clock, callback_url: str | None) -> Sender[OutgoingMail]:  # noqa: ARG002 - of the port
        """Raises `ValueError` for an address that cannot be read."""
        return MailgunSender(
            self.key.get_secret_value(),
            self.domain,
            From.parse(self.mail_from),
            clock,
            tracking=self.tracking,
            base_url=self.base_url,
        )

    def callbacks(self) -> Callbacks | None:
        return None if self.callback_key is None else MailgunCallbacks(self.callback_key.get_secret_value())
