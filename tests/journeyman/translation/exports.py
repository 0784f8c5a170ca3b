"""Exports as the other builders write them, made up for these tests."""

from typing import Any

DITTOFEED: dict[str, Any] = {
    "journeys": [
        {
            "id": "j1",
            "name": "Cart reminder",
            "definition": {
                "entryNode": {"type": "EventEntryNode", "event": "Cart Updated", "key": "cart_id", "child": "d1"},
                "exitNode": {"type": "ExitNode"},
                "nodes": [
                    {"id": "d1", "type": "DelayNode", "variant": {"type": "Second", "seconds": 86400}, "child": "s1"},
                    {
                        "id": "s1",
                        "type": "SegmentSplitNode",
                        "variant": {"type": "Boolean", "segment": "seg1", "trueChild": "m1", "falseChild": "c1"},
                    },
                    {
                        "id": "m1",
                        "type": "MessageNode",
                        "name": "Your cart",
                        "subscriptionGroupId": "sg1",
                        "variant": {"type": "Email", "templateId": "t1"},
                        "child": "w1",
                    },
                    {
                        "id": "w1",
                        "type": "WaitForNode",
                        "timeoutSeconds": 7200,
                        "timeoutChild": "m2",
                        "segmentChildren": [{"id": "ExitNode", "segmentId": "seg2"}],
                    },
                    {
                        "id": "m2",
                        "type": "MessageNode",
                        "variant": {"type": "Sms", "templateId": "t2"},
                        "child": "d2",
                    },
                    {
                        "id": "d2",
                        "type": "DelayNode",
                        "variant": {"type": "LocalTime", "hour": 9, "allowedDaysOfWeek": [1, 2]},
                        "child": "d3",
                    },
                    {
                        "id": "d3",
                        "type": "DelayNode",
                        "variant": {
                            "type": "UserProperty",
                            "userProperty": "up1",
                            "offsetSeconds": 86400,
                            "offsetDirection": "before",
                        },
                        "child": "m1",
                    },
                    {
                        "id": "c1",
                        "type": "RandomCohortNode",
                        "children": [
                            {"id": "m1", "name": "Mail", "percent": 70},
                            {"id": "ExitNode", "name": "Nothing", "percent": 30},
                        ],
                    },
                ],
            },
        }
    ],
    "segments": [
        {
            "id": "seg1",
            "name": "Big spenders",
            "definition": {
                "entryNode": {"id": "1", "type": "And", "children": ["2", "3"]},
                "nodes": [
                    {"id": "2", "type": "Trait", "path": "plan", "operator": {"type": "Equals", "value": "pro"}},
                    {
                        "id": "3",
                        "type": "Performed",
                        "event": "Order Completed",
                        "times": 3,
                        "timesOperator": "GreaterThanOrEqual",
                        "withinSeconds": 2592000,
                        "properties": [{"path": "total", "operator": {"type": "GreaterThanOrEqual", "value": 50}}],
                    },
                ],
            },
        },
        {"id": "seg2", "name": "Lucky", "definition": {"entryNode": {"id": "1", "type": "RandomBucket"}, "nodes": []}},
    ],
    "messageTemplates": [{"id": "t1", "name": "Cart mail"}],
    "subscriptionGroups": [{"id": "sg1", "name": "News"}],
    "userProperties": [{"id": "up1", "name": "renewal"}],
}

