"""Sound journeys made malformed, one fault each: systematically, without chance, and no fault twice."""

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Any, Final

Place = tuple[int | str, ...]
Values = tuple[Any, ...]
GONE: Final = object()

GIVEN_KEYS: Values = ("", "Not A Key", "x" * 65, "-x", 5, True, [], {})
KEYS: Values = (*GIVEN_KEYS, None)
TEXT: Values = ("", "x" * 201, 5, False, [], {})
PATHS: Values = ("", "a..b", 'a"b', ".", "a." * 11 + "a", 5, [], {})
DURATIONS: Values = ("", "soon", "0d", "-1d", "1 month", "9999w", "1 d", "1D", 5, True, [], {})
WORDS: Values = ("nonsense", "", 5, [], {})
CLOCKS: Values = ("", "9:00", "25:00", "09:60", "nine", 9, True, [], {})
INSTANTS: Values = ("", "tomorrow", "2026-12-01", "2026-12-01T09:00:00", "2026-13-01T09:00:00Z", 5, [], {})
LISTS: Values = ({}, {"a": 1}, "text", 5, True, None)
GIVEN_PARTS: Values = ("text", 5, True, [], ["text"])
PARTS: Values = (*GIVEN_PARTS, None)
EMPTY: Values = (None, [], {})
OPERANDS: Values = (None, [], {}, {"nowhere": "x"}, {"entry": "a..b"}, {"entry": "a", "context": "b"})
"""What no field of its sort takes."""

FIELDS: dict[str, Values] = {
    **dict.fromkeys(("journey", "topic", "key", "id", "template"), KEYS),
    **dict.fromkeys(("next", "else", "on_timeout", "on_error", "past", "missing"), ("Not A Key", "", "nowhere", 5, [])),
    **dict.fromkeys(("event", "outcome", "end"), TEXT),
    **dict.fromkeys(("attribute", "property", "correlate", "context"), PATHS),
    **dict.fromkeys(("within", "after", "per", "for", "timeout", "spread", "within_next"), DURATIONS),
    **dict.fromkeys(("ago", "offset"), ("soon", "1 month", "", 5, [])),
    **dict.fromkeys(("while_live", "anchor", "status", "of", "is", "delivery", "mode", "since"), WORDS),
    **dict.fromkeys(("equals", "gt", "gte", "lt", "lte", "contains"), OPERANDS),
    **dict.fromkeys(("starts_with", "ends_with"), (*OPERANDS, 5, True)),
    **dict.fromkeys(("in", "not_in"), (*OPERANDS, "PL", 5, [None], [[]], [{}])),
    **dict.fromkeys(("before", "after"), DURATIONS),
    **dict.fromkeys(("steps", "branch", "branches"), ([], *LISTS)),
    **dict.fromkeys(("exit", "goals", "weekday"), LISTS),
    **dict.fromkeys(("all", "any"), ([], *LISTS)),
    **dict.fromkeys(("not", "when", "wait", "wait_for", "send", "update", "attributes"), PARTS),
    **dict.fromkeys(("where", "audience", "sum", "average"), GIVEN_PARTS),
    "name": ("x" * 201, 5, [], {}),
    "description": ("x" * 2001, 5, [], {}),
    "time_zone": ("Mars/Base", "", "../etc", 5, [], {}),
    "on": ("nonsense", "Event", "", 5, None, [], {}),
    "reentry": ("sometimes", 5, True, None, [], {}, {"after": "7d", "max": 3}),
    "max": (0, 1001, "3", True, 2.5, None, [], {}),
    "in_days": (0, 3651, "3", True, 2.5, [], {}),
    "value": ("10", True, [], {}, {"property": ""}),
    "channel": ("voice", "emial", "", 5, []),
    "until": (*INSTANTS[2:4], "", "9:00", "25:00", 5, True, [], {}, {"time": "09:00", "instant": 1}),
    "instant": (*INSTANTS, None),
    "time": CLOCKS,
    "best_time": GIVEN_PARTS,
    "at": ("noon", 5, [], {"else": "now"}),
    "best_channel": ("push", 5, ["push"], ["push", "push"], ["voice", "sms"], ["emial", "sms"], {}),
    "fallback": ("push", 5, ["email"], ["voice"], ["emial"], {}),
    "repeat": ("monthly", "", 5, None, [], {}),
    "leap_day": ("29 february", "", 5, None, [], {}),
    "product": ("", "x" * 257, 5, [], {}),
    "category": ("", "x" * 501, 5, [], {}),
    "lead": ("soon", "-1d", "", 5, [], {}),
    "replenishment": GIVEN_PARTS,
    "exists": ("true", 1, None, [], {}),
    "priority": (-1, 101, "70", True, 2.5, None, [], {}),
    "piled_up": (*WORDS, "none"),
    "days": LISTS,
    "share": (0, 100, "5", True, None, [], {}),
    "cap": ("nowhere", "Not A Key", "", 5, [], {}, {"delay": "soon"}),
    "guarded": ("true", 1, None, [], {}),
    "changes": (False, 1, "yes", []),
    "message": ("nowhere", 5, [], {}),
    "consent": ("", 5, [], {}),
    "count": (-1, "2", True, 1.5, [], {}, {"gte": -1}),
    "entry": PARTS,
    "mapping": PARTS,
    "bound": ("1", True, [], {}),
    "send topic": GIVEN_KEYS,
    "elsewhere": ("", 5, None, [], {}),
}
NEEDED = frozenset(
    {
        *("journey", "entry", "steps", "on", "key", "id", "template", "channel", "property"),
        *("attribute", "context", "when", "wait", "wait_for", "send", "update", "end", "branch", "split", "arms"),
        *("for", "until", "timeout", "branches", "status", "instant", "max", "per", "after"),
        *("all", "any", "not", "equals", "gt", "gte", "lt", "lte", "contains"),
        *("in", "not_in", "starts_with", "ends_with", "before", "exists", "within_next", "changes", "changes_to"),
        *("ago", "elsewhere"),
    }
)
"""Fields without which their part means nothing, wherever they stand."""

