"""A batch's scores: added to event by event, merged, told once, and written as profiles keep them."""

from datetime import timedelta
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from journeyman.customers.scoring.definition import ScoreModel, read_model
from journeyman.customers.scoring.scores import add_all, empty, value
from journeyman.customers.scoring.tally import Kept, Tally, events_of
from journeyman.language.facts import EventFact, Facts, by_name
from tests.journeyman.customers.scoring.strategies import NOON, histories, models

LEVELS = {"thresholds": [{"at": 5, "name": "ready"}], "bands": [{"at": 0, "name": "cold"}, {"at": 4, "name": "warm"}]}
VIEWS = read_model({"score": "views", "rules": [{"event": "Viewed", "points": 3}], "half_life": "1d", **LEVELS})
PLAN = {"when": {"all": [{"attribute": "plan", "equals": "pro"}, {"event": "Bought", "within": "7d"}]}, "points": 10}
FIT = read_model({"score": "fit", "rules": [PLAN]})


def tally(*given_models: ScoreModel, rebuilding: bool = False, **documents: Any) -> Tally:
    return Tally([Kept(model, rebuilding, NOON) for model in given_models], documents, NOON)


def viewed(days_ago: int = 0) -> EventFact:
    return EventFact("Viewed", NOON - timedelta(days=days_ago), 0, {})


def test_only_who_is_counted_is_written() -> None:
    counted = tally(VIEWS, FIT, ann={}, bob={})
    counted.take("ann", viewed())
    counted.take("bob", EventFact("Slept", NOON, 0, {}))
    assert counted.changed == {"ann"}
    assert [(change.customer_id, change.model.key) for change in counted.changes()] == [("ann", "views")]
    assert counted.document("ann").keys() == {"views"}
    assert counted.next_at("ann", VIEWS) is None
    assert counted.next_at("bob", VIEWS) is None


def test_what_is_written_is_read_again() -> None:
    before = tally(VIEWS)
    before.take("ann", viewed())
    before.tell()
    after = tally(VIEWS, ann=orjson.loads(orjson.dumps(before.document("ann"))))
    assert after.changed == set()
    after.take("ann", viewed())
    assert value(after.state("ann", VIEWS), VIEWS, NOON).value == 6


def test_crossings_become_events_about_the_customer() -> None:
    counted = tally(VIEWS)
    counted.take("ann", viewed())
    assert counted.tell() == []
    counted.take("ann", viewed())
    (reached, warm) = events_of(counted.tell(), NOON)
    assert (reached.subject, reached.event_time) == ("c:ann", NOON)
    assert orjson.loads(reached.payload) == {
        "type": "track",
        "name": "Score Threshold Reached",
        "customerId": "ann",
        "properties": {"score": "views", "threshold": "ready", "value": 6.0},
    }
    assert orjson.loads(warm.payload)["properties"] == {"score": "views", "band": "warm", "value": 6.0}
    assert reached.message_id != warm.message_id
    assert counted.tell() == []


def test_time_alone_is_told_as_well() -> None:
    counted = tally(VIEWS)
    for _ in range(2):
        counted.take("ann", viewed())
    counted.tell()
    crossing = counted.next_at("ann", VIEWS)
    assert crossing is not None
    later = Tally([Kept(VIEWS, False, NOON)], {"ann": counted.document("ann")}, crossing + timedelta(seconds=1))
    later.touch("ann")
    assert [(one.crossing.kind, one.crossing.name) for one in later.tell()] == [("fell_below", "ready")]


def test_nothing_is_told_of_a_score_that_is_being_rebuilt() -> None:
    counted = tally(VIEWS, rebuilding=True)
    for _ in range(9):
        counted.take("ann", viewed())
    assert counted.tell() == []
    assert counted.document("ann")["views"]["reached"] == ["ready"]


def test_what_holds_is_judged_with_what_it_needs() -> None:
    counted = tally(FIT)
    assert counted.needs.event_names == {"Bought"}
    assert counted.needs.attributes == {"plan"}
    bought = EventFact("Bought", NOON, 0, {})
    counted.judge("ann", Facts(NOON, {"plan": "pro"}, by_name([bought])))
    counted.judge("bob", Facts(NOON, {"plan": "free"}, by_name([bought])))
    assert counted.changed == {"ann"}
    assert value(counted.state("ann", FIT), FIT, NOON).value == 10
    until = counted.next_at("ann", FIT)
    assert until is not None
    assert timedelta(0) <= until - (NOON + timedelta(days=7)) <= timedelta(milliseconds=1)


def test_who_was_not_judged_is_looked_at_soon() -> None:
    both = read_model({**FIT.document(), "rules": [PLAN, {"event": "Viewed", "points": 1}]})
    counted = tally(both)
    counted.take("ann", viewed())
    assert counted.next_at("ann", both) == NOON


def test_what_will_hold_by_time_alone_is_waited_for() -> None:
    away = read_model(
        {"score": "away", "rules": [{"when": {"event": "Bought", "count": 0, "within": "7d"}, "points": 3}]}
    )
    counted = tally(away)
    counted.judge("ann", Facts(NOON, {}, by_name([EventFact("Bought", NOON, 0, {})])))
    (change,) = counted.changes()
    assert change.next_at is not None
    assert change.next_at > NOON + timedelta(days=6)


def test_a_merge_adds_points_and_leaves_none_behind() -> None:
    before = tally(VIEWS)
    before.take("old", viewed())
    before.take("ann", viewed(1))
    merged = tally(VIEWS, old=before.document("old"), ann=before.document("ann"))
    merged.merge("old", "ann")
    assert value(merged.state("ann", VIEWS), VIEWS, NOON).value == 4.5
    assert merged.document("old") == {}
    assert [(one.customer_id, one.state is None) for one in merged.changes()] == [("ann", False), ("old", True)]


def test_states_that_rest_on_other_rules_are_named() -> None:
    before = tally(VIEWS)
    before.take("ann", viewed())
    changed = read_model({**VIEWS.document(), "half_life": "2d"})
    assert tally(changed, ann=before.document("ann")).stale == {("ann", "views")}
    assert tally(FIT, ann=before.document("ann")).stale == set()


@given(models, histories, st.integers(0, 8))
def test_batches_come_to_what_all_events_at_once_come_to(model: ScoreModel, past: list[EventFact], cut: int) -> None:
    documents: dict[str, Any] = {"ann": {}}
    for part in (past[:cut], past[cut:]):
        counted = tally(model, **documents)
        for event in part:
            counted.take("ann", event)
        counted.tell()
        documents = {"ann": orjson.loads(orjson.dumps(counted.document("ann")))}
    state = tally(model, **documents).state("ann", model)
    together = add_all(empty(model), past, model)
    assert abs(value(state, model, NOON).total - value(together, model, NOON).total) < 1e-9
