"""JSON documents as SQL: what stands at a path, of which type it is, and the same value as each type.

Both databases are asked in their own words and give the same answers: those of `journeyman.language.operators`.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from sqlalchemy import (
    ColumnElement,
    Double,
    Numeric,
    Text,
    case,
    cast,
    column,
    exists,
    false,
    func,
    literal,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

Document = ColumnElement[Any]
Truth = ColumnElement[bool]
Scalar = str | int | float | bool


@dataclass(frozen=True)
class Value:
    """A JSON value in SQL.

    `types` has every type that it may be of (`number`, `text`, `boolean`, `list`) with the test whether it is. `forms`
    has the value as `number` (a double), `decimal`, `text`, and `boolean` (the words true and false); a form is only to
    be looked at behind its test, inside CASE, for PostgreSQL refuses to read one type as another. `some` tells
    whether a member of the list satisfies something.
    """

    exists: Truth
    types: Mapping[str, Truth]
    forms: Mapping[str, ColumnElement[Any]]
    some: Callable[[Callable[["Value"], Truth]], Truth] | None = None


class Dialect(Protocol):
    """What a database's JSON functions are called."""

    def read(self, document: Document, keys: tuple[str, ...]) -> Value:
        """What `document` holds at the path of `keys`."""
        ...

    def some(self, document: Document, keys: tuple[str, ...], test: Callable[[Document], Truth]) -> Truth:
        """Whether a member of the list at the path satisfies something, as a document; no object is an empty one."""
        ...

    def number(self, value: float) -> Mapping[str, ColumnElement[Any]]:
        """A number of the condition, in the forms `number` and `decimal`."""
        ...

    def position(self, text: ColumnElement[str], part: ColumnElement[str]) -> ColumnElement[int]:
        """Where `part` begins in `text`, 0 if nowhere."""
        ...


def constant(dialect: Dialect, value: Scalar) -> Value:
    """A value of the condition itself."""
    if isinstance(value, bool):
        return Value(true(), {"boolean": true()}, {"boolean": literal("true" if value else "false", Text)})
    if isinstance(value, str):
        return Value(true(), {"text": true()}, {"text": literal(value, Text)})
    return Value(true(), {"number": true()}, dialect.number(value))


class Sqlite:
    """JSON1, on text."""

    def read(self, document: Document, keys: tuple[str, ...]) -> Value:
        path = "$" + "".join(f'."{key}"' for key in keys)
        kind = func.json_type(document, path, type_=Text)
        value = self._value(kind, func.json_extract(document, path, type_=Text))
        return Value(value.exists, value.types, value.forms, lambda test: self._some(document, path, test))

    @staticmethod
    def _value(kind: ColumnElement[str], value: ColumnElement[Any]) -> Value:
        types = {
            "number": kind.in_(["integer", "real"]),
            "text": kind == "text",
            "boolean": kind.in_(["true", "false"]),
            "list": kind == "array",
        }
        number = cast(value, Double)
        forms = {"number": number, "decimal": number, "text": value, "boolean": kind}
        return Value(func.coalesce(kind != "null", False), types, forms)

    def _some(self, document: Document, path: str, test: Callable[[Value], Truth]) -> Truth:
        members = func.json_each(document, path).table_valued("value", "type")
        member = self._value(members.c.type, members.c.value)
        return exists(select(1).select_from(members).where(test(member)).correlate_except(members))

    def some(self, document: Document, keys: tuple[str, ...], test: Callable[[Document], Truth]) -> Truth:
        value = self.read(document, keys)
        path = "$" + "".join(f'."{key}"' for key in keys)
        members = func.json_each(document, path).table_valued("value", "type").alias()
        member = case((members.c.type == "object", members.c.value), else_=literal("{}", Text))
        found = exists(select(1).select_from(members).where(test(member)).correlate_except(members))
        return case((value.types["list"], found), else_=false())

    def number(self, value: float) -> Mapping[str, ColumnElement[Any]]:
        # Read by SQLite as it reads the documents: its own reading of decimals may be off in the last bit.
        number = cast(func.json_extract(json.dumps(value), "$"), Double)
        return {"number": number, "decimal": number}

    def position(self, text: ColumnElement[str], part: ColumnElement[str]) -> ColumnElement[int]:
        return func.instr(text, part)


class Postgres:
    """jsonb."""

    def read(self, document: Document, keys: tuple[str, ...]) -> Value:
        found = document
        for key in keys:
            # With text on its right this goes through objects only, where a path would count into lists.
            found = found.op("->", return_type=JSONB())(literal(key, Text))
        return self._value(found)

    def _value(self, found: Document) -> Value:
        kind = func.jsonb_typeof(found, type_=Text)
        text = found.op("#>>", return_type=Text())(literal_column("'{}'")).collate("C")
        forms = {"number": cast(found, Double), "decimal": cast(found, Numeric), "text": text, "boolean": text}
        types = {name: kind == name for name in ("number", "boolean")} | {
            "text": kind == "string",
            "list": kind == "array",
        }
        return Value(func.coalesce(kind != "null", False), types, forms, lambda test: self._some(found, test))

    def _some(self, found: Document, test: Callable[[Value], Truth]) -> Truth:
        members = func.jsonb_array_elements(found).table_valued(column("value", JSONB))
        return exists(
            select(1).select_from(members).where(test(self._value(members.c.value))).correlate_except(members)
        )

    def some(self, document: Document, keys: tuple[str, ...], test: Callable[[Document], Truth]) -> Truth:
        found = document
        for key in keys:
            found = found.op("->", return_type=JSONB())(literal(key, Text))
        a_list = case((func.jsonb_typeof(found, type_=Text) == "array", found), else_=literal_column("'[]'::jsonb"))
        members = func.jsonb_array_elements(a_list).table_valued(column("value", JSONB)).alias()
        return exists(select(1).select_from(members).where(test(members.c.value)).correlate_except(members))

    def number(self, value: float) -> Mapping[str, ColumnElement[Any]]:
        return {"number": literal(float(value), Double), "decimal": literal(Decimal(repr(value)), Numeric)}

    def position(self, text: ColumnElement[str], part: ColumnElement[str]) -> ColumnElement[int]:
        return func.strpos(text, part)
