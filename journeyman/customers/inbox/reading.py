"""From what a client sent to what the inbox holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from journeyman.customers.inbox.brought import read_consents
from journeyman.customers.inbox.calls import CALLS, Call, Document, Envelope
from journeyman.customers.inbox.errors import RefusedError, TooLargeError, refused
from journeyman.customers.inbox.events import Incoming, subject_of
from journeyman.customers.inbox.json_text import Parsed, dump, pointer, storable
from journeyman.kit.errors import Fault
from journeyman.kit.ids import new_id

EVENT_BYTES = 32 * 1024
FUTURE = timedelta(hours=24)
PAST = timedelta(days=3653)
OLDEST = datetime(1900, 1, 1, tzinfo=UTC)
IMPORTED = "imported"
"""The key of a call's context that says that it is history: it may be old, and no journey starts on it."""

_MENDS = {
    "missing": "Add the field.",
    "string_type": "Send text; a number is taken as well.",
    "dict_type": "Send a JSON object.",
    "list_type": "Send a list.",
    "model_type": "Send a JSON object.",
    "too_long": "Send fewer at once.",
    "instant": "Send it like 2026-11-22T06:16:51.341Z.",
    "string_too_long": "Shorten it.",
    "string_too_short": "Send at least one character.",
}


@dataclass(slots=True)
class Batch:
    """The events of a batch that are good, and the others by their place in it."""

    events: list[Incoming] = field(default_factory=list)
    refusals: list[tuple[int, RefusedError]] = field(default_factory=list)


def read_event(
    raw: Any,  # noqa: ANN401 - whatever somebody sent
    *,
    received_at: datetime,
    kind: str | None = None,
    sent_at: datetime | None = None,
    plain: bool = False,
    consents: Mapping[str, Document] | None = None,
    is_import: bool = False,
) -> Incoming:
    """One call of the Segment spec as an inbox event.

    `kind` stands for the call's `type` where the address said it. `sent_at` is the batch's, for calls that have none
    of their own. `plain` promises that the document needs no cleaning (`json_text.Parsed`). `consents` is what a
    shop says that the customer agreed to (`status`, and `at` where it is known when). With `is_import` the call's own
    `consents` are read (`Brought`); what a client's call says of it never is. Raises `RefusedError`.
    """
    if not isinstance(raw, dict):
        raise refused(Fault("", "An event is a JSON object.", "Send an object with `type` and `userId`."))
    raw = raw if plain else _cleaned(raw)
    try:
        call = _call_type(raw, kind).model_validate(raw)
        consents = read_consents(raw) if is_import else consents
    except ValidationError as error:
        raise _refusal(error, _message_id(raw)) from None
    return _incoming(call, received_at, sent_at, raw, plain=plain, consents=consents)


def read_batch(parsed: Parsed, *, received_at: datetime, is_import: bool = False) -> Batch:
    """Every event of a batch by itself: a bad one takes no other with it. `is_import` is as in `read_event`.

    Raises `RefusedError` where what was sent is no batch at all.
    """
    try:
        envelope = Envelope.model_validate(parsed.document)
    except ValidationError as error:
        raise _refusal(error, None) from None
    batch = Batch()
    for index, raw in enumerate(envelope.batch):
        try:
            sent_at, plain = envelope.sent_at, parsed.plain
            event = read_event(raw, received_at=received_at, sent_at=sent_at, plain=plain, is_import=is_import)
            batch.events.append(event)
        except RefusedError as refusal:
            batch.refusals.append((index, refusal))
    return batch


def _call_type(raw: Document, kind: str | None) -> type[Call]:
    named = kind or raw.get("type")
    call = CALLS.get(named) if isinstance(named, str) else None
    if call is None:
        detail = "The field is missing." if named is None else "There is no such type of call."
        raise refused(Fault("/type", detail, f"Use one of {', '.join(CALLS)}."), _message_id(raw))
    return call


