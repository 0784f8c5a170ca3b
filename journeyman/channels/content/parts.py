"""What the contents of all channels have in common."""

import hashlib
from collections.abc import Iterator
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from journeyman.kit.database import to_json

LINE_LIMIT: Final = 500
BODY_LIMIT: Final = 131_072

Line = Annotated[str, Field(min_length=1, max_length=LINE_LIMIT)]
Body = Annotated[str, Field(min_length=1, max_length=BODY_LIMIT)]


class Content(BaseModel):
    """A template's content for one channel; its texts are Liquid."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    @property
    def headline(self) -> str:
        """What lists show of it."""
        raise NotImplementedError

    def sources(self) -> Iterator[tuple[str, str]]:
        """Every text of Liquid in it, each with its JSON pointer; those that the channel renders alone are left out."""
        yield from ()

    def document(self) -> dict[str, Any]:
        """The content as it was handed in."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_unset=True)

    @property
    def hash(self) -> str:
        """SHA-256 of the content, in hexadecimal; the same content always has the same (V3)."""
        return hashlib.sha256(to_json(dict(sorted(self.document().items()))).encode()).hexdigest()
