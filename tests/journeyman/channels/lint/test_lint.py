"""Each rule finds what it is about, in its field, and nothing where there is nothing."""

from pathlib import Path
from typing import Any

import pytest

from journeyman.channels.content_check import content_faults
from journeyman.channels.lint.findings import CODES, TemplateFinding
from journeyman.channels.lint.lint import lint
from journeyman.channels.templates import read_content

CODES_PAGE = Path(__file__).parents[4] / "docs" / "reference" / "codes.md"
GOOD = """<html><body style="background-color:#ffffff"><p style="color:#333333">Hello
{{ customer.name | default: "there" }}, your basket is still here, with everything that you put into it.</p>
<img src="https://a.example/a.png" alt="A basket"><a href="https://www.shop.example/b">shop.example</a>
<a href="{{ unsubscribe_url }}">No more</a></body></html>"""
LONG = "a word or two " * 20


def found(scope: dict[str, Any] | None = None, *, marketing: bool = True, **parts: Any) -> dict[str, TemplateFinding]:
    whole = {"channel": "email", "subject": "Your basket is still here", "preheader": "Two good things", "html": GOOD}
    return checked(whole | parts, scope, marketing=marketing)


def checked(
    document: dict[str, Any], scope: dict[str, Any] | None = None, *, marketing: bool = True
) -> dict[str, TemplateFinding]:
    content = read_content({name: value for name, value in document.items() if value is not None})
    assert content_faults(content) == []
    findings = lint(content, scope, marketing=marketing)
    assert all(one.detail and one.mend and one.code in CODES for one in findings)
    return {one.code: one for one in findings}


def html(piece: str) -> dict[str, Any]:
    return {"html": GOOD.replace("</body>", f"{piece}</body>")}


def test_a_good_mail_gives_no_cause() -> None:
    assert found() == {}


@pytest.mark.parametrize(
    ("code", "pointer", "parts"),
    [
        ("subject-long", "/subject", {"subject": "x " * 40}),
        ("subject-capitals", "/subject", {"subject": "LAST CHANCE FOR TEA"}),
        ("subject-shouts", "/subject", {"subject": "Tea!! Now"}),
        ("subject-shouts", "/subject", {"subject": "Tea?!"}),
        ("spam-words", "/subject", {"subject": "Act now, please"}),
        ("spam-words", "/html", html("<p>It is 100% FREE.</p>")),
        ("no-preheader", "/preheader", {"preheader": None}),
        ("preheader-long", "/preheader", {"preheader": LONG}),
        ("image-only", "/html", {"html": '<img src="https://a.example/a.png" alt="{{ unsubscribe_url }}">'}),
        ("no-plain-text", "/text", {"html": '<div style="display:none">{{ unsubscribe_url }}</div>'}),
        ("no-alt", "/html", html('<img src="https://a.example/a.png">')),
        ("misleading-link", "/html", html('<a href="https://evil.example/">https://bank.example/in</a>')),
        ("url-shortener", "/html", html('<a href="https://bit.ly/x">x</a>')),
        ("insecure-link", "/html", html('<a href="http://a.example/">x</a>')),
        ("insecure-link", "/html", html('<img alt="x" src="http://a.example/a.png">')),
        ("light-only", "/html", html("<style>:root{color-scheme: light only}</style>")),
        ("light-only", "/html", html('<meta name="color-scheme" content="light">')),
        ("dark-on-nothing", "/html", {"html": '<p style="color:#000">x {{ unsubscribe_url }}</p>'}),
        ("low-contrast", "/html", html('<p style="color:#999">x</p>')),
        (
            "low-contrast",
            "/html",
            html('<table><tr><td bgcolor="#222222"><p style="color:#333333">x</p></td></tr></table>'),
        ),
        ("no-unsubscribe", "/html", {"html": GOOD.replace("{{ unsubscribe_url }}", "https://a.example/")}),
        ("no-default", "/html", html("{{ customer.city | upcase }}")),
        ("no-default", "/subject", {"subject": "Hello {{ customer.name }}"}),
        ("clipped", "/html", html("<p>" + "x" * 110_000 + "</p>")),
    ],
)
def test_what_is_found_in_mail(code: str, pointer: str, parts: dict[str, Any]) -> None:
    finding = found(scope={"customer": {"name": "Ann"}}, **parts)[code]
    assert finding.pointer == pointer


