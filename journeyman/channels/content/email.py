"""What a template of e-mail holds, as the API takes it and the store keeps it."""

from collections.abc import Collection, Iterator
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from journeyman.channels.content.blocks import ChannelContent
from journeyman.channels.content.parts import Body, Line
from journeyman.language.utm import Utm


class AttachmentContent(BaseModel):
    """A file that goes out with the mail: at a `url`, or in base64 in what the run knows (`from`)."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    name: Annotated[Line, Field(description="Liquid; its ending says what it is: `invoice.pdf`")]
    url: Annotated[str | None, Field(min_length=1, max_length=2_000, description="Liquid; fetched when it is sent")] = (
        None
    )
    source: Annotated[
        str | None,
        Field(
            alias="from",
            pattern=r"^(entry|event|context|customer)(\.[A-Za-z0-9_-]{1,64}){1,8}$",
            description="Where the file stands in base64, such as `context.invoice.pdf`",
        ),
    ] = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.url is None) is (self.source is None):
            raise PydanticCustomError("attachment", "an attachment has either `url` or `from`: keep one of them")
        return self


class EmailContent(ChannelContent):
    """A mail: `mjml` or `html` (or only `text`), in Liquid. Where `text` is missing it is made from the HTML."""

    channel: Literal["email"]
    subject: Annotated[Line, Field(description="Liquid; one line")]
    preheader: Annotated[Line | None, Field(description="Liquid; what mail programs show after the subject")] = None
    sender: Annotated[Line | None, Field(alias="from", description="`Name <address>`, instead of the default")] = None
    reply_to: Annotated[Line | None, Field(description="`Name <address>` that answers go to")] = None
    mjml: Annotated[Body | None, Field(description="MJML 4 with Liquid")] = None
    html: Annotated[Body | None, Field(description="HTML with Liquid; style sheets are put into the elements")] = None
    text: Annotated[Body | None, Field(description="Liquid; the plain-text part")] = None
    utm: Annotated[Utm | None, Field(description="Where it stands, its links say where a visit came from")] = None
    attachments: Annotated[
        tuple[AttachmentContent, ...], Field(max_length=10, description="Files that go out with it, 10 MB in all")
    ] = ()

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        if self.mjml is not None and self.html is not None:
            raise PydanticCustomError("two_bodies", "there are both `mjml` and `html`: keep one of them")
        if self.mjml is None and self.html is None and self.text is None:
            raise PydanticCustomError("no_body", "there is no `mjml`, `html` or `text`: give one of them")
        return self

    @property
    def headline(self) -> str:
        return self.subject

    def texts(self) -> Iterator[tuple[str, str]]:
        named = {"subject": self.subject, "preheader": self.preheader, "mjml": self.mjml, "html": self.html}
        texts = {**named, "text": self.text}
        yield from ((f"/{name}", source) for name, source in texts.items() if source is not None)
        yield from self.sources()

    def given_up_for(self, given: Collection[str]) -> Collection[str]:
        """A body of a language's own goes with no text of another language."""
        return () if {"mjml", "html"}.isdisjoint(given) else ("mjml", "html", "text")

    def sources(self) -> Iterator[tuple[str, str]]:
        """Those of the attachments; the mail itself is rendered apart."""
        for place, one in enumerate(self.attachments):
            yield f"/attachments/{place}/name", one.name
            if one.url is not None:
                yield f"/attachments/{place}/url", one.url

    def headers(self) -> dict[str, str]:
        """`From` and `Reply-To`, where the template sets them."""
        given = {"From": self.sender, "Reply-To": self.reply_to}
        return {name: value for name, value in given.items() if value is not None}
