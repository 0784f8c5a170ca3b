"""What many routes take: names in paths, pages of lists, the key that makes a write idempotent."""

from typing import Annotated

from fastapi import Header, Path, Query

from journeyman.channels.content.parts import LanguageTag

NO_NUL = r"^[^\x00]+$"
"""Neither database keeps a NUL in text."""
KEY = r"^[a-z0-9][a-z0-9_-]*$"

Key = Annotated[str, Path(min_length=1, max_length=128, pattern=KEY, description="The document's key")]
CustomerId = Annotated[
    str, Path(max_length=512, pattern=NO_NUL, description="The customer's id, or any id that a client knows her by")
]
RunId = Annotated[str, Path(max_length=64, pattern=r"^[a-z0-9_]+$", description="The run's id")]
Limit = Annotated[int, Query(ge=1, le=200, description="How many items at most")]
Cursor = Annotated[str | None, Query(max_length=1000, description="`next` of the page before")]
IdempotencyKey = Annotated[
    str | None,
    Header(max_length=255, pattern=NO_NUL, description="The same call under the same key takes effect once"),
]
Name = Annotated[str | None, Query(max_length=512, pattern=NO_NUL)]
Language = Annotated[
    LanguageTag | None, Query(description="What the customer reads, in place of what her profile says")
]
Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="SHA-256 of a content, in hexadecimal")]
IfMatch = Annotated[
    str | None,
    Header(max_length=70, pattern=NO_NUL, description="The hash of what the author has seen; 412 where it is another"),
]
VariantKey = Annotated[
    str | None, Query(max_length=64, pattern=KEY, description="The variant to show, whatever its condition says")
]
ProposalId = Annotated[str, Path(max_length=64, pattern=r"^[a-z0-9_]+$", description="The proposal's id")]
