from typing import Any

import pytest

from journeyman.channels.content.alternatives import in_language
from journeyman.channels.content.asking import uses_of
from journeyman.channels.content.variants import in_variant
from journeyman.channels.content_check import content_faults
from journeyman.channels.templates import read_content

PRO = {"attribute": "plan", "equals": "pro"}
MAIL = {"channel": "email", "language": "en", "subject": "Hello", "html": "<p>{{ customer.name }}</p>", "text": "Hi"}
POLISH = {"subject": "Witaj", "html": "<p>pl</p>"}


def template(*variants: dict[str, Any], **parts: Any) -> Any:
    return read_content({**MAIL, "languages": {"pl": POLISH}, "variants": list(variants), **parts})


def test_what_a_variant_has_stands_before_the_templates_own_in_every_language() -> None:
    content = in_variant(template({"key": "vip", "when": PRO, "subject": "Dear"}), "vip")
    assert content.document() == {**MAIL, "subject": "Dear", "languages": {"pl": {"html": "<p>pl</p>"}}}
    assert in_language(content, "pl").document() == {
        "channel": "email",
        "language": "pl",
        "subject": "Dear",
        "html": "<p>pl</p>",
    }


def test_a_variant_has_languages_of_its_own() -> None:
    variant = {
        "key": "vip",
        "when": PRO,
        "html": "<p>vip</p>",
        "languages": {"pl": {"html": "x"}, "de": {"subject": "y"}},
    }
    content = in_variant(template(variant), "vip")
    assert content.document()["languages"] == {"pl": {"subject": "Witaj", "html": "x"}, "de": {"subject": "y"}}
    assert "text" not in content.document()


def test_without_its_key_a_content_is_itself() -> None:
    content = template({"key": "vip", "when": PRO, "subject": "Dear {{ customer.title }}"})
    assert in_variant(content, None) is in_variant(content, "other") is content
    assert uses_of(content).customer == ["name", "title"]


@pytest.mark.parametrize(
    ("variants", "pointers"),
    [
        ([{"key": "a", "when": PRO, "subject": "{% if %}"}], ["/variants/0/subject"]),
        (
            [{"key": "a", "when": PRO, "languages": {"pl": {"subject": "{% if %}"}}}],
            ["/variants/0/languages/pl/subject"],
        ),
        ([{"key": "a", "when": {"attribut": "x"}}], ["/variants/0/when/attribut"]),
        ([{"key": "a", "when": PRO, "colour": "red"}], ["/variants/0/colour"]),
        ([{"key": "a", "when": PRO, "channel": "sms"}], ["/variants/0/channel"]),
        ([{"key": "a", "when": PRO}, {"key": "a", "when": PRO}], ["/variants/1/key"]),
        ([{"key": "a", "when": PRO, "subject": "Dear"}], []),
    ],
)
def test_what_is_wrong_with_a_variant_is_named(variants: list[dict[str, Any]], pointers: list[str]) -> None:
    assert [fault.pointer for fault in content_faults(template(*variants))] == pointers
