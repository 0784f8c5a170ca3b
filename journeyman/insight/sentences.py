"""What is on record, as a sentence that a support person understands."""

from collections.abc import Callable, Mapping
from typing import Any

from journeyman.customers.consent import TRANSACTIONAL
from journeyman.insight.contact_sentences import of_held, why_kept_back
from journeyman.insight.repository import ConsentSeen, EventSeen, JournalSeen
from journeyman.insight.step_sentences import of_left, of_lists
from journeyman.insight.version_sentences import ENDED_BY_HAND, of_migrated
from journeyman.insight.words import Reader, count, figure, listing
from journeyman.journeys.direct import ENTRY
from journeyman.journeys.positions import waits_for
from journeyman.language.channels import RECEIPTS, TITLES
from journeyman.language.starters.campaign import CampaignRules
from journeyman.language.starters.date import DateEntry

Row = JournalSeen
CHANNELS = {**TITLES, "email": "E-mail"}
SHOWN = 4
"""Properties of an event that stand in its sentence."""


ASKED_BY = {"due": "a date that came due", "campaign": "a campaign"}
"""Who asked for an entry, by a property of the event."""


def of_event(event: EventSeen) -> str:
    """What the customer did, or what became of a message to her."""
    properties = event.properties
    if event.type == "receipt":
        return _receipt(event)
    if event.type == "identify":
        return f"Profile data came in: {listing(sorted(properties)[:SHOWN]) or 'no traits'}"
    if event.type == "alias":
        return "Another id was named as this customer's"
    if event.name == ENTRY:
        by = next((word for key, word in ASKED_BY.items() if key in properties), "a call")
        return f"Entry into **{event.context.get('journey')}** was asked for by {by}"
    shown = [f"{key} {figure(value)}" for key, value in properties.items() if isinstance(value, str | int | float)]
    return f"**{event.name}**" + (f" ({', '.join(shown[:SHOWN])})" if shown else "")


def _receipt(event: EventSeen) -> str:
    channel = str(event.properties.get("channel", "email"))
    step = f"the {CHANNELS.get(channel, channel).replace('E-mail', 'e-mail')} of **{event.properties.get('step')}**"
    first = step[0].upper() + step[1:]
    url = figure(event.properties.get("url", ""))
    detail = f" ({detail})" if (detail := figure(event.properties.get("detail", ""))) else ""
    said = {
        "delivered": f"{first} was delivered",
        "opened": f"Opened {step}",
        "clicked": f"Clicked a link in {step}: {url}" if url else f"Pressed {step}",
        "bounced": f"{first} could not be delivered{detail}",
        "complained": f"Complained of {step}",
        "unsubscribed": f"Unsubscribed by {step}",
    }
    return said.get(RECEIPTS.get(event.name, ""), f"{event.name}: {step}")


def of_consent(change: ConsentSeen) -> str:
    """Who said what about which channel or topic, and how."""
    words = {"yes": "Agreed to", "no": "Said no to", "pending": "Has still to confirm a yes to"}
    word = words.get(change.status, change.status)
    return f"{word} **{change.subject}** (how: {change.source}, recorded by: {change.actor})"


def of_journal(row: Row, reader: Reader) -> str:
    """What a journey did with the customer."""
    return KINDS[row.kind](row, reader)


def _entered(row: Row, reader: Reader) -> str:
    definition = reader.definitions.get((row.journey, row.version))
    entry = definition.entry if definition is not None else None
    asked = entry.says if isinstance(entry, DateEntry | CampaignRules) else "a call"
    how = asked if row.code == "enter" else f"**{row.data.get('event')}**"
    return f"Entered {reader.journey(row.journey, row.version)} (version {row.version}) by {how}"


def _refused(row: Row, reader: Reader) -> str:
    return f"Did not enter {reader.journey(row.journey, row.version)}: {why_refused(row.code, row.data, reader)}"


def why_refused(code: str | None, data: Mapping[str, Any], reader: Reader) -> str:
    """Why an entry was refused (E8)."""
    match code:
        case "correlation":
            return f"the event has no `{data.get('property')}`, which tells the runs apart"
        case "reentry":
            return _why_not_again(data, reader)
        case "depth":
            return f"{data.get('most')} runs had started one another before: a loop"
        case _:
            return PLAIN_REFUSALS.get(str(code), str(code))


PLAIN_REFUSALS = {
    "audience": "not in the audience at that moment",
    "live": "inside already",
    "unreachable": "no channel that counts reaches her",
    "moved": "the date had moved, or the thing been bought, before the entry was decided",
}
"""What a refusal says that has no values to tell of."""


def _why_not_again(data: Mapping[str, Any], reader: Reader) -> str:
    match data.get("rule"):
        case "year":
            return "was in it for this year, and the date has moved since"
        case "never":
            return "was in it before, and it is entered once only"
        case "after":
            return f"was in it before, and may enter again from {reader.instant(data.get('again_at'))}"
        case _:
            return f"entered {count(int(data.get('entries', 0)), 'time')} in the period, which is the most allowed"


def _arrived(row: Row, reader: Reader) -> str:
    definition = reader.definitions.get((row.journey, row.version))
    step = definition.step(row.step) if definition and row.step and definition.has_step(row.step) else None
    what = f" for {waits_for(step)}" if step is not None and waits_for(step) else ""
    until = reader.instant(row.data.get("until"), row.data.get("zone"))
    return f"Waits at {reader.step(row.journey, row.version, row.step)}{what} until {until}"


