"""What pydantic found wrong, in the words of whoever writes the document: what is wrong, and the mend."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from pydantic_core import ErrorDetails

from journeyman.language.comparisons import OPERATORS
from journeyman.language.plain import Place
from journeyman.language.strangers import Stranger
from journeyman.language.times import LocalTime

Words = tuple[str, str]
"""What is wrong, and the mend."""

LONGEST: Final = 300
"""Characters of a sentence that quotes the document."""

REFERENCE: Final = "look the field up in the reference of the journey language"

_RULE = "{on: event, event: Order Completed}"
_ORDER = "{event: Order Completed, timeout: 7d}"
_GOAL = "{key: order, on: event, event: Order Completed, within: 7d}"
EXAMPLES: Final[Mapping[str, str]] = {
    "/journey": "cart-abandonment",
    "/entry": _RULE,
    "/steps": "[{id: pause, wait: {for: 1d}}]",
    "/exit": f"[{_RULE}]",
    "exit/*": _RULE,
    "/goals": f"[{_GOAL}]",
    "goals/*": _GOAL,
    "topic": "marketing",
    "time_zone": "Europe/Riga",
    "name": "Cart abandonment",
    "description": "What it is for",
    "on": "event",
    "event": "Order Completed",
    "correlate": "cart_id",
    "outcome": "bought",
    "key": "order",
    "reentry": "{after: 7d}",
    "after": "7d",
    "max": "3",
    "per": "30d",
    "since": "entry",
    "within": "7d",
    "value": "{property: revenue}",
    "property": "revenue",
    "attribute": "country",
    "entry": "cart_id",
    "where": "{property: cart_id, equals: c1}",
    "when": "{attribute: country, equals: PL}",
    "context": "answer",
    "id": "remind",
    "next": "end",
    "end": "bought",
    "else": "end",
    "on_timeout": "exit",
    "on_error": "exit",
    "past": "exit",
    "missing": "exit",
    "wait": "{for: 1d}",
    "for": "1d",
    "until": '"09:00"',
    "time": '"09:00"',
    "instant": "2026-12-01T09:00:00Z",
    "weekday": "[monday, friday]",
    "weekday/*": "monday",
    "in_days": "3",
    "priority": "70",
    "quiet_hours": '{from: "21:00", until: "08:00"}',
    "quiet_hours/from": '"21:00"',
    "quiet_hours/until": '"08:00"',
    "quiet_hours/then": "hold",
    "days": "[saturday, sunday]",
    "days/*": "sunday",
    "piled_up": "latest",
    "spread": "30m",
    "caps": "[{max: 3, per: 1 calendar day}]",
    "caps/*": "{max: 3, per: 1 calendar day}",
    "of": "any journey",
    "points": "{sms: 3}",
    "points/*": "3",
    "cap": "{delay: 2d}",
    "delay": "2d",
    "/holdout": "{share: 5}",
    "send/holdout": "{share: 5}",
    "share": "5",
    "guarded": "true",
    "wait_for": _ORDER,
    "timeout": "7d",
    "branches": "[{event: Order Completed, next: end}]",
    "branches/*": "{event: Order Completed, next: end}",
    "branch/*": "{when: {consent: email}, next: end}",
    "branch": "[{when: {consent: email}, next: end}]",
    "message": "remind",
    "status": "opened",
    "send": "{channel: email, template: cart-reminder}",
    "channel": "email",
    "template": "cart-reminder",
    "send/on": "{unreachable: end}",
    "on/*": "end",
    "split": "{arms: [{key: a, weight: 50, next: mail-a}, {key: b, weight: 50, next: mail-b}]}",
    "arms": "[{key: a, weight: 50, next: mail-a}, {key: b, weight: 50, next: mail-b}]",
    "arms/*": "{key: a, weight: 50, next: mail-a}",
    "arms/key": "a",
    "arms/holdout": "true",
    "weight": "50",
    "split/holdout": "10",
    "salt": "spring",
    "sticky": "false",
    "winner": "{metric: order, after: 30d}",
    "bandit": "{metric: order, after: 3d}",
    "metric": "order",
    "minimum": "500",
    "probability": "0.95",
    "loss": "0.01",
    "deadline": "60d",
    "then": "best",
    "explore": "0.1",
    "segment": "vip",
    "direction": "enters",
    "entry/direction": "reached",
    "journey": "welcome",
    "step": "remind",
    "computed": "orders",
    "best_time": "{within: 1d, else: now}",
    "best_time/else": "now",
    "repeat": "yearly",
    "leap_day": "1 march",
    "replenishment": "{product: coffee-1kg, lead: 3d}",
    "product": "coffee-1kg",
    "category": "Coffee/Beans",
    "changes_to": "gold",
    "changes_from": "silver",
    "entry/count": "5",
    "update": "{attributes: {stage: customer}}",
    "attributes": "{stage: customer}",
    "consent": "email",
    "update/consent": "{email: yes}",
    "count": "{gte: 2}",
    "sum": "{property: revenue, gte: 100}",
    "ago": "3d",
    "ahead": "3d",
    "equals": "PL",
    "exists": "true",
}
"""What may stand in a field, by its name; by that of the part as well where the name alone does not tell."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """One error of pydantic: the place in the document, what is there, and the bounds it breaks."""

    place: Place
    given: Any
    context: Mapping[str, Any]
    message: str = ""

    @property
    def field(self) -> str:
        return str(self.place[-1]) if self.place else "the document"

    @property
    def example(self) -> str | None:
        parents = [part for part in self.place[:-1] if isinstance(part, str)]
        parent = parents[-1] if parents else ""
        field = self.field if isinstance(self.place[-1], str) else "*"
        return EXAMPLES.get(f"{parent}/{field}") or EXAMPLES.get(field)

    @property
    def such_as(self) -> str:
        """An example of the field, written as it would stand in the document."""
        if self.example is None:
            return ""
        named = isinstance(self.place[-1], str)
        return f", such as `{f'{self.field}: ' if named else ''}{self.example}`"


def reword(kind: str, wrong: Wrong) -> Words:
    """An error of this kind in the author's words."""
    return PHRASES.get(kind, _own)(wrong)


