"""What a template holds, by channel, as the API takes it and the store keeps it."""

import hashlib
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from journeyman.kit.database import to_json

LINE_LIMIT = 500
BODY_LIMIT = 131_072

Line = Annotated[str, Field(min_length=1, max_length=LINE_LIMIT)]
Body = Annotated[str, Field(min_length=1, max_length=BODY_LIMIT)]


class EmailContent(BaseModel):
    """A mail: `mjml` or `html` (or only `text`), in Liquid. Where `text` is missing it is made from the HTML."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    channel: Literal["email"]
    subject: Annotated[Line, Field(description="Liquid; one line")]
    preheader: Annotated[Line | None, Field(description="Liquid; what mail programs show after the subject")] = None
    sender: Annotated[Line | None, Field(alias="from", description="`Name <address>`, instead of the default")] = None
    reply_to: Annotated[Line | None, Field(description="`Name <address>` that answers go to")] = None
    mjml: Annotated[Body | None, Field(description="MJML 4 with Liquid")] = None
    html: Annotated[Body | None, Field(description="HTML with Liquid; style sheets are put into the elements")] = None
    text: Annotated[Body | None, Field(description="Liquid; the plain-text part")] = None

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        if self.mjml is not None and self.html is not None:
            raise PydanticCustomError("two_bodies", "there are both `mjml` and `html`: keep one of them")
        if self.mjml is None and self.html is None and self.text is None:
            raise PydanticCustomError("no_body", "there is no `mjml`, `html` or `text`: give one of them")
        return self

    def headers(self) -> dict[str, str]:
        """`From` and `Reply-To`, where the template sets them."""
        given = {"From": self.sender, "Reply-To": self.reply_to}
        return {name: value for name, value in given.items() if value is not None}

    def document(self) -> dict[str, str]:
        """The content as it was handed in."""
        return {name: str(value) for name, value in self.model_dump(by_alias=True, exclude_none=True).items()}

    @property
    def hash(self) -> str:
        """SHA-256 of the content, in hexadecimal; the same content always has the same (V3)."""
        return hashlib.sha256(to_json(dict(sorted(self.document().items()))).encode()).hexdigest()
