"""What an operator says of an SMTP server."""

from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator

from journeyman.channels.addresses import From
from journeyman.channels.dkim import DkimSigner
from journeyman.channels.ports import Callbacks, OutgoingMail, Sender
from journeyman.channels.provider_settings import MailProviderSettings
from journeyman.channels.providers.smtp.bounces import BounceCallbacks
from journeyman.channels.providers.smtp.sender import SmtpSender
from journeyman.kit.clock import Clock


class SmtpSettings(MailProviderSettings):
    """An SMTP server."""

    provider: Literal["smtp"]
    url: Annotated[SecretStr, Field(description="`smtp://`, `smtp+starttls://` or `smtps://USER:PASSWORD@HOST:PORT`")]
    mail_from: Annotated[str, Field(min_length=3, description="From address: `Name <address>` or an address")]
    dkim_domain: Annotated[str | None, Field(description="The domain that signs mail here (DKIM)")] = None
    dkim_selector: Annotated[str | None, Field(description="The key's name under `_domainkey` in the DNS")] = None
    dkim_key: Annotated[SecretStr | None, Field(description="The private RSA key, as PEM")] = None
    bounce_secret: Annotated[
        SecretStr | None,
        Field(min_length=16, description="Whoever hands bounce mails over as callbacks sends it as a bearer token"),
    ] = None
    connections: Annotated[int, Field(ge=1, le=100, description="Pooled connections per worker")] = 8

    @model_validator(mode="after")
    def _signs_whole_or_not(self) -> Self:
        self._signer()
        return self

    def sender_of(self, clock: Clock, callback_url: str | None) -> Sender[OutgoingMail]:  # noqa: ARG002 - of the port
        """Raises `ValueError` for a URL or an address that cannot be read."""
        return SmtpSender(
            self.url.get_secret_value(),
            From.parse(self.mail_from),
            connections=self.connections,
            timeout=15,
            accept_seconds=30,
            clock=clock,
            dkim=self._signer(),
        )

    def callbacks(self) -> Callbacks | None:
        return None if self.bounce_secret is None else BounceCallbacks(self.bounce_secret.get_secret_value())

    def _signer(self) -> DkimSigner | None:
        """Raises `ValueError` where something is missing, or is no key."""
        if self.dkim_domain is None and self.dkim_selector is None and self.dkim_key is None:
            return None
        if self.dkim_domain is None or self.dkim_selector is None or self.dkim_key is None:
            raise ValueError("dkim_domain, dkim_selector and dkim_key belong together")
        return DkimSigner(self.dkim_domain, self.dkim_selector, self.dkim_key.get_secret_value())
