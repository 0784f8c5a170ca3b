"""Blocks as files: applied behind those that they render, and the same as what the API shows."""

import pytest

from journeyman.cli.documents import Document
from journeyman.cli.plan import compare, in_order, normal
from journeyman.kit.errors import InvalidError


def block(key: str, text: str) -> Document:
    return Document("blocks", key, {"text": text})


def test_a_block_stands_behind_those_that_it_renders() -> None:
    address, footer = block("z-address", "Berlin"), block("footer", '{% render "z-address" %}{% render "elsewhere" %}')
    mail = Document("templates", "hello", {"channel": "sms", "text": '{% render "footer" %}'})
    assert in_order([footer, address, mail]) == [address, footer, mail]


def test_blocks_that_render_one_another_are_refused() -> None:
    with pytest.raises(InvalidError, match="circle"):
        in_order([block("a", '{% render "b" %}'), block("b", '{% render "a" %}')])


def test_a_block_is_the_same_as_what_the_api_shows_of_it() -> None:
    footer = block("footer", "Berlin")
    shown = {
        **footer.body,
        "key": "footer",
        "hash": "0",
        "updated_at": "now",
        "used_by": {"templates": [], "blocks": []},
    }
    assert compare(footer, normal(footer), shown).verdict == "same"
