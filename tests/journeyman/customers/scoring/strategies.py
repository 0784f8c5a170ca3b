"""Scores, events and customers for property tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from journeyman.customers.scoring.definition import ScoreModel, read_model
from journeyman.language.facts import EventFact

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NAMES = ("Viewed", "Bought", "Unsubscribed")

cents = st.integers(-2000, 5000).map(lambda number: number / 100)
points = cents.filter(bool)
categories = st.sampled_from(("browsing", "buying"))
wheres = st.integers(0, 3).map(lambda amount: {"property": "amount", "gte": amount})
event_rules = st.fixed_dictionaries(
    {"event": st.sampled_from(NAMES), "points": points},
    optional={"category": categories, "cap": cents.filter(lambda cap: cap > 0), "where": wheres},
)
condition_rules = st.fixed_dictionaries(
    {"when": st.integers(0, 3).map(lambda tier: {"attribute": "tier", "gte": tier}), "points": points},
    optional={"category": categories},
)
half_lives = st.sampled_from(("1s", "1h", "1d", "30d", "3650d"))


def levels(prefix: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    heights = st.lists(cents, max_size=4, unique=True)
    return heights.map(lambda some: [{"at": at, "name": f"{prefix}-{place}"} for place, at in enumerate(some)])


def _document(rules: list[dict[str, Any]], half_life: str | None, **heights: Any) -> ScoreModel:
    fades = {"half_life": half_life} if half_life else {}
    return read_model({"score": "interest", "rules": rules, **fades, **heights})


models = st.builds(
    _document,
    st.lists(event_rules | event_rules | condition_rules, min_size=1, max_size=5),
    st.none() | half_lives,
    thresholds=levels("threshold"),
    bands=levels("band"),
)
instants = st.one_of(
    st.integers(-90 * 86_400, 3600).map(lambda seconds: NOON + timedelta(seconds=seconds)),
    st.integers(-5_000_000, 1_000_000).map(lambda microseconds: NOON + timedelta(microseconds=microseconds)),
)


def _event(name: str, at: datetime, amount: int) -> EventFact:
    return EventFact(name, at, 0, {"amount": amount})


events = st.builds(_event, st.sampled_from(NAMES), instants, st.integers(0, 3))
histories = st.lists(events, max_size=8)
