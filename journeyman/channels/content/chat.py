"""What a template of chat messages holds: WhatsApp, Messenger, Telegram, Viber, LINE."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from journeyman.channels.content.blocks import ChannelContent
from journeyman.channels.content.parts import Line
from journeyman.channels.ports import shortened
from journeyman.language.utm import Utm

TEXT_LIMIT: Final = 4_096
MOST_BUTTONS: Final = 3


class ButtonContent(BaseModel):
    """Something to press: it opens a `url`, or answers with an `id`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: Annotated[str, Field(min_length=1, max_length=40, description="Liquid")]
    url: Annotated[str | None, Field(min_length=1, max_length=2_000, description="Liquid; what it opens")] = None
    id: Annotated[str | None, Field(pattern="^[A-Za-z0-9_-]{1,64}$", description="What a press answers with")] = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.url is None) is (self.id is None):
            raise PydanticCustomError("button", "a button has either `url` or `id`: keep one of them")
        return self


class ApprovedTemplate(BaseModel):
    """A message that WhatsApp approved, and what stands in its places, in order; each is Liquid."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern="^[a-z0-9_]{1,512}$")]
    language: Annotated[str, Field(pattern="^[a-z]{2,3}(_[A-Z]{2})?$", description="As WhatsApp writes it: `en_US`")]
    header: tuple[Line, ...] = ()
    body: tuple[Line, ...] = ()
    buttons: Annotated[
        Mapping[int, Line], Field(description="What completes the link of a button, by the button's position from 0")
    ] = Field(default_factory=dict)


class ChatContent(ChannelContent):
    """A chat message: `text` with a picture and buttons or, on WhatsApp, an approved `template`.

    WhatsApp takes `text` only within 24 hours of what the customer wrote last.
    """

    channel: Literal["whatsapp", "messenger", "telegram", "viber", "line"]
    text: Annotated[str | None, Field(min_length=1, max_length=TEXT_LIMIT, description="Liquid")] = None
    template: ApprovedTemplate | None = None
    image: Annotated[str | None, Field(min_length=1, max_length=2_000, description="Liquid; the URL of a picture")] = (
        None
    )
    utm: Annotated[Utm | None, Field(description="Where it stands, its links say where a visit came from")] = None
    buttons: Annotated[tuple[ButtonContent, ...], Field(max_length=MOST_BUTTONS)] = ()

    @model_validator(mode="after")
    def _text_or_template(self) -> Self:
        if (self.text is None) is (self.template is None):
            raise PydanticCustomError("chat_body", "a chat message has either `text` or `template`: keep one of them")
        if self.template is not None and self.channel != "whatsapp":
            raise PydanticCustomError("chat_template", "only WhatsApp has approved templates; write `text`")
        return self

    @property
    def headline(self) -> str:
        return shortened(self.text) if self.text is not None else self.template.name if self.template else ""

    def given_up_for(self, given: Collection[str]) -> Collection[str]:
        return {"text", "template"} if "text" in given or "template" in given else ()

    def adapted(self, language: str, given: Collection[str]) -> dict[str, Any]:
        """The approved template in that language, as WhatsApp writes it: `pt-BR` is `pt_BR` there."""
        if self.template is None or not {"text", "template"}.isdisjoint(given):
            return {}
        primary, *more = re.split("[-_]", language)
        code = "_".join([primary.lower(), *(part.upper() for part in more if re.fullmatch("[A-Za-z]{2}", part))])
        return {"template": {**self.template.model_dump(mode="json", exclude_unset=True), "language": code}}

    def sources(self) -> Iterator[tuple[str, str]]:
        if self.text is not None:
            yield "/text", self.text
        if self.image is not None:
            yield "/image", self.image
        for place, button in enumerate(self.buttons):
            yield f"/buttons/{place}/text", button.text
            if button.url is not None:
                yield f"/buttons/{place}/url", button.url
        if self.template is not None:
            yield from ((f"/template/header/{place}", source) for place, source in enumerate(self.template.header))
            yield from ((f"/template/body/{place}", source) for place, source in enumerate(self.template.body))
            yield from ((f"/template/buttons/{place}", source) for place, source in self.template.buttons.items())
