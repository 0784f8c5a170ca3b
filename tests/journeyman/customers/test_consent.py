"""What consent is: permission, and which of two statements stands (L1)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from journeyman.customers.consent import ConsentState, ConsentUpdate, permission

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def update(status: Any, **parts: Any) -> ConsentUpdate:
    return ConsentUpdate("email", status, source="test", actor="test", **parts)


@pytest.mark.parametrize(
    ("channel", "topic", "allowed"),
    [
        ("yes", "yes", True),
        ("yes", "unknown", True),
        ("yes", "expired", True),
        ("yes", "no", False),
        ("yes", "pending", False),
        *((word, "yes", False) for word in ("no", "unknown", "pending", "expired")),
    ],
)
def test_l1_marketing_needs_a_yes_and_no_refusal(channel: str, topic: str, allowed: bool) -> None:
    said = {name: word for name, word in (("email", channel), ("news", topic)) if word != "unknown"}
    found = permission(said, "email", "news")
    assert found.allowed is allowed
    assert found.read == {"email": channel, "news": topic}


@pytest.mark.parametrize("word", ["yes", "no", "pending", "expired", "unknown"])
def test_l1_what_is_transactional_ignores_consent(word: str) -> None:
    assert permission({"email": word, "transactional": word}, "email", "transactional").allowed


def test_l1_what_is_no_marketing_is_stopped_by_a_no_to_it_alone() -> None:
    assert permission({"email": "no"}, "email", "orders", marketing=False).allowed
    assert not permission({"orders": "no"}, "email", "orders", marketing=False).allowed


def test_l1_a_topic_is_written_about_on_its_channels_only() -> None:
    found = permission({"email": "yes"}, "email", "news", channels=["sms", "push"])
    assert (found.allowed, found.read["channels of the topic"]) == (False, "push, sms")
    assert permission({"email": "yes"}, "email", "news", channels=["email"]).allowed


@pytest.mark.parametrize(
    ("known", "status", "days", "stays"),
    [
        ("yes", "no", 1, False),
        ("yes", "no", 0, False),
        ("yes", "no", -1, True),
        ("no", "yes", 0, True),
        ("no", "yes", 1, False),
        ("pending", "yes", -1, True),
    ],
)
def test_l1_what_is_newer_stands_and_of_one_instant_a_no(known: str, status: str, days: int, stays: bool) -> None:
    told = update(status, at=NOON + timedelta(days=days))
    assert ConsentState("email", known, NOON).outlasts(told) is stays
    assert not ConsentState("email", known, NOON).outlasts(update(status)), "what is said now is always newer"


@pytest.mark.parametrize(
    ("known", "said", "same"),
    [
        ({"status": "yes"}, {"status": "yes"}, True),
        ({"status": "yes"}, {"status": "yes", "basis": "consent"}, True),
        ({"status": "yes"}, {"status": "yes", "basis": "contract"}, False),
        ({"status": "yes", "expires_at": NOON}, {"status": "yes"}, False),
        ({"status": "yes", "expires_at": NOON}, {"status": "yes", "expires_at": NOON}, True),
        ({"status": "no"}, {"status": "no", "basis": "contract"}, True),
        ({"status": "pending"}, {"status": "yes"}, False),
    ],
)
def test_l1_what_says_nothing_new_is_no_second_proof(known: Any, said: Any, same: bool) -> None:
    status = said.pop("status")
    assert ConsentState("email", since=NOON, **known).agrees(update(status, **said)) is same


def test_l1_a_yes_ends_at_its_instant() -> None:
    state = ConsentState("email", "yes", NOON, expires_at=NOON)
    assert (state.read_at(NOON - timedelta(microseconds=1)), state.read_at(NOON)) == ("yes", "expired")
