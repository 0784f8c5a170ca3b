"""The tests that stand in a journey: played with skipped time, and failing with what was found."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from journeyman.bootstrap import simulation
from journeyman.kit.errors import InvalidError
from journeyman.language.cases import Case
from journeyman.language.validation import parse
from journeyman.simulation.cases import Played, play
from journeyman.simulation.stock import Stock
from tests.builders import journey

STEPS: list[dict[str, Any]] = [
    {"id": "pause", "wait": {"for": "30m"}},
    {"id": "remind", "send": {"channel": "email", "template": "hello"}},
    {"id": "day", "wait": {"until": "09:00"}},
    {"id": "again", "send": {"channel": "email", "template": "hello"}},
    {"id": "over", "end": "not-bought"},
]
DOCUMENT = journey(
    "cart",
    entry={"on": "event", "event": "Product Added", "correlate": "cart_id", "audience": {"not": {"segment": "staff"}}},
    exit=[{"on": "event", "event": "Order Completed", "outcome": "bought"}],
    goals=[{"key": "order", "on": "event", "event": "Order Completed", "within": "7d"}],
    steps=STEPS,
)
STAFF = {"name": "Staff", "when": {"attribute": "staff", "equals": True}}
ANN = {"email": "ann@example.com", "consent": ["email"]}
CART = {"at": "0m", "event": "Product Added", "cart_id": "c1"}
ORDER = {"at": "20m", "event": "Order Completed", "cart_id": "c1"}


async def played(**parts: Any) -> Played:
    given = {"name": "a case", "given": {"customer": ANN}, "events": [CART], **parts}
    stock = Stock(segments=(("staff", STAFF),))
    return await play(simulation, parse(DOCUMENT), stock, Case.model_validate(given))


async def test_a_case_passes_where_everything_is_as_expected() -> None:
    sends = ["remind", {"step": "again", "at": "1d", "channel": "email", "template": "hello"}]
    expect = {
        "sends": sends,
        "outcome": "not-bought",
        "entered": 1,
        "steps": ["pause", "remind", "day", "again", "over"],
    }
    assert (await played(expect=expect)).failures == []


async def test_an_exit_ends_the_wait_and_the_goal_is_reached() -> None:
    expect = {"sends": [], "outcome": "bought", "goals": ["order"]}
    assert (await played(events=[CART, ORDER], expect=expect)).failures == []


async def test_what_is_otherwise_is_said_in_words() -> None:
    expect = {
        "sends": ["again"],
        "outcome": "bought",
        "entered": False,
        "goals": ["order"],
        "attributes": {"vip": True},
    }
    assert (await played(expect=expect)).failures == [
        "sends: expected [again], found [remind, again]",
        "entered: expected none, found 1 entries",
        "outcome: expected bought, found not-bought",
        "goals: expected [order], found []",
        "attributes.vip: expected True, found None",
    ]


async def test_a_message_at_another_time_is_said() -> None:
    (failure,) = (await played(expect={"sends": [{"step": "remind", "at": "1h"}, "again"]})).failures
    assert failure == "remind: expected at 1h, found at 0:30:00"


async def test_refused_messages_count_where_the_case_speaks_of_one() -> None:
    given = {"customer": {"email": "ann@example.com"}}
    refused = [{"step": "remind", "outcome": "no_consent"}, {"step": "again", "outcome": "no_consent"}]
    assert (await played(given=given, expect={"sends": refused})).failures == []
    assert (await played(given=given, expect={"sends": []})).failures == []


async def test_who_is_kept_out_is_refused_with_the_reason() -> None:
    staff = {"customer": {**ANN, "staff": True}}
    assert (await played(given=staff, expect={"entered": False, "refused": "audience", "sends": []})).failures == []


async def test_what_comes_before_the_beginning_starts_nothing_and_is_known() -> None:
    before = {"at": "-3d", "event": "Product Added", "cart_id": "c0"}
    assert (await played(events=[before, CART], expect={"entered": 1})).failures == []
    assert (await played(events=[before], expect={"entered": 0})).failures == []


async def test_local_times_are_those_of_the_customer() -> None:
    customer = {**ANN, "timezone": "America/New_York"}
    given = {"customer": customer, "at": datetime(2026, 3, 7, 12, tzinfo=UTC).isoformat()}
    # The clocks go forward in that night: nine o'clock is 13:00 in UTC.
    sends = ["remind", {"step": "again", "at": "2h"}]
    assert (await played(given=given, expect={"sends": sends})).failures == []
    later = {"customer": customer, "at": datetime(2026, 3, 7, 15, tzinfo=UTC).isoformat()}
    sends = ["remind", {"step": "again", "at": "22h"}]
    assert (await played(given=later, expect={"sends": sends})).failures == []


async def test_a_call_lets_in_where_the_journey_is_entered_by_calls() -> None:
    document = journey("welcome", entry={"on": "api"}, steps=STEPS[:2])
    case = Case.model_validate(
        {
            "name": "called",
            "given": {"customer": ANN},
            "enter": {"at": "1h"},
            "expect": {"sends": [{"step": "remind", "at": "90m"}]},
        }
    )
    assert (await play(simulation, parse(document), Stock(), case)).failures == []


def test_a_case_that_expects_nothing_is_refused() -> None:
    with pytest.raises(ValidationError, match="this expects nothing"):
        Case.model_validate({"name": "empty", "expect": {}})


def test_tests_are_no_part_of_a_version() -> None:
    case = {"name": "a case", "expect": {"entered": True}}
    assert parse({**DOCUMENT, "tests": [case]}).hash == parse(DOCUMENT).hash
    assert parse({**DOCUMENT, "tests": [case]}).to_document()["tests"] == [case]


async def test_what_other_systems_say_is_what_the_case_says() -> None:
    call = {"url": "https://weather.example/riga", "as": "weather", "on": {"503": "closed"}, "on_error": "broken"}
    steps = [
        {"id": "ask", "call": call},
        {"id": "cold", "branch": [{"when": {"context": "weather.temp", "lt": 0}, "next": "warm-up"}], "else": "end"},
        {"id": "warm-up", "send": {"channel": "email", "template": "hello"}, "next": "end"},
        {"id": "closed", "end": "closed"},
        {"id": "broken", "end": "broken"},
    ]
    document = parse(journey("weather", entry={"on": "event", "event": "Product Added"}, steps=steps))

    async def after(**answer: Any) -> tuple[str | None, list[str]]:
        given = {"customer": ANN, "answers": {"ask": answer}}
        events = [{"at": "0m", "event": "Product Added"}]
        case = Case.model_validate({"name": "x", "given": given, "events": events, "expect": {"entered": True}})
        result = (await play(simulation, document, Stock(), case)).result
        return result.outcome, [message.step for message in result.messages]

    assert await after(body={"temp": -5}) == ("completed", ["warm-up"])
    assert await after(body={"temp": 15}) == ("completed", [])
    assert await after(status=503) == ("closed", [])
    assert await after(fails="no route to host") == ("broken", [])


async def test_a_loop_in_which_no_time_passes_is_told_instead_of_gone_round_for_ever() -> None:
    steps = [
        {"id": "ask", "activity": {"name": "ScoreLead", "queue": "own"}},
        {"id": "again", "repeat": {"to": "ask", "for": "3d"}},
    ]
    document = parse(journey("loop", entry={"on": "event", "event": "Product Added"}, steps=steps))
    case = Case.model_validate({"name": "x", "given": {"customer": ANN}, "events": [CART], "expect": {"entered": True}})
    with pytest.raises(InvalidError) as refused:
        await play(simulation, document, Stock(), case)
    (fault,) = refused.value.faults
    assert fault.detail == "at 2026-03-02T09:00:00+00:00 the run of step `ask` goes on without end"


LOOKING: dict[str, Any] = {
    "channel": "email",
    "subject": "{{ lookup.stock }} left",
    "text": "Come",
    "lookups": {"stock": {"connection": "shop", "take": "/left", "otherwise": "Some"}},
}


@pytest.mark.parametrize(
    ("lookups", "otherwise", "way", "sends"),
    [
        ({}, "Some", "nothing is looked up in a simulation", ["remind", "again"]),
        ({}, None, "nothing is looked up in a simulation", ["remind", "again"]),
        ({"stock": {"body": {"left": 3}}}, None, "answered", ["remind", "again"]),
        ({"stock": {"fails": "down"}}, "Some", "down", ["remind", "again"]),
        ({"stock": {"status": 503}}, None, "the answer is 503", []),
    ],
)
async def test_a_case_says_what_lookups_find_and_nobody_is_asked(
    lookups: dict[str, Any], otherwise: str | None, way: str, sends: list[str]
) -> None:
    lookup = {name: part for name, part in LOOKING["lookups"]["stock"].items() if name != "otherwise"}
    if otherwise is not None:
        lookup["otherwise"] = otherwise
    stock = Stock(templates={"hello": {**LOOKING, "lookups": {"stock": lookup}}}, segments=(("staff", STAFF),))
    given = {"customer": ANN, "lookups": lookups}
    case = Case.model_validate({"name": "a case", "given": given, "events": [CART], "expect": {"sends": sends}})
    found = await play(simulation, parse(DOCUMENT), stock, case)
    assert found.failures == []
    gates = [gate for line in found.result.lines for gate in line.data.get("gates", ()) if gate["gate"] == "lookup"]
    assert {gate["read"]["stock"] for gate in gates} == {way}
