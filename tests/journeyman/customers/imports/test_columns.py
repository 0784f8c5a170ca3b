"""Where columns go, and which types their values have."""

from pathlib import Path
from typing import Any

import pytest

from journeyman.customers.imports.columns import Columns, ValueRefusedError, read_mapping
from journeyman.customers.imports.files import open_records
from journeyman.customers.imports.records import Record
from journeyman.kit.errors import InvalidError


def documents(path: Path, text: str, *mapping: str) -> list[dict[str, Any]]:
    path.write_text(text)
    file = open_records(path)
    columns = Columns(file, read_mapping(mapping))
    return [columns.document(record.fields) for record in file.records() if isinstance(record, Record)]


def first(tmp_path: Path, columns: str, row: str, *mapping: str) -> dict[str, Any]:
    (found,) = documents(tmp_path / "a.csv", f"{columns}\n{row}\n", *mapping)
    return found


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("7", 7),
        ("-7.50", -7.5),
        ("0.1", 0.1),
        ("007", "007"),
        ("1e5", "1e5"),
        ("+48600100200", "+48600100200"),
        ("1234567890123456", "1234567890123456"),
        ("true", True),
        ("False", False),
        ("yes", "yes"),
        ("2026-01-02", "2026-01-02"),
        ('[{"sku": "a"}]', [{"sku": "a"}]),
        ("[draft]", "[draft]"),
    ],
)
def test_a_value_of_a_text_file_gets_the_type_that_it_shows(tmp_path: Path, value: str, read: object) -> None:
    quoted = '"' + value.replace('"', '""') + '"'
    found = first(tmp_path, "user_id,field", f"u,{quoted}")["field"]
    assert (found, type(found)) == (read, type(read))


@pytest.mark.parametrize("column", ["user_id", "userId", "phone", "zip", "postal_code", "sku", "shipping.zip"])
def test_what_is_a_name_and_no_number_stays_text(tmp_path: Path, column: str) -> None:
    found: Any = first(tmp_path, f"{column},x", "12345,y")
    for part in column.split("."):
        found = found[part]
    assert found == "12345"


@pytest.mark.parametrize("field", ["timestamp", "originalTimestamp", "consent.email.at", "consent.sms.expires_at"])
def test_a_day_without_dashes_is_no_number_where_an_instant_goes(tmp_path: Path, field: str) -> None:
    found: Any = first(tmp_path, "user_id,date,size", "u,19970412,19970412", f"date={field}")
    assert found.pop("size") == 19970412
    for part in field.split("."):
        found = found[part]
    assert found == "19970412"


def test_a_column_has_one_type(tmp_path: Path) -> None:
    text = "user_id,size\n1,38\n2,M\n3,40\n"
    assert [one["size"] for one in documents(tmp_path / "a.csv", text)] == ["38", "M", "40"]


def test_a_value_that_comes_after_the_sample_has_to_be_of_the_type(tmp_path: Path) -> None:
    text = "user_id,size\n" + "1,38\n" * 1000 + "2,M\n"
    with pytest.raises(ValueRefusedError, match=r"`size` is 'M', which is no number.*--map size=size:text"):
        documents(tmp_path / "a.csv", text)
    assert documents(tmp_path / "a.csv", text, "size=size:text")[-1]["size"] == "M"


def test_columns_are_renamed_left_out_and_led_into_objects(tmp_path: Path) -> None:
    columns, row = "Customer ID,secret,address.city,total,import_row", "7,x,Gdynia,12,3"
    found = first(tmp_path, columns, row, "Customer ID=user_id", "secret=", "total=order.total:text")
    assert found == {"user_id": "7", "address": {"city": "Gdynia"}, "order": {"total": "12"}}


@pytest.mark.parametrize("value", ["1_000", "nan", "1e999", "99999999999999999999", "x"])
def test_a_number_is_one_that_the_databases_keep(tmp_path: Path, value: str) -> None:
    with pytest.raises(ValueRefusedError, match="which is no number"):
        first(tmp_path, "user_id,paid", f"u,{value}", "paid=paid:number")


@pytest.mark.parametrize(("given", "read"), [("yes", True), ("0", False), ("TRUE", True)])
def test_true_and_false_may_be_asked_for(tmp_path: Path, given: str, read: bool) -> None:
    assert first(tmp_path, "user_id,vip", f"u,{given}", "vip=vip:boolean")["vip"] is read


def test_a_field_cannot_be_a_value_and_an_object(tmp_path: Path) -> None:
    with pytest.raises(ValueRefusedError, match="`address` is both"):
        first(tmp_path, "user_id,address,address.city", "u,Long Street,Gdynia")


@pytest.mark.parametrize("mapping", ["x", "=y", "a=b:date"])
def test_a_mapping_that_says_nothing_is_refused(mapping: str) -> None:
    with pytest.raises(InvalidError, match="--map takes"):
        read_mapping([mapping])


def test_a_mapping_names_columns_that_are_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match="--map names b; the file has the columns a"):
        first(tmp_path, "a", "1", "b=c")


def test_json_lines_keep_names_with_dots_and_can_be_mapped(tmp_path: Path) -> None:
    (found,) = documents(tmp_path / "a.jsonl", '{"a.b": 1, "c": 2, "d": 3}', "c=x.y:text", "d=")
    assert found == {"a.b": 1, "x": {"y": "2"}}