LATER_FIELDS = ("versions",)
LATER_SEND = ("best_channel", "at", "fallback")
LATER_STEPS = ("call", "activity", "audience", "emit", "enter", "task", "throttle", "repeat")
LATER_CONDITIONS = ("score", "rfm", "prediction", "lifecycle", "interest", "device", "place", "weather")
CONDITIONS = ("when", "audience", "not")


@dataclass(frozen=True)
class Mutant:
    """A malformed document, and where its fault is."""

    document: dict[str, Any]
    place: Place
    what: str

    @property
    def text(self) -> str:
        return json.dumps(self.document, sort_keys=True)


def at(document: Any, place: Place) -> Any:
    return reduce(lambda here, part: here[part], place, document)


def with_(document: dict[str, Any], place: Place, value: Any) -> dict[str, Any]:
    """A copy with another value at the place, or without it."""
    changed = copy.deepcopy(document)
    parent = at(changed, place[:-1])
    if value is GONE:
        del parent[place[-1]]
    else:
        parent[place[-1]] = value
    return changed


def places(value: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every place that the language rules; what an attribute is set to may be any JSON."""
    yield place, value
    if place[-1:] == ("attributes",) or place[-1:] in {("changes_to",), ("changes_from",)}:
        return
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for part, child in children:
        yield from places(child, (*place, part))


def sort_of(document: dict[str, Any], place: Place) -> str:
    """By what `FIELDS` knows the place: its field's name, unless that stands for several things."""
    field, part, inside = str(place[-1]), at(document, place[:-1]), place[-2:-1]
    is_aggregate = isinstance(part[field], dict) and "property" in part[field]
    other_sorts: dict[str, bool] = {
        "property": field == "entry" and len(place) > 1,
        "mapping": (field, *inside) in {("on", "send"), ("consent", "update")},
        "outcome": field == "channel" and "message" in part,
        "sum": field == "max" and is_aggregate,
        "bound": bool({"gt", "gte", "lt", "lte"} & {field}) and inside[0] in {"average", "count", "max", "sum"},
        "elsewhere": field == "message" and part.get("of") == "any journey",
        "instant": field == "after" and "attribute" in part,
        "send topic": field == "topic" and inside == ("send",),
    }
    return next((sort for sort, applies in other_sorts.items() if applies), field)


def wrong_values(document: dict[str, Any]) -> Iterator[Mutant]:
    for place, _ in places(document):
        if not place or not isinstance(place[-1], str) or place[-2:-1] in {("on",), ("consent",)}:
            continue
        sort = sort_of(document, place)
        for value in FIELDS.get(sort, ()):
            yield Mutant(with_(document, place, value), place, "value")


def wrong_members(document: dict[str, Any]) -> Iterator[Mutant]:
    for place, value in places(document):
        if isinstance(value, list):
            for index in range(len(value)):
                for other in EMPTY:
                    yield Mutant(with_(document, (*place, index), other), (*place, index), "member")


def wrong_entries(document: dict[str, Any]) -> Iterator[Mutant]:
    """In the two mappings whose fields are names: outcomes of a send, and subjects of consent."""
    for place, _ in places(document):
        if place[-2:-1] == ("on",):
            for value in ("nowhere", "Not A Key", 5, None):
                yield Mutant(with_(document, place, value), place, "outcome")
        if place[-3:-1] == ("update", "consent"):
            for value in ("maybe", "", 5, None):
                yield Mutant(with_(document, place, value), place, "consent")


def _is_ruled(place: Place, value: Any) -> bool:
    return isinstance(value, dict) and place[-1:] != ("attributes",)


def strange_fields(document: dict[str, Any]) -> Iterator[Mutant]:
    for place, value in places(document):
        if _is_ruled(place, value):
            for name in ("colour", "Name", "<event>"):
                yield Mutant(with_(document, (*place, name), 1), (*place, name), "strange")


def misspelt_fields(document: dict[str, Any]) -> Iterator[Mutant]:
    for place, value in places(document):
        if place and isinstance(place[-1], str) and place[-3:-1] != ("update", "consent"):
            for name in (f"{place[-1]}x", place[-1].upper()):
                without = with_(document, place, GONE)
                yield Mutant(with_(without, (*place[:-1], name), value), (*place[:-1], name), "misspelt")


def missing_fields(document: dict[str, Any]) -> Iterator[Mutant]:
    for place, _ in places(document):
        is_field = place and isinstance(place[-1], str) and place[-2:-1] != ("attributes",)
        if place and place[0] != "steps" and place[-1] in {"changes", "changes_to"}:
            continue  # Any change counts there.
        if is_field and (sort_of(document, place) in NEEDED or place[-3:-2] == ("branch",)):
            yield Mutant(with_(document, place, GONE), place, "missing")


def later_fields(document: dict[str, Any]) -> Iterator[Mutant]:
    for field in LATER_FIELDS:
        yield Mutant({**document, field: 1}, (field,), "later")
    for index, step in enumerate(document["steps"]):
        for kind in LATER_STEPS:
            place = ("steps", index, kind)
            yield Mutant(with_(document, ("steps", index), {"id": step["id"], kind: {}}), place, "later")
        for field in LATER_SEND if "send" in step else ():
            inside = ("steps", index, "send", field)
            yield Mutant(with_(document, inside, "x"), inside, "later")


def later_conditions(document: dict[str, Any]) -> Iterator[Mutant]:
    for place, _ in places(document):
        inside = place[-2:-1] in {("all",), ("any",)} and place[0] != "goals" and "where" not in place
        if inside or (place[-1:] in {(name,) for name in CONDITIONS} and "where" not in place):
            for kind in LATER_CONDITIONS:
                yield Mutant(with_(document, place, {kind: "x"}), place, "condition")
            yield Mutant(with_(document, place, {"attribute": "a", "equal": 1}), (*place, "equal"), "operator")
            yield Mutant(with_(document, place, {"attribute": "a", "gt": 1, "lt": 2}), place, "operators")
            yield Mutant(with_(document, place, {"attribute": "a", "consent": "b"}), place, "kinds")


def steps_that_clash(document: dict[str, Any]) -> Iterator[Mutant]:
    steps = document["steps"]
    for index, step in enumerate(steps):
        second = with_(document, ("steps", index), {**step, "end" if "end" not in step else "wait": "x"})
        yield Mutant(second, ("steps", index, "end" if "end" not in step else "wait"), "kinds")
        yield Mutant(with_(document, ("steps", index), {"id": step["id"]}), ("steps", index), "kind")
        for word in ("end", "continue", "exit"):
            yield Mutant(with_(document, ("steps", index, "id"), word), ("steps", index, "id"), "reserved")
            if word != "end":
                yield Mutant(with_(document, ("steps", index, "next"), word), ("steps", index, "next"), "word")
        if not {"wait", "wait_for"} & step.keys():
            place = ("steps", index, "next")
            yield Mutant(with_(document, place, step["id"]), place, "loop")
        twin = {**document, "steps": [*steps, step]}
        yield Mutant(twin, ("steps", len(steps), "id"), "twin")


def too_many(document: dict[str, Any]) -> Iterator[Mutant]:
    steps = [{"id": f"s{number}", "end": "x"} for number in range(201)]
    yield Mutant({**document, "steps": steps}, ("steps",), "many")
    rule = {"on": "event", "event": "Order Completed"}
    yield Mutant({**document, "exit": [rule] * 21}, ("exit",), "many")
    goals = [{**rule, "key": f"g{number}", "within": "1d"} for number in range(21)]
    yield Mutant({**document, "goals": goals}, ("goals",), "many")
    yield Mutant({**document, "goals": [goals[0], goals[0]]}, ("goals", 1, "key"), "twin")


MUTATIONS: tuple[Callable[[dict[str, Any]], Iterator[Mutant]], ...] = (
    wrong_values,
    wrong_members,
    wrong_entries,
    strange_fields,
    misspelt_fields,
    missing_fields,
    later_fields,
    later_conditions,
    steps_that_clash,
    too_many,
)


def mutants(document: dict[str, Any]) -> list[Mutant]:
    """Every malformed document that the mutations make of a sound one."""
    return [mutant for mutation in MUTATIONS for mutant in mutation(document)]
