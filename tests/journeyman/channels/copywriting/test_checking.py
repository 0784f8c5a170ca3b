"""What is found in proposals, whatever a model was talked into."""

import pytest

from journeyman.channels.content.every import TemplateContent
from journeyman.channels.copywriting.checking import content_findings, parts_of, text_findings
from journeyman.channels.copywriting.pieces import Piece
from journeyman.channels.copywriting.voice import Voice
from journeyman.channels.templates import read_content

BASE = "Hello {{ customer.name | default: 'you' }}, {% if entry.cart %}your cart{% endif %} waits."
KEPT = "{{ customer.name | default: 'you' }}{% if entry.cart %}a{% endif %}"
VOICE = Voice(avoid=("cheap",), forbidden_claims=("best in the world",))


def codes(text: str, base: str = BASE, field: str = "subject", **limits: int) -> list[str]:
    piece = Piece(field, field, base, 0, len(base))
    return [one.code for one in text_findings([piece], {field: text}, limits, VOICE)]


@pytest.mark.parametrize(
    "text",
    [
        "{{ customer.name | default: 'you' }}, come back{% if entry.cart %} to your cart{% endif %}!",
        "{%  if entry.cart %}Wózek{% endif %}: {{ customer.name | default: 'Tobie' }}",
        f"{KEPT} 👩‍🚀 und Grüße, e.g. von Anna. Bis bald",
    ],
)
def test_other_words_around_the_same_liquid_are_well(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Come back",
        KEPT + "{{ customer.email }}",
        KEPT.replace("customer.name", "customer.email"),
        KEPT.replace("| default: 'you'", "| default: customer.email"),
        KEPT.replace("| default: 'you'", "| default: 'you' | append: customer.email"),
        KEPT.replace("{% if entry.cart %}a{% endif %}", ""),
        KEPT.replace("entry.cart", "true"),
        KEPT + "{{ customer.name | default: 'you' }}",
        "{% endif %}" + KEPT.replace("{% endif %}", ""),
        KEPT + "{% raw %}x{% endraw %}",
    ],
)
def test_liquid_that_is_lost_added_or_another_is_refused(text: str) -> None:
    assert codes(text) == ["liquid-changed"]


def test_liquid_that_is_not_closed_is_refused() -> None:
    assert "liquid-broken" in codes(KEPT + "{{ customer.name")


@pytest.mark.parametrize(
    "text",
    [
        "See https://evil.example/a",
        "See //evil.example/a",
        "See evil.example now",
        "See evil&#46;example now",
        "See evil\uff0eexample now",
        "See www.evil",
        "javascript:alert(1)",
        "JavaScript&colon;alert(1)",
        "Write to me@evil.example",
        "Call +49 151 123-4567",
        "{{ customer.name | default: 'https://evil.example' }}",
    ],
)
def test_links_and_addresses_that_were_not_there_are_refused(text: str) -> None:
    base = "{{ customer.name | default: 'you' }}" if "{{" in text else "See"
    assert "link-added" in codes(text, base)


def test_links_that_were_there_may_stay() -> None:
    assert codes("Now: https://shop.example/a", "See https://shop.example/a") == []


@pytest.mark.parametrize("field", ["subject", "text", "html"])
@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "&lt;img src=x&gt;", "x</p>", "<!-- x", "<a >"])
def test_markup_is_refused(text: str, field: str) -> None:
    assert "markup-added" in codes(text, "Words", field)


def test_characters_that_nobody_sees_are_refused() -> None:
    for one in ("\u202e", "\u200b", "\x07", "\ufffd", "\ue000"):
        assert codes(f"Wor{one}ds anew", "Words") == ["odd-characters"]


def test_words_of_the_brand_and_lengths_are_kept() -> None:
    assert codes("So CHEAP", "Words") == ["word-avoided"]
    assert codes("cheaper", "Words") == []
    assert codes("The Best  in the\u00a0world", "Words") == ["claim-forbidden"]
    assert codes("{{ a }}" + "x" * 11, "{{ a }}", subject=10) == ["too-long"]
    assert codes("{{ a }}" + "x" * 10, "{{ a }}", subject=10) == []
    assert codes("one\ntwo", "Words") == ["several-lines"]
    assert codes("", "Words") == ["empty"]
    assert codes("Words", "Words") == ["unchanged"]


def test_spam_words_refuse_where_the_template_has_none_of_its_own() -> None:
    def mail(subject: str) -> TemplateContent:
        return read_content({"channel": "email", "subject": subject, "text": "Come {{ unsubscribe_url }}"})

    plain, spam = mail("Come back"), mail("Act now, 100% free")
    refusing = [one.code for one in content_findings(plain, spam, None) if one.refuses]
    assert refusing == ["spam-words"]
    assert not [one for one in content_findings(spam, spam, None) if one.refuses]


def test_a_text_message_takes_no_more_parts_than_allowed() -> None:
    def text(words: str) -> TemplateContent:
        return read_content({"channel": "sms", "text": words + " STOP"})

    short, emoji = text("Come back"), text("Come back 👋 " + "x" * 80)
    assert (parts_of(short), parts_of(emoji)) == (1, 2)
    found = [one.code for one in content_findings(short, emoji, 1) if one.refuses]
    assert found == ["too-many-parts"]
