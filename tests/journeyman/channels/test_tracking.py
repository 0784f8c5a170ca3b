import pytest

from journeyman.channels.tracking import Click, Tokens
from journeyman.kit.errors import InvalidError

TOKENS = Tokens("s" * 32, "https://shop.example/")
URL = "https://shop.example/ü?a=1&b=2#x"


def token(url: str) -> str:
    return url.rsplit("/", 1)[1]


def test_each_kind_of_link_is_read_back() -> None:
    assert TOKENS.open_url("m1").startswith("https://shop.example/t/o/")
    assert TOKENS.read_open(token(TOKENS.open_url("m1"))) == "m1"
    assert TOKENS.click_url("m1", URL).startswith("https://shop.example/t/c/")
    assert TOKENS.read_click(token(TOKENS.click_url("m1", URL))) == Click("m1", URL)
    assert TOKENS.unsubscribe_url("m1").startswith("https://shop.example/u/")
    assert TOKENS.read_unsubscribe(token(TOKENS.unsubscribe_url("m1"))) == "m1"


def test_a_token_of_one_purpose_is_no_token_of_another() -> None:
    opened, clicked, left = (
        token(url) for url in (TOKENS.open_url("m"), TOKENS.click_url("m", URL), TOKENS.unsubscribe_url("m"))
    )
    for read, others in (
        (TOKENS.read_open, (clicked, left)),
        (TOKENS.read_click, (opened, left)),
        (TOKENS.read_unsubscribe, (opened, clicked)),
    ):
        for other in others:
            with pytest.raises(InvalidError):
                read(other)


@pytest.mark.parametrize(
    "forged", ["", ".", "a", "a.b", "ü.ü", "bTE", "bTE.", ".bTE", "bTE.AAAA", "bTE=.AAAA", "a" * 5000]
)
def test_what_we_did_not_make_is_refused(forged: str) -> None:
    for read in (TOKENS.read_open, TOKENS.read_click, TOKENS.read_unsubscribe):
        with pytest.raises(InvalidError):
            read(forged)


def test_no_changed_character_goes_through() -> None:
    genuine = token(TOKENS.click_url("message-1", "https://shop.example/"))
    for place, character in enumerate(genuine):
        changed = genuine[:place] + ("A" if character != "A" else "B") + genuine[place + 1 :]
        # The last character of base64 has bits that carry nothing; the content is then the same.
        try:
            assert TOKENS.read_click(changed) == TOKENS.read_click(genuine)
        except InvalidError:
            continue
        assert place in {genuine.index(".") - 1, len(genuine) - 1}


def test_another_secret_reads_nothing() -> None:
    with pytest.raises(InvalidError):
        Tokens("t" * 32, "https://shop.example").read_open(token(TOKENS.open_url("m1")))


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="32 characters"):
        Tokens("short", "https://shop.example")
