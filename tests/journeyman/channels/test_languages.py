from dataclasses import fields

import pytest

from journeyman.channels.languages import negotiated, phrases, spoken_by
from journeyman.channels.phrases import PHRASES, Phrases


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("fr-FR, pl;q=0.4, en;q=0.3", "pl"),
        ("en;q=0.2, de;q=0.7", "de"),
        ("pl;q=0, de;q=0.1", "de"),
        ("*", "en"),
        ("de;q=2, nonsense;;, pl", "pl"),
        ("x" * 5000, "en"),
        ("de_DE", "de"),
    ],
)
def test_the_best_of_our_languages_is_spoken(accepted: str, language: str) -> None:
    assert negotiated(accepted) == language


@pytest.mark.parametrize(
    ("attributes", "language"),
    [
        ({"language": "PL"}, "pl"),
        ({"locale": "de_AT"}, "de"),
        ({"language": "fr", "locale": "de-CH"}, "de"),
        ({}, "en"),
    ],
)
def test_a_profile_tells_its_language(attributes: dict[str, str], language: str) -> None:
    assert spoken_by({"language": None, **attributes}) == language


@pytest.mark.parametrize("language", PHRASES)
def test_every_language_says_everything_in_words_of_its_own(language: str) -> None:
    own, english = phrases(language), phrases("en")
    said = [(getattr(own, field.name), getattr(english, field.name)) for field in fields(Phrases)]
    assert all(mine for mine, _ in said)
    assert own.channels.keys() == english.channels.keys()
    assert language == "en" or all(mine != theirs for mine, theirs in said)
