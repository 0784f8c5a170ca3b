"""Writes the pages of `docs/reference` that the code dictates: `python -m docs.generate` (or `make docs`)."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from journeyman.channels.configuration import AnyAudience, AnyProvider
from journeyman.journeys.learning.learners import CARDS
from journeyman.language.channels import SENDING
from journeyman.language.comparisons import OPERATORS
from journeyman.language.definition import Definition
from journeyman.language.document import KEY
from journeyman.language.durations import Age, CalendarDays, Duration, Offset
from journeyman.language.rates import Rate
from journeyman.language.schema import journey_schema
from journeyman.language.times import LocalTime
from journeyman.settings import Settings

REFERENCE = Path(__file__).parent / "reference"
NOTE = "<!-- Written by docs/generate.py from the code: change it there, then `make docs`. -->"

Schema = Mapping[str, Any]

BESIDE = [
    ("`JOURNEYMAN_URL`", "`http://127.0.0.1:8080`", "`journey plan`, `journey apply`, `import`: address of the API"),
    ("`JOURNEYMAN_KEY`", "none", "likewise: a key of the role operator or admin, for events also ingest"),
    ("`JOURNEYMAN_HOOK_…`", "none", "secrets that [hooks](../guides/hooks.md) name, which prove webhooks genuine"),
    ("`JOURNEYMAN_READY_FILE`", "none", "`worker.py`: a file that it touches once it works"),
    ("`JOURNEYMAN_TRACE`", "none", "`journeyman`: where set, an error that nobody foresaw shows its stack"),
]
"""Variables that no `Settings` holds. A test finds every one that the code reads."""

SECTIONS: Mapping[str, str] = {
    "Definition": "Journey",
    "EventEntry": "Entry: on: event",
    "AttributeEntry": "Entry: on: attribute_change",
    "SegmentEntry": "Entry: on: segment",
    "JourneyEntry": "Entry: on: journey",
    "ScheduleEntry": "Entry: on: schedule",
    "Calendar": "Calendar",
    "Pause": "Pause",
    "PriceDropEntry": "Entry: on: price_drop",
    "BackInStockEntry": "Entry: on: back_in_stock",
    "LowStockEntry": "Entry: on: low_stock",
    "DateEntry": "Entry: on: date",
    "Replenishment": "Replenishment",
    "ApiEntry": "Entry: on: api",
    "ReentryAfter": "Re-entry after",
    "ReentryMax": "Re-entry max",
    "ExitOnEvent": "Exit: on: event",
    "ExitOnAttribute": "Exit: on: attribute_change",
    "ExitOnSegment": "Exit: on: segment",
    "ExitOnMessage": "Exit: on: message",
    "ExitOnDate": "Exit: on: date",
    "ExitOnCondition": "Exit: on: condition",
    "GoalOnEvent": "Goal: on: event",
    "GoalOnAttribute": "Goal: on: attribute_change",
    "GoalOnSegment": "Goal: on: segment",
    "GoalOnMessage": "Goal: on: message",
    "GoalOnCondition": "Goal: on: condition",
    "GoalValue": "Goal value",
    "WaitStep": "Step: wait",
    "Wait": "Wait",
    "UntilInstant": "Until an instant",
    "UntilLocal": "Until a local time",
    "UntilAttribute": "Until a date",
    "BestTime": "Best time",
    "WaitForStep": "Step: wait_for",
    "WaitFor": "Wait for",
    "Branch": "Branch of a wait",
    "BranchStep": "Step: branch",
    "Way": "Way",
    "SplitStep": "Step: split",
    "Split": "Split",
    "Arm": "Arm",
    "Winner": "Winner",
    "Bandit": "Bandit",
    "EventMetric": "A metric that is an event",
    "SendStep": "Step: send",
    "Send": "Send",
    "Delay": "Waiting for a place under a cap",
    "UpdateStep": "Step: update",
    "Update": "Update",
    "Tags": "Tags",
    "Lists": "Lists",
    "EmitStep": "Step: emit",
    "Emit": "Emit",
    "ActivityStep": "Step: activity",
    "Activity": "Activity",
    "EnterStep": "Step: enter",
    "EnterInto": "Enter",
    "Waiting": "Waiting for another journey",
    "TaskStep": "Step: task",
    "Task": "Task",
    "ThrottleStep": "Step: throttle",
    "Throttle": "Throttle",
    "AudienceStep": "Step: audience",
    "Audience": "Audience",
    "CallStep": "Step: call",
    "Call": "Call",
    "Auth": "Auth of a call",
    "Basic": "Auth: basic",
    "Hmac": "Auth: hmac",
    "RepeatStep": "Step: repeat",
    "Repeat": "Repeat",
    "EndStep": "Step: end",
    "Utm": "UTM",
    "QuietHours": "Quiet hours",
    "JourneyCap": "Cap",
    "Holdout": "Holdout",
    "Case": "Test",
    "Given": "Test: given",
    "CaseCustomer": "Test: customer",
    "GivenAnswer": "Test: answer of another system",
    "CaseEvent": "Test: event",
    "CaseProduct": "Test: product",
    "CaseEntry": "Test: enter",
    "Expected": "Test: expect",
    "ExpectedSend": "Test: a message that is expected",
    "AttributeCondition": "Condition: attribute",
    "EntryCondition": "Condition: entry",
    "ContextCondition": "Condition: context",
    "OccurrenceCondition": "Condition: event",
    "CountBounds": "Count",
    "Aggregate": "Aggregate",
    "ComputedCondition": "Condition: computed",
    "SegmentCondition": "Condition: segment",
    "ConsentCondition": "Condition: consent",
    "MessageCondition": "Condition: message",
    "ScoreCondition": "Condition: score",
    "RfmCondition": "Condition: rfm",
    "RfmScores": "Scores of RFM",
    "JourneyCondition": "Condition: journey",
    "InterestCondition": "Condition: interest",
    "Wares": "Wares of an interest",
    "ReachableCondition": "Condition: reachable",
    "PredictionCondition": "Condition: prediction",
    "DeviceCondition": "Condition: device",
    "PlaceCondition": "Condition: place",
    "Whereabouts": "Parts of a place",
    "LifecycleCondition": "Condition: lifecycle",
    "Upcoming": "An anniversary soon",
    "FifthBounds": "Bounds of a score of RFM",
    "AllOf": "Condition: all",
    "AnyOf": "Condition: any",
    "Not": "Condition: not",
    "PropertyCondition": "Event condition: property",
    "EventSome": "Event condition: some",
    "EventAllOf": "Event condition: all",
    "EventAnyOf": "Event condition: any",
    "EventNot": "Event condition: not",
    "Reference": "Reference",
    "Ago": "Ago",
    "Ahead": "Ahead",
}
"""The parts of a document by their class, in the order of the page, as an author would call them."""


def settings() -> str:
    """Every setting as a row."""
    rows = [
        (
            f"`JOURNEYMAN_{name.upper()}`",
            _default(field),
            field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]
    intro = (
        "Settings are environment variables. `journeyman settings` prints those of a process, secrets only as set or "
        "not set. A value that cannot be used stops the process and is named."
    )
    heads = ("setting", "default", "meaning")
    beside = "## Beside these\n\nRead by single programs, and no part of a process's settings."
    return f"{NOTE}\n# Settings\n\n{intro}\n\n{_table(heads, rows)}\n\n{beside}\n\n{_table(heads, BESIDE)}\n"


def _default(field: FieldInfo) -> str:
    value = field.default
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    return _json(value)


def language() -> str:
    """Every part of a journey's document, field by field."""
    whole = Definition.model_json_schema(by_alias=True)
    parts: dict[str, Schema] = {"Definition": whole, **whole["$defs"]}
    sections = [_section(title, parts[name]) for name, title in SECTIONS.items()]
    left = parts.keys() - SECTIONS.keys()
    if left:
        raise KeyError(f"give these a title in SECTIONS: {', '.join(sorted(left))}")
    intro = (
        "Field by field, from the models that read a document. How to use them is told in "
        "[Writing a journey](../guides/writing-a-journey.md); `journeyman journey schema` says the same to an editor. "
        "What is needed has no default. How operators compare is told under [conditions](../guides/conditions.md)."
    )
    return "\n\n".join([f"{NOTE}\n# The journey language", intro, *sections, _operators(parts)]) + "\n"


