from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journeyman.language.conditions import CONDITION, EVENT_CONDITION
from journeyman.language.evaluation import EventFact, Facts, MessageFact, holds, judge, matches
from journeyman.language.facts import by_name
from tests.journeyman.journeys.populations.strategies import conditions, people

STEADY = settings(derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PROFILE: dict[str, Any] = {
    "country": "PL",
    "address": {"city": "Gda\u0144sk", "number": "7"},
    "age": 42,
    "score": 1.5,
    "vip": True,
    "nothing": None,
    "tags": ["new", 7, False],
    "wish": "PL",
    "last_order": "2026-02-27T12:00:00Z",
    "renewal": "2026-03-02T13:00:00+01:00",
    "birthday": "1990-05-01",
    "big": 10**400,
}


def facts(**more: Any) -> Facts:
    return Facts(now=NOW, attributes=PROFILE, **more)


def event(name: str, ago: timedelta = timedelta(), **properties: Any) -> EventFact:
    return EventFact(name, NOW - ago, 1, properties)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"attribute": "country", "equals": "PL"}, True),
        ({"attribute": "country", "equals": "pl"}, False),
        ({"attribute": "address.city", "equals": "Gda\u0144sk"}, True),
        ({"attribute": "address.number", "equals": 7}, False),
        ({"attribute": "age", "equals": 42.0}, True),
        ({"attribute": "vip", "equals": 1}, False),
        ({"attribute": "vip", "equals": True}, True),
        ({"attribute": "tags", "equals": "new"}, False),
        ({"attribute": "country", "equals": {"attribute": "wish"}}, True),
        ({"attribute": "nobody", "equals": {"attribute": "nobody"}}, False),
        ({"attribute": "country", "not_equals": "PL"}, False),
        ({"attribute": "age", "not_equals": "42"}, True),
        ({"attribute": "nobody", "not_equals": "x"}, True),
        ({"attribute": "age", "gt": 42}, False),
        ({"attribute": "age", "gte": 42}, True),
        ({"attribute": "big", "gt": 1e300}, True),
        ({"attribute": "score", "lt": 2}, True),
        ({"attribute": "score", "lte": 1.5}, True),
        ({"attribute": "country", "gt": "PK"}, True),
        ({"attribute": "country", "lt": "Z"}, True),
        ({"attribute": "age", "lt": "50"}, False),
        ({"attribute": "nobody", "lt": 50}, False),
        ({"attribute": "nothing", "gte": 0}, False),
        ({"attribute": "vip", "lte": {"attribute": "vip"}}, False),
        ({"attribute": "country", "in": ["DE", "PL"]}, True),
        ({"attribute": "age", "in": ["42", True]}, False),
        ({"attribute": "age", "in": {"attribute": "tags"}}, False),
        ({"attribute": "country", "in": {"attribute": "wish"}}, False),
        ({"attribute": "country", "not_in": ["PL"]}, False),
        ({"attribute": "nobody", "not_in": ["PL"]}, True),
        ({"attribute": "address.city", "contains": "\u0144s"}, True),
        ({"attribute": "tags", "contains": 7}, True),
        ({"attribute": "tags", "contains": "7"}, False),
        ({"attribute": "tags", "contains": 0}, False),
        ({"attribute": "age", "contains": 4}, False),
        ({"attribute": "country", "starts_with": "P"}, True),
        ({"attribute": "country", "starts_with": "L"}, False),
        ({"attribute": "country", "ends_with": "L"}, True),
        ({"attribute": "tags", "ends_with": "w"}, False),
        ({"attribute": "vip", "exists": True}, True),
        ({"attribute": "nothing", "exists": True}, False),
        ({"attribute": "nothing", "exists": False}, True),
        ({"attribute": "nobody", "exists": False}, True),
        ({"attribute": "last_order", "before": "2026-02-27T12:00:00Z"}, False),
        ({"attribute": "last_order", "before": "2026-02-27T12:00:00.000001Z"}, True),
        ({"attribute": "last_order", "before": {"ago": "1d"}}, True),
        ({"attribute": "last_order", "before": {"attribute": "renewal"}}, True),
        ({"attribute": "last_order", "after": {"attribute": "birthday"}}, False),
        ({"attribute": "birthday", "before": {"ago": "0d"}}, False),
        ({"attribute": "renewal", "after": {"ago": "0d"}}, True),
        ({"attribute": "renewal", "after": {"ahead": "1d"}}, False),
        ({"attribute": "last_order", "within_last": "2d"}, True),
        ({"attribute": "last_order", "within_last": "47h"}, False),
        ({"attribute": "renewal", "within_last": "10w"}, False),
        ({"attribute": "renewal", "within_next": "1d"}, True),
        ({"attribute": "renewal", "within_next": "23h"}, False),
        ({"attribute": "age", "within_next": "23h"}, False),
    ],
    ids=str,
)
def test_an_operator_means_what_the_rule_of_typed_comparison_says(condition: dict[str, Any], expected: bool) -> None:
    assert holds(CONDITION.validate_python(condition), facts()) is expected
    assert holds(CONDITION.validate_python({"not": condition}), facts()) is not expected


