"""Conditions that stand for others say what these say, of everybody."""

from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeyman.customers.profile.places import DEVICES
from journeyman.language.conditions import CONDITION
from journeyman.language.defined import STAGES, Device
from journeyman.language.evaluation import EventFact, Facts, holds, judge, needs
from journeyman.language.facts import by_name

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def said(document: dict[str, Any], attributes: dict[str, Any], computed: dict[str, Any] | None = None) -> bool:
    return holds(CONDITION.validate_python(document), Facts(NOW, attributes, computed=computed or {}))


def test_the_devices_are_those_that_profiles_tell_apart() -> None:
    assert set(get_args(Device)) == set(DEVICES.values())


def test_a_device_is_the_one_that_is_used_most() -> None:
    computed = {"favourite_device": "tablet"}
    assert said({"device": "tablet"}, {}, computed)
    assert said({"device": ["mobile", "tablet"]}, {}, computed)
    assert not said({"device": "mobile"}, {}, computed)
    assert not said({"device": "mobile"}, {})


@pytest.mark.parametrize(
    ("attributes", "holding"),
    [
        ({"country": "PL"}, True),
        ({"country": "pl"}, True),
        ({"address": {"country": "PL"}, "country": "DE"}, True),
        ({"address": {"country": "DE"}, "country": "PL"}, False),
        ({"address": {"country": ""}, "country": "PL"}, True),
        ({"address": {"country": 48}, "country": "PL"}, True),
        ({"address": "Warsaw", "country": "LT"}, True),
        ({"country": None}, False),
        ({}, False),
    ],
)
def test_the_address_tells_the_country_before_anything_else(attributes: dict[str, Any], holding: bool) -> None:
    assert said({"place": {"country": ["pl", "LT"]}}, attributes) is holding


def test_every_part_of_a_place_has_to_be_so() -> None:
    wanted = {"place": {"country": "US", "region": ["CA", "NV"], "city": "Reno"}}
    assert said(wanted, {"address": {"country": "US", "state": "NV", "city": "Reno"}})
    assert said(wanted, {"country": "us", "region": "NV", "city": "Reno"})
    assert not said(wanted, {"address": {"country": "US", "state": "NY", "city": "Reno"}})


days = st.integers(0, 400)


@given(st.lists(days, max_size=5))
@settings(max_examples=300, deadline=None)
def test_everybody_is_at_exactly_one_stage(ago: list[int]) -> None:
    assert [stage for stage in STAGES if at_stage(stage, ago)] == [expected(sorted(ago))]


def at_stage(stage: str, ago: list[int]) -> bool:
    """Whether somebody who ordered so many days ago is at the stage."""
    orders = [EventFact("Order Completed", NOW - timedelta(days=one), one, {}) for one in ago]
    computed: dict[str, Any] = {"orders": len(ago)}
    if orders:
        computed["last_order_at"] = max(order.at for order in orders).isoformat()
    return holds(CONDITION.validate_python({"lifecycle": stage}), Facts(NOW, {}, by_name(orders), computed=computed))


def expected(ago: list[int]) -> str:
    """The stage by the words of the guide."""
    if not ago:
        return "lead"
    if ago[0] >= 180:
        return "lost"
    if ago[0] >= 90:
        return "at-risk"
    if ago[0] < 30 and len(ago) == 1:
        return "new"
    return "returning" if ago[0] < 30 and ago[1] > 210 else "active"


def test_a_verdict_shows_what_the_condition_stands_for() -> None:
    verdict = judge(
        CONDITION.validate_python({"device": "mobile"}), Facts(NOW, {}, computed={"favourite_device": "tv"})
    )
    assert verdict.as_json() == {
        "what": "device mobile",
        "holds": False,
        "parts": [{"what": 'computed favourite_device in ["mobile"]', "holds": False, "read": "tv"}],
    }


def test_it_needs_what_the_other_needs() -> None:
    assert needs(CONDITION.validate_python({"place": {"city": "Riga"}})).attributes == {"address", "city"}
    assert needs(CONDITION.validate_python({"lifecycle": "returning"})).windows == {
        "Order Completed": timedelta(days=210)
    }
    assert needs(CONDITION.validate_python({"device": "tv"})).computed == {"favourite_device"}
