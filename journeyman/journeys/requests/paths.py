"""Where requests go: templates for one customer, and nothing of hers leads out of what the author has written."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Protocol
from urllib.parse import quote

from journeyman.channels.liquid import Liquid
from journeyman.channels.webhooks.calling import HttpAnswer, HttpRequest

MOST_TEMPLATES = 1000
_LEGAL = "%/:=&?~#+!$,;'@()*[]"
"""What stands in a URL by itself (RFC 3986); anything else is escaped."""
_UPWARDS = re.compile(r"(^|/|\\|%2f|%5c)(\.|%2e){1,2}(?=$|/|\\|;|%2f|%5c)", re.IGNORECASE)
"""Dot segments (RFC 3986, 5.2.4) as any server may read them: they would leave what the connection's URL names."""


class UnpreparedError(Exception):
    """The request cannot be made; the text says why, and holds nothing secret."""


class Http(Protocol):
    """Makes one request. Raises `NoAnswerError`."""

    async def __call__(self, request: HttpRequest) -> HttpAnswer: ...

    async def close(self) -> None: ...


@lru_cache(MOST_TEMPLATES)
def template(source: str) -> Liquid:
    """A text of Liquid, read once. Raises `RenderError`."""
    return Liquid(source, escape=False)


def url_of(source: str, scope: Mapping[str, Any]) -> str:
    """A URL for one customer. Raises `RenderError`."""
    return quote(template(source).render(scope).strip(), safe=_LEGAL)


def path_behind(source: str, scope: Mapping[str, Any]) -> str:
    """The path behind a connection's URL. Raises `RenderError`, and `UnpreparedError` where it would lead upwards."""
    path = url_of(source, scope)
    if _UPWARDS.search(path.split("?")[0].split("#")[0]):
        raise UnpreparedError("a template has made the path lead upwards")
    return path
