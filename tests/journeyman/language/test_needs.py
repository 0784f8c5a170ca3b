from datetime import timedelta

from journeyman.language.conditions import CONDITION, EVENT_CONDITION
from journeyman.language.evaluation import Needs, needs


def test_what_a_condition_reads_is_known_beforehand() -> None:
    condition = CONDITION.validate_python(
        {
            "all": [
                {"attribute": "address.city", "equals": {"attribute": "wish.city"}},
                {"event": "Viewed", "within": "7d", "where": {"property": "cart.id", "equals": {"attribute": "cart"}}},
                {
                    "any": [
                        {"event": "Viewed", "within": "1d"},
                        {"event": "Bought", "max": {"property": "price", "gt": 1}},
                    ]
                },
                {"not": {"consent": "email"}},
                {"entry": "cart_id", "equals": {"context": "cart"}},
            ]
        }
    )
    assert needs(condition) == Needs(
        windows={"Viewed": timedelta(days=7), "Bought": None},
        tallied={"Viewed": timedelta(days=1)},
        attributes=frozenset({"address", "wish", "cart"}),
        properties=frozenset({"cart", "price"}),
        consents=True,
        messages=False,
    )
    assert needs(condition).event_names == {"Viewed", "Bought"}


def test_the_longest_window_wins_and_none_is_the_longest() -> None:
    day = needs(CONDITION.validate_python({"event": "Viewed", "within": "1d"}))
    week = needs(CONDITION.validate_python({"event": "Viewed", "within": "7d"}))
    ever = needs(CONDITION.validate_python({"event": "Viewed"}))
    assert (day | week).tallied == (week | day).tallied == {"Viewed": timedelta(days=7)}
    assert (week | ever).tallied == (ever | week).tallied == {"Viewed": None}


def test_scores_and_rfm_need_what_they_are_made_from() -> None:
    both = needs(CONDITION.validate_python({"any": [{"score": "leads", "gte": 1}, {"rfm": "lost"}]}))
    measures = frozenset({"orders", "revenue", "last_order_at"})
    assert both == Needs(scores=frozenset({"leads"}), computed=measures, rfm=True)
    assert both.unmeasured == Needs(computed=measures)


def test_nothing_needs_nothing() -> None:
    assert needs(None) == Needs()
    assert needs(CONDITION.validate_python({"message": "any", "status": "sent"})) | Needs() == Needs(messages=True)


def test_what_a_condition_on_one_event_reads() -> None:
    where = EVENT_CONDITION.validate_python({"not": {"property": "a.b", "equals": {"attribute": "c.d"}}})
    assert needs(where) == Needs(attributes=frozenset({"c"}), properties=frozenset({"a"}))
