"""What quiet hours and caps did to a message, as sentences."""

from collections.abc import Mapping
from typing import Any

from journeyman.insight.repository import JournalSeen
from journeyman.insight.words import Reader, count, listing


def of_held(row: JournalSeen, reader: Reader) -> str:
    """A message that waits: until when, and why."""
    read = refusing(row)
    step = reader.step(row.journey, row.version, row.step)
    until = reader.instant(row.data.get("until"), read.get("zone"))
    if row.code == "frequency_cap":
        return f"The message of {step} waits for a place until {until}: {_caps(read)}"
    if row.code == "send_time":
        return f"The message of {step} waits for the best time, {until}: {_best(read)}"
    return f"The message of {step} waits for the end of quiet hours, until {until}: it was {_clock(read)}"


def why_kept_back(code: str | None, read: Mapping[str, Any]) -> str | None:
    """Why a message was not sent; None for what is no matter of caps, quiet hours, holdouts or stock."""
    match code:
        case "held_out":
            return "the customer is held out, so that it is seen what sending brings"
        case "capped":
            return _caps(read)
        case "quiet_hours":
            return f"it was {_clock(read)}, which is in quiet hours"
        case "out_of_stock" | "no_coupon" | "no_lookup":
            return _missing(code, read)
        case "superseded":
            return f"of what had waited for the morning another message went, of **{read.get('journey')}**"
        case _:
            return None


def _missing(code: str, read: Mapping[str, Any]) -> str:
    """What the message is about, brings or shows is not there."""
    if code == "no_lookup":
        return "; ".join(f"what `lookup.{name}` shows could not be had: {why}" for name, why in read.items())
    return _WITHOUT_CODE.get(str(read.get("reason")), "there was none left of what it is about").format(**read)


_WITHOUT_CODE = {
    "empty": "there is no code left in the coupon pool `{pool}`",
    "expired": "the codes of the coupon pool `{pool}` have expired",
    "no_tier": "no tier of the coupon pool `{pool}` is for the customer",
    "absent": "there is no coupon pool `{pool}`",
}
"""Why a message had no coupon, by what its gate read."""


def _best(read: Mapping[str, Any]) -> str:
    """Whose hours were taken, and how good the one is that was chosen."""
    if read.get("rung") == "author":
        return "nothing is known of her hours, and the author chose this time"
    whose = {"customer": "her own hours", "zone": "the hours of her time zone"}.get(str(read.get("rung")), "all hours")
    if read.get("explored"):
        return f"one message in twenty tries another hour; by {whose} it is {_times(read)} the average"
    return f"by {whose} it is {_times(read)} the average hour"


def _times(read: Mapping[str, Any]) -> str:
    return f"{read.get('score', 1):.1f} times"


def refusing(row: JournalSeen) -> Mapping[str, Any]:
    """What the gate read that did not let the message pass."""
    found: Mapping[str, Any] = next((gate["read"] for gate in row.data.get("gates", []) if not gate["passed"]), {})
    return found


def _clock(read: Mapping[str, Any]) -> str:
    return f"{read.get('local')} in {str(read.get('zone')).rsplit('/', maxsplit=1)[-1].replace('_', ' ')}"


def _caps(read: Mapping[str, Any]) -> str:
    return listing([_cap(cap) for cap in read.get("caps", [])])


def _cap(cap: Mapping[str, Any]) -> str:
    about = [f"{name} {cap[name]}" for name in ("channel", "topic", "journey") if cap.get(name)]
    whose = f" ({', '.join(about)})" if about else ""
    ahead = f", {count(int(cap.get('ahead', 0)), 'place')} kept for messages that go first" if cap.get("ahead") else ""
    return f"{cap.get('taken')} of {cap.get('max')} in {cap.get('per')} are taken{whose}{ahead}"
