from typing import Any

import pytest

from journeyman.channels.content.email import EmailContent
from journeyman.channels.links import Links
from journeyman.channels.render_errors import RenderError
from journeyman.channels.rendering import LIGHT_AND_DARK, RenderedEmail, render_email
from journeyman.channels.tracking import Tokens
from tests.cost import processor_seconds

TOKENS = Tokens("s" * 32, "https://j.example")
LINKS = Links(TOKENS, "m1", marketing=True)
SCOPE = {"customer": {"name": "Ann <x>"}, "event": {"items": [{"name": "Tea"}, {"name": "Mug"}]}}
MJML = """<mjml><mj-body>
{% for item in event.items %}<mj-section><mj-column><mj-text>{{ item.name }} for {{ customer.name }}</mj-text>
<mj-button href="https://shop.example/?a=1&b={{ item.name | url_encode }}">Buy</mj-button></mj-column></mj-section>
{% endfor %}</mj-body></mjml>"""


def content(**parts: Any) -> EmailContent:
    return EmailContent.model_validate({"channel": "email", "subject": "Hello {{ customer.name }}", **parts})


def rendered(links: Links | None = None, **parts: Any) -> RenderedEmail:
    return render_email(content(**parts), SCOPE, links)


def test_mjml_becomes_html_and_text_with_values_escaped_where_they_must_be() -> None:
    mail = rendered(mjml=MJML)
    assert mail.subject == "Hello Ann <x>"
    assert mail.html is not None
    assert "Tea for Ann &lt;x&gt;" in mail.html
    assert "https://shop.example/?a=1&b=Mug" in mail.html
    assert "<mj-" not in mail.html
    assert "Tea for Ann <x>\n" in mail.text
    assert "Buy (https://shop.example/?a=1&b=Mug)" in mail.text


def test_html_gets_its_styles_into_the_elements_and_keeps_media_rules() -> None:
    style = "<style>p{color:red} @media (max-width:9px){p{color:blue}}</style>"
    mail = rendered(html=f"<html><head>{style}</head><body><!--[if mso]><b>o</b><![endif]--><p>x</p></body></html>")
    assert mail.html is not None
    assert '<p style="color: red;">' in mail.html
    assert "@media" in mail.html
    assert "<!--[if mso]><b>o</b><![endif]-->" in mail.html


def test_no_style_sheet_is_fetched() -> None:
    mail = rendered(html='<link rel="stylesheet" href="file:///etc/hostname"><link rel="stylesheet" href="/x"><p>x</p>')
    assert mail.html is not None
    assert "<p>x</p>" in mail.html


def test_an_authors_own_text_is_taken() -> None:
    assert rendered(html="<p>x</p>", text="Own {{ customer.name }}").text == "Own Ann <x>"


def test_text_alone_makes_a_mail_without_html() -> None:
    mail = rendered(text="Only text")
    assert (mail.html, mail.text) == (None, "Only text")


def test_links_are_ours_and_the_way_out_is_there() -> None:
    mail = rendered(
        LINKS, html='<p><a href="https://a.example/">a</a> <a href="https://b.example/" data-no-track>b</a>'
    )
    assert mail.html is not None
    click = TOKENS.click_url("m1", "https://a.example/")
    for part in (mail.html, mail.text):
        assert click in part
        assert "https://b.example/" in part
        assert part.count(LINKS.unsubscribe_url) == 1
    assert TOKENS.open_url("m1") in mail.html
    assert mail.headers["List-Unsubscribe"] == f"<{LINKS.unsubscribe_url}>"


def test_a_template_may_place_the_way_out_itself() -> None:
    mail = rendered(LINKS, html='<a href="{{ unsubscribe_url }}">leave</a>')
    assert mail.html is not None
    assert mail.html.count(LINKS.unsubscribe_url) == 1
    assert "You receive this" not in mail.html


def test_the_preheader_stands_first_and_hidden() -> None:
    mail = rendered(preheader="For {{ customer.name }}", html="<html><body class='a'><p>x</p></body></html>")
    assert mail.html is not None
    assert mail.preheader == "For Ann <x>"
    assert mail.html.index("display:none") < mail.html.index("For Ann &lt;x&gt;") < mail.html.index("<p>x</p>")
    assert "For Ann" not in mail.text


