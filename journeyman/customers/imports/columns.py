"""From a file's columns to fields: where each goes, and of which type its values are."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal, cast, get_args

import orjson

from journeyman.customers.imports.records import REASON, ROW, Record, RecordFile
from journeyman.kit.errors import InvalidError

Type = Literal["text", "number", "boolean", "json"]
TYPES: tuple[Type, ...] = get_args(Type)
SAMPLE = 1000
"""Records from which the types of a text file's columns are found out."""
TRUE, FALSE = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})

_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,9})?")
_BOOLEAN = frozenset({"true", "false"})
_INSTANT = re.compile(r"timestamp|originalTimestamp|consent\..+\.(at|expires_at)")
"""Where an instant goes: a day may be written as 19970412, and is no number for that."""
_NEVER_NUMBERS = re.compile(
    r"(^|[_. -])(id|ids|phone|mobile|zip|postcode|postal|sku|ean|gtin|barcode|code)($|[_. -])|(?<=[a-z])Id$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a column's values go. An empty path leaves the column out; without a type a value stays as it is."""

    path: tuple[str, ...]
    type: Type | None = None


class ValueRefusedError(Exception):
    """A value is not of the type that its column has; the text says which and what to do."""


def read_mapping(given: Iterable[str]) -> dict[str, Target]:
    """`column=field` and `column=field:type` as targets. Raises `InvalidError` for any other text."""
    return dict(_target(text) for text in given)


def _target(text: str) -> tuple[str, Target]:
    column, equals, field = text.partition("=")
    field, colon, kind = field.partition(":")
    if not column or not equals or (colon and kind not in TYPES):
        wanted = f"--map takes column=field or column=field:type with a type of {', '.join(TYPES)}"
        raise InvalidError(f"{wanted}; this is {text!r}")
    return column, Target(_path(field), cast("Type | None", kind or None))


def _path(field: str) -> tuple[str, ...]:
    return tuple(field.split(".")) if field else ()


class Columns:
    """Turns the fields of a record into a document. `mapping` says it for single columns, the others keep their names.

    A dot in a CSV or Parquet column's name leads into an object, as in `address.city`.
    """

    def __init__(self, file: RecordFile, mapping: Mapping[str, Target]) -> None:
        strangers = mapping.keys() - set(file.columns) if file.columns is not None else set()
        if strangers:
            there = ", ".join(file.columns or ())
            raise InvalidError(f"--map names {', '.join(sorted(strangers))}; the file has the columns {there}")
        self._targets = dict(mapping)
        self._has_dots = file.columns is not None
        if file.is_text and file.columns is not None:
            self._find_types(file, file.columns)

    def _find_types(self, file: RecordFile, columns: Sequence[str]) -> None:
        sample = [record.fields for record in islice(file.records(), SAMPLE) if isinstance(record, Record)]
        for column in columns:
            target = self._target(column)
            if target.type is None:
                values = [fields[column] for fields in sample if column in fields]
                self._targets[column] = Target(target.path, type_of(target.path, values))

    def _target(self, column: str) -> Target:
        found = self._targets.get(column)
        if found is None:
            path = _path(column) if self._has_dots else (column,)
            found = self._targets[column] = Target(() if column in {ROW, REASON} else path)
        return found

    def fields(self, columns: Iterable[str]) -> set[str]:
        """The top fields into which these columns go."""
        return {target.path[0] for target in map(self._target, columns) if target.path}

    def document(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """The fields where they belong. Raises `ValueRefusedError`."""
        document: dict[str, Any] = {}
        for column, value in fields.items():
            target = self._targets.get(column) or self._target(column)
            if not target.path:
                continue
            kind = target.type
            if kind is not None and not (kind == "text" and isinstance(value, str)):
                value = typed(column, value, target)  # noqa: PLW2901 - the same value, read
            if len(target.path) == 1:
                document[target.path[0]] = value
            else:
                _put(document, target.path, value)
        return document


def _put(document: dict[str, Any], path: tuple[str, ...], value: object) -> None:
    for name in path[:-1]:
        inner = document.setdefault(name, {})
        if not isinstance(inner, dict):
            raise ValueRefusedError(f"`{name}` is both a value and an object")
        document = inner
    document[path[-1]] = value


def type_of(path: Sequence[str], values: Sequence[str]) -> Type:
    """The type of a text file's column, by where it goes and some of its values; what may be no number is none."""
    if not values or _INSTANT.fullmatch(".".join(path)):
        return "text"
    if all(value.lower() in _BOOLEAN for value in values):
        return "boolean"
    if path and not _NEVER_NUMBERS.search(path[-1]) and all(_NUMBER.fullmatch(value) for value in values):
        return "number"
    if all(value[:1] in {"{", "["} and _is_json(value) for value in values):
        return "json"
    return "text"


def _is_json(text: str) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


def typed(column: str, value: Any, target: Target) -> Any:  # noqa: ANN401 - any JSON value
    """A value as its column's type has it. Raises `ValueRefusedError`."""
    if target.type == "text":
        return value if isinstance(value, str) else _as_text(value)
    if not isinstance(value, str):
        return value
    try:
        return _READ[cast("Type", target.type)](value.strip())
    except ValueError:
        field = ".".join(target.path)
        mend = f"mend it, or read the column as text with --map {column}={field}:text"
        raise ValueRefusedError(f"`{column}` is {value[:80]!r}, which is no {target.type}: {mend}") from None


def _as_text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def _number(text: str) -> float:
    if "_" in text:
        raise ValueError("an underscore, which only Python takes for a part of a number")
    try:
        number: float = int(text)
    except ValueError:
        number = float(text)
    if not -(2**63) <= number < 2**63:
        raise ValueError("not finite, or beyond 64 bits")
    return number


def _boolean(text: str) -> bool:
    if text.lower() not in TRUE | FALSE:
        raise ValueError("neither true nor false")
    return text.lower() in TRUE


_READ: dict[Type, Callable[[str], Any]] = {"number": _number, "boolean": _boolean, "json": orjson.loads, "text": str}
