from datetime import UTC, datetime

import pytest

from journeyman.channels.suppressions import address_digest, suppress, suppression_reason
from journeyman.kit.database import Database

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
