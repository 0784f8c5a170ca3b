"""The words by which people end, begin and ask."""

import pytest

from journeyman.channels.sms.keywords import HELP, START, STOP, keyword_of


@pytest.mark.parametrize(
    "text",
    ["STOP", "stop", " Stop! ", "«Stopp»", "ARRÊT", "Arrêt.", "FIN", "baja", "стоп", "СТОП", "退订", "Stop all", "dur"],
)
def test_stop_is_heard_in_many_languages(text: str) -> None:
    assert keyword_of(text) == "stop"


@pytest.mark.parametrize(
    ("text", "word"), [("Start", "start"), ("UNSTOP", "start"), ("alta", "start"), ("HELP", "help"), ("Hilfe?", "help")]
)
def test_start_and_help_too(text: str, word: str) -> None:
    assert keyword_of(text) == word


@pytest.mark.parametrize(
    "text", ["", "please stop", "Where is my order? Stop", "stopping", "Don't stop", "no", "x" * 100, "🎁", "STOP 2"]
)
def test_whoever_says_more_means_more(text: str) -> None:
    assert keyword_of(text) is None


def test_no_word_means_two_things_and_each_is_written_as_it_is_compared() -> None:
    assert not STOP & START
    assert not STOP & HELP
    assert not START & HELP
    assert {word for word in STOP if keyword_of(word) != "stop"} == set()
    assert {word for word in START if keyword_of(word) != "start"} == set()
    assert {word for word in HELP if keyword_of(word) != "help"} == set()


@pytest.mark.parametrize(
    "text", ["Opt-out", "OPT-OUT!", "إلغاء", "الغاء", "إيقاف", "Τέλος", "İptal", "Rezygnuję", "-stop-"]
)
def test_hyphens_and_what_stands_above_letters_do_not_hide_a_stop(text: str) -> None:
    assert keyword_of(text) == "stop"


@pytest.mark.parametrize("text", ["non-stop", "stop-over"])
def test_a_hyphen_makes_no_stop_of_another_word(text: str) -> None:
    assert keyword_of(text) is None
