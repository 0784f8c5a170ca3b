"""What a message centre delivers: receipts (SMPP 3.4, appendix B) and what people write."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import smpp34

from journeyman.channels.ports import Receipt, Reply, Status
from journeyman.channels.sms.segments import BASIC, EXTENDED

STATES: Final[Mapping[str, Status]] = {
    "DELIVRD": "delivered",
    "UNDELIV": "bounced",
    "REJECTD": "failed",
    "EXPIRED": "failed",
    "DELETED": "failed",
}
NUMBERED: Final[Mapping[int, str]] = {2: "DELIVRD", 3: "EXPIRED", 4: "DELETED", 5: "UNDELIV", 8: "REJECTD"}
"""`message_state` (section 5.2.28)."""
RECEIPTED_MESSAGE_ID, MESSAGE_STATE, MESSAGE_PAYLOAD = 0x001E, 0x0427, 0x0424
"""Tags of optional parameters (section 5.3.2)."""
KIND: Final = 0x3C
RECEIPT: Final = 0x04
"""The bits of `esm_class` that tell what it is, and their value for a receipt (section 5.2.12)."""
UCS2: Final = 0x08
LATIN_1: Final = 0x03
UDHI: Final = 0x40
_FIELD = re.compile(r"\b(id|stat|err|done date):(\S*)", re.IGNORECASE)
_EXTENDED = {code: character for character, code in EXTENDED.items()}


def read(event: smpp34.DeliverSmEvent, now: datetime) -> Receipt | Reply | None:
    """What was delivered; None for a receipt that says that nothing is decided yet, or of what."""
    if event.esm_class & KIND == RECEIPT:
        return _receipt(event, now)
    text = text_of(event)
    identity = f"{event.source_addr}_{now.timestamp():.6f}"
    return Reply(f"smpp_{identity}", "sms", _number(event.source_addr), now, text)


def _receipt(event: smpp34.DeliverSmEvent, now: datetime) -> Receipt | None:
    fields = {name.lower(): value for name, value in _FIELD.findall(event.short_message.decode("latin-1"))}
    given = {tlv.tag: tlv for tlv in event.tlvs}
    named = given[RECEIPTED_MESSAGE_ID].as_string() if RECEIPTED_MESSAGE_ID in given else None
    number = given[MESSAGE_STATE].as_int() if MESSAGE_STATE in given else None
    state = fields.get("stat", "").upper() or NUMBERED.get(number or 0, "")
    identity = (named or fields.get("id", "")).strip("\0")
    if state not in STATES or not identity:
        return None
    error = fields.get("err", "")
    return Receipt(
        id=f"smpp_{identity}_{state}",
        status=STATES[state],
        at=_done(fields.get("done date", ""), now),
        provider_message_id=identity,
        detail=f"{state} {error}".strip() if STATES[state] != "delivered" else "",
    )


def text_of(event: smpp34.DeliverSmEvent) -> str:
    """The text that somebody wrote, whatever its alphabet."""
    payload = next((tlv.value for tlv in event.tlvs if tlv.tag == MESSAGE_PAYLOAD), b"")
    raw = event.short_message or payload
    if event.esm_class & UDHI and raw:
        raw = raw[raw[0] + 1 :]
    if event.data_coding == UCS2:
        return raw.decode("utf-16-be", "replace")
    return raw.decode("latin-1") if event.data_coding == LATIN_1 else _of_septets(raw)


def _of_septets(raw: bytes) -> str:
    found, escaped = "", False
    for octet in raw:
        if escaped:
            found, escaped = found + _EXTENDED.get(octet, " "), False
        elif octet == BASIC.index("\x1b"):
            escaped = True
        else:
            found += BASIC[octet] if octet < len(BASIC) else "?"
    return found


def _number(address: str) -> str:
    return f"+{address.lstrip('+')}" if address.lstrip("+").isdecimal() else address


def _done(text: str, now: datetime) -> datetime:
    """`YYMMDDhhmm` or with seconds; centres write their own time, so that one of the future counts as now."""
    try:
        at = datetime.strptime(text[:10], "%y%m%d%H%M").replace(tzinfo=UTC)
    except ValueError:
        return now
    return min(at, now)
