"""What a content reads of the customer and the run it is rendered for."""

import re
from collections.abc import Iterator
from typing import Final

from journeyman.channels.content.email import EmailContent
from journeyman.channels.content.every import TemplateContent
from journeyman.channels.liquid import Liquid
from journeyman.channels.render_errors import RenderError

_FIRST: Final = re.compile(r"^[^.\[]+")


def speaks_of(content: TemplateContent, name: str) -> bool:
    """Whether any of its texts reads the variable `name`, such as `coupon` in `{{ coupon.code }}`."""
    # What does not hold the word does not read the variable: most templates need no second look.
    return any(name in source and name in _variables(source) for source in _sources(content))


def _variables(source: str) -> set[str]:
    try:
        paths = Liquid(source, escape=False).variables()
    except RenderError:
        return set()
    return {found.group() for path in paths if (found := _FIRST.match(path))}


def _sources(content: TemplateContent) -> Iterator[str]:
    if isinstance(content, EmailContent):
        texts = (content.subject, content.preheader, content.mjml, content.html, content.text)
        yield from (text for text in texts if text is not None)
    else:
        yield from (source for _, source in content.sources())
