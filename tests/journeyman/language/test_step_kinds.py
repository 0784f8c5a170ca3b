"""What is wrong with a step is said with the place and the mend."""

from typing import Any

import pytest

from journeyman.language.definition import Definition
from journeyman.language.validation import DefinitionError, parse
from tests.builders import journey

CALL = {"url": "https://crm.example/leads"}
WORK = {"name": "ScoreLead", "queue": "sales"}
TASK = {"title": "Call her", "timeout": "3d"}


def problem(kind: str, body: Any) -> tuple[str, str, str]:
    """The pointer, what is wrong and the mend, where one thing is."""
    with pytest.raises(DefinitionError) as raised:
        parse(journey(steps=[{"id": "step", kind: body}, {"id": "below", "end": "below"}]))
    (found,) = raised.value.problems
    return found.pointer.removeprefix("/steps/0"), found.detail, found.mend


@pytest.mark.parametrize(
    ("kind", "body", "pointer", "word"),
    [
        ("repeat", {"to": "step"}, "/repeat", "max: 3"),
        ("repeat", {"to": "end", "max": 2}, "/repeat/to", "a step's id"),
        ("repeat", {"to": "below", "max": 0}, "/repeat/max", "1"),
        ("repeat", {"to": "nowhere", "max": 1}, "/repeat/to", "below"),
        ("emit", {"event": ""}, "/emit/event", "empty"),
        ("update", {}, "/update", "segments"),
        ("update", {"tags": {}}, "/update/tags", "add"),
        ("update", {"segments": {"attribute": "x"}}, "/update/segments/attribute", "add"),
        ("update", {"scores": {"hot": 5}}, "/update/scores", "emit"),
        ("call", {"url": "crm.example/leads"}, "/call/url", "https://"),
        ("call", {"url": "https://{{ customer.host }}/leads"}, "/call/url", "host"),
        ("call", {"url": "https://crm.example@evil.example/"}, "/call/url", "host"),
        ("call", {**CALL, "headers": {"Authorization": "Bearer x"}}, "/call/headers", "auth"),
        ("call", {**CALL, "headers": {"Host": "x"}}, "/call/headers", "take it out"),
        ("call", {**CALL, "auth": {}}, "/call/auth", "bearer"),
        ("call", {**CALL, "auth": {"bearer": "a", "basic": {"user": "u", "password": "p"}}}, "/call/auth", "one of"),
        ("call", {**CALL, "timeout": "1h"}, "/call/timeout", "10s"),
        ("call", {**CALL, "method": "GET", "body": {}}, "/call", "POST"),
        ("call", {**CALL, "on": {"2XX": "below"}}, "/call/on/2XX", "2xx"),
        ("call", {**CALL, "on": {"404": "nowhere"}}, "/call/on/404", "below"),
        ("call", {**CALL, "as": "a b"}, "/call/as", "underscores"),
        ("activity", {"name": "ScoreLead"}, "/activity/queue", "queue"),
        ("activity", {**WORK, "timeout": "31d"}, "/activity/timeout", "30 days"),
        ("activity", {**WORK, "timeout": "1m", "attempt_timeout": "2m"}, "/activity/attempt_timeout", "shorter"),
        ("enter", {"journey": "other", "on": {"won": "below"}}, "/enter/on", "wait: true"),
        ("enter", {"journey": "other", "as": "there"}, "/enter/as", "wait: true"),
        ("enter", {"journey": "other", "wait": {"on_timeout": "nowhere"}}, "/enter/wait/on_timeout", "below"),
        ("task", {"title": "Call her"}, "/task/timeout", "timeout"),
        ("task", {**TASK, "on": {"maybe": "below"}}, "/task/on", "choices"),
        ("task", {**TASK, "choices": []}, "/task/choices", "at least one"),
        ("task", {**TASK, "due": "4d"}, "/task/due", "timeout"),
        ("throttle", {"max": 0, "per": "1h"}, "/throttle/max", "1"),
        ("throttle", {"max": 1, "per": "32d"}, "/throttle/per", "1h"),
        ("throttle", {"max": 1, "per": "1 calendar day"}, "/throttle/per", "1d"),
        ("audience", {}, "/audience", "add"),
        ("audience", {"add": "a", "remove": "a"}, "/audience", "remove"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_its_mend(kind: str, body: Any, pointer: str, word: str) -> None:
    place, detail, mend = problem(kind, body)
    assert place == pointer
    assert word in f"{detail}; {mend}"


SOUND: list[dict[str, Any]] = [
    {"repeat": {"to": "pause", "max": 3, "for": "14d"}},
    {"emit": {"event": "Cart Left", "properties": {"cart": {"entry": "cart_id"}, "n": 3, "deep": {"a": [1]}}}},
    {"update": {"tags": {"add": ["a", {"entry": "b"}]}, "segments": {"add": ["callers"], "remove": ["x"]}}},
    {"call": {**CALL, "on": {"404": "end", "2xx": "pause"}, "as": "lead", "auth": {"hmac": {"secret": "s"}}}},
    {"call": {"url": "http://127.0.0.1:8080/{{ entry.path }}", "method": "GET"}},
    {"activity": {**WORK, "input": {"a": {"attribute": "a"}}, "heartbeat": "20s", "as": "lead", "on_error": "exit"}},
    {"activity": {**WORK, "timeout": "30s"}},
    {"enter": {"journey": "other", "context": {"a": 1}}},
    {"enter": {"journey": "other", "wait": True, "on": {"won": "end"}, "as": "there"}},
    {"enter": {"journey": "other", "wait": False}},
    {"task": {**TASK, "choices": ["a", "b"], "on": {"a": "end"}, "due": "1d", "team": "sales", "as": "said"}},
    {"throttle": {"max": 200, "per": "1h"}},
    {"audience": {"remove": "carts"}},
]


def read(step: dict[str, Any]) -> Definition:
    return parse(journey(steps=[{"id": "pause", "wait": {"for": "1h"}}, {"id": "step", **step}]))


@pytest.mark.parametrize("step", SOUND, ids=lambda step: next(iter(step)))
def test_a_step_comes_back_as_it_was_written(step: dict[str, Any]) -> None:
    definition = read(step)
    again = parse(definition.to_document())
    assert (again, again.hash) == (definition, definition.hash)
    assert again.to_document() == definition.to_document()


@pytest.mark.parametrize("step", SOUND, ids=lambda step: next(iter(step)))
def test_a_loop_needs_time_to_pass(step: dict[str, Any]) -> None:
    """A throttle, a task and an activity take time; what is done at once does not."""
    kind = next(iter(step))
    steps = [{"id": "pause", "branch": [{"when": {"attribute": "a", "exists": True}, "next": "end"}], "else": "step"}]
    document = journey(steps=[*steps, {"id": "step", **step, "next": "pause"}])
    if kind in {"throttle", "task", "activity"}:
        parse(document)
        return
    with pytest.raises(DefinitionError, match="no time passes"):
        parse(document)
