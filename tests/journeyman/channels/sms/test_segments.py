"""Parts of text messages, against the examples of the standard and for any text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeyman.channels.providers.smpp.receipts import _of_septets
from journeyman.channels.sms.segments import BASIC, EXTENDED, ROOM, segments_of

GSM = [*BASIC.replace("\x1b", ""), *EXTENDED]


def test_the_default_alphabet_has_its_hundred_and_twenty_eight_codes() -> None:
    assert len(BASIC) == len(set(BASIC)) == 128
    spots = {"@": 0x00, "\n": 0x0A, "_": 0x11, "\x1b": 0x1B, " ": 0x20, "¤": 0x24}
    spots |= {"¡": 0x40, "§": 0x5F, "¿": 0x60, "à": 0x7F}
    assert {character: BASIC.index(character) for character in spots} == spots
    assert all(BASIC.index(character) == ord(character) for character in "AZaz09!?")


@pytest.mark.parametrize(
    ("text", "alphabet", "parts", "units"),
    [
        ("", "gsm7", 1, 0),
        ("a" * 160, "gsm7", 1, 160),
        ("a" * 161, "gsm7", 2, 161),
        ("a" * 306, "gsm7", 2, 306),
        ("a" * 307, "gsm7", 3, 307),
        ("€" * 80, "gsm7", 1, 160),
        ("€" * 81, "gsm7", 2, 162),
        ("a" * 152 + "€" + "a" * 10, "gsm7", 2, 164),
        ("ж" * 70, "ucs2", 1, 70),
        ("ж" * 71, "ucs2", 2, 71),
        ("🎁" * 35, "ucs2", 1, 70),
        ("🎁" * 36, "ucs2", 2, 72),
        ("ë", "ucs2", 1, 1),
        ("Grüße, 5 €", "gsm7", 1, 11),
    ],
)
def test_how_many_parts_a_text_takes(text: str, alphabet: str, parts: int, units: int) -> None:
    found = segments_of(text)
    assert (found.alphabet, len(found.parts), found.units) == (alphabet, parts, units)


@given(st.text(st.sampled_from(GSM), max_size=700))
def test_no_character_of_the_default_alphabet_is_lost_or_divided(text: str) -> None:
    found = segments_of(text)
    assert found.alphabet == "gsm7"
    assert "".join(_of_septets(part) for part in found.parts) == text
    assert all(len(part) <= ROOM["gsm7"][len(found.parts) > 1] for part in found.parts)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300).map(lambda text: f"ж{text}"))
def test_no_other_character_is_lost_or_divided(text: str) -> None:
    found = segments_of(text)
    assert found.alphabet == "ucs2"
    assert "".join(part.decode("utf-16-be") for part in found.parts) == text
    assert all(len(part) <= 2 * ROOM["ucs2"][len(found.parts) > 1] for part in found.parts)