def refused_place(error: ErrorDetails) -> Place:
    """Where the error is as pydantic tells it, together with the field that a validator of a whole part blames."""
    context = error.get("ctx", {})
    blamed = context.get("at")
    if error["type"] == "operator":
        blamed = context.get("name")
    elif error["type"] == "condition_kind":
        blamed = misspelt_kind(context)
    return (*error["loc"], blamed) if blamed is not None else error["loc"]


def closest(word: object, words: list[str], likeness: float = 0.6) -> str | None:
    """The one of `words` that was meant, as far as spelling tells; `likeness` is that of `difflib`, up to 1."""
    return next(iter(get_close_matches(str(word).lower(), words, 1, likeness)), None)


def shown(value: object) -> str:
    """A value in a sentence."""
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if value is None or value == "":
        return "empty"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"`{text if len(text) <= 40 else f'{text[:40]}…'}`"  # noqa: PLR2004 - what fits into a sentence


def _own(wrong: Wrong) -> Words:
    """Messages of ours say `what is wrong; the mend` themselves."""
    detail, _, mend = wrong.message.rpartition("; ")
    detail, mend = (detail, mend) if detail else (mend, REFERENCE)
    return (detail if len(detail) <= LONGEST else f"{detail[:LONGEST]}…"), mend


def _operator(wrong: Wrong) -> Words:
    detail, mend = _own(wrong)
    meant = closest(wrong.context.get("name", ""), wrong.context.get("known", "").split(", "))
    return detail, f"write `{meant}`" if meant else mend