def _section(title: str, part: Schema) -> str:
    required = part.get("required", [])
    rows = [
        (f"`{field}`", "needed" if field in required else _json(found.get("default")), _kind(found), _meaning(found))
        for field, found in part["properties"].items()
        if not (field in OPERATORS and _is_comparison(part))
    ]
    comparison = "\n\nand one [operator](#operators)." if _is_comparison(part) else ""
    text = " ".join(part.get("description", "").split())
    return f"## {title}\n\n{text}\n\n{_table(('field', 'default', 'what', 'meaning'), rows)}{comparison}"


def _is_comparison(part: Schema) -> bool:
    return {*OPERATORS} <= {*part["properties"]}


def _operators(parts: Mapping[str, Schema]) -> str:
    fields = parts["AttributeCondition"]["properties"]
    rows = [(f"`{operator}`", _kind(fields[operator]), _meaning(fields[operator])) for operator in OPERATORS]
    return f"## Operators\n\n{_table(('operator', 'compares with', 'meaning'), rows)}"


def _kind(found: Schema) -> str:
    """What a field holds, in a few words."""
    options = [option for option in found.get("anyOf", found.get("oneOf", ())) if option != {"type": "null"}]
    if options:
        return _one_of(options)
    if "$ref" in found:
        title = SECTIONS[found["$ref"].rpartition("/")[2]]
        return f"[{title}](#{_anchor(title)})"
    if "enum" in found or "const" in found:
        return " · ".join(_json(value) for value in found.get("enum", [found.get("const")]))
    return _plain(found)


