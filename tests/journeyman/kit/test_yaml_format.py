import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeyman.kit.errors import InvalidError
from journeyman.kit.yaml_format import dump_yaml, load_yaml

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x7f\x85\u2028\u2029\ufeff", exclude_categories=["Cc"]))
WORDS = st.sampled_from(
    ["yes", "no", "on", "off", "true", "null", "~", "", "21:00", "1e3", "010", "0x1f", "2026-01-01"]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT | WORDS
DOCUMENTS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT | WORDS, inner, max_size=4), max_leaves=20
)


@given(DOCUMENTS)
def test_a_document_comes_back_as_it_was(document: object) -> None:
    again = load_yaml(dump_yaml(document))
    assert again == document
    assert repr(again) == repr(document)  # 1 is not true, 1 is not 1.0


def test_words_are_words_and_dates_are_text() -> None:
    text = "on: event\nis: no\nfrom: 21:00\nat: 2026-12-01T09:00:00Z\nday: 010\nempty:\n"
    assert load_yaml(text) == {
        "on": "event",
        "is": "no",
        "from": "21:00",
        "at": "2026-12-01T09:00:00Z",
        "day": 10,
        "empty": None,
    }


def test_json_is_read_too() -> None:
    assert load_yaml('{"a": [1, 2.5, "ü", null, true]}') == {"a": [1, 2.5, "ü", None, True]}


def test_text_of_several_lines_is_written_line_by_line() -> None:
    assert dump_yaml({"mjml": "<a>\n</a>\n"}) == "mjml: |\n  <a>\n  </a>\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: 1\na: 2", "line 2: `a` stands here twice"),
        ("x: &a [1]\ny: *a", "line 2: aliases are not available"),
        ("1: 2", "line 1: a key has to be text"),
        ("a: [", "line 1: "),
        ("- !!python/object/apply:os.getpid []", "could not determine a constructor"),
        ("[" * 5000, "nested too deep"),
        ("a: " + "9" * 5000, "the number is too long"),
        ("a: \x00", "special characters are not allowed"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(text: str, says: str) -> None:
    with pytest.raises(InvalidError) as caught:
        load_yaml(text)
    assert says in caught.value.detail
    assert caught.value.faults
