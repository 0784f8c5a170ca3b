"""Reading the documents of shops, which may lack anything and hold anything."""

import hashlib
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

Document = dict[str, Any]
MOST_LINES = 100
"""Lines of an order that are kept; an event may have 32 KB."""


def part(document: object, *path: str) -> Document:
    """The object under these names; an empty one where there is none."""
    for name in path:
        document = document.get(name) if isinstance(document, dict) else None
    return document if isinstance(document, dict) else {}


def parts(document: object, *path: str) -> list[Document]:
    """The objects in the list under these names."""
    found = part(document, *path[:-1]).get(path[-1])
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def text(document: Document, *names: str) -> str | None:
    """The first of these fields that has a text or a number, as text."""
    for name in names:
        value = document.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
    return None


def amount(document: Document, *names: str) -> float | None:
    """The first of these fields that is a number, or a text that writes one."""
    for name in names:
        value = document.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            continue
        try:
            number = Decimal(str(value).strip())
        except InvalidOperation:
            continue
        # More digits than these a JSON number does not carry without loss.
        if number.is_finite() and abs(number) < 10**15:
            return plain(number)
    return None


def plain(number: Decimal) -> float:
    """A number as JSON writes it shortest."""
    return int(number) if number == number.to_integral_value() else float(number)


def total(documents: list[Document], *names: str) -> float:
    """The sum of a field over many documents, without the errors that floats would add up to."""
    return plain(sum((Decimal(str(amount(one, *names) or 0)) for one in documents), Decimal()))


def filled(**fields: Any) -> Document:  # noqa: ANN401 - any JSON values
    """The fields that have a value."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


def gone(document: Document) -> list[str]:
    """The id of what a shop has deleted, of which it tells nothing else."""
    found = text(document, "id")
    return [found] if found else []


def address(document: Document, street: tuple[str, ...], code: str, state: str, country: str) -> Document:
    """An address as the Segment spec has it (`traits.address`)."""
    lines = [found for name in street if (found := text(document, name))]
    return filled(
        street=", ".join(lines),
        city=text(document, "city"),
        postalCode=text(document, code),
        state=text(document, state),
        country=text(document, country),
    )


def instant(given: str | None) -> str | None:
    """An instant in RFC 3339, with its zone, as it is; None for what is none."""
    try:
        read = datetime.fromisoformat(given or "")
    except ValueError:
        return None
    return given if read.tzinfo is not None else None


def guest(source: str, email: str | None) -> str | None:
    """The name of somebody without an account: the same for the same address, and telling it to nobody."""
    if email is None:
        return None
    return f"{source}:guest:{hashlib.sha256(email.strip().lower().encode()).hexdigest()[:32]}"


def call(kind: str, message_id: str, who: Document, at: str | None, **more: Any) -> Document:  # noqa: ANN401 - as above
    """A call of the Segment spec."""
    return filled(type=kind, messageId=message_id, timestamp=at) | who | more
