"""Which words of a template are written anew, and that nothing else of it changes."""

import pytest

from journeyman.channels.content.every import TemplateContent
from journeyman.channels.copywriting.pieces import base_of, pieces_of, with_fields, written
from journeyman.channels.templates import read_content
from journeyman.kit.errors import InvalidError

HTML = """<!doctype html><html><head><title>Mail</title><style>p > a {color: red}</style></head><body>
<!-- <p>for the editor</p> --><p class="x">Hello {{ customer.name | default: 'you' }}, your <b>cart</b> waits.</p>
{% if 1 < 2 %}<p>Cheap {{ entry.total }}</p>{% endif %}<a href="https://shop.example/{{ entry.id }}">Buy</a>
<script>var words = "none";</script>{{ unsubscribe_url }}</body></html>"""


def content(**parts: object) -> TemplateContent:
    return read_content({"channel": "email", "subject": "Hello {{ customer.name }}", **parts})


def test_the_words_between_tags_are_pieces_and_markup_is_none() -> None:
    found = pieces_of(content(html=HTML), ["html"])
    assert [piece.text for piece in found] == [
        "Hello {{ customer.name | default: 'you' }}, your",
        "cart",
        "waits.",
        "Cheap {{ entry.total }}",
        "Buy",
    ]
    assert [piece.name for piece in found] == [f"html_{place}" for place in range(1, 6)]


def test_the_words_go_back_where_they_stood_and_every_other_byte_stays() -> None:
    mail = content(html=HTML)
    pieces = pieces_of(mail, ["html"])
    assert written(mail, pieces, {piece.name: piece.text for piece in pieces}) == {"html": HTML}
    changed = written(mail, pieces, {piece.name: piece.text for piece in pieces} | {"html_5": "Kaufen"})["html"]
    assert changed == HTML.replace(">Buy<", ">Kaufen<")


def test_mjml_has_pieces_and_style_has_none() -> None:
    source = "<mjml><mj-head><mj-style>.a {}</mj-style><mj-preview>Soon</mj-preview></mj-head><mj-body><mj-section>"
    source += "<mj-column><mj-text>Come <i>back</i></mj-text></mj-column></mj-section></mj-body></mjml>"
    assert [piece.text for piece in pieces_of(content(mjml=source), ["mjml"])] == ["Soon", "Come", "back"]


def test_without_a_name_all_texts_are_meant() -> None:
    mail = content(html="<p>Words</p>", text="Plain", preheader="Before")
    assert [piece.name for piece in pieces_of(mail, [])] == ["subject", "preheader", "html_1", "text"]
    push = read_content({"channel": "push", "title": "T", "body": "B", "url": "https://shop.example"})
    assert [piece.name for piece in pieces_of(push, [])] == ["title", "body"]


@pytest.mark.parametrize("fields", [["title"], ["preheader"], ["html"]])
def test_a_field_that_is_not_there_is_named(fields: list[str]) -> None:
    with pytest.raises(InvalidError) as caught:
        pieces_of(content(text="x"), fields)
    assert caught.value.faults[0].pointer == "/fields"


def test_more_than_a_model_should_be_given_at_once_is_refused() -> None:
    with pytest.raises(InvalidError, match="100 pieces"):
        pieces_of(content(html="<p>word</p>" * 101), ["html"])


def test_a_language_that_is_there_is_written_anew_and_one_that_is_not_after_the_templates_own() -> None:
    mail = content(language="en", text="Come", languages={"pl": {"text": "Wróć"}})
    assert [base_of(mail, tag)[1] for tag in (None, "EN", "pl", "de")] == [None, None, "pl", "de"]
    assert pieces_of(base_of(mail, "pl")[0], ["text"])[0].text == "Wróć"
    assert pieces_of(base_of(mail, "de")[0], ["text"])[0].text == "Come"


def test_fields_go_to_the_template_to_a_language_or_to_a_variant() -> None:
    document = {"text": "a", "languages": {"pl": {"subject": "s"}}}
    new = {"text": "b"}
    assert with_fields(document, new, None) == {**document, "text": "b"}
    assert with_fields(document, new, "pl")["languages"] == {"pl": {"subject": "s", "text": "b"}}
    varied = with_fields(document, new, "pl", {"key": "v", "when": {"x": 1}})
    assert varied["variants"] == [{"languages": {"pl": {"text": "b"}}, "key": "v", "when": {"x": 1}}]
    again = with_fields(varied, {"text": "c"}, None, {"key": "v", "when": {"y": 1}})
    assert again["variants"] == [{**varied["variants"][0], "text": "c", "when": {"y": 1}}]
    assert (varied["text"], again["text"]) == ("a", "a")
