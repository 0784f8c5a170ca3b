"""What an operator says of a message centre."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, SecretStr

from journeyman.channels.ports import OutgoingText, Sender
from journeyman.channels.provider_settings import ProviderSettings
from journeyman.channels.providers.smpp.sender import SmppSender
from journeyman.kit.clock import Clock


class SmppSettings(ProviderSettings):
    """A message centre that speaks SMPP 3.4; each worker binds to it as a transceiver."""

    channel: ClassVar = "sms"

    provider: Literal["smpp"]
    host: Annotated[str, Field(min_length=1)]
    port: Annotated[int, Field(ge=1, le=65_535)] = 2_775
    user: Annotated[str, Field(min_length=1, max_length=15, description="`system_id`")]
    password: Annotated[SecretStr, Field(description="At most eight characters, as the protocol has it")]
    sender: Annotated[
        str, Field(pattern=r"^(\+[0-9]{7,15}|[0-9]{3,8}|[A-Za-z0-9 ]{1,11})$", description="Number, short code or name")
    ]
    tls: bool = False
    system_type: Annotated[str, Field(max_length=12)] = ""
    window: Annotated[int, Field(ge=1, le=1_000, description="Messages that wait for their answer at once")] = 50

    def sender_of(self, clock: Clock, callback_url: str | None) -> Sender[OutgoingText]:  # noqa: ARG002 - of the port
        return SmppSender(
            self.host,
            self.port,
            self.user,
            self.password.get_secret_value(),
            self.sender,
            clock,
            tls=self.tls,
            system_type=self.system_type,
            window=self.window,
        )
