from typing import Any

import pytest

from journeyman.channels.content.alternatives import in_language, language_for
from journeyman.channels.content_check import content_faults
from journeyman.channels.templates import read_content

MAIL = {"channel": "email", "language": "en", "subject": "Hello", "mjml": "<mjml><mj-body></mj-body></mjml>"}
POLISH = {"subject": "Witaj {{ customer.name }}"}


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        (["pl-PL"], "pl"),
        (["PL"], "pl"),
        (["pt_BR"], "pt-BR"),
        (["pt"], "en"),
        (["zh-Hant-TW"], "zh-Hant"),
        (["zh-Hans"], "en"),
        (["de-x-shop"], "de"),
        (["fr", "de-AT"], "de"),
        (["en-GB", "pl"], "en"),
        (["", "*", "--"], "en"),
        ([], "en"),
    ],
)
def test_a_language_is_looked_up_from_its_region_down(wanted: list[str], chosen: str) -> None:
    languages = dict.fromkeys(("pl", "pt-BR", "zh-Hant", "de"), POLISH)
    assert language_for(read_content({**MAIL, "languages": languages}), wanted) == chosen


def test_a_template_that_names_no_language_has_none() -> None:
    assert language_for(read_content({"channel": "sms", "text": "x"}), ["pl"]) is None


@pytest.mark.parametrize(
    ("content", "given", "spoken"),
    [
        (MAIL, POLISH, {**MAIL, **POLISH}),
        (MAIL, {"html": "<p>Cześć</p>"}, {"channel": "email", "subject": "Hello", "html": "<p>Cześć</p>"}),
        (
            {"channel": "whatsapp", "template": {"name": "hi", "language": "en_US", "body": ["{{ customer.name }}"]}},
            {},
            {"channel": "whatsapp", "template": {"name": "hi", "language": "pl", "body": ["{{ customer.name }}"]}},
        ),
        (
            {"channel": "whatsapp", "template": {"name": "hi", "language": "en_US"}},
            {"text": "Cześć"},
            {"channel": "whatsapp", "text": "Cześć"},
        ),
    ],
)
def test_a_language_takes_the_place_of_what_it_has(content: Any, given: Any, spoken: dict[str, Any]) -> None:
    whole = read_content({**content, "languages": {"pl": given}})
    assert in_language(whole, "pl").document() == {**spoken, "language": "pl"}
    assert in_language(whole, "en") == in_language(whole, None) == whole


def test_an_approved_template_takes_its_language_as_whatsapp_writes_it() -> None:
    content = {"channel": "whatsapp", "template": {"name": "hi", "language": "en_US"}, "languages": {"pt-br": {}}}
    assert in_language(read_content(content), "pt-br").document()["template"] == {"name": "hi", "language": "pt_BR"}


@pytest.mark.parametrize(
    ("languages", "pointers"),
    [
        ({"pl": {"subject": "{% if %}"}}, ["/languages/pl/subject"]),
        ({"pl": {"mjml": "<mjml><mj-bod></mj-bod></mjml>"}}, ["/languages/pl/mjml"]),
        ({"pl": {"colour": "red"}}, ["/languages/pl/colour"]),
        ({"pl": {"subject": 7}}, ["/languages/pl/subject"]),
        ({"pl": {"channel": "sms"}}, ["/languages/pl/channel"]),
        ({"pl": {"html": "a", "mjml": "b"}}, ["/languages/pl"]),
        ({"pl": {}, "PL": {}}, ["/languages"]),
        ({"EN": {}}, ["/languages"]),
        ({"pl": POLISH, "de": {"subject": "Hallo"}}, []),
    ],
)
def test_what_is_wrong_with_a_language_is_named(languages: Any, pointers: list[str]) -> None:
    assert [fault.pointer for fault in content_faults(read_content({**MAIL, "languages": languages}))] == pointers