def _left(row: Row, reader: Reader) -> str:
    step = reader.step(row.journey, row.version, row.step)
    data = row.data
    target = reader.instant(data.get("target"), data.get("zone"))
    if row.code == "branch":
        way = f"way {data['way']}" if data.get("way") else "the other way"
        return f"Took {way} at {step}, to {reader.step(row.journey, row.version, data.get('next'))}"
    said = {
        "timer": f"The wait at {step} was over",
        "event": f"**{data.get('event')}** ended the wait at {step}",
        "segment": f"The wait at {step} was over: the segment was as it asks",
        "when": f"The wait at {step} was over: its condition held",
        "attribute": f"A change of **{data.get('attribute')}** ended the wait at {step}",
        "message": f"The message of **{data.get('message')}** was {data.get('status')}: the wait at {step} was over",
        "past": f"Did not wait at {step}: the time had gone by ({target})",
        "now": f"Did not wait at {step}: now is as good as any time",
        "missing": f"Did not wait at {step}: there is no date to wait for",
    }
    return said.get(row.code or "") or of_left(row, reader) or f"Left {step}: {row.code}"


def _message(row: Row, _reader: Reader) -> str:
    channel = str(row.data.get("channel"))
    name = f"{CHANNELS.get(channel, channel)} *{row.data.get('template')}*"
    if row.code == "sent":
        twice = " (an attempt ended without an answer: it may have come twice)" if row.data.get("ambiguous") else ""
        return f"{name} sent{twice}"
    return f"{name} not sent: {why_not_sent(row)}"


def why_not_sent(row: Row) -> str:
    """What refused a message, by the gate that did, with the values that it read (M1, M3)."""
    gate = next((gate for gate in row.data.get("gates", []) if not gate["passed"]), None)
    read = gate["read"] if gate else {}
    if row.code == "no_consent":
        return _no_consent(read, str(row.data.get("channel")))
    said = {
        "unreachable": "the customer has no address that works",
        "suppressed": f"the address is not written to any more ({read.get('reason')})",
        "audience": "the customer is not in the audience any more",
        "exited": "the journey was over",
    }
    return why_kept_back(row.code, read) or said.get(row.code or "") or str(row.data.get("detail") or row.code)


def _no_consent(read: Mapping[str, Any], channel: str) -> str:
    topic = str(read.get("topic", TRANSACTIONAL))
    refused = topic if read.get(channel) == "yes" else channel
    return f"no consent for {refused} ({refused}: {read.get(refused, 'unknown')})"


def _updated(row: Row, _reader: Reader) -> str:
    consent = [f"consent for {subject}: {status}" for subject, status in row.data.get("consent", {}).items()]
    changed, moved = [*row.data.get("attributes", []), *consent], of_lists(row)
    if not changed:
        return moved or "The journey had nothing to change in the profile"
    return f"The journey set {listing(changed)}" + (f". {moved}" if moved else "")


def _converted(row: Row, _reader: Reader) -> str:
    value = row.data.get("value")
    worth = f", worth {value:g}" if isinstance(value, int | float) else ""
    credited = row.data.get("credited", [])
    after = f" after {count(len(credited), 'message')}" if credited else " before any message"
    return f"Reached the goal **{row.code}**{worth},{after}"


def _what_ended(row: Row, reader: Reader) -> str:
    """What took her out: an exit rule, and by what it was met, or the way that a step had."""
    told = EXITS.get(row.data.get("on", ""))
    if told is not None:
        return told(row.data, reader)
    event = row.data.get("event")
    return f"**{event}**" if event else reader.step(row.journey, row.version, row.step)


EXITS: dict[str, Callable[[Mapping[str, Any], Reader], str]] = {
    "attribute_change": lambda data, _: (
        f"a change of **{data['attribute']}** from {figure(data['from'])} to {figure(data['to'])}"
    ),
    "segment": lambda data, _: f"**{data['event']}** ({data['segment']})",
    "message": lambda data, _: f"the message of **{data['message']}**, which was {data['status']}",
    "date": lambda data, reader: f"a date that came: {reader.instant(data['date'])}",
    "condition": lambda _data, _: "a condition that came to hold",
    **ENDED_BY_HAND,
}
"""What an exit rule that is on something else than an event was met by."""


def _ended(row: Row, reader: Reader) -> str:
    journey = reader.journey(row.journey, row.version)
    data = row.data
    by = {
        "exit": f" by {_what_ended(row, reader)}",
        "restart": ": it began anew",
        "erased": ": the customer was erased",
        "merged": ": two profiles were one person, and the older run stays",
    }
    return f"{journey} ended: {data.get('outcome')}{by.get(row.code or '', '')}"


def _rescheduled(row: Row, reader: Reader) -> str:
    zone = row.data.get("zone")
    step = reader.step(row.journey, row.version, row.step)
    until, before = (reader.instant(row.data.get(name), zone) for name in ("until", "before"))
    return f"The wait at {step} moved with its date: until {until}, no more until {before}"


KINDS: dict[str, Callable[[Row, Reader], str]] = {
    "entered": _entered,
    "refused": _refused,
    "arrived": _arrived,
    "left": _left,
    "message": _message,
    "held": of_held,
    "updated": _updated,
    "rescheduled": _rescheduled,
    "converted": _converted,
    "migrated": of_migrated,
    "ended": _ended,
}
