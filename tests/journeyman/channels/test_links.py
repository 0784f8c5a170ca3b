import re
from typing import Any

import pytest

from journeyman.channels.links import Links, untracked_urls
from journeyman.channels.tracking import Tokens

TOKENS = Tokens("s" * 32, "https://j.example")
OURS = re.compile(r"https://j\.example/t/c/([\w-]+\.[\w-]+)")


def links(**parts: Any) -> Links:
    return Links(TOKENS, "m1", marketing=parts.pop("marketing", False), **parts)


def targets(source: str) -> list[str]:
    return [TOKENS.read_click(token).url for token in OURS.findall(source)]


def test_web_links_become_ours_and_the_rest_of_the_source_stays() -> None:
    source = (
        "<!doctype html><html><body class=a>\n<A class='x' HREF = 'https://a.example/?p=1&amp;q=2' target=_blank>a</A>"
        '<!--[if mso]><a href="https://o.example/">mso</a><![endif]--><!--[if !mso]><!-->'
        "<area href=https://b.example/>\n<!--<![endif]--></body></html>"
    )
    made = links(track_opens=False).into_html(source)
    assert targets(made) == ["https://a.example/?p=1&q=2", "https://b.example/"]
    assert OURS.sub("#", made) == (
        "<!doctype html><html><body class=a>\n<A class='x' HREF = \"#\" target=_blank>a</A>"
        '<!--[if mso]><a href="https://o.example/">mso</a><![endif]--><!--[if !mso]><!-->'
        '<area href="#">\n<!--<![endif]--></body></html>'
    )


def test_other_links_are_left_alone() -> None:
    leave = f'<a href="{links().unsubscribe_url}">x</a>'
    source = (
        '<a href="mailto:a@b.example">x</a><a href="tel:+48">x</a><a href="#top">x</a><a name="y">x</a><a href="">x</a>'
        '<a data-href="https://a.example/">x</a><a href="https://a.example/" data-no-track>x</a>'
        f'<img src="https://a.example/i.png"><a href="https://a.example/{"x" * 2_000}">x</a>{leave}'
    )
    assert links(track_opens=False).into_html(source) == source


def test_the_pixel_stands_before_the_last_end_of_the_body() -> None:
    made = links(track_clicks=False).into_html("<body>İ</body><!-- </body> -->")
    found = re.fullmatch(r'<body>İ<img src="https://j\.example/t/o/([^"]+)"[^>]*></body><!-- </body> -->', made)
    assert found is not None
    assert TOKENS.read_open(found.group(1)) == "m1"
    assert links(track_clicks=False).into_html("<p>x").startswith("<p>x<img ")


def test_marketing_mail_offers_the_way_out_once() -> None:
    bare, own = "<body>x</body>", f'<body><a href="{links().unsubscribe_url}">out</a></body>'
    assert links(marketing=True).into_html(bare).count(links().unsubscribe_url) == 1
    assert links(marketing=True).into_html(own).count(links().unsubscribe_url) == 1
    assert links(marketing=False).into_html(bare).count(links().unsubscribe_url) == 0
    assert links(marketing=True).into_text("x\n").count(links().unsubscribe_url) == 1
    assert links(marketing=True).into_html(own).count(links().preferences_url) == 1
    whole = own + f'<a href="{links().preferences_url}">choose</a>'
    assert links(marketing=True, track_opens=False).into_html(whole) == whole
    assert links(marketing=False).into_text("x\n") == "x\n"


@pytest.mark.parametrize(
    ("language", "words"), [("de", "Abmelden"), ("pl", "Wypisz się"), ("en", "Unsubscribe"), ("xx", "Unsubscribe")]
)
def test_the_way_out_is_told_in_the_readers_language(language: str, words: str) -> None:
    made = Links(TOKENS, "m1", marketing=True, language=language)
    for mail in (made.into_html("<body>x</body>"), made.into_text("x\n")):
        assert words in mail
        assert {made.unsubscribe_url, made.preferences_url} <= set(re.findall(r"https://j\.example/[up]/[\w.-]+", mail))


def test_marketing_mail_has_the_headers_of_one_click_unsubscribe() -> None:
    assert links(marketing=False).headers() == {}
    assert links(marketing=True).headers() == {
        "List-Unsubscribe": f"<{links().unsubscribe_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def test_links_in_text_become_ours_without_the_sentence_around_them() -> None:
    source = (
        "See https://a.example/x_(y). (https://b.example/), HTTPS://C.example/! no@mail.example http://d.example/?q"
    )
    made = links().into_text(source)
    assert targets(made) == [
        "https://a.example/x_(y)",
        "https://b.example/",
        "HTTPS://C.example/",
        "http://d.example/?q",
    ]
    assert OURS.sub("#", made) == "See #. (#), #! no@mail.example #"


def test_an_address_not_to_be_tracked_stays_in_the_text_too() -> None:
    urls = untracked_urls('<a href="https://a.example/?x=1&amp;y=2" data-no-track>x</a><a href="https://b.example/">')
    assert urls == {"https://a.example/?x=1&y=2"}
    assert links().into_text("https://a.example/?x=1&y=2", urls) == "https://a.example/?x=1&y=2"
