"""What an operator says of Postmark."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from journeyman.channels.addresses import From
from journeyman.channels.ports import Callbacks, OutgoingMail, Sender
from journeyman.channels.provider_settings import MailProviderSettings
from journeyman.channels.providers.postmark.callbacks import PostmarkCallbacks
from journeyman.channels.providers.postmark.sender import BASE_URL, PostmarkSender
from journeyman.kit.clock import Clock


class PostmarkSettings(MailProviderSettings):
    """A server of Postmark."""

    provider: Literal["postmark"]
    token: Annotated[SecretStr, Field(description="The server's API token")]
    mail_from: Annotated[str, Field(min_length=3, description="From address: `Name <address>` or an address")]
    stream: Annotated[str, Field(min_length=1, description="The message stream")] = "outbound"
    tracking: Annotated[bool, Field(description="Postmark's own pixel and links, beside ours")] = False
    callback_user: Annotated[str, Field(min_length=1, description="The user in the webhook's URL")] = "postmark"
    callback_password: Annotated[
        SecretStr | None, Field(description="The password in the webhook's URL; without it no webhook is believed")
    ] = None
    base_url: Annotated[str, Field(pattern="^https?://", description="Where its API is")] = BASE_URL

    def sender_of(self, clock: Clock, callback_url: str | None) -> Sender[OutgoingMail]:  # noqa: ARG002 - of the port
        """Raises `ValueError` for an address that cannot be read."""
        return PostmarkSender(
            self.token.get_secret_value(),
            From.parse(self.mail_from),
            clock,
            stream=self.stream,
            tracking=self.tracking,
            base_url=self.base_url,
        )

    def callbacks(self) -> Callbacks | None:
        if self.callback_password is None:
            return None
        return PostmarkCallbacks(self.callback_user, self.callback_password.get_secret_value())
