"""Segments as files, and what a spreadsheet makes of them."""

import csv
import io
import json
from typing import Any

import pytest

from journeyman.customers.segments.tables import Membership, Segment
from journeyman.insight.exports import segments
from journeyman.insight.exports.segments import SegmentExport, cell
from journeyman.kit.bulk import insert_many
from journeyman.kit.database import Database
from journeyman.kit.errors import NotFoundError
from tests.builders import NOON, Shop, incoming


async def segment(database: Database, key: str, members: dict[str, dict[str, Any]]) -> None:
    """A segment with these members and their attributes."""
    shop = Shop(database)
    people = [incoming("Identified", name, kind="identify", traits=traits) for name, traits in members.items()]
    await shop.accept(*people)
    kept = {"key": key, "name": key, "description": "", "condition": None, "generation": 0}
    async with database.transaction() as connection:
        await insert_many(connection, Segment, [{**kept, "created_at": NOON, "updated_at": NOON}])
        rows = [{"segment_key": key, "customer_id": name, "since": NOON} for name in members]
        await insert_many(connection, Membership, rows)


async def written(database: Database, key: str, kind: Any, *more: Any) -> str:
    return "".join([piece async for piece in await SegmentExport(database).open(key, kind, *more)])


async def test_csv_has_the_attributes_that_were_asked_for(database: Database) -> None:
    await segment(
        database, "vip", {"ann": {"email": "ann@example.com", "tags": ["a"]}, "bob": {"note": 'says "hi",\nbye'}}
    )
    rows = list(csv.reader(io.StringIO(await written(database, "vip", "csv", ["email", "tags", "note"]))))
    assert rows == [
        ["customer", "since", "email", "tags", "note"],
        ["ann", "2026-03-02T12:00:00+00:00", "ann@example.com", '["a"]', ""],
        ["bob", "2026-03-02T12:00:00+00:00", "", "", 'says "hi",\nbye'],
    ]


async def test_json_lines_have_all_attributes_with_their_types(database: Database) -> None:
    await segment(database, "vip", {"ann": {"orders": 3, "vip": True, "formula": "=1+1"}})
    (line,) = (await written(database, "vip", "jsonl")).splitlines()
    assert json.loads(line) == {
        "customer": "ann",
        "since": "2026-03-02T12:00:00+00:00",
        "attributes": {"orders": 3, "vip": True, "formula": "=1+1"},
    }


@pytest.mark.parametrize("start", ["=1+1", "+48600100200", "-2+3", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(start: str) -> None:
    assert cell(start) == f"'{start}"


@pytest.mark.parametrize(("value", "text"), [(None, ""), (-5, "-5"), (True, "true"), ("a=b", "a=b"), ({}, "{}")])
def test_other_cells_stay_as_they_are(value: object, text: str) -> None:
    assert cell(value) == text


async def test_a_large_segment_is_read_piece_by_piece(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "AT_ONCE", 3)
    await segment(database, "all", {f"u{number}": {} for number in range(10)})
    pieces = [piece async for piece in await SegmentExport(database).open("all", "csv", [])]
    assert [piece.count("\r\n") for piece in pieces] == [1, 3, 3, 3, 1]
    assert len({line.split(",")[0] for line in "".join(pieces).splitlines()}) == 11


async def test_a_segment_that_is_not_there_is_told_before_anything_is_written(database: Database) -> None:
    with pytest.raises(NotFoundError):
        await SegmentExport(database).open("none", "csv")