def _subject(value: object) -> str:
    """A value that begins a sentence."""
    return "this" if value is None or value == "" else shown(value)


def _typed(value: object) -> str:
    """A value in a sentence about its type: text may look like a number."""
    return f"the text {shown(value)}" if isinstance(value, str) and value else shown(value)


def _missing(wrong: Wrong) -> Words:
    return f"`{wrong.field}` is missing", f"add `{wrong.field}`{wrong.such_as}"


def _unknown(wrong: Wrong) -> Words:
    known = wrong.given.known if isinstance(wrong.given, Stranger) else ()
    if isinstance(wrong.given, Stranger) and wrong.given.mend is not None:
        return f"`{wrong.field}` is not available yet", wrong.given.mend
    meant = closest(wrong.field, list(known))
    if meant is not None:
        return f"there is no field `{wrong.field}` here", f"write `{meant}`"
    fields = ", ".join(f"`{field}`" for field in known)
    return f"there is no field `{wrong.field}` here", f"take it out, or write one of: {fields}"


def _text(wrong: Wrong) -> Words:
    detail = f"this must be text, not {shown(wrong.given)}"
    if isinstance(wrong.given, bool | int | float):
        return detail, f'put it in quotes, "{shown(wrong.given).strip("`")}", if it is what you mean'
    return detail, f"write text{wrong.such_as}"


def _pattern(wrong: Wrong) -> Words:
    text = str(wrong.given)
    if wrong.context["pattern"] == _pattern_of(LocalTime):
        padded = text.zfill(len("09:00"))
        time = padded if re.match(wrong.context["pattern"], padded) else "09:00"
        return f"{_subject(text)} is no time of day", f'write hours and minutes in quotes, such as "{time}"'
    key = re.sub("[^a-z0-9]+", "-", text.lower()).strip("-")[:64].strip("-")
    rule = "lower case letters, digits and hyphens, 64 at most"
    return (
        f"{_subject(text)} is no key, which is made of {rule}",
        f"write `{key}`, for example" if key else f"write a key{wrong.such_as}",
    )


def _pattern_of(annotated: Any) -> str:  # noqa: ANN401 - an `Annotated` has no type of its own
    pattern: str = annotated.__metadata__[0].metadata[0].pattern
    return pattern


def _word(wrong: Wrong) -> Words:
    words = re.findall("'([^']*)'", wrong.context["expected"]) or [wrong.context["expected"].lower()]
    meant = closest(wrong.given, words) if isinstance(wrong.given, str) else None
    allowed = ", ".join(f"`{word}`" for word in words)
    choice = f"`{meant}`" if meant else f"one of: {allowed}" if len(words) > 1 else allowed
    return f"{_subject(wrong.given)} cannot stand here", f"write {choice}"


def _number(wrong: Wrong) -> Words:
    other = f", or `{wrong.field}: {wrong.example}`" if wrong.example else ""
    return f"this must be a number, not {_typed(wrong.given)}", f"write a number without quotes{other}"


def _whole_number(wrong: Wrong) -> Words:
    return f"this must be a whole number, not {_typed(wrong.given)}", "write a whole number without quotes, such as 3"


def _list(wrong: Wrong) -> Words:
    return f"this must be a list, not {shown(wrong.given)}", f"write a list{wrong.such_as}"


def _mapping(wrong: Wrong) -> Words:
    return f"this must be a mapping, not {shown(wrong.given)}", f"write a mapping{wrong.such_as}"


def _instant(wrong: Wrong) -> Words:
    return f"{_subject(wrong.given)} is no instant", "write a date, a time and a zone: 2026-12-01T09:00:00Z"


def _duration(wrong: Wrong) -> Words:
    return f"{_subject(wrong.given)} is no duration", _own(wrong)[1]


def _reference(wrong: Wrong) -> Words:  # noqa: ARG001 - the sentence is the same for every mapping
    mend = "write a value, or say where it is: {entry: cart_id}, {context: answer} or {attribute: country}"
    return "this mapping refers to nothing", mend


