from datetime import UTC, datetime

import pytest

from journeyman.kit.errors import InvalidError
from journeyman.kit.pagination import page_of, read_cursor, write_cursor

AT = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)


def test_a_page_ends_where_its_cursor_goes_on() -> None:
    page = page_of([1, 2, 3], 2, lambda row: (row,))
    assert (page.items, read_cursor(page.next, int)) == ([1, 2], (2,))
    assert page.map(str).items == ["1", "2"]


def test_the_last_page_has_no_cursor() -> None:
    assert page_of([1, 2], 2, lambda row: (row,)).next is None
    assert page_of([], 2, lambda row: (row,)).next is None


def test_a_cursor_keeps_what_was_written() -> None:
    assert read_cursor(write_cursor(AT, "a/ü", 3), datetime, str, int) == (AT, "a/ü", 3)
    assert read_cursor(None, str) is None


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "é",
        "nonsense",
        write_cursor("a"),
        write_cursor(1, 2),
        write_cursor(True),
        write_cursor(2**63),
        write_cursor(1.0),
        write_cursor(None),
    ],
)
def test_any_other_text_is_no_cursor(cursor: str) -> None:
    with pytest.raises(InvalidError) as refused:
        read_cursor(cursor, int)
    assert refused.value.faults[0].pointer == "/query/cursor"


@pytest.mark.parametrize("part", ["2026-03-02T12:00:00", "noon", "\0"])
def test_a_part_that_is_no_instant_is_refused(part: str) -> None:
    with pytest.raises(InvalidError):
        read_cursor(write_cursor(part), datetime)
    with pytest.raises(InvalidError):
        read_cursor(write_cursor("a\0b"), str)
