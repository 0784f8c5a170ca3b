"""What is wrong with a journey, told so that whoever wrote it can mend it: the place, the step, the words."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from journeyman.language.channels import SENDING
from journeyman.language.validation import MOST, DefinitionError, Problem, parse
from tests.builders import journey

EVENT = {"on": "event", "event": "Product Added"}
SEND = {"channel": "email", "template": "hello"}
GOAL = {"key": "order", "on": "event", "event": "Order Completed", "within": "7d"}


def problems(document: object) -> list[Problem]:
    with pytest.raises(DefinitionError) as caught:
        parse(document)
    return caught.value.problems


def told(document: object) -> list[str]:
    return [str(problem) for problem in problems(document)]


def in_entry(**parts: Any) -> list[str]:
    return told(journey(entry={**EVENT, **parts}))


def in_step(**parts: Any) -> list[str]:
    return told(journey(steps=[{"id": "do", **parts}, {"id": "rest", "wait": {"for": "1d"}}]))


@pytest.mark.parametrize("document", [None, [], "journey: x", 5])
def test_a_document_that_is_no_mapping_is_no_journey(document: object) -> None:
    (problem,) = problems(document)
    assert (problem.pointer, problem.step) == ("", None)
    assert "mapping" in problem.detail
    assert "steps" in problem.mend


def test_a_part_of_the_entry_is_not_taken_for_a_starter() -> None:
    """`event` is a starter, and a field of the entry as well."""
    assert in_entry(audience={"attribute": "country", "equal": "PL"}) == [
        "/entry/audience/equal: `equal` is no operator; write `equals`"
    ]
    assert in_entry(reentry={"max": 0, "per": "1d"}) == ["/entry/reentry/max: `0` is too small; write 1 or more"]


def test_a_field_that_is_called_like_a_member_of_a_union_misleads_nobody() -> None:
    strange = {"<event>": {"audience": 1}, "audience": {"attribute": "country", "equals": None}}
    assert [problem.pointer for problem in problems(journey(entry={**EVENT, **strange}))] == [
        "/entry/audience",
        "/entry/<event>",
    ]


def test_a_list_with_one_bad_member_is_not_said_to_be_empty() -> None:
    assert in_step(branch=[{"when": {"consent": "email"}}]) == [
        "/steps/0/branch/0/next: step `do`: `next` is missing; add `next`, such as `next: end`"
    ]
    assert told(journey(steps=[])) == ["/steps: this list is empty; add at least one to it"]


def test_each_problem_is_told_once_and_all_of_them_together() -> None:
    document = journey(
        "Bad Key",
        priority=101,
        versions={},
        steps=[{"id": "a", "wait": {"for": "soon"}}, {"id": "b", "send": {**SEND, "fallback": "x"}}],
    )
    assert [problem.pointer for problem in problems(document)] == [
        "/journey",
        "/priority",
        "/steps/0/wait/for",
        "/steps/1/send/fallback",
        "/versions",
    ]


def test_the_number_of_problems_is_bounded() -> None:
    assert len(problems(journey(steps=[{"id": "x y", "end": "z"}] * 100))) == MOST
    assert len(problems(journey(steps=[{"id": "a", "end": "z"}] * 100))) == MOST


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"on": "schedule"}, "/on: `on: schedule` cannot stand here; write one of: event, attribute_change, segment, "),
        ({"event": "X"}, ": `on` is missing, which says what happens; write one of: event, attribute_change"),
        ("event", ": this does not say what happens; write {on: event, event: Order Completed}, for example"),
        ({"on": "event"}, "/event: `event` is missing; add `event`, such as `event: Order Completed`"),
        ({"on": "segment"}, "/segment: `segment` is missing; add `segment`, such as `segment: vip`"),
        ({"on": "segment", "segment": "vip", "direction": "in"}, "/direction: `in` cannot stand here; write one of"),
        ({"on": "attribute_change"}, ": a change is one of `attribute` or `computed`; write one of them, such as"),
        (
            {"on": "attribute_change", "attribute": "tier", "changes": True, "changes_to": "gold"},
            "/changes: `changes: true` is any change; take it out, or take out `changes_to` and `changes_from`",
        ),
        ({"on": "message", "message": "heloo", "status": "clicked"}, "/message: no step `heloo` sends a message;"),
        ({"on": "condition"}, "/when: `when` is missing; add `when`, such as `when: {attribute: country, equals: PL}`"),
        ({"on": "date"}, ": a date comes from one place; write one of `instant`, `attribute` or `entry`"),
        (
            {"on": "date", "instant": "2027-01-01T00:00:00Z", "offset": "1d"},
            "/offset: `offset` goes with a date of the profile or the entry; take it out",
        ),
    ],
)
def test_w9_an_exit_that_says_nothing_is_refused_with_its_mend(rule: Any, words: str) -> None:
    (refused,) = told(journey(exit=[rule], steps=[{"id": "hello", "send": SEND}]))
    assert refused.startswith(f"/exit/0{words}")


def test_c1_a_goal_may_be_on_all_but_a_date() -> None:
    (refused,) = told(journey(goals=[{"key": "g", "on": "date", "attribute": "x", "within": "1d"}]))
    assert refused.startswith("/goals/0/on: `on: date` cannot stand here; write one of: event, attribute_change")
    (refused,) = told(journey(goals=[{"key": "g", "on": "segment", "segment": "x", "within": "1d", "value": {}}]))
    assert refused.startswith("/goals/0/value: this must be a number")


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"on": "event", "event": "X", "within": "7d"}, "/within: `within` goes with `count`; add it, such as"),
        ({"on": "event", "event": "X", "count": 0}, "/count: `0` is too small; write 1 or more"),
        ({"on": "journey", "journey": "cart"}, "/journey: this journey would start itself, for ever; name another"),
        (
            {"on": "journey", "journey": "other", "step": "a", "outcome": "b"},
            "/outcome: `step` and `outcome` are two things that may happen; take one of them out",
        ),
        (
            {"on": "journey", "journey": "other", "direction": "left"},
            "/direction: `direction` goes with `step`; add the step, or take `direction` out",
        ),
        ({"on": "attribute_change", "attribute": "a", "computed": "b"}, ": a change is one of `attribute` or"),
    ],
)
def test_e5_an_entry_that_contradicts_itself_is_refused_with_its_mend(entry: Any, words: str) -> None:
    (refused,) = told(journey(entry=entry))
    assert refused.startswith(f"/entry{words}")


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ({"snd": SEND}, "/snd: step `do`: `snd` is no kind of step; write `send`"),
        ({"wait": {}}, "/wait: step `do`: this wait has neither `for` nor `until`"),
        ({"wait": {"for": "1d", "until": "09:00"}}, "/wait: step `do`: this wait is both `for` and `until`"),
        (
            {"wait": {"until": "9:00"}},
            "/wait/until: step `do`: `9:00` is no time of day; write hours and minutes in quotes",
        ),
        ({"wait": {"until": 5}}, "/wait/until: step `do`: this does not say until when"),
        (
            {"wait": {"until": {"instant": 5}}},
            "/wait/until/instant: step `do`: this is no instant; write a date, a time",
        ),
        ({"send": {**SEND, "template": "Cart 10 %"}}, "/send/template: step `do`: `Cart 10 %` is no key"),
        (
            {"send": {**SEND, "channel": "emial"}},
            "/send/channel: step `do`: there is no channel `emial`; write one of: " + ", ".join(SENDING),
        ),
        ({"send": {**SEND, "on": {"opened": "end"}}}, "/send/on/opened: step `do`: `opened` cannot stand here"),
        ({"send": {"template": "hello"}}, "/send/channel: step `do`: `channel` is missing; add `channel`, such as"),
        ({"send": {**SEND, "templ": "x"}}, "/send/templ: step `do`: there is no field `templ` here; write `template`"),
        ({"send": "hello"}, "/send: step `do`: this must be a mapping, not `hello`; write a mapping, such as `send: {"),
        ({"end": 5}, '/end: step `do`: this must be text, not `5`; put it in quotes, "5"'),
        ({"update": {}}, "/update: step `do`: this changes nothing; name at least one of"),
        ({"update": {"consent": {"email": "maybe"}}}, "/update/consent/email: step `do`: `maybe` cannot stand here"),
        ({"end": "x", "next": "rset"}, "/next: step `do`: there is no step `rset`; write `rest`"),
        ({"end": "x", "next": "continue"}, "/next: step `do`: `continue` cannot stand here; take `next` out"),
        ({"end": "x", "next": "exit"}, "/next: step `do`: `exit` cannot stand here; write `end`"),
    ],
)
def test_a_fault_in_a_step_is_told_with_its_mend(step: dict[str, Any], words: str) -> None:
    assert in_step(**step)[0].startswith(f"/steps/0{words}")


@pytest.mark.parametrize(
    ("wait", "words"),
    [
        (
            {"event": "X", "timout": "1d"},
            ["/wait_for/timout: step `do`: there is no field `timout` here; write `timeout`"],
        ),
        ({"event": "X"}, ["/wait_for/timeout: step `do`: `timeout` is missing; add `timeout`, such as `timeout: 7d`"]),
        (
            {"event": "X", "branches": [{"event": "Y"}], "timeout": "1d"},
            ["/wait_for/event: step `do`: `event` stands beside `branches`; move it into one of them"],
        ),
        (
            {"event": "X", "status": "opened", "timeout": "1d"},
            ["/wait_for/status: step `do`: `status` goes with `message` alone; take it out, or wait for a `message`"],
        ),
    ],
)
def test_in_the_short_form_of_a_wait_faults_are_where_they_were_written(wait: dict[str, Any], words: list[str]) -> None:
    assert sorted(in_step(wait_for=wait)) == sorted(f"/steps/0{each}" for each in words)


def test_what_is_not_there_yet_to_wait_for_is_refused_by_name() -> None:
    (refused,) = in_step(wait_for={"call_back": "x", "timeout": "1d"})
    assert refused.startswith("/steps/0/wait_for/call_back: step `do`: `call_back` is not available yet; take it out")


def test_a_message_is_one_that_this_journey_sends() -> None:
    opened = {"message": "heloo", "status": "opened"}
    steps: list[dict[str, Any]] = [
        {"id": "hello", "send": SEND},
        {"id": "look", "wait_for": {"when": {"all": [{"not": opened}]}, "timeout": "1d"}},
    ]
    assert told(journey(entry={**EVENT, "audience": opened}, steps=steps)) == [
        "/entry/audience/message: no step `heloo` sends a message; write `hello`",
        "/steps/1/wait_for/when/all/0/not/message: step `look`: no step `heloo` sends a message; write `hello`",
    ]
    elsewhere = {**EVENT, "audience": {**opened, "of": "any journey"}}
    assert parse(journey(entry=elsewhere)).entry.audience is not None


def test_a_loop_in_which_no_time_passes_is_told_where_it_leads_back() -> None:
    steps: list[dict[str, Any]] = [
        {"id": "first", "send": SEND},
        {"id": "which", "branch": [{"when": {"consent": "email"}, "next": "first"}], "else": "rest"},
        {"id": "rest", "wait": {"for": "1d"}, "next": "first"},
    ]
    (problem,) = problems(journey(steps=steps))
    assert (problem.pointer, problem.step) == ("/steps/1/branch/0/next", "which")
    assert problem.detail == "this leads back to `first`, and no time passes on the way round"
    assert problem.mend == "put a `wait` or `wait_for` into the loop, or lead on"
    steps[0]["next"] = "rest"
    assert parse(journey(steps=steps)).first.targets == ("rest",)


def test_where_ids_stand_twice_nothing_is_said_of_loops() -> None:
    twin = {"id": "a", "send": SEND, "next": "a"}
    assert [problem.pointer for problem in problems(journey(steps=[twin, twin]))] == ["/steps/1/id"]


def test_conditions_say_what_was_meant() -> None:
    assert in_entry(audience={"atribute": "country", "equals": "PL"}) == [
        "/entry/audience/atribute: `atribute` is no kind of condition; write `attribute`"
    ]
    assert in_entry(where={"gte": 5}) == [
        "/entry/where: `gte` compares, and nothing says what; add it, such as `property: price`"
    ]
    assert in_entry(audience={"message": "any", "statsu": "opened"}) == [
        "/entry/audience/statsu: there is no field `statsu` here; write `status`"
    ]
    assert in_entry(audience={"attribute": "a", "equals": {"entri": "x"}})[0].startswith(
        "/entry/audience/equals: this mapping refers to nothing; write a value"
    )


@pytest.mark.parametrize(
    ("part", "pointer"),
    [
        ({"name": "a\0b"}, "/name"),
        ({"name": "\ud800"}, "/name"),
        ({"\ud800": 1}, ""),
        ({"entry": {True: "event", "event": "X"}}, "/entry"),
        ({"time_zone": "\ud800"}, "/time_zone"),
        ({"entry": {**EVENT, "audience": {"attribute": "a", "\ud800": 1}}}, "/entry/audience"),
        ({"goals": [{**GOAL, "value": float("nan")}]}, "/goals/0/value"),
        ({"goals": [{**GOAL, "value": 10**400}]}, "/goals/0/value"),
        ({"steps": [{"id": "a", "update": {"attributes": {"b": float("inf")}}}]}, "/steps/0/update/attributes/b"),
        ({"steps": [{"id": "a", "update": {"attributes": {"b": {1}}}}]}, "/steps/0/update/attributes/b"),
        ({"steps": [{"id": "a", "wait": {"until": date(2026, 3, 1)}}]}, "/steps/0/wait/until"),
        ({"steps": iter([])}, "/steps"),
        ({"exit": [{"on": ["event"], "event": "X"}]}, "/exit/0/on"),
    ],
)
def test_what_no_journey_can_hold_is_refused_like_any_fault(part: dict[Any, Any], pointer: str) -> None:
    assert [problem.pointer for problem in problems({**journey(), **part})] == [pointer]


def test_what_stands_in_itself_is_refused() -> None:
    cycle: dict[str, Any] = {}
    cycle["not"] = cycle
    (problem,) = problems(journey(entry={**EVENT, "audience": cycle}))
    assert "too deep" in problem.detail


@pytest.mark.parametrize(
    ("part", "field"),
    [
        ({"entry": {**EVENT, "reentry": {"max": True, "per": "1d"}}}, "max"),
        ({"entry": {**EVENT, "reentry": {"max": "2", "per": "1d"}}}, "max"),
        ({"goals": [{**GOAL, "value": "2"}]}, "value"),
        ({"goals": [{**GOAL, "value": True}]}, "value"),
        ({"steps": [{"id": "a", "wait": {"until": {"time": "09:00", "in_days": "2"}}}]}, "in_days"),
        ({"steps": [{"id": "a", "wait": {"until": {"time": "09:00", "days": 2}}}]}, "days"),
        ({"steps": [{"id": "a", "wait_for": {"attribute": "b", "changes": 1, "timeout": "1d"}}]}, "changes"),
    ],
)
def test_nothing_is_read_as_what_it_was_not_written_as(part: dict[str, Any], field: str) -> None:
    assert [problem.pointer.rpartition("/")[2] for problem in problems({**journey(), **part})] == [field]


def test_an_instant_may_be_what_other_readers_of_yaml_make_of_it() -> None:
    at = datetime(2026, 12, 1, 9, tzinfo=UTC)
    definition = parse(journey(steps=[{"id": "a", "wait": {"until": at}}]))
    assert definition.to_document()["steps"][0]["wait"] == {"until": {"instant": "2026-12-01T09:00:00Z"}}


def test_quoted_text_is_cut_short() -> None:
    (problem,) = problems(journey(entry={**EVENT, "audience": {"a" * 5000: 1}}))
    assert len(problem.detail) < 400
