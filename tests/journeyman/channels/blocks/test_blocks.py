import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from journeyman.channels import templates
from journeyman.channels.blocks import blocks
from journeyman.channels.blocks.blocks import read_block
from journeyman.channels.templates import read_content
from journeyman.kit.database import Database
from journeyman.kit.errors import ConflictError, InvalidError, NotFoundError

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MAIL = {"channel": "email", "subject": "Hello", "html": '<p>x</p>{% render "footer" %}'}


async def keep(database: Database, key: str, text: str, **parts: Any) -> None:
    await blocks.save(database, key, read_block({"text": text, **parts}), NOON)


async def template(database: Database, key: str = "welcome", **parts: Any) -> None:
    await templates.save(database, key, read_content({**MAIL, **parts}), NOON)


async def test_v3_a_template_is_kept_whole_with_its_blocks_and_anew_when_they_change(database: Database) -> None:
    await keep(database, "address", "Berlin")
    await keep(database, "footer", '<p>{% render "address" %}</p>')
    await template(database)
    own, first = await templates.get(database, "welcome"), await templates.get_whole(database, "welcome")
    assert own.hash != first.hash
    assert {key: block.text for key, block in first.content.blocks.items()} == {
        "address": "Berlin",
        "footer": '<p>{% render "address" %}</p>',
    }
    await keep(database, "address", "Hamburg")
    second = await templates.get_whole(database, "welcome")
    assert second.content.blocks["address"].text == "Hamburg"
    assert (await templates.load_by_hash(database, first.hash)).blocks["address"].text == "Berlin"
    assert (await templates.get(database, "welcome")).hash == own.hash, "the template itself did not change"


async def test_a_block_tells_what_renders_it_and_stays_as_long_as_something_does(database: Database) -> None:
    await keep(database, "address", "Berlin")
    await keep(database, "footer", '{% render "address" %}')
    await template(database)
    assert (await blocks.get(database, "footer")).templates == ("welcome",)
    assert (await blocks.get(database, "address")).blocks == ("footer",)
    with pytest.raises(ConflictError, match="the template `welcome`"):
        await blocks.drop(database, "footer")
    await template(database, html="<p>x</p>")
    await blocks.drop(database, "footer")
    await blocks.drop(database, "address")
    assert await blocks.list_blocks(database) == []
    for gone in (blocks.get, blocks.drop):
        with pytest.raises(NotFoundError):
            await gone(database, "footer")


async def test_a_block_of_the_templates_own_stands_before_the_workspaces(database: Database) -> None:
    await keep(database, "footer", "theirs")
    await template(database, blocks={"footer": {"text": "own"}})
    assert (await templates.get_whole(database, "welcome")).content.blocks["footer"].text == "own"
    await blocks.drop(database, "footer")


@pytest.mark.parametrize(
    ("text", "parts", "pointer"),
    [
        ("{% if %}", {}, "/text"),
        ('{% render "footer" %}', {}, "/text"),
        ('{% render "nobody" %}', {}, "/text"),
        ("x", {"languages": {"pl": {"text": "{% fro %}"}}}, "/languages/pl/text"),
        ("x", {"languages": {"pl": {"html": "x"}}}, "/languages/pl/html"),
        ("{{ 1 | join: 'a' | upcas }}", {}, "/text"),
    ],
)
async def test_what_is_wrong_with_a_block_is_named(
    database: Database, text: str, parts: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(InvalidError) as caught:
        await keep(database, "footer", text, **parts)
    assert [fault.pointer for fault in caught.value.faults] == [pointer]


async def test_blocks_never_render_one_another_in_a_circle(database: Database) -> None:
    await keep(database, "a", "x")
    await keep(database, "b", '{% render "a" %}')
    with pytest.raises(InvalidError) as caught:
        await keep(database, "a", '{% render "b" %}')
    assert "would render itself" in caught.value.faults[0].detail


async def test_a_block_that_would_break_a_template_is_refused_and_nothing_changes(database: Database) -> None:
    await keep(database, "footer", "<mj-text>x</mj-text>")
    body = '<mjml><mj-body><mj-section><mj-column>{% render "footer" %}</mj-column></mj-section></mj-body></mjml>'
    await templates.save(
        database, "welcome", read_content({"channel": "email", "subject": "Hello", "mjml": body}), NOON
    )
    with pytest.raises(InvalidError) as caught:
        await keep(database, "footer", "<mj-text>x")
    assert "the template `welcome`" in caught.value.faults[0].detail
    assert (await templates.get_whole(database, "welcome")).content.blocks["footer"].text == "<mj-text>x</mj-text>"


async def test_a_block_that_is_not_there_is_told_with_the_field_that_wants_it(database: Database) -> None:
    await keep(database, "footer", "x")
    with pytest.raises(InvalidError) as caught:
        await template(database, html='{% render "foter" %}', preheader='{% if false %}{% render "x" %}{% endif %}')
    found = {fault.pointer: fault.detail for fault in caught.value.faults}
    assert found == {"/html": "there is no block `foter`", "/preheader": "there is no block `x`"}


async def test_a_template_that_is_kept_while_its_block_changes_renders_the_new_one(database: Database) -> None:
    await keep(database, "footer", "old")
    kept = [keep(database, "footer", f"new {number}") for number in range(5)]
    await asyncio.gather(*kept, *(template(database, f"mail-{number}") for number in range(5)))
    now = (await blocks.get(database, "footer")).content.text
    for number in range(5):
        content = (await templates.get_whole(database, f"mail-{number}")).content
        assert content.blocks["footer"].text == now
