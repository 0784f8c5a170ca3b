"""What a template of push notifications holds, for apps and for browsers."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field

from journeyman.channels.content.blocks import ChannelContent
from journeyman.language.durations import Duration
from journeyman.language.utm import Utm

Link = Annotated[str, Field(min_length=1, max_length=2_000)]
Word = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,32}$")]


class PushContent(ChannelContent):
    """A notification; it goes to every device of the customer's that the channel knows."""

    channel: Literal["push", "web_push"]
    title: Annotated[str, Field(min_length=1, max_length=200, description="Liquid")]
    body: Annotated[str, Field(min_length=1, max_length=2_000, description="Liquid")]
    url: Annotated[Link | None, Field(description="Liquid; what a press opens: a page, or a deep link of the app")] = (
        None
    )
    image: Annotated[Link | None, Field(description="Liquid; the URL of a picture")] = None
    icon: Annotated[Link | None, Field(description="Liquid; the URL of a small picture")] = None
    badge: Annotated[int | None, Field(ge=0, le=9_999, strict=True, description="The number at the app's icon")] = None
    collapse: Annotated[
        Word | None, Field(description="A later notification with the same word takes the place of this one")
    ] = None
    lasts: Annotated[Duration | None, Field(description="How long it waits for a device that is off; default: 1d")] = (
        None
    )
    urgent: Annotated[bool, Field(strict=True, description="Wakes the device at once")] = False
    data: Annotated[Mapping[Word, str], Field(max_length=20, description="For the app, by name; each is Liquid")] = (
        Field(default_factory=dict)
    )
    utm: Annotated[Utm | None, Field(description="Where it stands, its links say where a visit came from")] = None

    @property
    def headline(self) -> str:
        return self.title

    def sources(self) -> Iterator[tuple[str, str]]:
        texts = {"title": self.title, "body": self.body, "url": self.url, "image": self.image, "icon": self.icon}
        yield from ((f"/{name}", source) for name, source in texts.items() if source is not None)
        yield from ((f"/data/{name}", source) for name, source in self.data.items())
