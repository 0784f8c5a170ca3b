from dataclasses import replace

import pytest

from journeyman.channels.link_tags import LinkTags
from journeyman.channels.links import Links
from journeyman.channels.tracking import Tokens

TAGS = LinkTags({"utm_source": "shop", "utm_medium": "email"})
BOTH = "utm_source=shop&utm_medium=email"
TOKENS = Tokens("s" * 32, "https://j.example")
LINKS = Links(TOKENS, "m1", marketing=True, link_tags=TAGS)


@pytest.mark.parametrize(
    ("url", "tagged"),
    [
        ("https://a.example", f"https://a.example?{BOTH}"),
        ("HTTP://a.example/x?a=1&b=%20#part?x", f"HTTP://a.example/x?a=1&b=%20&{BOTH}#part?x"),
        ("https://a.example/?", f"https://a.example/?{BOTH}"),
        ("https://a.example/?a&", f"https://a.example/?a&{BOTH}"),
        ("https://a.example/?UTM_Source=own", "https://a.example/?UTM_Source=own&utm_medium=email"),
        ("https://a.example/?utm_source=&utm_medium=", "https://a.example/?utm_source=&utm_medium="),
        ("mailto:a@a.example", "mailto:a@a.example"),
        ("shop://cart", "shop://cart"),
        ("https://[broken", "https://[broken"),
        ("https://a.example/?" + "a&" * 300, "https://a.example/?" + "a&" * 300),
    ],
)
def test_a_link_gets_what_it_does_not_say_itself(url: str, tagged: str) -> None:
    assert TAGS.into(url) == tagged


def test_values_are_written_as_addresses_need_them() -> None:
    assert LinkTags({"utm_term": "tëa/1"}).into("https://a.example") == "https://a.example?utm_term=t%C3%ABa/1"


def test_only_the_hosts_that_are_named_are_meant() -> None:
    own = replace(TAGS, hosts=("shop.example",))
    assert own.into("https://www.Shop.example/") == f"https://www.Shop.example/?{BOTH}"
    assert own.into("https://notshop.example/") == "https://notshop.example/"


def test_it_is_done_before_clicks_are_counted() -> None:
    click = TOKENS.click_url("m1", f"https://a.example?{BOTH}")
    assert click in LINKS.into_html("<a href='https://a.example'>a</a>")
    assert click in LINKS.into_text("See https://a.example.")
    assert LINKS.tracked("https://a.example") == click
    short = replace(LINKS, shorten=lambda url: f"<{url}>")
    assert f"<{click}>" in short.into_short_text("See https://a.example STOP")


def test_it_is_done_where_no_clicks_are_counted() -> None:
    plain = replace(LINKS, track_clicks=False)
    assert f'href="https://a.example?{BOTH.replace("&", "&amp;")}"' in plain.into_html(
        '<a href="https://a.example">a</a>'
    )
    assert f"https://a.example?{BOTH}." in plain.into_text("See https://a.example.")
    assert f"https://a.example?{BOTH} " in plain.into_short_text("See https://a.example STOP")


@pytest.mark.parametrize(
    "url",
    [
        LINKS.unsubscribe_url,
        LINKS.preferences_url,
        TOKENS.confirmation_url("c1"),
        TOKENS.short_url("x"),
        TOKENS.click_url("m1", "https://a.example"),
    ],
)
def test_what_is_ours_stays(url: str) -> None:
    assert LINKS.tracked(url) == url
    assert f'href="{url}"' in LINKS.into_html(f'<a href="{url}">x</a>')
    assert url in LINKS.into_text(url)


def test_what_its_author_leaves_alone_stays() -> None:
    assert '"https://a.example"' in LINKS.into_html('<a data-no-track href="https://a.example">a</a>')
    assert "See https://a.example" in LINKS.into_text("See https://a.example", frozenset({"https://a.example"}))
