"""What an operator says of Amazon SES."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from journeyman.channels.addresses import From
from journeyman.channels.ports import Callbacks, OutgoingMail, Sender
from journeyman.channels.provider_settings import MailProviderSettings
from journeyman.channels.providers.ses.callbacks import SesCallbacks
from journeyman.channels.providers.ses.sender import SesSender
from journeyman.channels.sigv4 import AwsKey
from journeyman.kit.clock import Clock


class SesSettings(MailProviderSettings):
    """Amazon SES in one region."""

    provider: Literal["ses"]
    region: Annotated[str, Field(pattern="^[a-z0-9-]{3,40}$", description="The region, such as `eu-central-1`")]
    access_key_id: Annotated[
        str, Field(min_length=1, description="The id of an access key that may `ses:SendRawEmail`")
    ]
    secret_access_key: Annotated[SecretStr, Field(description="Its secret")]
    session_token: Annotated[SecretStr | None, Field(description="Of a key that lasts for a while only")] = None
    mail_from: Annotated[str, Field(min_length=3, description="From address: `Name <address>` or an address")]
    configuration_set: Annotated[
        str | None, Field(description="The configuration set, which says where events go and whether SES tracks")
    ] = None
    topic: Annotated[
        str | None,
        Field(
            pattern="^arn:aws[a-z-]*:sns:",
            description="The ARN of the SNS topic that tells events here; without it none is believed",
        ),
    ] = None
    base_url: Annotated[str | None, Field(pattern="^https?://", description="Default: that of the region")] = None

    def sender_of(self, clock: Clock, callback_url: str | None) -> Sender[OutgoingMail]:  # noqa: ARG002 - of the port
        """Raises `ValueError` for an address that cannot be read."""
        token = self.session_token.get_secret_value() if self.session_token else None
        return SesSender(
            AwsKey(self.access_key_id, self.secret_access_key.get_secret_value(), token),
            self.region,
            From.parse(self.mail_from),
            clock,
            configuration_set=self.configuration_set,
            base_url=self.base_url,
        )

    def callbacks(self) -> Callbacks | None:
        return None if self.topic is None else SesCallbacks(self.topic)