def _incoming(
    call: Call,
    received_at: datetime,
    sent_at: datetime | None,
    raw: Document,
    *,
    plain: bool,
    consents: Mapping[str, Document] | None,
) -> Incoming:
    if not call.names_somebody():
        fault = Fault("/userId", "The event names nobody.", "Send `userId`, or `anonymousId` where it is no alias.")
        raise refused(fault, call.message_id)
    event_time = _event_time(call, received_at, sent_at)
    clamped = not _earliest(call, received_at) <= event_time <= received_at + FUTURE
    payload = _payload(call, _context(call, clamped=clamped))
    if consents:
        at = received_at if clamped else event_time
        payload["consents"] = dict(consents) if call.timestamp is None else _dated(consents, call, at)
    try:
        text = dump(payload)
    except TypeError:
        if not plain:
            raise
        return read_event(raw, received_at=received_at, kind=call.kind, sent_at=sent_at, consents=consents)
    if len(text) > EVENT_BYTES:
        detail = f"The event is {len(text)} bytes of JSON, the limit is {EVENT_BYTES}."
        raise TooLargeError(detail, [Fault("", detail, "Send less with it.")], call.message_id)
    return Incoming(
        subject=subject_of(call.user_id, call.anonymous_id),
        message_id=call.message_id or new_id("evt"),
        event_time=received_at if clamped else event_time,
        payload=text.decode(),
    )


def _dated(consents: Mapping[str, Document], call: Call, at: datetime) -> Document:
    """A row of an import speaks of its own time, where what it says of consent names no other."""
    if IMPORTED not in (call.context or {}):
        return dict(consents)
    return {subject: {"at": at.isoformat(), **said} for subject, said in consents.items()}


def _earliest(call: Call, received_at: datetime) -> datetime:
    """An event older than this comes from a clock that is wrong; an imported one comes from somebody's books."""
    return OLDEST if IMPORTED in (call.context or {}) else received_at - PAST


def _event_time(call: Call, received_at: datetime, sent_at: datetime | None) -> datetime:
    """When it happened, by our clock: `timestamp = receivedAt - (sentAt - originalTimestamp)`.

    That is the Segment spec's correction of a client's wrong clock (spec/common, "Timestamps"). What the spec calls
    `originalTimestamp` is sent as `timestamp` by Segment's clients and by RudderStack's when the caller sets it.
    """
    occurred = call.timestamp or call.original_timestamp
    if occurred is None:
        return received_at
    sent_at = call.sent_at or sent_at
    try:
        return occurred if sent_at is None else received_at - (sent_at - occurred)
    except OverflowError:
        return occurred


def _context(call: Call, *, clamped: bool) -> Document | None:
    return {**(call.context or {}), "clamped": True} if clamped else call.context


def _payload(call: Call, context: Document | None) -> Document:
    payload: Document = {"type": call.kind, "name": call.name()}
    if call.user_id:
        payload["userId"] = call.user_id
    if call.anonymous_id:
        payload["anonymousId"] = call.anonymous_id
    for key, value in call.details().items():
        if value is not None:
            payload[key] = value
    if context is not None:
        payload["context"] = context
    return payload


def _cleaned(raw: Document) -> Document:
    try:
        cleaned: Document = storable(raw)
    except RefusedError as refusal:
        refusal.message_id = _message_id(raw)
        raise
    return cleaned


def _message_id(raw: Document) -> str | None:
    found = raw.get("messageId")
    return found[:512] if isinstance(found, str) else None


def _refusal(error: ValidationError, message_id: str | None) -> RefusedError:
    faults = [_fault(found) for found in error.errors(include_url=False, include_input=False)]
    return RefusedError(faults[0].detail, faults, message_id)


def _fault(found: ErrorDetails) -> Fault:
    kind = found["type"]
    detail = found["msg"] if kind != "missing" else "The field is missing."
    return Fault(pointer(*found["loc"]), detail, _MENDS.get(kind, "See the Segment spec for this field."))
