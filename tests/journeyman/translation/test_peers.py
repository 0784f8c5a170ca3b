"""What becomes of each builder's journey, step by step, and that nothing of it is dropped in silence."""

from collections import Counter

from journeyman.customers.segments.definition import read_segment
from journeyman.language.validation import parse
from journeyman.translation.reading import read_export
from journeyman.translation.report import Translation
from tests.journeyman.translation.exports import BRAZE, DITTOFEED, KLAVIYO, MAUTIC, NAMES


def outcomes(found: Translation) -> Counter[str]:
    return Counter(line.outcome for line in found.lines)


def test_a_journey_of_dittofeed() -> None:
    (found,) = read_export("dittofeed", DITTOFEED, "file", {})
    parse(found.journey)
    assert found.journey["entry"] == {"on": "event", "event": "Cart Updated", "correlate": "cart_id"}
    assert found.journey["steps"] == [
        {"id": "wait", "wait": {"for": "1d"}},
        {
            "id": "in-big-spenders",
            "branch": [{"when": {"segment": "big-spenders"}, "next": "your-cart"}],
            "else": "split",
        },
        {"id": "your-cart", "send": {"channel": "email", "template": "cart-mail", "topic": "news", "on_error": "exit"}},
        {
            "id": "wait-for",
            "wait_for": {
                "branches": [{"segment": "lucky", "next": "end"}],
                "timeout": "2h",
                "on_timeout": "wait-2",
            },
        },
        {"id": "wait-2", "wait": {"until": {"time": "09:00", "weekday": ["monday", "tuesday"]}}},
        {"id": "wait-3", "wait": {"until": {"attribute": "renewal", "offset": "-1d"}}, "next": "your-cart"},
        {
            "id": "split",
            "split": {
                "arms": [
                    {"key": "mail", "weight": 70.0, "next": "your-cart"},
                    {"key": "nothing", "weight": 30.0, "next": "end"},
                ]
            },
        },
    ]
    bought = {
        "event": "Order Completed",
        "count": {"gte": 3},
        "within": "30d",
        "where": {"property": "total", "gte": 50},
    }
    spenders = {"all": [{"attribute": "plan", "equals": "pro"}, bought]}
    assert found.segments["big-spenders"] == {"name": "Big spenders", "when": spenders}
    assert found.segments["lucky"] == {"name": "Lucky"}
    assert [line.node for line in found.lines if line.outcome == "left out"] == ["m2"]
    for segment in found.segments.values():
        read_segment(segment)


def test_a_flow_of_klaviyo() -> None:
    (found,) = read_export("klaviyo", KLAVIYO, "file", NAMES)
    parse(found.journey)
    often = {"event": "Email Opened", "count": {"gt": 2}, "within": "30d"}
    assert found.journey["entry"] == {
        "on": "event",
        "event": "Checkout Started",
        "where": {"property": "value", "gt": 0},
        "reentry": {"after": "2w", "since": "entry"},
        "audience": {"any": [{"attribute": "location.country", "equals": "France"}, often]},
    }
    assert found.journey["exit"] == [{"on": "event", "event": "Order Completed"}]
    assert found.journey["steps"] == [
        {"id": "wait", "wait": {"for": "1d"}},
        {"id": "until", "wait": {"until": {"time": "08:30"}}},
        {"id": "may-first-mail", "branch": [{"when": often, "next": "first-mail"}], "else": "split"},
        {"id": "first-mail", "send": {"channel": "email", "template": "first-mail"}},
        {
            "id": "split",
            "split": {
                "arms": [
                    {"key": "yes", "weight": 40.0, "next": "branch"},
                    {"key": "no", "weight": 60.0, "next": "branch"},
                ]
            },
        },
        {
            "id": "branch",
            "branch": [{"when": {"attribute": "location.country", "equals": "France"}, "next": "update"}],
            "else": "end",
        },
        {"id": "update", "update": {"attributes": {"reminded": "yes"}}},
        {"id": "call", "call": {"url": "https://crm.example/hook", "headers": {"X-A": "b"}, "body": {"a": 1}}},
    ]
    assert [(line.node, line.kind) for line in found.lines if line.outcome == "left out"] == [("a4", "send-sms")]


def test_without_names_ids_stand_and_are_asked_for() -> None:
    (found,) = read_export("klaviyo", KLAVIYO, "file", {})
    assert found.journey["entry"]["event"] == "M1"
    assert any("`M1` is not in the file" in line.detail for line in found.lines if line.outcome == "fill in")


def test_a_campaign_of_mautic() -> None:
    (found,) = read_export("mautic", MAUTIC, "file", {})
    parse(found.journey)
    assert found.journey["entry"] == {"on": "segment", "segment": "new-contacts", "reentry": "never"}
    assert found.journey["steps"] == [
        {"id": "hello-mail", "send": {"channel": "email", "template": "welcome-to-us"}},
        {
            "id": "opened-it",
            "wait_for": {
                "branches": [{"message": "hello-mail", "status": "opened", "next": "tag-as-fan"}],
                "timeout": "3d",
                "on_timeout": "second-mail",
            },
        },
        {"id": "tag-as-fan", "update": {"tags": {"add": ["fan"]}}, "next": "end"},
        {"id": "second-mail", "send": {"channel": "email", "template": "second-mail"}},
        {
            "id": "from-france",
            "branch": [{"when": {"attribute": "country", "equals": "France"}, "next": "tell-the-crm"}],
            "else": "end",
        },
        {"id": "tell-the-crm", "call": {"url": "https://crm.example/hook", "method": "POST"}},
    ]
    assert [(line.node, line.kind) for line in found.lines if line.outcome == "left out"] == [
        ("Next stage", "stage.change")
    ]


def test_what_mautic_does_side_by_side_comes_one_after_the_other() -> None:
    later = {"trigger_mode": "interval", "trigger_interval_unit": "h", "properties": {"add_tags": ["a"]}}
    rows = [
        {"id": 1, "type": "lead.changetags", "event_type": "action", "name": "Late", "trigger_interval": 5, **later},
        {"id": 2, "type": "lead.changetags", "event_type": "action", "name": "Early", "trigger_interval": 2, **later},
    ]
    (found,) = read_export("mautic", {"campaign_event": rows}, "file", {})
    assert [step.get("wait", step["id"]) for step in found.journey["steps"]] == [
        {"for": "2h"},
        "early",
        {"for": "3h"},
        "late",
    ]


def test_the_api_of_mautic_says_the_same_in_its_own_spelling() -> None:
    event = {"id": 1, "name": "Mail", "type": "email.send", "eventType": "action", "triggerMode": "interval"}
    event |= {"triggerInterval": 2, "triggerIntervalUnit": "h", "channelId": 9, "properties": []}
    (found,) = read_export("mautic", {"campaign": {"name": "Api", "events": {"1": event}, "lists": {}}}, "file", {})
    assert found.journey["steps"] == [
        {"id": "wait", "wait": {"for": "2h"}},
        {"id": "mail", "send": {"channel": "email", "template": "mail"}},
    ]


def test_a_canvas_of_braze_with_what_it_does_not_tell() -> None:
    (found,) = read_export("braze", BRAZE, "file", {})
    parse(found.journey)
    assert [step["id"] for step in found.journey["steps"]] == ["variants", "bye", "wait-a-bit", "welcome", "which-plan"]
    assert found.journey["steps"][0]["split"]["arms"] == [
        {"key": "control-1", "next": "bye"},
        {"key": "mail-2", "next": "wait-a-bit"},
    ]
    assert outcomes(found) == {"fill in": 4, "left out": 2, "changed": 2}
