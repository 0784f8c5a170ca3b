from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from journeyman.channels import templates
from journeyman.channels.content.every import CONTENTS
from journeyman.channels.tables import TemplateBody
from journeyman.channels.templates import read_content
from journeyman.kit.database import Database
from journeyman.kit.errors import InvalidError, NotFoundError

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MAIL = {"channel": "email", "subject": "Hello {{ customer.name }}", "html": "<p>x</p>"}


async def test_what_is_saved_comes_back(database: Database) -> None:
    content = read_content({**MAIL, "from": "Shop <shop@a.example>"})
    saved = await templates.save(database, "welcome", content, NOON)
    found = await templates.get(database, "welcome")
    assert found == saved
    assert found.content.document() == {**MAIL, "from": "Shop <shop@a.example>"}
    assert (found.channel, found.updated_at) == ("email", NOON)


async def test_v3_content_is_kept_by_its_hash_for_ever(database: Database) -> None:
    first = await templates.save(database, "welcome", read_content(MAIL), NOON)
    second = await templates.save(database, "welcome", read_content({**MAIL, "html": "<p>y</p>"}), NOON + timedelta(1))
    again = await templates.save(database, "other", read_content(dict(reversed(MAIL.items()))), NOON)
    assert first.hash == again.hash != second.hash
    assert (await templates.get(database, "welcome")).hash == second.hash
    assert await templates.load_by_hash(database, first.hash) == first.content
    async with database.reading() as connection:
        assert (await connection.execute(select(func.count()).select_from(TemplateBody))).scalar_one() == 2


async def test_templates_are_listed_by_key(database: Database) -> None:
    for key in ("b", "a", "c"):
        await templates.save(database, key, read_content(MAIL), NOON)
    assert [row.key for row in await templates.list_templates(database, after="a", limit=1)] == ["b"]


async def test_what_is_not_there_is_told(database: Database) -> None:
    with pytest.raises(NotFoundError):
        await templates.get(database, "nothing")
    with pytest.raises(NotFoundError):
        await templates.load_by_hash(database, "0" * 64)


@pytest.mark.parametrize("key", ["", "A", "a b", "../x", "x" * 129, "é"])
async def test_a_key_that_cannot_stand_in_an_address_is_refused(database: Database, key: str) -> None:
    with pytest.raises(InvalidError) as caught:
        await templates.save(database, key, read_content(MAIL), NOON)
    assert [fault.pointer for fault in caught.value.faults] == ["/key"]


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"subject": "{{ x | nope }}"}, ["/subject"]),
        ({"subject": "a\nb"}, ["/subject"]),
        ({"preheader": "{{ x"}, ["/preheader"]),
        ({"html": "{% if x %}"}, ["/html"]),
        ({"html": "{{ (1..99999999) | join }}"}, ["/html"]),
        ({"html": "<b>" * 600}, ["/html"]),
        ({"text": "{% include 'x' %}"}, ["/text"]),
        ({"html": None, "mjml": "<mjml><mj-body><mj-foo /><mj-include /></mj-body></mjml>"}, ["/mjml", "/mjml"]),
        ({"from": "nobody"}, ["/from"]),
        ({"reply_to": "a@b.example\r\nBcc: c@d.example"}, ["/reply_to"]),
        ({"subject": "{{ x | nope }}", "text": "{{", "from": "nobody"}, ["/subject", "/text", "/from"]),
    ],
)
async def test_every_fault_is_named_with_its_field_and_mend(
    database: Database, change: dict[str, Any], pointers: list[str]
) -> None:
    content = read_content({name: value for name, value in {**MAIL, **change}.items() if value is not None})
    with pytest.raises(InvalidError) as caught:
        await templates.save(database, "key", content, NOON)
    assert [fault.pointer for fault in caught.value.faults] == pointers
    assert all(fault.detail and fault.mend for fault in caught.value.faults)


@pytest.mark.parametrize(
    ("document", "pointer", "words"),
    [
        ({}, "/channel", "missing"),
        ({"channel": "fax", "text": "x"}, "/channel", "`fax`"),
        ({"channel": "sms"}, "/text", "required"),
        ({"channel": "sms", "text": "x", "subject": "y"}, "/subject", "not permitted"),
        ({"channel": "telegram", "template": {"name": "x", "language": "en"}}, "", "only WhatsApp"),
        ({"channel": "email", "html": "x"}, "/subject", "required"),
        ({**MAIL, "mjml": "<mjml></mjml>"}, "", "keep one"),
        ({"channel": "email", "subject": "x"}, "", "give one"),
        ({**MAIL, "body": "x"}, "/body", "not permitted"),
        ({**MAIL, "html": "x" * 131_073}, "/html", "131072"),
        ({**MAIL, "subject": ["x"]}, "/subject", "string"),
    ],
)
def test_a_document_that_is_no_template_is_refused_by_field(document: dict[str, Any], pointer: str, words: str) -> None:
    with pytest.raises(InvalidError) as caught:
        read_content(document)
    assert [fault.pointer for fault in caught.value.faults] == [pointer]
    assert words in caught.value.faults[0].detail


def test_the_channel_is_required_in_the_schema() -> None:
    assert all("channel" in content.model_json_schema()["required"] for content in CONTENTS.values())
