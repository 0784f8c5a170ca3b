from datetime import UTC, datetime

import pytest

from journeyman.channels.suppressions import (
    address_digest,
    digest_key,
    find,
    release,
    suppress,
    suppress_all,
    suppression_reason,
)
from journeyman.kit.database import Database

KEY = digest_key("a secret of thirty-two characters")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def test_a_suppressed_address_is_known_under_every_spelling(database: Database) -> None:
    async with database.transaction() as connection:
        await suppress(connection, "email", "Ann@Example.com", "hard bounce", NOON)
        await suppress(connection, "email", "ann@example.com", "complaint", NOON)
    async with database.reading() as connection:
        assert await suppression_reason(connection, "email", " aNN@EXAMPLE.COM ") == "hard bounce"
        assert await suppression_reason(connection, "email", "bob@example.com") is None
        assert await suppression_reason(connection, "sms", "ann@example.com") is None


@pytest.mark.parametrize(
    ("one", "other"), [("a@BÜCHER.example", "a@xn--bcher-kva.example"), ("Ann@x.example", "ann@x.example")]
)
def test_two_spellings_of_one_mailbox_have_one_digest(one: str, other: str) -> None:
    assert address_digest("email", one) == address_digest("email", other)


def test_what_is_no_address_has_a_digest_too() -> None:
    assert address_digest("email", "nobody") == address_digest("email", " NOBODY ")
    assert len(address_digest("sms", "+48 600")) == 64


async def test_l3_a_suppressed_address_stays_one_when_its_person_is_erased(database: Database) -> None:
    async with database.transaction() as connection:
        assert await suppress(connection, "email", "Ann@x.example", "wish", NOON, key=KEY, actor="ann", readable=True)
        before = await find(connection, "email", "ann@x.example", KEY)
        assert not await suppress(connection, "email", "ann@x.example", "erased", NOON, key=KEY)
        after = await find(connection, "email", "ann@x.example", KEY)
    assert before is not None
    assert after is not None
    assert (before.address, after.address) == ("Ann@x.example", None)
    assert (after.reason, after.actor, after.at) == ("wish", "ann", NOON)
    assert "ann" not in after.address_digest


async def test_what_was_suppressed_before_digests_had_a_key_is_found(database: Database) -> None:
    async with database.transaction() as connection:
        await suppress(connection, "email", "ann@x.example", "bounce", NOON)
        assert await suppression_reason(connection, "email", "ann@x.example", KEY) == "bounce"
        assert await suppress_all(connection, "email", ["ann@x.example"], "list", NOON, key=KEY, actor="x") == 0
        assert await release(connection, "email", "ANN@x.example", KEY)
        assert await suppression_reason(connection, "email", "ann@x.example", KEY) is None
        assert not await release(connection, "email", "ann@x.example", KEY)


async def test_a_list_is_added_once(database: Database) -> None:
    many = [f"p{number}@x.example" for number in range(500)] + ["P1@x.example"]
    async with database.transaction() as connection:
        assert await suppress_all(connection, "email", many, "list", NOON, key=KEY, actor="x") == 500
        assert await suppress_all(connection, "email", [*many, "new@x.example"], "list", NOON, key=KEY, actor="x") == 1


def test_a_digest_says_nothing_without_its_key() -> None:
    keyed = address_digest("email", "ann@x.example", KEY)
    assert keyed not in {address_digest("email", "ann@x.example"), address_digest("sms", "ann@x.example", KEY)}
    assert keyed != address_digest("email", "ann@x.example", digest_key("another secret of thirty-two chars"))


def test_two_spellings_of_one_number_have_one_digest() -> None:
    assert address_digest("sms", "+48 (600) 100-200", KEY) == address_digest("sms", "+48600100200", KEY)
