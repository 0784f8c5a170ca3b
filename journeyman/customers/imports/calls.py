"""From a document to what Journeyman takes in: a call of the Segment spec, or a product of the catalogue."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from journeyman.customers.inbox.calls import CALLS
from journeyman.customers.inbox.reading import IMPORTED
from journeyman.kit.errors import InvalidError

Document = dict[str, Any]
Kind = Literal["customers", "events", "products", "coupons"]

PRODUCT_FIELDS = frozenset(
    {
        *("id", "name", "price", "currency", "compare_at_price", "stock", "low_stock_threshold", "categories", "url"),
        *("image_url", "replenishment_days", "fields", "variants"),
    }
)
"""What a product of the catalogue has beside its own fields."""

_SUBJECT = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_ALIASES = {
    "userId": "user_id",
    "anonymousId": "anonymous_id",
    "messageId": "message_id",
    "previousId": "previous_id",
    "groupId": "group_id",
}
_FIELDS = {"user_id": "userId", "anonymous_id": "anonymousId", "timestamp": "timestamp"}


@dataclass(frozen=True, slots=True)
class Source:
    """What an import is called, and the file that it reads.

    `is_live` says that what the rows tell happens now, so that journeys may start on it.
    """

    name: str
    fingerprint: str
    is_live: bool = False
    event: str | None = None
    """The name of the events of a file that has no column for it."""


class NoCallError(Exception):
    """A document lacks what makes it a customer, an event or a product; the text says what."""


def maker(kind: Kind) -> Callable[[Document, int, Source], Document]:
    """What makes documents of this kind out of rows: `(document, row number, source)`. It raises `NoCallError`."""
    return {"customers": identify, "events": event_call, "products": product, "coupons": coupon}[kind]


def check(kind: Kind, columns: list[str] | None, source: Source, targets: set[str]) -> None:
    """Raises `InvalidError` where no row of the file can ever be taken: better said once than for each row."""
    if columns is None:
        return
    fields = {_ALIASES.get(field, field) for field in targets}
    if kind in {"products", "coupons"}:
        wanted_field = "id" if kind == "products" else "code"
        missing = [] if wanted_field in fields else [wanted_field]
    else:
        missing = [] if fields & {"user_id", "anonymous_id"} else ["user_id"]
        if kind == "events" and not (source.event or fields & {"event", "type"}):
            missing.append("event")
    if missing:
        wanted = " and ".join(f"`{field}`" for field in missing)
        mend = f"say which with --map column={missing[0]}" + (" or give --event NAME" if "event" in missing else "")
        raise InvalidError(f"no column is {wanted}; there are {', '.join(columns)}: {mend}")


def identify(document: Document, number: int, source: Source) -> Document:
    """A customer's row: ids and `timestamp` apart, and whatever is left are traits."""
    found = _canonical(document)
    call: Document = {"type": "identify", **_taken(found)}
    _names_somebody(call)
    message_id = found.pop("message_id", None)
    consent = found.pop("consent", None)
    traits = found.pop("traits", None)
    call["traits"] = {**found, **(traits if isinstance(traits, dict) else {})}
    if consent is not None:
        call["consents"] = consents(consent)
    # The same customers again a day later are another file and have to count, also where a row has gone back to what
    # it was before.
    return _finished(call, message_id, number, source, source.fingerprint)


def event_call(document: Document, number: int, source: Source) -> Document:
    """An event's row. A row with a `type` of the Segment spec is a call already and is taken as it is."""
    if document.get("type") in CALLS and isinstance(document.get("type"), str):
        call = dict(document)
        return _finished(call, call.get("messageId"), number, source)
    found = _canonical(document)
    call = {"type": "track", "event": found.pop("event", None) or source.event, **_taken(found)}
    _names_somebody(call)
    if not call["event"]:
        raise NoCallError("the row names no event")
    message_id = found.pop("message_id", None)
    properties = found.pop("properties", None)
    context = found.pop("context", None)
    call["properties"] = {**found, **(properties if isinstance(properties, dict) else {})}
    if isinstance(context, dict):
        call["context"] = context
    return _finished(call, message_id, number, source)


