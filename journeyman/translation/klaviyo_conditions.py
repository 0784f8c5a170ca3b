"""Conditions of Klaviyo: groups that all have to hold, of which each holds where any of its conditions does."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from journeyman.translation.draft import Draft, every, some, span
from journeyman.translation.report import Json

OPERATORS: Final[Mapping[str, str]] = {
    "equals": "equals",
    "not-equals": "not_equals",
    "contains": "contains",
    "starts-with": "starts_with",
    "ends-with": "ends_with",
    "greater-than": "gt",
    "greater-than-or-equal": "gte",
    "less-than": "lt",
    "less-than-or-equal": "lte",
}
COUNTS: Final[Mapping[str, str]] = {name: word for name, word in OPERATORS.items() if word in "equals gt gte lt lte"}
OWN: Final[Mapping[str, str]] = {"$email": "email", "$first_name": "first_name", "$last_name": "last_name"}
UNITS: Final[Mapping[str, timedelta]] = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=30),
    "year": timedelta(days=365),
}
Group = list[Json]


def groups(filtered: Json | None) -> list[Group]:
    """The groups of a filter; none where there is no filter."""
    return [group["conditions"] for group in (filtered or {}).get("condition_groups", [])]


def attribute_of(path: str) -> str:
    """`properties['plan']` and `location['country']` as our paths; `$first_name` as our own word."""
    found = re.sub(r"\['([^']*)'\]", r".\1", path).removeprefix("properties.")
    return OWN.get(found, found.removeprefix("$"))


def exit_event(draft: Draft, group: Group) -> str | None:
    """The event whose absence since the start is asked for: who does it has to leave."""
    if len(group) != 1 or group[0].get("type") != "profile-metric":
        return None
    counted, since = group[0].get("measurement_filter") or {}, group[0].get("timeframe_filter") or {}
    is_none = counted.get("operator") == "equals" and counted.get("value") == 0
    if not is_none or since.get("operator") != "flow-start" or group[0].get("metric_filters"):
        return None
    return draft.named("metric", group[0]["metric_id"], "profile_filter", "profile-metric")


def sample(filtered: Json | None) -> int | None:
    """The percent of a filter that is nothing but a random sample."""
    found = groups(filtered)
    if len(found) == 1 and len(found[0]) == 1 and found[0][0].get("type") == "profile-sample":
        return int(found[0][0]["percentage"])
    return None


def all_of(draft: Draft, filtered: Json | None, node: str) -> Json | None:
    """The condition of a filter; None where there is none, or where a group does not translate at all."""
    parts = [any_of(draft, group, node) for group in groups(filtered)]
    return every([part for part in parts if part is not None])


def any_of(draft: Draft, group: Group, node: str) -> Json | None:
    parts = [_condition(draft, one, node) for one in group]
    missing = [str(one.get("type")) for one, part in zip(group, parts, strict=True) if part is None]
    if missing:
        draft.tell(node, "condition", "fill in", f"{', '.join(missing)} does not translate; the group is left out")
        return None
    return some([part for part in parts if part is not None])


def about_event(draft: Draft, filtered: Json | None, node: str) -> Json | None:
    """What is asked of the event that starts the flow."""
    return _of_properties(draft, filtered, node, "property")


def about_entry(draft: Draft, filtered: Json | None, node: str) -> Json | None:
    """The same, asked later on: of the run's entry."""
    return _of_properties(draft, filtered, node, "entry")


def _of_properties(draft: Draft, filtered: Json | None, node: str, subject: str) -> Json | None:
    wanted = []
    for group in groups(filtered):
        parts = [_compared({subject: str(one.get("field", "")).removeprefix("$")}, one.get("filter")) for one in group]
        if any(part is None for part in parts):
            draft.tell(node, "trigger filter", "fill in", "a part of it does not translate and is left out")
            continue
        wanted.append(some([part for part in parts if part is not None]))
    return every([one for one in wanted if one is not None])


def _condition(draft: Draft, one: Json, node: str) -> Json | None:
    match one.get("type"):
        case "profile-metric":
            return _metric(draft, one, node)
        case "profile-property":
            return _compared({"attribute": attribute_of(one["property"])}, one.get("filter"))
        case "profile-group-membership":
            inside = {"segment": draft.segment(one["group_ids"][0], node, "profile-group-membership")}
            return inside if one.get("is_member", True) else {"not": inside}
        case "profile-marketing-consent":
            return {"consent": str(one["consent"]["channel"]), "is": "yes" if one["consent"]["can_receive"] else "no"}
        case _:
            return None


def _metric(draft: Draft, one: Json, node: str) -> Json | None:
    counted, since = one.get("measurement_filter") or {}, one.get("timeframe_filter") or {}
    operator = COUNTS.get(str(counted.get("operator")))
    if one.get("measurement") != "count" or operator is None or one.get("metric_filters"):
        return None
    found: Json = {"event": draft.named("metric", one["metric_id"], node, "profile-metric")}
    value = int(counted["value"])
    if (operator, value) == ("equals", 0):
        found["count"] = 0
    elif (operator, value) not in {("gt", 0), ("gte", 1)}:
        found["count"] = {operator: value}
    if since.get("operator") == "in-the-last":
        found["within"] = span(since["quantity"] * UNITS[str(since["unit"]).rstrip("s")])
    elif since.get("operator") == "flow-start":
        return None
    return found


def _compared(subject: Json, filtered: Any) -> Json | None:  # noqa: ANN401 - JSON
    filtered = filtered or {}
    operator = str(filtered.get("operator"))
    if filtered.get("type") == "existence":
        return {**subject, "exists": operator == "is-set"}
    if operator in {"contains-any", "equals-any"} and isinstance(filtered.get("value"), list):
        return {**subject, "in": filtered["value"]}
    word = OPERATORS.get(operator)
    return {**subject, word: filtered["value"]} if word is not None and "value" in filtered else None
