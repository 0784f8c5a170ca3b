"""Flows of Klaviyo: what `GET /api/flows/{id}?additional-fields[flow]=definition` answers.

As its API reference describes it (developers.klaviyo.com, Flows API, FlowDefinition and its actions and conditions).
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from journeyman.kit.errors import Fault, InvalidError
from journeyman.translation import klaviyo_conditions as conditions
from journeyman.translation.draft import FILL_IN_CONDITION, Draft, every, slug, span, wait
from journeyman.translation.report import Json, Translation

UNITS: Final[Mapping[str, timedelta]] = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=30),
}
LATER: Final[Mapping[str, str]] = {
    "send-sms": "sms",
    "send-push-notification": "push",
    "send-whatsapp": "whatsapp",
}


def translate(document: Any, name: str, names: Mapping[str, str]) -> Iterator[Translation]:  # noqa: ANN401 - JSON
    """A draft for each flow in the answer. Raises `InvalidError` where there is none with its definition."""
    data = document.get("data", document) if isinstance(document, dict) else document
    flows = [one for one in (data if isinstance(data, list) else [data]) if _definition(one) is not None]
    if not flows:
        mend = "ask for the flow with `additional-fields[flow]=definition`"
        raise InvalidError("this is no flow of Klaviyo", [Fault("", "there is no `definition` with `actions`", mend)])
    for flow in flows:
        yield _journey(_definition(flow) or {}, str(flow.get("attributes", {}).get("name") or name), names)


def _definition(flow: Any) -> Json | None:  # noqa: ANN401 - JSON
    found = flow.get("attributes", flow).get("definition") if isinstance(flow, dict) else None
    return found if isinstance(found, dict) and "actions" in found else None


def _journey(definition: Json, name: str, names: Mapping[str, str]) -> Translation:
    actions = {str(one.get("id") or one.get("temporary_id")): one for one in definition["actions"]}
    draft = Draft(name, actions, _action, names)
    draft.walk(_link(definition.get("entry_action_id")))
    entry, exits = _entry(draft, definition), []
    wanted, left = [], conditions.groups(definition.get("profile_filter"))
    for group in left:
        ended = conditions.exit_event(draft, group)
        if ended is not None:
            exits.append({"on": "event", "event": ended})
            draft.tell("profile_filter", "profile-metric", "kept", f"who does {ended} leaves at once")
        else:
            wanted.append(conditions.any_of(draft, group, "profile_filter"))
    if (audience := every([one for one in wanted if one is not None])) is not None:
        entry["audience"] = audience
        draft.tell("profile_filter", "audience", "changed", "judged at the entry; Klaviyo asks again before each step")
    return draft.finish(entry=entry, exit=exits or None)


def _entry(draft: Draft, definition: Json) -> Json:
    trigger = (definition.get("triggers") or [{"type": "unconfigured"}])[0]
    kind = str(trigger.get("type"))
    made = TRIGGERS.get(kind)
    if made is None:
        draft.tell("trigger", kind, "fill in", "there is no such starter here; it starts by a call until you say")
        return {"on": "api"}
    entry = made(draft, trigger)
    again = definition.get("reentry_criteria") or {}
    if again.get("unit") == "alltime":
        entry["reentry"] = "never" if again.get("duration") else "always"
    elif again:
        entry["reentry"] = {"after": span(again["duration"] * _unit(again["unit"])), "since": "entry"}
    return entry


def _metric(draft: Draft, trigger: Json) -> Json:
    event = draft.named("metric", trigger["id"], "trigger", "metric")
    entry: Json = {"on": "event", "event": event}
    where = conditions.about_event(draft, trigger.get("trigger_filter"), "trigger")
    draft.tell("trigger", "metric", "kept", f"starts on the event {event}")
    return {**entry, **({"where": where} if where is not None else {})}


def _group(draft: Draft, trigger: Json) -> Json:
    key = draft.segment(trigger["id"], "trigger", str(trigger["type"]))
    draft.tell("trigger", str(trigger["type"]), "kept", f"starts with who comes into `{key}`")
    return {"on": "segment", "segment": key}


def _date(draft: Draft, trigger: Json) -> Json:
    attribute = conditions.attribute_of(str(trigger.get("property") or trigger.get("profile_property") or "birthday"))
    draft.tell(
        "trigger", str(trigger["type"]), "changed", f"starts on the date in `{attribute}`, each year; look at it"
    )
    return {"on": "date", "attribute": attribute, "repeat": "yearly"}


def _price_drop(draft: Draft, _: Json) -> Json:
    draft.tell("trigger", "price-drop", "changed", "by 10 % for who has viewed it; say by how much, and for whom")
    return {"on": "price_drop", "by": "10 %", "interest": ["viewed"]}


TRIGGERS: Final[Mapping[str, Callable[[Draft, Json], Json]]] = {
    "metric": _metric,
    "list": _group,
    "segment": _group,
    "date": _date,
    "profile-property-date": _date,
    "price-drop": _price_drop,
}


def _action(draft: Draft, action_id: str, action: Json) -> str:
    kind = str(action["type"])
    made = ACTIONS.get(kind)
    if made is not None:
        return made(draft, action_id, action)
    channel = LATER.get(kind)
    why = f"channel {channel} is not available yet" if channel else "there is no such step here"
    draft.tell(action_id, kind, "left out", f"{why}; the way goes on behind it")
    links = action.get("links") or {}
    return draft.walk(_link(links.get("next") or links.get("next_if_true")))


def _link(found: object) -> str | None:
    return str(found) if found is not None else None


def _unit(word: str) -> timedelta:
    return UNITS[word.rstrip("s")]


def _delay(draft: Draft, action_id: str, action: Json) -> str:
    data = action["data"]
    length = data["value"] * _unit(data["unit"])
    step = draft.add(action_id, "wait", wait(length) if length else wait(timedelta(seconds=1)))
    first, last, told = step["id"], step, f"step `{step['id']}`"
    at, days = data.get("delay_until_time"), data.get("delay_until_weekdays")
    if at or (days and len(days) < 7):  # noqa: PLR2004 - days of a week
        until: Json = {"time": str(at or "09:00")[:5], **({"weekday": [day.lower() for day in days]} if days else {})}
        last = draft.add(None, "until", {"wait": {"until": until}})
        step["next"] = last["id"]
        told += f", then `{last['id']}` for the hour and the weekday, in the customer's zone"
    draft.tell(action_id, "time-delay", "kept" if last is step else "changed", told)
    if data.get("secondary_value"):
        detail = f"it waits {data['secondary_value']} of the next smaller unit longer: add them"
        draft.tell(action_id, "time-delay", "fill in", detail)
    last["next"] = draft.walk(_link((action.get("links") or {}).get("next")))
    return str(first)


def _email(draft: Draft, action_id: str, action: Json) -> str:
    message = (action.get("data") or {}).get("message") or {}
    name = str(message.get("name") or message.get("subject_line") or "mail")
    template = slug(name)
    send: Json = {"channel": "email", "template": template}
    if message.get("transactional"):
        send["topic"] = "transactional"
    guard = conditions.all_of(draft, message.get("additional_filters"), action_id)
    fork = draft.add(action_id, f"may-{template}", {"branch": []}) if guard is not None else None
    step = draft.add(action_id, name, {"send": send})
    below = draft.walk(_link((action.get("links") or {}).get("next")))
    step["next"] = below
    if fork is not None:
        fork["branch"], fork["else"] = [{"when": guard, "next": step["id"]}], below
    detail = f"step `{step['id']}`; bring the text of template {message.get('template_id')} as `{template}`"
    draft.tell(action_id, "send-email", "changed", detail)
    return str((fork or step)["id"])


def _conditional(draft: Draft, action_id: str, action: Json) -> str:
    filtered = action["data"].get("profile_filter")
    links = action["links"]
    sample = conditions.sample(filtered)
    if sample is not None:
        step = draft.add(action_id, "split", {"split": {"arms": []}})
        draft.tell(action_id, "conditional-split", "changed", f"step `{step['id']}`: a split of {sample} percent")
        arms = ((("yes", sample), "next_if_true"), (("no", 100 - sample), "next_if_false"))
        step["split"]["arms"] = [
            {"key": key, "weight": float(weight), "next": draft.walk(_link(links.get(link)))}
            for (key, weight), link in arms
        ]
        return str(step["id"])
    return _fork(draft, action_id, action, conditions.all_of(draft, filtered, action_id))


def _trigger_split(draft: Draft, action_id: str, action: Json) -> str:
    asked = conditions.about_entry(draft, action["data"].get("trigger_filter"), action_id)
    return _fork(draft, action_id, action, asked)


def _fork(draft: Draft, action_id: str, action: Json, when: Json | None) -> str:
    step = draft.add(action_id, "branch", {"branch": []})
    if when is None:
        draft.tell(action_id, str(action["type"]), "fill in", f"step `{step['id']}`: its condition does not translate")
    else:
        draft.tell(action_id, str(action["type"]), "kept", f"step `{step['id']}`")
    yes, no = (draft.walk(_link(action["links"].get(link))) for link in ("next_if_true", "next_if_false"))
    step["branch"], step["else"] = [{"when": when or FILL_IN_CONDITION, "next": yes}], no
    return str(step["id"])


def _update(draft: Draft, action_id: str, action: Json) -> str:
    operations = (action.get("data") or {}).get("profile_operations") or []
    attributes = {
        conditions.attribute_of(one["property_key"]): one.get("property_value")
        for one in operations
        if one.get("operator") in {"update", "create"}
    }
    below = _link((action.get("links") or {}).get("next"))
    if not attributes:
        draft.tell(action_id, "update-profile", "left out", "it deletes attributes, or changes none")
        return draft.walk(below)
    step = draft.add(action_id, "update", {"update": {"attributes": attributes}})
    draft.tell(action_id, "update-profile", "kept", f"step `{step['id']}`")
    step["next"] = draft.walk(below)
    return str(step["id"])


def _webhook(draft: Draft, action_id: str, action: Json) -> str:
    data = action.get("data") or {}
    call: Json = {"url": data.get("url"), "headers": data.get("headers") or {}, "body": data.get("body")}
    step = draft.add(action_id, "call", {"call": {name: part for name, part in call.items() if part}})
    draft.tell(action_id, "send-webhook", "changed", f"step `{step['id']}`; keep secrets of its headers as secrets")
    step["next"] = draft.walk(_link((action.get("links") or {}).get("next")))
    return str(step["id"])


ACTIONS: Final[Mapping[str, Callable[[Draft, str, Json], str]]] = {
    "time-delay": _delay,
    "send-email": _email,
    "conditional-split": _conditional,
    "trigger-split": _trigger_split,
    "update-profile": _update,
    "send-webhook": _webhook,
}