VIEWS = [event("Viewed", timedelta(days=days), sku="abc"[days % 3], price=days) for days in (0, 1, 2, 8)]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"event": "Viewed"}, True),
        ({"event": "Bought"}, False),
        ({"event": "Viewed", "count": 4}, True),
        ({"event": "Viewed", "count": 3}, False),
        ({"event": "Bought", "count": 0}, True),
        ({"event": "Viewed", "count": {"equals": 0}}, False),
        ({"event": "Viewed", "count": {"gt": 3, "lte": 4}}, True),
        ({"event": "Viewed", "count": 3, "within": "2d"}, True),
        ({"event": "Viewed", "count": 2, "where": {"property": "sku", "equals": "c"}}, True),
        (
            {"event": "Viewed", "where": {"all": [{"property": "price", "gt": 2}, {"property": "sku", "equals": "c"}]}},
            True,
        ),
        ({"event": "Viewed", "within": "7d", "where": {"property": "price", "gt": 2}}, False),
        ({"event": "Viewed", "count": 2, "where": {"not": {"any": [{"property": "sku", "in": ["c"]}]}}}, True),
        ({"event": "Viewed", "where": {"property": "sku", "equals": {"entry": "sku"}}}, True),
        ({"event": "Viewed", "where": {"property": "price", "equals": {"attribute": "age"}}}, False),
        ({"event": "Viewed", "sum": {"property": "price", "equals": 11}}, True),
        ({"event": "Viewed", "average": {"property": "price", "equals": 2.75}}, True),
        ({"event": "Viewed", "max": {"property": "price", "gte": 8}, "min": {"property": "price", "lt": 1}}, True),
        ({"event": "Viewed", "sum": {"property": "sku", "equals": 0}}, True),
        ({"event": "Viewed", "average": {"property": "sku", "gte": 0}}, False),
        ({"event": "Bought", "sum": {"property": "price", "lt": 100}}, False),
        ({"event": "Bought", "count": {"gte": 0}, "sum": {"property": "price", "lt": 100}}, True),
        ({"event": "Bought", "count": {"gte": 0}, "max": {"property": "price", "lt": 100}}, False),
    ],
    ids=str,
)
def test_events_are_counted_and_totalled(condition: dict[str, Any], expected: bool) -> None:
    assert holds(CONDITION.validate_python(condition), facts(events=by_name(VIEWS), entry={"sku": "b"})) is expected


def test_events_after_now_do_not_count() -> None:
    events = [event("Viewed", timedelta(microseconds=-1)), event("Viewed")]
    assert holds(CONDITION.validate_python({"event": "Viewed", "count": 1}), facts(events=by_name(events)))


def test_sums_do_not_show_how_doubles_were_added() -> None:
    events = [event("Bought", price=0.1), event("Bought", price=0.2)]
    assert holds(
        CONDITION.validate_python({"event": "Bought", "sum": {"property": "price", "equals": 0.3}}),
        facts(events=by_name(events)),
    )