@pytest.mark.parametrize(
    "parts",
    [
        {"subject": "ANN"},
        {"subject": "Tea!"},
        {"preheader": None, "html": None, "text": "{{ unsubscribe_url }}"},
        html("<p>A refinancing clause of the duke, the clicks here and there</p>"),
        html(
            '<a href="https://shop.example/">www.shop.example</a><a href="https://a.example/">Version 1.2 is here</a>'
        ),
        html('<h1 style="color:#888888;font-size:26px">x</h1><b style="color:#888888;font-size:19px">x</b>'),
        html('<div style="background:url(a.png) #fff"><p style="color:#eeeeee">x</p></div>'),
        html('<div style="display:none;color:#eeeeee">x</div>'),
        html("<style>:root{color-scheme: light dark}</style>"),
        html("{% if customer.city %}{{ customer.city }}{% endif %}{{ customer.id }}{{ event.x }}"),
        html("{% for one in customer.list %}{{ one }}{% endfor %}{{ customer.list | size }}"),
    ],
)
def test_what_is_no_cause(parts: dict[str, Any]) -> None:
    assert found(**parts) == {}


def test_a_preheader_of_mjml_is_one() -> None:
    mjml = """<mjml><mj-head><mj-preview>Hello</mj-preview></mj-head><mj-body background-color="#ffffff"><mj-section>
    <mj-column><mj-text>Hello there <a href="{{ unsubscribe_url }}">no more</a></mj-text></mj-column></mj-section>
    </mj-body></mjml>"""
    assert found(html=None, mjml=mjml, preheader=None) == {}


def test_what_is_no_marketing_needs_no_way_out() -> None:
    assert found(marketing=False, html=GOOD.replace("{{ unsubscribe_url }}", "https://a.example/")) == {}


def test_the_size_is_that_with_our_links() -> None:
    links = "".join(f'<a href="https://a.example/{place}">some words here</a>' for place in range(900))
    assert len(links) < 60_000
    assert "clipped" in found(**html(links))
    assert "clipped" not in found(**html(links.replace("<a ", "<a data-no-track ")))


def test_what_cannot_be_rendered_is_said() -> None:
    finding = found(scope={"customer": {"tea": ""}}, subject="{% unless customer.tea == '' %}x{% endunless %}")
    assert finding["cannot-render"].detail == "the subject is empty for this customer"


def test_what_is_found_in_text_messages() -> None:
    sms = {"channel": "sms", "text": "Hello, answer STOP to leave"}
    assert checked(sms) == {}
    assert set(checked({**sms, "text": "Hello"})) == {"no-unsubscribe"}
    assert checked({**sms, "text": LONG * 3 + "STOP"})["many-parts"].pointer == "/text"
    assert "U+2019" in checked({**sms, "text": "It\u2019s here. STOP"})["costly-characters"].detail
    assert set(checked({**sms, "text": "Привет, STOP"})) == set()
    assert set(checked({**sms, "text": "https://bit.ly/x http://a.example STOP"})) == {"url-shortener", "insecure-link"}


def test_what_is_found_in_notifications_and_chats() -> None:
    push = {"channel": "push", "title": LONG[:150], "body": LONG, "url": "http://a.example"}
    assert set(checked(push)) == {"title-long", "body-long", "insecure-link"}
    chat = {"channel": "viber", "text": "{{ customer.name }}x", "buttons": [{"text": "x", "url": "https://bit.ly/x"}]}
    assert set(checked(chat)) == {"no-default", "url-shortener"}


def test_every_code_stands_in_the_reference() -> None:
    page = CODES_PAGE.read_text()
    assert [code for code, meaning in CODES.items() if f"| `{code}` | {meaning} |" not in page] == []


def test_what_only_another_language_or_variant_has_is_found_where_it_stands() -> None:
    document = {
        "channel": "email",
        "subject": "Your basket is still here",
        "preheader": "Two good things",
        "html": GOOD,
        "language": "en",
        "languages": {"pl": {"subject": "KOSZYK CZEKA NA CIEBIE"}, "de": {"subject": "Dein Warenkorb wartet"}},
        "variants": [
            {
                "key": "vip",
                "when": {"attribute": "vip", "equals": True},
                "subject": "For you, {{ customer.title }}",
                "languages": {"pl": {"subject": "DLA CIEBIE TYLKO DZIS"}},
            }
        ],
    }
    findings = lint(read_content(document), {})
    assert [(one.code, one.pointer) for one in findings] == [
        ("subject-capitals", "/languages/pl/subject"),
        ("no-default", "/variants/0/subject"),
        ("subject-capitals", "/variants/0/languages/pl/subject"),
    ]


def test_what_is_wrong_with_all_of_them_is_told_once() -> None:
    languages = {tag: {"subject": f"Basket {tag}"} for tag in ("pl", "de", "fr")}
    document = {"channel": "email", "subject": "Basket", "html": GOOD, "language": "en", "languages": languages}
    assert [(one.code, one.pointer) for one in lint(read_content(document), {})] == [("no-preheader", "/preheader")]