def product(document: Document, _number: int, _source: Source) -> Document:
    """A product's row, as `POST /v1/products` takes it: what the catalogue does not know goes to the product's fields.

    Categories in one text are parted by `|`.
    """
    identity = document.get("id")
    if identity in (None, ""):
        raise NoCallError("the row has no `id`")
    known = {name: value for name, value in document.items() if name in PRODUCT_FIELDS}
    own = {name: value for name, value in document.items() if name not in PRODUCT_FIELDS}
    fields = {**own, **(known["fields"] if isinstance(known.get("fields"), dict) else {})}
    categories = known.get("categories")
    if isinstance(categories, str):
        known["categories"] = [part.strip() for part in categories.split("|") if part.strip()]
    return {**known, "id": str(identity)} | ({"fields": fields} if fields else {})


def coupon(document: Document, _number: int, _source: Source) -> Document:
    """A coupon's row: its code, and the tier of its pool where that has some. Other columns say nothing."""
    code, tier = document.get("code"), document.get("tier")
    if code in (None, ""):
        raise NoCallError("the row has no `code`")
    return {"code": str(code).strip(), "tier": str(tier) if tier not in (None, "") else None}


def consents(given: object) -> dict[str, Document]:
    """What a customer agreed to, by channel or topic: a word, or `status` with what else is known of it (`Brought`).

    Raises `NoCallError` where a word is neither yes nor no.
    """
    if not isinstance(given, dict):
        raise NoCallError("`consent` is no object of channels and topics")
    return {subject: _statement(subject, said) for subject, said in given.items() if said not in (None, "")}


def _statement(subject: str, said: object) -> Document:
    if not isinstance(said, dict):
        return {"status": _yes_or_no(subject, said)}
    known = {name: value for name, value in said.items() if value not in (None, "")}
    return {**known, "status": _yes_or_no(subject, known.get("status"))}


def _yes_or_no(subject: str, said: object) -> str:
    if not _SUBJECT.fullmatch(subject):
        raise NoCallError(f"`consent.{subject[:64]}` is no channel or topic: small letters, digits, - and _")
    word = str(said).strip().lower()
    if word in {"yes", "true", "1", "y", "subscribed"}:
        return "yes"
    if word in {"no", "false", "0", "n", "unsubscribed"}:
        return "no"
    raise NoCallError(f"`consent.{subject}` is {word[:40]!r}, which is neither yes nor no")


def _canonical(document: Document) -> Document:
    return {_ALIASES.get(name, name): value for name, value in document.items()}


def _taken(found: Document) -> Document:
    """The fields that every call has, taken out of the others."""
    return {name: found.pop(field) for field, name in _FIELDS.items() if field in found}


def _names_somebody(call: Mapping[str, Any]) -> None:
    if not (call.get("userId") or call.get("anonymousId")):
        raise NoCallError("the row names nobody: it has neither `user_id` nor `anonymous_id`")


def _finished(call: Document, message_id: object, number: int, source: Source, more: str = "") -> Document:
    """The call with its mark and the id under which it counts once, however often the row is sent."""
    call["messageId"] = str(message_id) if message_id else _message_id(call, number, source, more)
    if not source.is_live:
        context = call.get("context")
        call["context"] = {
            **(context if isinstance(context, dict) else {}),
            IMPORTED: {"source": source.name, "row": number},
        }
    return call


def _message_id(call: Document, number: int, source: Source, more: str) -> str:
    digest = hashlib.blake2b(digest_size=16)
    digest.update(f"{source.name}\0{number}\0{more}\0".encode())
    digest.update(orjson.dumps(call, option=orjson.OPT_SORT_KEYS))
    return f"imp_{digest.hexdigest()}"
