"""What a template of messages in the shop's app and on its pages holds."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from journeyman.channels.content.blocks import ChannelContent
from journeyman.language.durations import Duration

Link = Annotated[str, Field(min_length=1, max_length=2_000)]
Word = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,32}$")]


class InAppButton(BaseModel):
    """Something to press. Without `url` it only closes the message."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: Annotated[str, Field(min_length=1, max_length=40, description="Liquid")]
    url: Annotated[Link | None, Field(description="Liquid; what it opens")] = None


class InAppContent(ChannelContent):
    """A message that waits for the customer where she comes by herself: plain texts, shown as the page has it."""

    channel: Literal["in_app"]
    placement: Annotated[
        Literal["inbox", "banner", "modal"],
        Field(description="In the list of messages, across the page until it is closed, or over the page"),
    ] = "inbox"
    title: Annotated[str, Field(min_length=1, max_length=200, description="Liquid")]
    body: Annotated[str | None, Field(min_length=1, max_length=2_000, description="Liquid")] = None
    url: Annotated[Link | None, Field(description="Liquid; what a press opens")] = None
    image: Annotated[Link | None, Field(description="Liquid; the URL of a picture")] = None
    buttons: Annotated[tuple[InAppButton, ...], Field(max_length=3)] = ()
    lasts: Annotated[
        Duration | None, Field(description="How long it is shown to who has not closed it; default: 30d")
    ] = None
    data: Annotated[Mapping[Word, str], Field(max_length=20, description="For the app, by name; each is Liquid")] = (
        Field(default_factory=dict)
    )

    @property
    def headline(self) -> str:
        return self.title

    def sources(self) -> Iterator[tuple[str, str]]:
        texts = {"title": self.title, "body": self.body, "url": self.url, "image": self.image}
        yield from ((f"/{name}", source) for name, source in texts.items() if source is not None)
        for place, button in enumerate(self.buttons):
            yield f"/buttons/{place}/text", button.text
            if button.url is not None:
                yield f"/buttons/{place}/url", button.url
        yield from ((f"/data/{name}", source) for name, source in self.data.items())