@pytest.mark.parametrize(("status", "expected"), [("yes", "email"), ("no", "sms"), ("unknown", "push")])
def test_l1_unknown_consent_is_neither_yes_nor_no(status: str, expected: str) -> None:
    known = facts(consents={"email": "yes", "sms": "no"})
    met = [
        subject
        for subject in ("email", "sms", "push")
        if holds(CONDITION.validate_python({"consent": subject, "is": status}), known)
    ]
    assert met == [expected]


MAILS = [
    MessageFact("remind", "r1", "email", None, {"sent": NOW - timedelta(days=2), "opened": NOW - timedelta(days=1)}),
    MessageFact("remind", "r2", "sms", "no_consent", {"no_consent": NOW}),
    MessageFact("thank", "r1", "email", None, {"sent": NOW, "clicked": NOW + timedelta(seconds=1)}),
]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"message": "remind", "status": "opened"}, True),
        ({"message": "thank", "status": "opened"}, False),
        ({"message": "any", "status": "opened"}, True),
        ({"message": "remind", "status": "no_consent"}, False),
        ({"message": "remind", "status": "no_consent", "of": "any journey"}, True),
        ({"message": "any", "status": "sent", "channel": "sms", "of": "any journey"}, False),
        ({"message": "any", "status": "opened", "within": "1d"}, True),
        ({"message": "any", "status": "opened", "within": "23h"}, False),
        ({"message": "thank", "status": "clicked"}, False),
    ],
    ids=str,
)
def test_m1_a_condition_tells_what_became_of_a_message(condition: dict[str, Any], expected: bool) -> None:
    assert holds(CONDITION.validate_python(condition), facts(messages=MAILS, run_id="r1")) is expected


def test_without_a_run_no_message_is_of_it() -> None:
    assert not holds(CONDITION.validate_python({"message": "any", "status": "sent"}), facts(messages=MAILS))


def test_entry_and_context_are_read_like_attributes() -> None:
    known = facts(entry={"cart": {"id": "c1"}}, context={"cart": "c1"})
    assert holds(CONDITION.validate_python({"entry": "cart.id", "equals": {"context": "cart"}}), known)
    assert not holds(CONDITION.validate_python({"context": "cart", "not_equals": {"entry": "cart.id"}}), known)


def test_w10_an_event_is_compared_with_the_entry() -> None:
    where = EVENT_CONDITION.validate_python({"property": "product_id", "equals": {"entry": "product_id"}})
    known = facts(entry={"product_id": "p1"})
    assert matches(where, {"product_id": "p1"}, known)
    assert not matches(where, {"product_id": "p2"}, known)
    assert matches(None, {}, known)


def test_p4_any_item_of_the_cart() -> None:
    where = EVENT_CONDITION.validate_python({"property": "product_id", "in": {"entry": "cart.items"}})
    known = facts(entry={"cart": {"items": ["p1", "p2"]}})
    assert matches(where, {"product_id": "p2"}, known)
    assert not matches(where, {"product_id": "p3"}, known)


@STEADY
@given(document=conditions, person=people)
def test_a_verdict_says_what_holds_says(document: dict[str, Any], person: Any) -> None:
    condition, known = CONDITION.validate_python(document), person.facts()
    assert judge(condition, known).holds is holds(condition, known)


@STEADY
@given(document=conditions)
def test_any_condition_is_written_back_as_it_was(document: dict[str, Any]) -> None:
    condition = CONDITION.validate_python(document)
    assert CONDITION.validate_json(CONDITION.dump_json(condition)) == condition


@STEADY
@given(value=st.recursive(st.none() | st.floats() | st.text() | st.integers() | st.booleans(), st.lists, max_leaves=4))
def test_no_value_makes_an_operator_fail(value: object) -> None:
    known = Facts(now=NOW, attributes={"v": value, "w": [value]})
    for operator, operand in (("equals", 1), ("lt", 1.5), ("in", ["a", 1]), ("contains", "a"), ("ends_with", "a")):
        for right in (operand, {"attribute": "v"}, {"attribute": "w"}):
            assert holds(CONDITION.validate_python({"attribute": "v", operator: right}), known) in {True, False}
