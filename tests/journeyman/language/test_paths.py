import pytest
from pydantic import TypeAdapter, ValidationError

from journeyman.language.paths import MISSING, Path, lookup

PATH: TypeAdapter[str] = TypeAdapter(Path)
PROFILE = {"a": {"b": {"c": 1}}, "a.b": 2, "list": [{"x": 1}], "null": None, "\u00fc x": {"0": False}, "text": "abc"}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a.b.c", 1),
        ("a.b", {"c": 1}),
        ("null", None),
        ("\u00fc x.0", False),
        ("list", [{"x": 1}]),
        ("list.0", MISSING),
        ("list.0.x", MISSING),
        ("a.b.c.d", MISSING),
        ("text.0", MISSING),
        ("null.x", MISSING),
        ("nobody", MISSING),
    ],
)
def test_a_path_goes_through_objects_only(path: str, value: object) -> None:
    found = lookup(PROFILE, PATH.validate_python(path))
    assert found == value
    assert type(found) is type(value)


def test_missing_is_false_and_says_its_name() -> None:
    assert not MISSING
    assert repr(MISSING) == "MISSING"


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("", "a key of this path is empty; write a path such as address.city"),
        ("a..b", "a key of this path is empty; write a path such as address.city"),
        (".a", "a key of this path is empty; write a path such as address.city"),
        ('a"b', "a path has no quotes, backslashes or control characters; rename the attribute"),
        ("a\\b", "a path has no quotes, backslashes or control characters; rename the attribute"),
        ("a\0b", "a path has no quotes, backslashes or control characters; rename the attribute"),
        ("a\ud800", "a path has no quotes, backslashes or control characters; rename the attribute"),
        ("a" * 201, "this path is too long; use up to 10 keys and 200 characters"),
        (".".join("abcdefghijk"), "this path is too long; use up to 10 keys and 200 characters"),
    ],
)
def test_a_path_that_no_database_could_follow_is_refused(path: str, detail: str) -> None:
    with pytest.raises(ValidationError) as caught:
        PATH.validate_python(path)
    assert caught.value.errors()[0]["msg"] == detail
