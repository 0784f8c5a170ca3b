"""Campaigns of Mautic: its export (`campaign` and `campaign_event`), and what `GET /api/campaigns/{id}` answers.

The fields are those of its public source: CampaignBundle, `CampaignEventImportExportSubscriber`, the API's entities.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import Any, Final

from journeyman.kit.errors import Fault, InvalidError
from journeyman.translation.draft import END, FILL_IN_CONDITION, Draft, slug, some, span, wait
from journeyman.translation.report import Json, Translation

UNITS: Final[Mapping[str, timedelta]] = {
    "i": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "m": timedelta(days=30),
    "y": timedelta(days=365),
}
WITHOUT_A_NO: Final = timedelta(days=30)
"""How long a decision waits that has no way for those who do not."""
OPERATORS: Final[Mapping[str, str]] = {
    "=": "equals",
    "eq": "equals",
    "!=": "not_equals",
    "neq": "not_equals",
    "gt": "gt",
    "gte": "gte",
    "lt": "lt",
    "lte": "lte",
    "like": "contains",
    "contains": "contains",
    "startsWith": "starts_with",
    "endsWith": "ends_with",
}
RESTRICTIONS: Final = (
    ("trigger_hour", "triggerHour"),
    ("triggerRestrictedStartHour", "triggerRestrictedStartHour"),
    ("triggerRestrictedStopHour", "triggerRestrictedStopHour"),
    ("triggerRestrictedDaysOfWeek", "triggerRestrictedDaysOfWeek"),
)
OPENED: Final[Mapping[str, str]] = {"email.open": "opened", "email.click": "clicked"}


@dataclass(slots=True)
class Event:
    """One of a campaign's events, the same from either source; `path` is the decision's way it hangs on."""

    id: str
    name: str
    type: str
    kind: str
    properties: Json
    mode: str
    delay: timedelta
    at: str | None
    path: str
    parent: str | None
    channel_id: str
    order: int
    children: list["Event"] = field(default_factory=list)
    hours: bool = False
    """It keeps to hours or weekdays of its own."""
    step: str | None = None
    """The step that sends it, once it is made: what a decision below it asks about."""


def translate(document: Any, name: str, names: Mapping[str, str]) -> Iterator[Translation]:  # noqa: ANN401 - JSON
    """A draft for each campaign in the file. Raises `InvalidError` where there is none."""
    found = list(_campaigns(document))
    if not found:
        fault = Fault("", "there is neither `campaign_event` nor `campaign` with `events`", "export the campaign anew")
        raise InvalidError("this is no campaign of Mautic", [fault])
    for campaign, events, known in found:
        yield _campaign(campaign, events, str(campaign.get("name") or name), {**known, **names})


def _campaigns(document: Any) -> Iterator[tuple[Json, list[Json], dict[str, str]]]:  # noqa: ANN401 - JSON
    if isinstance(document, list):
        for part in document:
            yield from _campaigns(part)
        return
    if not isinstance(document, dict):
        return
    if isinstance(document.get("campaign"), dict) and "events" in document["campaign"]:
        yield _answered(document["campaign"])
    elif "campaign_event" in document:
        known = {
            f"{kind}/{one['id']}": str(one.get("name") or one.get("alias"))
            for kind, rows in document.items()
            if isinstance(rows, list)
            for one in rows
            if isinstance(one, dict) and "id" in one
        }
        for campaign in document.get("campaign", [{}]):
            mine = [one for one in document["campaign_event"] if one.get("campaign_id") in {None, campaign.get("id")}]
            yield {**campaign, "lists": _sources(document, campaign.get("id"))}, mine, known


def _sources(document: Json, campaign: object) -> list[Json]:
    """The lists that start a campaign. Those that only a step of it names come along as well: `dependencies` tells."""
    parts = [part for part in document.get("dependencies") or [] if isinstance(part, dict)]
    starting = [one.get("lists") for part in parts for one in part.get("lists", []) if one.get("campaign") == campaign]
    lists = [one for kind in ("segment", "lists", "segments") for one in document.get(kind, [])]
    return [one for one in lists if one.get("id") in starting] if parts else lists


def _answered(campaign: Json) -> tuple[Json, list[Json], dict[str, str]]:
    events, lists = (_listed(campaign.get(part)) for part in ("events", "lists"))
    return {**campaign, "lists": lists}, events, {}


def _listed(found: Any) -> list[Json]:  # noqa: ANN401 - JSON
    """A list, which PHP writes as an object where its keys are ids."""
    return list(found.values()) if isinstance(found, dict) else list(found or [])


def _campaign(campaign: Json, rows: list[Json], name: str, names: Mapping[str, str]) -> Translation:
    events = {event.id: event for event in (_event(row) for row in rows)}
    roots: list[Event] = []
    for event in sorted(events.values(), key=lambda one: (one.order, one.id)):
        (events[event.parent].children if event.parent in events else roots).append(event)
    draft = Draft(name, events, _node, names)
    first = _one_way(draft, roots, "the start")
    draft.walk(first)
    return draft.finish(entry=_entry(draft, campaign))


def _event(row: Json) -> Event:
    def of(snake: str, camel: str) -> Any:  # noqa: ANN401 - JSON
        return row.get(snake, row.get(camel))

    parent = row.get("parent_id") or (row.get("parent") or {}).get("id")
    unit = UNITS.get(str(of("trigger_interval_unit", "triggerIntervalUnit") or "d"), timedelta(days=1))
    return Event(
        id=str(row["id"]),
        name=str(row.get("name") or row["type"]),
        type=str(row["type"]),
        kind=str(of("event_type", "eventType")),
        properties=row.get("properties") or {},
        mode=str(of("trigger_mode", "triggerMode") or "immediate"),
        delay=int(of("trigger_interval", "triggerInterval") or 0) * unit,
        at=of("trigger_date", "triggerDate"),
        path=str(row.get("decisionPath") or ""),
        parent=str(parent) if parent else None,
        channel_id=str(of("channel_id", "channelId") or ""),
        order=int(of("event_order", "order") or 0),
        hours=any(of(snake, camel) for snake, camel in RESTRICTIONS),
    )


def _entry(draft: Draft, campaign: Json) -> Json:
    lists = campaign.get("lists") or []
    if lists:
        name = str(lists[0].get("name") or lists[0].get("alias") or lists[0].get("id"))
        key = slug(name)
        draft.result.segments.setdefault(key, {"name": name[:200]})
        draft.tell(name, "segment", "fill in", f"segment `{key}` has no condition yet; it is a list kept by hand")
        if len(lists) > 1:
            draft.tell("start", "segments", "left out", "a journey starts on one segment; join the others into it")
        again = "always" if campaign.get("allow_restart") or campaign.get("allowRestart") else "never"
        return {"on": "segment", "segment": key, "reentry": again}
    draft.tell("start", "forms", "fill in", "it starts by a call until you say on which event")
    return {"on": "api"}


def _one_way(draft: Draft, events: list[Event], where: str) -> str | None:
    """Of what Mautic does side by side, one way: what leads nowhere further comes first, by its delay."""
    if not events:
        return None
    ordered = sorted(events, key=lambda one: (bool(one.children), one.delay))
    for earlier, later in pairwise(ordered):
        if earlier.children:
            draft.tell(later.name, later.type, "left out", f"a second way from {where}; make it a journey of its own")
            continue
        later.delay = max(timedelta(), later.delay - earlier.delay) if later.mode == "interval" else later.delay
        later.path, earlier.children = earlier.path, [later]
        draft.tell(later.name, later.type, "changed", f"comes behind {earlier.name}, not beside it")
    return ordered[0].id


def _node(draft: Draft, event_id: str, event: Event) -> str:
    first = _delayed(draft, event_id, event)
    made = _made(event)
    if made is None:
        draft.tell(event.name, event.type, "left out", "there is no such step here; the way goes on behind it")
        below = draft.walk(_one_way(draft, event.children, event.name))
        if first is None:
            return below
        first["next"] = below
        return str(first["id"])
    begins = made(draft, None if first is not None else event_id, event)
    if first is not None:
        first["next"] = begins
    return begins if first is None else str(first["id"])


def _delayed(draft: Draft, event_id: str, event: Event) -> Json | None:
    """The wait before an event."""
    if event.hours:
        draft.tell(event.name, event.type, "fill in", "it keeps to hours or weekdays: add a `wait` until them")
    if event.mode == "interval" and event.delay:
        return draft.add(event_id, "wait", wait(event.delay))
    if event.mode == "date" and event.at:
        return draft.add(event_id, "wait-until", {"wait": {"until": {"instant": event.at}}})
    return None


def _made(event: Event) -> Callable[[Draft, str | None, Event], str] | None:
    if event.kind == "decision":
        return _decision
    if event.kind == "condition":
        return _condition
    return ACTIONS.get(event.type)


def _ways(draft: Draft, event: Event) -> tuple[str | None, str | None]:
    """Where those go who did, and those who did not."""
    yes, no = ([one for one in event.children if one.path == path] for path in ("yes", "no"))
    return _one_way(draft, yes, event.name), _one_way(draft, no, event.name)


def _decision(draft: Draft, node: str | None, event: Event) -> str:
    waits_for: Json | None = None
    if event.type in OPENED:
        sent = draft.nodes[event.parent].step if event.parent is not None and event.parent in draft.nodes else None
        waits_for = {"message": sent, "status": OPENED[event.type]} if sent is not None else None
    elif event.type == "page.pagehit":
        waits_for = {"event": "Page Viewed"}
    elif event.type == "form.submit":
        waits_for = {"event": "Form Submitted"}
    elif event.type == "asset.download":
        waits_for = {"event": "Asset Downloaded"}
    said = "" if waits_for is not None else ": say what it waits for"
    longest = _time_to_decide(event)
    step = draft.add(node, event.name, {"wait_for": {}})
    draft.tell(event.name, event.type, "fill in" if said else "changed", f"step `{step['id']}`{said}")
    yes, no = _ways(draft, event)
    branch = {**(waits_for or {"event": "Fill In"}), "next": draft.walk(yes)}
    below = draft.walk(no)
    step["wait_for"] = {
        "branches": [branch],
        "timeout": span(longest),
        "on_timeout": "exit" if below == END else below,
    }
    return str(step["id"])


def _time_to_decide(event: Event) -> timedelta:
    """Until the first thing that happens to those who did not; what comes later waits for the rest of its delay."""
    without = [one for one in event.children if one.path == "no" and one.mode == "interval"]
    found = min((one.delay for one in without if one.delay), default=WITHOUT_A_NO)
    for one in without:
        one.delay = max(timedelta(), one.delay - found)
    return found


def _condition(draft: Draft, node: str | None, event: Event) -> str:
    when = _when(draft, event)
    step = draft.add(node, event.name, {"branch": []})
    told = f"step `{step['id']}`" + ("" if when is not None else ": its condition does not translate")
    draft.tell(event.name, event.type, "kept" if when is not None else "fill in", told)
    yes, no = _ways(draft, event)
    step["branch"], step["else"] = [{"when": when or FILL_IN_CONDITION, "next": draft.walk(yes)}], draft.walk(no)
    return str(step["id"])


def _when(draft: Draft, event: Event) -> Json | None:
    properties = event.properties
    match event.type:
        case "lead.field_value":
            subject = {"attribute": str(properties["field"])}
            operator = str(properties.get("operator"))
            if operator in {"empty", "!empty"}:
                return {**subject, "exists": operator == "!empty"}
            word = OPERATORS.get(operator)
            return {**subject, word: properties.get("value")} if word is not None else None
        case "lead.segments":
            keys = [draft.segment(f"lists/{one}", event.name, event.type) for one in properties.get("segments", [])]
            return some([{"segment": key} for key in keys])
        case "lead.tags":
            return some([{"attribute": "tags", "contains": tag} for tag in properties.get("tags", [])])
        case "lead.dnc":
            return {"consent": "email", "is": "no"}
        case _:
            return None


def _send(draft: Draft, node: str | None, event: Event) -> str:
    name = draft.names.get(f"email/{event.channel_id}") or draft.names.get(f"emails/{event.channel_id}") or event.name
    template = slug(name)
    send: Json = {"channel": "email", "template": template}
    if event.properties.get("email_type") == "transactional":
        send["topic"] = "transactional"
    step = draft.add(node, event.name, {"send": send})
    event.step = str(step["id"])
    draft.tell(event.name, event.type, "changed", f"step `{step['id']}`; bring the text as template `{template}`")
    return _go_on(draft, step, event)


def _update(draft: Draft, node: str | None, event: Event) -> str:
    ignored = {"campaign_id", "canvasSettings", "triggerMode", "buttons", "settings"}
    scalars = {
        name: value
        for name, value in event.properties.items()
        if name not in ignored and isinstance(value, str | int | float | bool) and value != ""
    }
    return _updating(draft, node, event, {"attributes": scalars})


def _tags(draft: Draft, node: str | None, event: Event) -> str:
    tags = {"add": event.properties.get("add_tags", []), "remove": event.properties.get("remove_tags", [])}
    return _updating(draft, node, event, {"tags": {name: found for name, found in tags.items() if found}})


def _lists(draft: Draft, node: str | None, event: Event) -> str:
    moved = {"add": "addToLists", "remove": "removeFromLists"}
    lists = {
        word: [draft.segment(f"lists/{one}", event.name, event.type) for one in event.properties.get(part) or []]
        for word, part in moved.items()
    }
    return _updating(draft, node, event, {"segments": {word: keys for word, keys in lists.items() if keys}})


def _updating(draft: Draft, node: str | None, event: Event, update: Json) -> str:
    if not next(iter(update.values())):
        draft.tell(event.name, event.type, "left out", "it changes nothing that is known here")
        return draft.walk(_one_way(draft, event.children, event.name))
    step = draft.add(node, event.name, {"update": update})
    draft.tell(event.name, event.type, "kept", f"step `{step['id']}`")
    return _go_on(draft, step, event)


def _webhook(draft: Draft, node: str | None, event: Event) -> str:
    properties = event.properties
    call: Json = {"url": str(properties["url"]), "method": str(properties.get("method") or "post").upper()}
    step = draft.add(node, event.name, {"call": call})
    draft.tell(event.name, event.type, "changed", f"step `{step['id']}`; bring headers and data, secrets as secrets")
    return _go_on(draft, step, event)


def _jump(draft: Draft, node: str | None, event: Event) -> str:
    del node
    draft.tell(event.name, event.type, "kept", "the way leads there")
    return draft.walk(str(event.properties.get("jumpToEvent")))


def _go_on(draft: Draft, step: Json, event: Event) -> str:
    step["next"] = draft.walk(_one_way(draft, event.children, event.name))
    return str(step["id"])


ACTIONS: Final[Mapping[str, Callable[[Draft, str | None, Event], str]]] = {
    "email.send": _send,
    "lead.updatelead": _update,
    "lead.changetags": _tags,
    "lead.changelist": _lists,
    "campaign.sendwebhook": _webhook,
    "campaign.jump_to_event": _jump,
}
