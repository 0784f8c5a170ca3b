"""Journeys of Dittofeed: resources with `definition: {entryNode, exitNode, nodes}`, as its admin API gives them.

The types are those of its public source (`packages/isomorphic-lib/src/types.ts`): JourneyDefinition, SegmentDefinition.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from journeyman.kit.errors import Fault, InvalidError
from journeyman.translation.draft import END, Draft, every, slug, some, span, wait
from journeyman.translation.report import Json, Translation

DAYS: Final = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
COUNTS: Final[Mapping[str, str]] = {"GreaterThanOrEqual": "gte", "LessThan": "lt", "Equals": "equals"}
LATER: Final[Mapping[str, str]] = {"Sms": "sms", "MobilePush": "push"}


def translate(document: Any, name: str, names: Mapping[str, str]) -> Iterator[Translation]:  # noqa: ANN401 - JSON
    """A draft for each journey in the file. Raises `InvalidError` where there is none."""
    resources = _resources(document, name)
    if not resources:
        fault = Fault("", "there is no `definition` with `entryNode` and `nodes`", "export it by the admin API")
        raise InvalidError("this is no journey of Dittofeed", [fault])
    along = document if isinstance(document, dict) else {}
    kinds = ("segments", "messageTemplates", "templates", "subscriptionGroups", "userProperties")
    known = {str(one["id"]): str(one["name"]) for kind in kinds for one in along.get(kind, [])}
    for resource in resources:
        yield _journey(resource, {**known, **names}, along.get("segments", []))


def _resources(document: Any, name: str) -> list[Json]:  # noqa: ANN401 - JSON
    if isinstance(document, list):
        return [one for part in document for one in _resources(part, name)]
    if not isinstance(document, dict):
        return []
    if "entryNode" in document and "nodes" in document:
        return [{"name": name, "definition": document}]
    if isinstance(document.get("definition"), dict):
        return [document]
    return [one for one in document.get("journeys", []) if isinstance(one.get("definition"), dict)]


def _journey(resource: Json, names: Mapping[str, str], segments: Sequence[Json]) -> Translation:
    definition = resource["definition"]
    nodes = {str(node["id"]): node for node in definition["nodes"]}
    draft = Draft(str(resource.get("name") or "journey"), nodes, _node, names)
    for segment in segments:
        _keep_segment(draft, segment)
    entry = definition["entryNode"]
    draft.walk(entry.get("child"))
    return draft.finish(entry=_entry(draft, entry))


def _entry(draft: Draft, entry: Json) -> Json:
    kind = str(entry["type"])
    if kind == "EventEntryNode":
        draft.tell("entry", kind, "kept", f"starts on the event {entry['event']}")
        return {"on": "event", "event": entry["event"], **({"correlate": entry["key"]} if entry.get("key") else {})}
    again = "always" if entry.get("reEnter") else "never"
    draft.tell("entry", kind, "kept", f"starts with who comes into the segment; entered {again}")
    return {"on": "segment", "segment": draft.segment(entry["segment"], "entry", kind), "reentry": again}


def _node(draft: Draft, node_id: str, node: Json) -> str:
    kind = str(node["type"])
    made = NODES.get(kind)
    if made is None:
        draft.tell(node_id, kind, "left out", "there is no such step here; the way goes on behind it")
        return draft.walk(node.get("child"))
    return made(draft, node_id, node)


def _delay(draft: Draft, node_id: str, node: Json) -> str:
    variant = node["variant"]
    match variant["type"]:
        case "Second":
            body = wait(timedelta(seconds=variant["seconds"]))
        case "LocalTime":
            days = [DAYS[day] for day in variant.get("allowedDaysOfWeek") or range(7)]
            until: Json = {"time": f"{variant['hour']:02d}:{variant.get('minute') or 0:02d}"}
            body = {"wait": {"until": {**until, **({"weekday": days} if len(days) < len(DAYS) else {})}}}
        case _:
            body = {"wait": {"until": _until_property(draft, node_id, variant)}}
    step = draft.add(node_id, node.get("name") or "wait", body)
    draft.tell(node_id, "DelayNode", "kept", f"step `{step['id']}`")
    step["next"] = draft.walk(node["child"])
    return str(step["id"])


def _until_property(draft: Draft, node_id: str, variant: Json) -> Json:
    attribute = draft.named("user property", variant["userProperty"], node_id, "DelayNode")
    seconds = variant.get("offsetSeconds") or 0
    if not seconds:
        return {"attribute": attribute}
    sign = "-" if variant.get("offsetDirection") == "before" else ""
    return {"attribute": attribute, "offset": f"{sign}{span(timedelta(seconds=seconds))}"}


def _split(draft: Draft, node_id: str, node: Json) -> str:
    variant = node["variant"]
    key = draft.segment(variant["segment"], node_id, "SegmentSplitNode")
    step = draft.add(node_id, node.get("name") or f"in-{key}", {"branch": []})
    draft.tell(node_id, "SegmentSplitNode", "kept", f"step `{step['id']}`")
    step["branch"] = [{"when": {"segment": key}, "next": draft.walk(variant["trueChild"])}]
    step["else"] = draft.walk(variant["falseChild"])
    return str(step["id"])


def _message(draft: Draft, node_id: str, node: Json) -> str:
    variant = node["variant"]
    if variant["type"] != "Email":
        channel = LATER.get(variant["type"], "a webhook")
        mend = "write a `call`" if variant["type"] == "Webhook" else f"channel {channel} is not available yet"
        draft.tell(node_id, "MessageNode", "left out", f"a message by {channel}: {mend}")
        return draft.walk(node["child"])
    template = slug(draft.named("template", variant["templateId"], node_id, "MessageNode"))
    send: Json = {"channel": "email", "template": template}
    if node.get("subscriptionGroupId"):
        send["topic"] = slug(draft.named("subscription group", node["subscriptionGroupId"], node_id, "MessageNode"))
    if not node.get("skipOnFailure"):
        send["on_error"] = "exit"
    step = draft.add(node_id, node.get("name") or template, {"send": send})
    draft.tell(node_id, "MessageNode", "changed", f"step `{step['id']}`; bring the text as template `{template}`")
    step["next"] = draft.walk(node["child"])
    return str(step["id"])


def _cohort(draft: Draft, node_id: str, node: Json) -> str:
    step = draft.add(node_id, node.get("name") or "split", {"split": {"arms": []}})
    draft.tell(node_id, "RandomCohortNode", "changed", f"step `{step['id']}`; who comes again gets the same arm (O3)")
    taken: set[str] = set()
    for number, child in enumerate(node["children"], 1):
        key = slug(str(child.get("name") or f"arm-{number}"))
        key = key if key not in taken else f"{key}-{number}"
        taken.add(key)
        arm = {"key": key, "weight": float(child["percent"]), "next": draft.walk(child["id"])}
        step["split"]["arms"].append(arm)
    return str(step["id"])


def _wait_for(draft: Draft, node_id: str, node: Json) -> str:
    step = draft.add(node_id, node.get("name") or "wait-for", {"wait_for": {}})
    draft.tell(node_id, "WaitForNode", "kept", f"step `{step['id']}`")
    branches = [
        {"segment": draft.segment(child["segmentId"], node_id, "WaitForNode"), "next": draft.walk(child["id"])}
        for child in node["segmentChildren"]
    ]
    timeout = span(timedelta(seconds=node["timeoutSeconds"]))
    wait_for: Json = {"branches": branches, "timeout": timeout}
    below = draft.walk(node["timeoutChild"])
    wait_for["on_timeout"] = "exit" if below == END else below
    step["wait_for"] = wait_for
    return str(step["id"])


NODES: Final = {
    "DelayNode": _delay,
    "SegmentSplitNode": _split,
    "MessageNode": _message,
    "RandomCohortNode": _cohort,
    "WaitForNode": _wait_for,
}


def _keep_segment(draft: Draft, segment: Json) -> None:
    """A segment that came along, with its condition as far as there is one of ours."""
    key, definition = slug(str(segment["name"])), segment.get("definition") or {}
    document: Json = {"name": str(segment["name"])[:200]}
    nodes = {str(node["id"]): node for node in [*definition.get("nodes", []), definition.get("entryNode", {"id": ""})]}
    condition = _condition(definition.get("entryNode") or {}, nodes)
    if condition is None:
        kind = str((definition.get("entryNode") or {}).get("type"))
        draft.tell(key, f"segment {kind}", "fill in", "its condition does not translate; it is a list kept by hand")
    else:
        document["when"] = condition
        draft.tell(key, "segment", "kept", f"segment `{key}`")
    draft.result.segments[key] = document


def _condition(node: Json, nodes: Mapping[str, Json]) -> Json | None:
    match node.get("type"):
        case "And" | "Or":
            parts = [_condition(nodes[str(child)], nodes) for child in node["children"]]
            known = [part for part in parts if part is not None]
            join = every if node["type"] == "And" else some
            return join(known) if len(known) == len(parts) else None
        case "Trait":
            return _compared({"attribute": node["path"]}, node["operator"])
        case "Performed":
            return _performed(node)
        case "Includes":
            return {"attribute": node["path"], "contains": node["item"]}
        case _:
            return None


def _performed(node: Json) -> Json | None:
    found: Json = {"event": node["event"]}
    operator = COUNTS.get(node.get("timesOperator") or "GreaterThanOrEqual")
    times = node.get("times", 1)
    if (operator, times) != ("gte", 1):
        found["count"] = {operator: times}
    if node.get("withinSeconds"):
        found["within"] = span(timedelta(seconds=node["withinSeconds"]))
    where = [_compared({"property": one["path"]}, one["operator"]) for one in node.get("properties") or []]
    if operator is None or any(one is None for one in where):
        return None
    condition = every([one for one in where if one is not None])
    return {**found, **({"where": condition} if condition is not None else {})}


def _compared(subject: Json, operator: Json) -> Json | None:
    kind = operator["type"]
    if kind in OPERATORS:
        return {**subject, OPERATORS[kind]: operator["value"]}
    if kind in {"Exists", "NotExists"}:
        return {**subject, "exists": kind == "Exists"}
    if kind == "Within":
        return {**subject, "within_last": span(timedelta(seconds=operator["windowSeconds"]))}
    return None


OPERATORS: Final[Mapping[str, str]] = {
    "Equals": "equals",
    "NotEquals": "not_equals",
    "GreaterThanOrEqual": "gte",
    "LessThan": "lt",
}