def _null(wrong: Wrong) -> Words:  # noqa: ARG001 - null is null
    return "null is no value to compare with", "write a value, or `exists: false` where there should be none"


def _ordered(wrong: Wrong) -> Words:
    detail, mend = _own(wrong)
    return detail, "write a number" if {"sum", "average", "max", "min"} & {*wrong.place} else mend


def _empty_list(wrong: Wrong) -> Words:
    if isinstance(wrong.given, list | tuple) and wrong.given:
        return _own(wrong)
    example = "[PL, DE]"
    if wrong.field in {"all", "any"}:
        example = "[{property: price, gte: 10}]" if "where" in wrong.place else "[{attribute: country, equals: PL}]"
    detail = "this list is empty" if isinstance(wrong.given, list | tuple) else "this must be a list"
    return detail, f"write at least one, such as `{wrong.field}: {example}`"


def _condition_kind(wrong: Wrong) -> Words:
    """A condition of no kind: one that was misspelt, or an operator that compares nothing."""
    given = re.findall("`([^`]*)`", str(wrong.context.get("given", "")))
    known = str(wrong.context.get("known", "")).split(", ")
    meant = misspelt_kind(wrong.context)
    if meant is not None:
        return f"`{meant}` is no kind of condition", f"write `{closest(meant, known)}`"
    if given and set(given) <= set(OPERATORS):
        what = "property: price" if "property" in known else "attribute: country"
        return f"`{given[0]}` compares, and nothing says what", f"add it, such as `{what}`"
    return _own(wrong)


def misspelt_kind(context: Mapping[str, Any]) -> str | None:
    """The field of a condition that was meant to tell its kind."""
    given = re.findall("`([^`]*)`", str(context.get("given", "")))
    known = str(context.get("known", "")).split(", ")
    return next((word for word in given if word not in OPERATORS and closest(word, known, 0.75)), None)


PHRASES: Final[Mapping[str, Callable[[Wrong], Words]]] = {
    "missing": _missing,
    "extra_forbidden": _unknown,
    "string_type": _text,
    "string_pattern_mismatch": _pattern,
    "string_too_short": lambda wrong: ("this text is empty", f"write text{wrong.such_as}"),
    "string_too_long": lambda wrong: (
        f"this text has {len(wrong.given)} characters",
        f"use up to {wrong.context['max_length']}",
    ),
    "literal_error": _word,
    "bool_type": lambda wrong: (
        f"this must be true or false, not {_typed(wrong.given)}",
        "write true or false, without quotes",
    ),
    **dict.fromkeys(("int_type", "int_from_float"), _whole_number),
    **dict.fromkeys(("float_type",), _number),
    **dict.fromkeys(("tuple_type",), _list),
    **dict.fromkeys(("model_type", "mapping_type", "dict_type"), _mapping),
    **dict.fromkeys(("timezone_aware", "datetime_parsing", "datetime_from_date_parsing"), _instant),
    "too_long": lambda wrong: (
        f"these are {len(wrong.given)}, more than {wrong.context['max_length']}",
        f"keep {wrong.context['max_length']} at most",
    ),
    "greater_than_equal": lambda wrong: (f"{shown(wrong.given)} is too small", f"write {wrong.context['ge']} or more"),
    "less_than_equal": lambda wrong: (f"{shown(wrong.given)} is too large", f"write {wrong.context['le']} or less"),
    "greater_than": lambda wrong: (f"{shown(wrong.given)} is too small", f"write more than {wrong.context['gt']:g}"),
    "less_than": lambda wrong: (f"{shown(wrong.given)} is too large", f"write less than {wrong.context['lt']:g}"),
    "operator": _operator,
    "condition_kind": _condition_kind,
    "duration": _duration,
    "reference": _reference,
    "null": _null,
    "ordered": _ordered,
    "list": _empty_list,
}