def test_a_subject_is_one_bounded_line() -> None:
    mail = render_email(
        content(subject="{{ customer.name }}", text="x"),
        {"customer": {"name": "a\r\nBcc: b\0\u2028" + "x" * 900}},
        None,
    )
    assert mail.subject.startswith("a Bcc: b xxx")
    assert len(mail.subject) == 250


def test_an_empty_subject_is_not_sent() -> None:
    with pytest.raises(RenderError, match="subject is empty"):
        rendered(subject="{{ customer.missing }}", text="x")


def test_the_senders_of_a_template_are_headers() -> None:
    mail = rendered(sender="Shop <shop@a.example>", reply_to="help@a.example", text="x")
    assert mail.headers == {"From": "Shop <shop@a.example>", "Reply-To": "help@a.example"}


@pytest.mark.parametrize(
    "parts",
    [
        {"html": "{% for i in (1..9000) %}<div>{% endfor %}"},
        {"html": "{% for i in (1..9000) %}<b class='{{ i }}'><p>{% endfor %}"},
        {
            "html": "<style>"
            + "div div div div div b,".rstrip(",") * 4_000
            + "{}</style>{% for i in (1..5000) %}<b>x</b>{% endfor %}"
        },
        {"mjml": "<mjml><mj-body>{% for i in (1..9000) %}<mj-wrapper>{% endfor %}</mj-body></mjml>"},
        {"mjml": "<mjml><mj-body>{% for i in (1..9000) %}<mj-section />{% endfor %}</mj-body></mjml>"},
        {"mjml": "<mjml><mj-body>{{ customer.broken | safe }}</mj-body></mjml>"},
    ],
    ids=["depth", "formatting", "styles", "mjml depth", "mjml size", "broken"],
)
def test_what_would_cost_too_much_or_cannot_be_read_ends_within_a_second(parts: dict[str, str]) -> None:
    def refused() -> None:
        with pytest.raises(RenderError):
            render_email(content(**parts), {"customer": {"broken": "<mj-section>"}}, None)

    assert processor_seconds(refused) < 1


@pytest.mark.parametrize(
    "parts", [{"html": "<p>x</p>"}, {"html": "<html><head><title>x</title></head></html>"}, {"mjml": MJML}]
)
def test_a_mail_says_that_a_dark_form_is_welcome(parts: dict[str, str]) -> None:
    mail = rendered(None, preheader="x", **parts)
    assert mail.html is not None
    assert mail.html.count(LIGHT_AND_DARK) == 1
    assert mail.html.index("<head>") < mail.html.index(LIGHT_AND_DARK) < mail.html.index("</head>")


@pytest.mark.parametrize(
    "own",
    [
        "<meta name='color-scheme' content='light'>",
        "<style>:root{color-scheme: light only}</style>",
        '<p style="Color-Scheme:dark">',
    ],
)
def test_what_a_template_says_of_its_colours_stands(own: str) -> None:
    mail = rendered(html=f"<html><head>{own}</head><body>x</body></html>")
    assert mail.html is not None
    assert "supported-color-schemes" not in mail.html


DARK = "@media (prefers-color-scheme: dark){.dark{background:#111 !important}.dark p{color:#eee !important}}"


@pytest.mark.parametrize(
    "parts",
    [
        {"html": f"<style>{DARK}</style><div class='dark'><p class='x'>x</p></div>"},
        {
            "mjml": f"<mjml><mj-head><mj-style>{DARK}</mj-style></mj-head><mj-body><mj-section css-class='dark'>"
            "<mj-column><mj-text mj-class='y'>x</mj-text></mj-column></mj-section></mj-body></mjml>"
        },
    ],
)
def test_classes_of_the_dark_form_and_their_rules_stay(parts: dict[str, str]) -> None:
    mail = rendered(None, **parts)
    assert mail.html is not None
    assert "@media (prefers-color-scheme: dark)" in mail.html
    assert "background:#111 !important" in mail.html.replace("background: #", "background:#")
    assert 'class="dark' in mail.html
    assert LIGHT_AND_DARK in mail.html


def test_the_same_content_and_scope_make_the_same_mail() -> None:
    assert rendered(LINKS, mjml=MJML) == rendered(LINKS, mjml=MJML)
