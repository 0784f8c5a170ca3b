from datetime import UTC, datetime, timedelta

import pytest

from journeyman.kit.database import Database
from journeyman.kit.errors import InvalidError, NotFoundError
from journeyman.kit.keys.keys import CACHE_SECONDS, KeyCache, Role, adopt, all_keys, create, digest_of, find, revoke

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


async def test_a_key_has_its_role_and_is_kept_as_a_digest_only(database: Database) -> None:
    key = await create(database, "operator", "support desk", NOW)
    assert key.startswith("jm_operator_")
    assert len(key.removeprefix("jm_operator_")) == 43, "256 bits"
    assert await find(database, key) is Role.OPERATOR
    assert await find(database, key + "x") is None
    async with database.reading() as connection:
        stored = (await connection.exec_driver_sql("SELECT * FROM api_keys")).one()
    assert key not in repr(stored)
    assert digest_of(key) in stored


async def test_every_key_is_another(database: Database) -> None:
    assert len({await create(database, Role.READ, "", NOW) for _ in range(5)}) == 5


@pytest.mark.parametrize(("role", "label", "pointer"), [("owner", "", "/role"), ("read", "x" * 201, "/label")])
async def test_a_wrong_role_or_label_is_refused(database: Database, role: str, label: str, pointer: str) -> None:
    with pytest.raises(InvalidError) as refused:
        await create(database, role, label, NOW)
    assert [fault.pointer for fault in refused.value.faults] == [pointer]


async def test_a_revoked_key_ends_and_is_still_listed(database: Database) -> None:
    key = await create(database, Role.READ, "old", NOW)
    await create(database, Role.ADMIN, "new", NOW + timedelta(seconds=1))
    newest, old = await all_keys(database)
    assert (newest.label, old.label) == ("new", "old")
    await revoke(database, old.id, NOW + timedelta(seconds=2))
    assert await find(database, key) is None
    assert (await all_keys(database))[1].revoked_at == NOW + timedelta(seconds=2)
    with pytest.raises(NotFoundError):
        await revoke(database, old.id, NOW)


async def test_an_adopted_key_may_change_its_role_but_stays_revoked(database: Database) -> None:
    await adopt(database, "brought-along", Role.INGEST, NOW)
    await adopt(database, "brought-along", Role.ADMIN, NOW)
    assert await find(database, "brought-along") is Role.ADMIN
    (record,) = await all_keys(database)
    await revoke(database, record.id, NOW)
    await adopt(database, "brought-along", Role.ADMIN, NOW)
    assert await find(database, "brought-along") is None


async def test_the_cache_spares_queries_and_forgets_in_time(database: Database) -> None:
    seconds = 0.0
    cache = KeyCache(database, monotonic=lambda: seconds)
    assert await cache.find("unknown") is None
    key = await create(database, Role.INGEST, "", NOW)
    assert await cache.find(key) is Role.INGEST
    (record,) = await all_keys(database)
    await revoke(database, record.id, NOW)
    assert await cache.find(key) is Role.INGEST, "from memory"
    assert CACHE_SECONDS < 5
    seconds = CACHE_SECONDS
    assert await cache.find(key) is None
    await adopt(database, "unknown", Role.READ, NOW)
    assert await cache.find("unknown") is Role.READ, "not being known is not remembered"
