"""What an operator says of an SMTP server."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, SecretStr

from journeyman.channels.addresses import From
from journeyman.channels.ports import OutgoingMail, Sender
from journeyman.channels.provider_settings import ProviderSettings
from journeyman.channels.providers.smtp.sender import SmtpSender
from journeyman.kit.clock import Clock


class SmtpSettings(ProviderSettings):
    """An SMTP server."""

    channel: ClassVar = "email"

    provider: Literal["smtp"]
    url: Annotated[SecretStr, Field(description="`smtp://`, `smtp+starttls://` or `smtps://USER:PASSWORD@HOST:PORT`")]
    mail_from: Annotated[str, Field(min_length=3, description="From address: `Name <address>` or an address")]
    connections: Annotated[int, Field(ge=1, le=100, description="Pooled connections per worker")] = 8

    def sender_of(self, clock: Clock, callback_url: str | None) -> Sender[OutgoingMail]:  # noqa: ARG002 - of the port
        """Raises `ValueError` for a URL or an address that cannot be read."""
        return SmtpSender(
            self.url.get_secret_value(),
            From.parse(self.mail_from),
            connections=self.connections,
            timeout=15,
            accept_seconds=30,
            clock=clock,
        )
