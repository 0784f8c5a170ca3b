"""What is another in a version than in one before, in words: step by step, then what starts, ends and counts."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from journeyman.language.definition import KINDS, Definition, Step

APART: Final = ("steps", "exit", "goals", "tests", "journey")
"""Parts that are compared in a way of their own, or are no part of what is published."""
LONGEST: Final = 60
"""Characters of a value in a sentence."""
NOWHERE: Final = "the end"


def differences(before: Definition, after: Definition) -> list[str]:
    """A sentence for each difference; none where the two mean the same."""
    return [*_steps(before, after), *_top(before, after), *_listed(before, after)]


def _steps(before: Definition, after: Definition) -> Iterator[str]:
    for step in after.steps:
        if not before.has_step(step.id):
            yield f"Step `{step.id}` is new: {_kind(step)}"
    for step in before.steps:
        if not after.has_step(step.id):
            yield f"Step `{step.id}` is gone: {_kind(step)}"
    for step in after.steps:
        if before.has_step(step.id):
            yield from _step(before, before.step(step.id), after, step)


def _kind(step: Step) -> str:
    kind = _kind_of(_document(step))
    return f"{'an' if kind[0] in 'aeiou' else 'a'} `{kind}`"


def _kind_of(document: Mapping[str, Any]) -> str:
    return next(kind for kind in KINDS if kind in document)


def _document(part: Step) -> dict[str, Any]:
    found: dict[str, Any] = part.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return found


def _step(before: Definition, old: Step, after: Definition, new: Step) -> Iterator[str]:
    was, is_ = _document(old), _document(new)
    kind = _kind_of(is_)
    if kind != _kind_of(was):
        yield f"Step `{new.id}` is {_kind(new)} instead of {_kind(old)}"
        return
    for path, one, other in _changed(was, is_):
        if path != "next":
            yield f"Step `{new.id}` {_said(kind, path, one, other)}"
    was_next, is_next = before.after(old), after.after(new)
    if was_next != is_next:
        yield f"Behind step `{new.id}` comes {_place(is_next)} instead of {_place(was_next)}"


def _place(step: str | None) -> str:
    return f"`{step}`" if step is not None else NOWHERE


def _said(kind: str, path: str, one: object, other: object) -> str:
    if (kind, path) in WORDS and isinstance(one, str) and isinstance(other, str):
        return WORDS[kind, path].format(is_=spelt(other), was=spelt(one))
    return _plain(path, one, other)


WORDS: Final[Mapping[tuple[str, str], str]] = {
    ("wait", "wait.for"): "waits {is_} instead of {was}",
    ("wait_for", "wait_for.timeout"): "waits {is_} at most instead of {was}",
    ("send", "send.template"): "sends the template {is_} instead of {was}",
}


def spelt(text: str) -> str:
    """`2d` as `2 days`; anything else as it is."""
    unit = UNITS.get(text[-1:])
    if unit is None or not text[:-1].isdecimal():
        return f"`{text}`" if text.isidentifier() or "-" in text else text
    number = int(text[:-1])
    return f"{number} {unit}{'' if number == 1 else 's'}"


UNITS: Final = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week"}


def _plain(path: str, one: object, other: object) -> str:
    if one is None:
        return f"has `{path}`: {_shown(other)}"
    if other is None:
        return f"has no `{path}` any more: {_shown(one)}"
    return f"has `{path}`: {_shown(other)} instead of {_shown(one)}"


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _changed(was: object, is_: object, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where two documents differ, as deep as both are mappings; None stands for what is not there."""
    if was == is_:
        return
    if not isinstance(was, dict) or not isinstance(is_, dict):
        yield path, was, is_
        return
    for name in dict.fromkeys((*was, *is_)):
        yield from _changed(was.get(name), is_.get(name), f"{path}.{name}" if path else name)


def _top(before: Definition, after: Definition) -> Iterator[str]:
    was, is_ = before.to_document(), after.to_document()
    for name in dict.fromkeys((*was, *is_)):
        if name not in APART:
            for path, one, other in _changed(was.get(name), is_.get(name), name):
                yield f"The journey {_plain(path, one, other)}"


def _listed(before: Definition, after: Definition) -> Iterator[str]:
    """Exits and goals: what is there that was not, and the other way round."""
    was, is_ = before.to_document(), after.to_document()
    for name, word in (("exit", "An exit rule"), ("goals", "A goal")):
        olds, news = was.get(name, []), is_.get(name, [])
        yield from (f"{word} is new: {_shown(one)}" for one in news if one not in olds)
        yield from (f"{word} is gone: {_shown(one)}" for one in olds if one not in news)