BOUGHT = {
    "type": "profile-metric",
    "metric_id": "M2",
    "measurement": "count",
    "measurement_filter": {"type": "numeric", "operator": "equals", "value": 0},
    "timeframe_filter": {"type": "date", "operator": "flow-start"},
    "metric_filters": None,
}
IN_FRANCE = {
    "type": "profile-property",
    "property": "location['country']",
    "filter": {"type": "string", "operator": "equals", "value": "France"},
}
OPENED = {
    "type": "profile-metric",
    "metric_id": "M3",
    "measurement": "count",
    "measurement_filter": {"type": "numeric", "operator": "greater-than", "value": 2},
    "timeframe_filter": {"type": "date", "operator": "in-the-last", "unit": "day", "quantity": 30},
}
KLAVIYO: dict[str, Any] = {
    "data": {
        "type": "flow",
        "id": "F1",
        "attributes": {
            "name": "Checkout abandonment",
            "definition": {
                "triggers": [
                    {
                        "type": "metric",
                        "id": "M1",
                        "trigger_filter": {
                            "condition_groups": [
                                {
                                    "conditions": [
                                        {
                                            "type": "metric-property",
                                            "metric_id": "M1",
                                            "field": "$value",
                                            "filter": {"type": "numeric", "operator": "greater-than", "value": 0},
                                        }
                                    ]
                                }
                            ]
                        },
                    }
                ],
                "profile_filter": {"condition_groups": [{"conditions": [BOUGHT]}, {"conditions": [IN_FRANCE, OPENED]}]},
                "entry_action_id": "a1",
                "reentry_criteria": {"duration": 14, "unit": "day"},
                "actions": [
                    {
                        "id": "a1",
                        "type": "time-delay",
                        "data": {"unit": "days", "value": 1, "delay_until_time": "08:30:00", "timezone": "profile"},
                        "links": {"next": "a2"},
                    },
                    {
                        "id": "a2",
                        "type": "send-email",
                        "data": {
                            "message": {
                                "name": "First mail",
                                "template_id": "T1",
                                "transactional": False,
                                "additional_filters": {"condition_groups": [{"conditions": [OPENED]}]},
                            },
                            "status": "live",
                        },
                        "links": {"next": "a3"},
                    },
                    {
                        "id": "a3",
                        "type": "conditional-split",
                        "data": {
                            "profile_filter": {
                                "condition_groups": [{"conditions": [{"type": "profile-sample", "percentage": 40}]}]
                            }
                        },
                        "links": {"next_if_true": "a4", "next_if_false": "a5"},
                    },
                    {"id": "a4", "type": "send-sms", "data": {}, "links": {"next": "a5"}},
                    {
                        "id": "a5",
                        "type": "conditional-split",
                        "data": {"profile_filter": {"condition_groups": [{"conditions": [IN_FRANCE]}]}},
                        "links": {"next_if_true": "a6", "next_if_false": None},
                    },
                    {
                        "id": "a6",
                        "type": "update-profile",
                        "data": {
                            "profile_operations": [
                                {
                                    "operator": "update",
                                    "property_key": "properties['reminded']",
                                    "property_value": "yes",
                                }
                            ]
                        },
                        "links": {"next": "a7"},
                    },
                    {
                        "id": "a7",
                        "type": "send-webhook",
                        "data": {"url": "https://crm.example/hook", "headers": {"X-A": "b"}, "body": {"a": 1}},
                        "links": {"next": None},
                    },
                ],
            },
        },
    }
}
NAMES = {"M1": "Checkout Started", "M2": "Order Completed", "M3": "Email Opened"}


def _event(number: int, kind: str, type_: str, name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "campaign_id": 7,
        "name": name,
        "type": type_,
        "event_type": kind,
        "event_order": number,
        "properties": {},
        "trigger_mode": "immediate",
        "trigger_interval": 0,
        "trigger_interval_unit": "d",
        "decisionPath": None,
        "channel": None,
        "channel_id": None,
        "parent_id": None,
        **more,
    }


MAUTIC: list[Any] = [
    {
        "campaign": [{"id": 7, "name": "Welcome", "allow_restart": False}],
        "campaign_event": [
            _event(1, "action", "email.send", "Hello mail", channel="email", channel_id=3),
            _event(2, "decision", "email.open", "Opened it", parent_id=1),
            _event(
                3,
                "action",
                "lead.changetags",
                "Tag as fan",
                parent_id=2,
                decisionPath="yes",
                properties={"add_tags": ["fan"], "remove_tags": []},
            ),
            _event(
                4,
                "action",
                "email.send",
                "Second mail",
                parent_id=2,
                decisionPath="no",
                trigger_mode="interval",
                trigger_interval=3,
                channel_id=4,
            ),
            _event(
                5,
                "condition",
                "lead.field_value",
                "From France?",
                parent_id=4,
                properties={"field": "country", "operator": "=", "value": "France"},
            ),
            _event(
                6,
                "action",
                "campaign.sendwebhook",
                "Tell the CRM",
                parent_id=5,
                decisionPath="yes",
                properties={"url": "https://crm.example/hook", "method": "post"},
            ),
            _event(7, "action", "stage.change", "Next stage", parent_id=5, decisionPath="no"),
        ],
        "email": [{"id": 3, "name": "Welcome to us"}],
        "segment": [{"id": 1, "name": "New contacts"}],
        "dependencies": [],
    }
]

BRAZE: dict[str, Any] = {
    "message": "success",
    "name": "Onboarding",
    "description": "First days",
    "schedule_type": "action_based",
    "variants": [
        {"name": "Control", "id": "v1", "first_step_ids": ["b4"]},
        {"name": "Mail", "id": "v2", "first_step_ids": ["b1"]},
    ],
    "steps": [
        {
            "name": "Wait a bit",
            "type": "delay",
            "id": "b1",
            "next_step_ids": ["b2"],
            "next_paths": [],
            "channels": [],
            "messages": {},
        },
        {
            "name": "Welcome",
            "type": "message",
            "id": "b2",
            "next_step_ids": ["b3"],
            "channels": ["email", "ios_push"],
            "messages": {"m1": {"channel": "email", "subject": "Hi"}, "m2": {"channel": "ios_push"}},
        },
        {
            "name": "Which plan",
            "type": "audience_paths",
            "id": "b3",
            "next_paths": [{"name": "Pro", "next_step_id": "b4"}, {"name": "Everyone else", "next_step_id": "b5"}],
        },
        {"name": "Flags", "type": "feature_flag", "id": "b4", "next_step_ids": ["b5"]},
        {"name": "Bye", "type": "full_step", "id": "b5", "messages": {"m3": {"channel": "email", "subject": "Bye"}}},
    ],
}
