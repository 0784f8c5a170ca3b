"""What a mail carries for one customer: names, and where the bytes are, or the bytes themselves."""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from typing import Final

from journeyman.channels.attachments import type_of
from journeyman.channels.content.email import AttachmentContent
from journeyman.channels.ports import Attachment
from journeyman.channels.render_errors import RenderError
from journeyman.channels.rendering import liquid, render_line

INLINE_LIMIT: Final = 1_000_000
"""Bytes of what stands in an entry, an event or the context, all attachments of a mail together."""
_DATA_URL: Final = re.compile(r"data:[^,]{0,200};base64,")
_UNFIT: Final = re.compile(r'[\\/:*?"<>|]+')

Scope = Mapping[str, object]


def carried(contents: Sequence[AttachmentContent], scope: Scope) -> list[Attachment]:
    """The attachments of a mail. Raises `RenderError` where one is not there for this customer, or too large."""
    found = [_attachment(one, scope) for one in contents]
    if sum(len(one.content) for one in found) > INLINE_LIMIT:
        raise RenderError(
            f"the attachments have more than {INLINE_LIMIT // 1_000_000} MB in the run's own data",
            "Give them as a `url`",
        )
    return found


def _attachment(content: AttachmentContent, scope: Scope) -> Attachment:
    name = _UNFIT.sub("-", render_line(liquid(content.name, escape=False), scope)).strip(". ")
    if not name:
        raise RenderError("the name of an attachment is empty for this customer", "Give it another: `| default:`")
    if content.source is not None:
        return Attachment(name, type_of(name), _inline(content.source, scope))
    url = liquid(content.url or "", escape=False).render(scope).strip()
    if not url:
        raise RenderError(f"the attachment `{name}` has no `url` for this customer", "Give it another: `| default:`")
    return Attachment(name, type_of(name), url=url)


def _inline(path: str, scope: Scope) -> bytes:
    found: object = scope
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    if not isinstance(found, str) or not found:
        raise RenderError(f"there is no text at `{path}` for this customer", "Put the file there in base64")
    try:
        return base64.b64decode(_DATA_URL.sub("", found, count=1), validate=True)
    except (binascii.Error, ValueError) as error:
        raise RenderError(f"what stands at `{path}` is no base64", "Put the file there in base64") from error
