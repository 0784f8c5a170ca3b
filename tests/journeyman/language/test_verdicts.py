import json
from datetime import UTC, datetime, timedelta

from journeyman.language.conditions import CONDITION
from journeyman.language.evaluation import EventFact, Facts, MessageFact, judge
from journeyman.language.facts import by_name

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_verdict_tells_every_part_with_what_was_read() -> None:
    condition = CONDITION.validate_python(
        {
            "any": [
                {"attribute": "country", "equals": {"attribute": "wish"}},
                {"not": {"attribute": "nobody", "exists": False}},
                {"event": "Bought", "count": {"gte": 3}, "sum": {"property": "price", "gte": 5}},
                {"consent": "email"},
                {"message": "any", "status": "opened", "of": "any journey"},
            ]
        }
    )
    events = [EventFact("Bought", NOW - timedelta(days=days), days, {"price": 1.5}) for days in (1, 2)]
    opened = MessageFact("remind", "r1", "email", None, {"opened": NOW})
    facts = Facts(NOW, {"country": "PL", "wish": "DE"}, by_name(events), messages=[opened])
    assert json.loads(json.dumps(judge(condition, facts).as_json())) == {
        "what": "any",
        "holds": True,
        "parts": [
            {"what": 'attribute country equals {"attribute":"wish"}', "holds": False, "read": "PL", "against": "DE"},
            {
                "what": "not",
                "holds": False,
                "parts": [{"what": "attribute nobody exists false", "holds": True, "read": None}],
            },
            {
                "what": 'event Bought count {"gte":3} sum {"property":"price","gte":5}',
                "holds": False,
                "read": {"count": 2, "last": "2026-02-28T12:00:00+00:00", "sum": 3.0},
            },
            {"what": "consent email", "holds": False, "read": "unknown"},
            {
                "what": 'message any status "opened" of "any journey"',
                "holds": True,
                "read": ["2026-03-01T12:00:00+00:00"],
            },
        ],
    }
