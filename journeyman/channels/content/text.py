"""What a template of text messages (SMS) holds."""

from collections.abc import Iterator
from typing import Annotated, Final, Literal

from pydantic import Field

from journeyman.channels.content.blocks import ChannelContent
from journeyman.channels.ports import shortened
from journeyman.language.durations import Duration
from journeyman.language.utm import Utm

TEXT_LIMIT: Final = 1_600
"""Characters: ten parts or so, which is what providers take."""


class TextContent(ChannelContent):
    """A text message. Marketing gets a short link to unsubscribe where the text has none and does not name STOP."""

    channel: Literal["sms"]
    text: Annotated[str, Field(min_length=1, max_length=4 * TEXT_LIMIT, description="Liquid")]
    sender: Annotated[
        str | None,
        Field(
            alias="from",
            pattern=r"^(\+[0-9]{7,15}|[0-9]{3,8}|[A-Za-z0-9 ]{1,11})$",
            description="A number, a short code or up to 11 letters, instead of the provider's own",
        ),
    ] = None
    lasts: Annotated[Duration | None, Field(description="After so long the network is to give it up")] = None
    utm: Annotated[Utm | None, Field(description="Where it stands, its links say where a visit came from")] = None

    @property
    def headline(self) -> str:
        return shortened(self.text)

    def sources(self) -> Iterator[tuple[str, str]]:
        yield "/text", self.text
