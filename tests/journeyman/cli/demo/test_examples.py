"""The shop's examples on the product's own parts: its templates render, its calls are taken."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from journeyman.channels.content.email import EmailContent
from journeyman.channels.content_check import content_faults
from journeyman.channels.rendering import render_email
from journeyman.cli.demo.clickstream import choose_visitors, read_clicks
from journeyman.cli.demo.demo import SHOP
from journeyman.cli.demo.script import Script, write_script
from journeyman.cli.documents import Document, read_folder
from journeyman.customers.inbox.json_text import parse
from journeyman.customers.inbox.reading import read_batch

TEMPLATES = [document for document in read_folder(SHOP) if document.kind == "templates"]


@pytest.fixture(scope="module")
def script() -> Script:
    return write_script(choose_visitors(read_clicks()), 4.0, "p1")


@pytest.fixture(scope="module")
def entries(script: Script) -> dict[str, dict[str, Any]]:
    """The largest event of each name, as a run takes it along."""
    found: dict[str, dict[str, Any]] = {}
    for call in (call for moment in script.moments for call in moment.calls if call["type"] == "track"):
        before = found.get(call["event"], {})
        if len(call["properties"].get("products", [])) >= len(before.get("products", [])):
            found[call["event"]] = call["properties"]
    return found


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.key)
@pytest.mark.parametrize("customer", [{"firstName": "Ada"}, {}], ids=["named", "nameless"])
def test_a_template_is_sound_and_renders(
    template: Document, customer: dict[str, str], entries: dict[str, dict[str, Any]]
) -> None:
    content = EmailContent.model_validate(template.body)
    assert content_faults(content) == []
    entry = entries["Order Completed" if template.key.startswith("replenish") else "Product Added"]
    mail = render_email(content, {"customer": customer, "entry": entry}, None)
    assert mail.html is not None
    assert ("Hello Ada," if customer else "Hello,") in mail.text
    assert "{{" not in mail.html + mail.subject
    if template.key.startswith(("cart", "replenish")):
        assert all(item["name"] in mail.text for item in entry["products"])
    if template.key.startswith("cart"):
        assert f"{entry['cart_total']:.2f} €" in mail.text


def test_every_call_of_the_demo_is_one_of_the_segment_spec(script: Script) -> None:
    calls = [{"userId": moment.person.id, **call} for moment in script.moments for call in moment.calls]
    for start in range(0, len(calls), 100):
        body = json.dumps({"batch": calls[start : start + 100]}).encode()
        batch = read_batch(parse(body), received_at=datetime(2026, 1, 1, tzinfo=UTC))
        assert batch.refusals == []
        assert len(batch.events) == len(calls[start : start + 100])