def _one_of(options: list[Schema]) -> str:
    classes = {option.get("$ref", "").rpartition("/")[2] for option in options}
    if "AllOf" in classes:
        return "condition"
    if "EventAllOf" in classes:
        return "event condition"
    kinds = dict.fromkeys(_kind(option) for option in options)
    if "number" in kinds:
        kinds.pop("whole number", None)
    return ", ".join(kinds)


def _plain(found: Schema) -> str:
    if found.get("type") == "array":
        return f"list of {_kind(found['items'])}"
    if "propertyNames" in found:
        return f"mapping of {_kind(found['propertyNames'])}"
    words = {"object": "mapping", "integer": "whole number", "number": "number", "boolean": "`true` · `false`"}
    shapes = {
        KEY: "key",
        Duration.pattern: "duration",
        Rate.pattern: "rate",
        Age.pattern: "duration",
        Offset.pattern: "offset",
        f"{Duration.pattern}|{CalendarDays.pattern}": "duration or calendar days",
        _pattern_of(LocalTime): "local time",
    }
    known = shapes.get(found.get("pattern", "")) or {"date-time": "instant"}.get(found.get("format", ""))
    return known or words.get(found.get("type", ""), "text" if found.get("type") == "string" else "any value")


def _pattern_of(annotated: Any) -> str:  # noqa: ANN401 - an `Annotated` has no type of its own
    pattern: str = annotated.__metadata__[0].metadata[0].pattern
    return pattern


def _meaning(found: Schema) -> str:
    bounds = {
        "minimum": "from {}",
        "maximum": "up to {}",
        "maxItems": "at most {}",
        "maxProperties": "at most {}",
        "maxLength": "up to {} characters",
    }
    inner: Schema = next((option for option in found.get("anyOf", ()) if option != {"type": "null"}), {})
    limits = [
        words.format(found.get(key, inner.get(key))) for key, words in bounds.items() if key in {**inner, **found}
    ]
    text = found.get("description", "")
    return "; ".join(part for part in (text, ", ".join(limits)) if part)


def _anchor(title: str) -> str:
    return "".join(letter for letter in title.lower().replace(" ", "-") if letter.isalnum() or letter in "-_")


def _json(value: object) -> str:
    if value in (None, [], {}):
        return "none"
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def providers() -> str:
    """Every provider with its fields."""
    kinds = sorted(get_args(get_args(AnyProvider)[0]), key=lambda kind: (SENDING.index(kind.channel), kind.__name__))
    sections = [_described(kind, "provider", f" Channel: `{kind.channel}`.") for kind in kinds]
    intro = (
        "What `JOURNEYMAN_PROVIDERS_FILE` takes under `providers`, by `provider`; see "
        "[Channels and providers](../guides/channels.md). What is needed has no default."
    )
    networks = [_described(kind, "network", "") for kind in get_args(get_args(AnyAudience)[0])]
    ads = "Under `audiences`, by `network`; see [Ads](../guides/ads.md)."
    return "\n\n".join([f"{NOTE}\n# Providers", intro, *sections, "# Ad networks", ads, *networks]) + "\n"


def _described(kind: type[BaseModel], named_by: str, more: str) -> str:
    """One provider or network with its fields."""
    name = get_args(kind.model_fields[named_by].annotation)[0]
    rows = [
        (f"`{key}`", "" if field.is_required() else _default(field) or "none", field.description or "")
        for key, field in kind.model_fields.items()
        if key != named_by
    ]
    about = (kind.__doc__ or "").strip()
    return f"## `{name}`\n\n{about}{more}\n\n{_table(('field', 'default', 'meaning'), rows)}"


MODELS_HEAD = """# Models

A card for each model: what it says, from what, from how much on, what it has to beat, and when it is wrong. Models are
learnt every night at three, one after the other; `GET /v1/models/{key}` shows the card with what
was measured on your own data; `POST /v1/models/{key}/learn` has one learnt now. Below the minimum there is no model,
and nobody gets a score: [decision 0025](../decisions/0025-models-are-learnt-at-night.md).
"""


def model_cards() -> str:
    """Every model that there is, by key."""
    parts = [f"{NOTE}\n{MODELS_HEAD}"]
    for key, card in sorted(CARDS.items()):
        rows = [("key", f"`{key}`"), ("what it says", card.what), ("from what", card.data), ("minimum", card.minimum)]
        rows += [("has to beat", card.baseline), ("when it is wrong", card.wrong)]
        parts.append(f"## {card.name}\n\n" + _table(("", ""), rows))
    return "\n\n".join(one.rstrip() for one in parts) + "\n"


PAGES: Mapping[str, Callable[[], str]] = {
    "settings.md": settings,
    "language.md": language,
    "providers.md": providers,
    "models.md": model_cards,
    "journey.schema.json": lambda: json.dumps(journey_schema(), indent=2, ensure_ascii=False) + "\n",
}


def written() -> Iterator[tuple[Path, str]]:
    """Every page with what has to stand in it."""
    for name, write in PAGES.items():
        yield REFERENCE / name, write()


if __name__ == "__main__":
    for page, text in written():
        page.write_text(text)
