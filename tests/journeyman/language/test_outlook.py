"""Until when a verdict stands: never longer than until time alone turns it over."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeyman.customers.scoring.scores import add_all, empty
from journeyman.customers.scoring.standing import Standing, kept_states
from journeyman.language.conditions import CONDITION
from journeyman.language.evaluation import FOREVER, Facts, holds, outlook
from journeyman.language.facts import EventFact, MessageFact, by_name
from tests.builders import NOON
from tests.journeyman.customers.scoring.strategies import histories
from tests.journeyman.journeys.populations.people import CUTS, MODELS, YARDSTICKS
from tests.journeyman.journeys.populations.strategies import rfm, scored

SPANS = ["1h", "1d", "7d"]
NAMES = ["Viewed", "Bought"]
OFFSETS = st.integers(min_value=-10 * 24, max_value=10 * 24).map(lambda hours: timedelta(hours=hours))
PAST = st.integers(min_value=0, max_value=10 * 24).map(lambda hours: timedelta(hours=-hours))


def leaf() -> st.SearchStrategy[dict[str, Any]]:
    span, name = st.sampled_from(SPANS), st.sampled_from(NAMES)
    counted = st.builds(
        lambda event, within, operator, number: {"event": event, "within": within, "count": {operator: number}},
        name,
        span,
        st.sampled_from(["gte", "lte", "equals", "gt", "lt"]),
        st.integers(0, 3),
    )
    summed = st.builds(
        lambda event, within, least: {"event": event, "within": within, "sum": {"property": "price", "gte": least}},
        name,
        span,
        st.integers(0, 10),
    )
    seen = st.builds(lambda event, within: {"event": event, "within": within}, name, span)
    ever = st.builds(lambda event: {"event": event}, name)
    dated = st.builds(
        lambda operator, within: {"attribute": "due", operator: within},
        st.sampled_from(["within_last", "within_next"]),
        span,
    )
    relative = st.builds(
        lambda operator, side, within: {"attribute": "due", operator: {side: within}},
        st.sampled_from(["before", "after"]),
        st.sampled_from(["ago", "ahead"]),
        span,
    )
    message = st.builds(
        lambda within: {"message": "any", "of": "any journey", "status": "sent", "within": within}, span
    )
    consent = st.builds(lambda word: {"consent": "email", "is": word}, st.sampled_from(["yes", "no", "unknown"]))
    return st.one_of(counted, summed, seen, ever, dated, relative, message, consent)


CONDITIONS = st.recursive(
    leaf(),
    lambda parts: st.one_of(
        st.lists(parts, min_size=1, max_size=3).map(lambda some: {"all": some}),
        st.lists(parts, min_size=1, max_size=3).map(lambda some: {"any": some}),
        parts.map(lambda one: {"not": one}),
    ),
    max_leaves=5,
)
EVENTS = st.lists(st.tuples(st.sampled_from(NAMES), OFFSETS, st.integers(0, 9)), max_size=6)


SAID = st.tuples(st.sampled_from(["yes", "no", "pending"]), st.none() | OFFSETS)
Said = tuple[str, timedelta | None]


def facts(
    events: list[tuple[str, timedelta, int]],
    due: timedelta,
    sent: list[timedelta],
    now: datetime,
    said: Said = ("yes", None),
) -> Facts:
    known = by_name(EventFact(name, NOON + at, seq, {"price": price}) for seq, (name, at, price) in enumerate(events))
    messages = [MessageFact("mail", "run", "email", None, {"sent": NOON + at}) for at in sent]
    status, end = said
    ends = {"email": NOON + end} if end is not None else {}
    attributes = {"due": (NOON + due).isoformat()}
    return Facts(now, attributes, known, consents={"email": status}, consent_ends=ends, messages=messages)


@given(CONDITIONS, EVENTS, OFFSETS, st.lists(PAST, max_size=2), SAID)
@settings(max_examples=400, deadline=None)
def test_until_then_the_verdict_stands(
    document: dict[str, Any],
    events: list[tuple[str, timedelta, int]],
    due: timedelta,
    sent: list[timedelta],
    said: Said,
) -> None:
    condition = CONDITION.validate_python(document)
    held, until = outlook(condition, facts(events, due, sent, NOON, said))
    assert until > NOON
    end = min(until, NOON + timedelta(days=30))
    edges = {NOON + at + timedelta(hours=hours) for _, at, _ in events for hours in (0, 1, 24, 168)}
    edges |= {NOON + due + sign * timedelta(hours=hours) for hours in (0, 1, 24, 168) for sign in (1, -1)}
    edges |= {NOON + at + timedelta(hours=hours) for at in sent for hours in (1, 24, 168)}
    edges |= {NOON + said[1]} if said[1] is not None else set()
    moments = {edge + timedelta(microseconds=shift) for edge in edges for shift in (-1, 0, 1)}
    moments |= {end - timedelta(microseconds=1)}
    for moment in sorted(moment for moment in moments if NOON <= moment < end):
        assert holds(condition, facts(events, due, sent, moment, said)) is held, moment


@pytest.mark.parametrize(
    ("document", "held", "until"),
    [
        ({"event": "Viewed", "within": "1d"}, True, NOON + timedelta(hours=23, microseconds=1)),
        ({"not": {"event": "Viewed", "within": "1d"}}, False, NOON + timedelta(hours=23, microseconds=1)),
        ({"event": "Viewed"}, True, FOREVER),
        ({"event": "Bought", "within": "1d"}, False, FOREVER),
        ({"attribute": "due", "within_next": "1d"}, False, NOON + timedelta(days=1)),
        ({"all": [{"event": "Bought"}, {"event": "Viewed", "within": "1d"}]}, False, FOREVER),
        ({"any": [{"event": "Viewed"}, {"event": "Viewed", "within": "1d"}]}, True, FOREVER),
    ],
)
def test_the_instant_is_the_one_at_which_time_turns_it_over(
    document: dict[str, Any], held: bool, until: datetime
) -> None:
    seen = facts([("Viewed", timedelta(hours=-1), 1)], timedelta(days=2), [], NOON)
    assert outlook(CONDITION.validate_python(document), seen) == (held, until)


@pytest.mark.parametrize(
    ("word", "said", "held", "until"),
    [
        ("yes", ("yes", timedelta(days=2)), True, NOON + timedelta(days=2)),
        ("unknown", ("yes", timedelta(days=2)), False, NOON + timedelta(days=2)),
        ("yes", ("yes", timedelta(0)), False, FOREVER),
        ("unknown", ("yes", timedelta(days=-2)), True, FOREVER),
        ("no", ("no", timedelta(days=2)), True, FOREVER),
        ("unknown", ("pending", timedelta(days=2)), True, FOREVER),
        ("yes", ("yes", None), True, FOREVER),
    ],
)
def test_l1_a_yes_stands_until_it_ends_by_itself(word: str, said: Said, held: bool, until: datetime) -> None:
    condition = CONDITION.validate_python({"consent": "email", "is": word})
    assert outlook(condition, facts([], timedelta(0), [], NOON, said)) == (held, until)


ORDERS = st.integers(min_value=0, max_value=100 * 24).map(lambda hours: timedelta(hours=hours))


@given(scored | rfm, histories, ORDERS, st.integers(1, 10))
@settings(max_examples=300, deadline=None)
def test_until_then_scores_and_rfm_stand(
    document: dict[str, Any], past: list[EventFact], ordered: timedelta, orders: int
) -> None:
    condition = CONDITION.validate_python(document)
    documents = {key: add_all(empty(model), past, model).document() for key, model in MODELS.items()}
    computed = {"orders": orders, "revenue": 20, "last_order_at": (NOON - ordered).isoformat()}

    def at(moment: datetime) -> Facts:
        return Facts(moment, {}, standings=Standing(YARDSTICKS, kept_states(documents), computed, moment))

    held, until = outlook(condition, at(NOON))
    assert until > NOON
    end = min(until, NOON + timedelta(days=30))
    moments = {NOON + hours * timedelta(hours=1) for hours in (1, 2, 5, 12, 24, 48, 100, 200, 400)}
    moments |= {NOON - ordered + timedelta(days=days, microseconds=shift) for days in CUTS.recency for shift in (0, 1)}
    moments |= {end - timedelta(microseconds=1), end - timedelta(seconds=1)}
    for moment in sorted(moment for moment in moments if NOON <= moment < end):
        assert holds(condition, at(moment)) is held, moment
