"""JSON as it comes from outside, in and out, fast where it is harmless and careful where it is not.

What JSON may hold and the databases or the fast parser may not: NUL characters (PostgreSQL stores none), lone
surrogates, numbers beyond 64 bits, `NaN` and `Infinity`, and nesting without end.
"""

import json
from dataclasses import dataclass
from typing import Any

import orjson

from journeyman.customers.inbox.errors import RefusedError, refused
from journeyman.kit.errors import Fault

DEPTH = 200
"""How deep an event may nest."""
DIGITS = 1000
"""How many digits an integer may have."""

_AS_ZEROS = bytes(ord("0") if chr(byte).isdigit() and byte < 128 else ord(" ") for byte in range(256))  # noqa: PLR2004
_MAY_PASS_64_BITS = b"0" * 19
_STORABLE: dict[int, int | None] = {0: None} | dict.fromkeys(range(0xD800, 0xE000), 0xFFFD)
_FINITE_MEND = "Leave the value out or send null."


@dataclass(frozen=True, slots=True)
class Parsed:
    """A document; `plain` where it certainly holds nothing that `storable` would change or refuse."""

    document: Any
    plain: bool


def parse(text: bytes) -> Parsed:
    """Read JSON text. Raises `RefusedError` where it is none."""
    # Looking for nineteen digits in a row this way takes a tenth of a regular expression's time.
    if b"\\u0000" not in text and _MAY_PASS_64_BITS not in text.translate(_AS_ZEROS):
        try:
            return Parsed(orjson.loads(text), plain=True)
        except orjson.JSONDecodeError:
            pass
    return Parsed(_parse_carefully(text), plain=False)


def dump(document: Any) -> bytes:  # noqa: ANN401 - any JSON value
    """Compact JSON text. Raises `TypeError` where the document nests too deeply to be written quickly."""
    try:
        return orjson.dumps(document)
    except TypeError:
        if _too_deep(document):
            raise
        return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


def storable(document: Any) -> Any:  # noqa: ANN401 - any JSON value
    """The document without NUL characters and with U+FFFD for lone surrogates.

    Raises `RefusedError` for a number that is not finite, for an integer of more than `DIGITS` digits and for nesting
    beyond `DEPTH`, with a pointer to it.
    """
    return _storable(document, ())


def _storable(value: Any, path: tuple[str | int, ...]) -> Any:  # noqa: ANN401 - any JSON value
    if len(path) > DEPTH:
        raise refused(Fault(pointer(*path[:3]), f"The event nests deeper than {DEPTH} levels.", "Flatten it."))
    if isinstance(value, str):
        return value.translate(_STORABLE)
    if isinstance(value, dict):
        return {key.translate(_STORABLE): _storable(item, (*path, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_storable(item, (*path, index)) for index, item in enumerate(value)]
    if isinstance(value, float) and not -float("inf") < value < float("inf"):
        raise refused(Fault(pointer(*path), "The number is not finite.", _FINITE_MEND))
    return value


def pointer(*path: str | int) -> str:
    """The JSON Pointer (RFC 6901) of a path of keys and indices."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def _parse_carefully(text: bytes) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return json.loads(text.decode("utf-8-sig"), parse_int=_integer)
    except UnicodeDecodeError as error:
        fault = Fault("", f"The body is not UTF-8 at byte {error.start}.", "Send JSON in UTF-8.")
    except json.JSONDecodeError as error:
        fault = Fault("", f"The body is not JSON: {error}.", "Send a JSON object.")
    except RecursionError:
        fault = Fault("", "The body nests too deeply.", "Flatten it.")
    raise RefusedError(fault.detail, [fault])


def _integer(digits: str) -> int | float:
    # Beyond the bound a float overflows to infinity, which is then refused where it stands.
    return int(digits) if len(digits) <= DIGITS else float(digits)


def _too_deep(value: Any, depth: int = 0) -> bool:  # noqa: ANN401 - any JSON value
    if depth > DEPTH:
        return True
    if isinstance(value, dict):
        return any(_too_deep(item, depth + 1) for item in value.values())
    return isinstance(value, list) and any(_too_deep(item, depth + 1) for item in value)
