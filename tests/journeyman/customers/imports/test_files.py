"""What the readers make of files, and of what is wrong in them."""

import gzip
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from journeyman.customers.imports.files import fingerprint, open_records
from journeyman.customers.imports.records import Broken, Record
from journeyman.kit.errors import InvalidError

# Without types of its own; the product loads it like this as well.
pa: Any = import_module("pyarrow")
parquet: Any = import_module("pyarrow.parquet")


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def fields(path: Path) -> list[dict[str, Any]]:
    return [record.fields for record in open_records(path).records() if isinstance(record, Record)]


def broken(path: Path) -> list[tuple[int, str]]:
    return [(record.number, record.reason) for record in open_records(path).records() if isinstance(record, Broken)]


def test_csv_is_read_as_rfc_4180_has_it(tmp_path: Path) -> None:
    text = '\ufeffuser_id, note\r\n1,"two\nlines, and ""quotes"""\r\n\r\n2,\r\n'
    records = list(open_records(write(tmp_path / "a.csv", text)).records())
    assert [record.number for record in records] == [2, 4]
    assert fields(tmp_path / "a.csv") == [
        {"user_id": "1", "note": 'two\nlines, and "quotes"'},
        {"user_id": "2"},
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found(tmp_path: Path, separator: str) -> None:
    text = "a,b\n1,2\n".replace(",", separator)
    assert fields(write(tmp_path / "a.csv", text)) == [{"a": "1", "b": "2"}]


def test_a_bad_csv_row_takes_no_other_with_it(tmp_path: Path) -> None:
    content = b"a,b\n1,2\n1\n1,2,3\n\xff\xfe,2\n3,4\n"
    path = write(tmp_path / "a.csv", content)
    assert [one["a"] for one in fields(path)] == ["1", "3"]
    assert broken(path) == [
        (3, "the row has 1 cells, the header has 2"),
        (4, "the row has 3 cells, the header has 2"),
        (5, "the row is not UTF-8 text; save the file in UTF-8"),
    ]


def test_a_quote_that_is_never_closed_is_told_and_bounded(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "a,b\n1,2\n" + '"' + "x,y\n" * 600_000)
    (first, *_) = broken(path)
    assert first == (3, "the row cannot be read: field larger than field limit (1048576)")
    assert fields(path)[0] == {"a": "1", "b": "2"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [("", "the file is empty"), ("a,,b\n", "column 2 has no name"), ("a,b,a\n", "two columns are called a")],
)
def test_a_header_has_to_name_every_column_once(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(InvalidError, match=problem):
        open_records(write(tmp_path / "a.csv", text))


def test_json_lines_keep_their_types(tmp_path: Path) -> None:
    lines = '{"user_id": 1, "vip": true, "plan": null, "address": {"city": "Łódź"}}\n\nnope\n[1]\n'
    path = write(tmp_path / "a.jsonl", lines)
    assert fields(path) == [{"user_id": 1, "vip": True, "plan": None, "address": {"city": "Łódź"}}]
    assert [number for number, _ in broken(path)] == [3, 4]
    assert [reason.split(":")[0] for _, reason in broken(path)] == [
        "the line is no JSON",
        "the line is no JSON object",
    ]


@pytest.mark.parametrize(("name", "text"), [("a.csv.gz", "a\n1\n"), ("a.jsonl.gz", '{"a": "1"}\n')])
def test_compressed_files_are_read_as_they_are(tmp_path: Path, name: str, text: str) -> None:
    assert fields(write(tmp_path / name, gzip.compress(text.encode()))) == [{"a": "1"}]


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    table = pa.table(
        {
            "user_id": ["a", "b"],
            "seen": [datetime(2026, 3, 2, 12, tzinfo=UTC), None],
            "born": [date(1990, 5, 17), None],
            "paid": [Decimal("19.90"), None],
            "score": [float("nan"), 1.5],
            "address": [{"city": "Gdynia"}, None],
            "tags": [["a", "b"], []],
        }
    )
    parquet.write_table(table, tmp_path / "a.parquet")
    first, second = fields(tmp_path / "a.parquet")
    assert first == {
        "user_id": "a",
        "seen": "2026-03-02T12:00:00+00:00",
        "born": "1990-05-17",
        "paid": 19.9,
        "address": {"city": "Gdynia"},
        "tags": ["a", "b"],
    }
    assert second == {"user_id": "b", "score": 1.5, "tags": []}


def test_bytes_in_parquet_are_no_value(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"user_id": ["a"], "photo": [b"\x00"]}), tmp_path / "a.parquet")
    assert broken(tmp_path / "a.parquet") == [(1, "a value of type bytes cannot be stored")]


def test_a_file_that_is_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match=r"has to end in one of .csv"):
        open_records(write(tmp_path / "a.xlsx", ""))
    with pytest.raises(InvalidError, match="no such file"):
        open_records(tmp_path / "b.csv")
    with pytest.raises(InvalidError, match="no Parquet file"):
        open_records(write(tmp_path / "a.parquet", "no"))


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
def test_a_file_tells_how_far_it_is_read(tmp_path: Path, name: str) -> None:
    rows = [{"a": str(number)} for number in range(20_000)]
    if name.endswith("parquet"):
        parquet.write_table(pa.Table.from_pylist(rows), tmp_path / name)
    else:
        lines = ["a", *(row["a"] for row in rows)] if name.endswith("csv") else [f'{{"a": {n}}}' for n in range(20_000)]
        write(tmp_path / name, "\n".join(lines))
    file = open_records(tmp_path / name)
    shares = [file.share_read() for _ in file.records()]
    assert shares == sorted(shares)
    assert shares[0] < 0.5
    assert file.share_read() == 1.0


def test_a_fingerprint_is_that_of_the_content(tmp_path: Path) -> None:
    one, same, other = (write(tmp_path / name, text) for name, text in (("a", "x"), ("b", "x"), ("c", "y")))
    assert fingerprint(one) == fingerprint(same) != fingerprint(other)
