"""What the doctor finds in the database and at the provider, with an engine that cannot be reached."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from journeyman.bootstrap import engine_of, routes_of
from journeyman.catalog.coupons.coupons import Coupons
from journeyman.customers import repository as customers
from journeyman.insight.health.findings import Finding
from journeyman.insight.health.health import Health
from journeyman.journeys import repository as journeys
from journeyman.journeys.ports import EngineCommand
from journeyman.kit.clock import SystemClock
from journeyman.kit.database import Database
from journeyman.kit.keys.keys import Role, create
from journeyman.settings import Settings
from tests.builders import incoming, journey
from tests.journeyman.channels.ads.networks import Meta
from tests.parts.postgres import free_port
from tests.world import World, world


@pytest.fixture(name="world")
async def opened_world(database_url: str) -> AsyncIterator[World]:
    async with world(database_url, temporal_address=f"127.0.0.1:{free_port()}") as opened:
        yield opened


async def examine(world: World) -> list[Finding]:
    engine = await engine_of(world.services.settings)
    # One partition on both databases, so that both tell the same.
    settings = world.services.settings.model_copy(update={"intake_partitions": 1})
    return await Health(settings, world.database, world.clock, engine, world.routes).examine()


async def bad(world: World) -> dict[str, tuple[str, str]]:
    """Whatever is not ok, by its area: level and detail. The engine, which is away, is left out."""
    found = [one for one in await examine(world) if one.level != "ok" and one.area != "temporal"]
    assert all(one.mend for one in found)
    return {one.area: (str(one.level), one.detail) for one in found}


async def at_work(world: World) -> None:
    """An admin key, and a partition that was worked just now."""
    await create(world.database, Role.ADMIN, "", world.clock.at)
    await world.shop.decide()


async def test_a_sound_workspace_has_nothing_to_mend_but_its_engine(world: World) -> None:
    await at_work(world)
    assert await bad(world) == {}
    (engine,) = [one for one in await examine(world) if one.area == "temporal"]
    assert (engine.level, "Start Temporal" in engine.mend) == ("fail", True)


async def test_a_fresh_workspace_lacks_a_key_and_a_worker(world: World) -> None:
    found = await bad(world)
    assert found["keys"] == ("warn", "there is no admin key")
    assert found["intake"] == ("fail", "nobody has worked partition 0 for a minute")


async def test_an_inbox_that_nobody_works_is_told_with_its_age(world: World) -> None:
    await at_work(world)
    await world.services.inbox.accept([incoming("Product Added", at=world.clock.at)] * 2, world.clock.at)
    assert await bad(world) == {}
    world.clock.at += timedelta(minutes=3)
    assert [one.detail for one in await examine(world) if one.area == "intake" and one.level == "warn"] == [
        "1 event waits, the oldest for 3 min"
    ]


async def test_quarantine_is_told(world: World) -> None:
    await at_work(world)
    await world.services.inbox.accept([incoming("Product Added", at=world.clock.at)], world.clock.at)
    async with world.database.transaction() as connection:
        (row,) = await customers.take_inbox(connection, None, 1)
        await customers.quarantine(connection, row, "no good", world.clock.at)
        await customers.drop_inbox(connection, [row.seq])
    assert (await bad(world))["intake"] == ("warn", "1 event is in quarantine")


async def test_an_outbox_that_is_not_told_says_its_last_error(world: World) -> None:
    await at_work(world)
    async with world.database.transaction() as connection:
        await journeys.tell(connection, [EngineCommand("signal", "run", "w", {})], world.clock.at)
        await journeys.note_failures(connection, {1: "RPCError: no"})
    world.clock.at += timedelta(seconds=61)
    await world.shop.decide()
    assert (await bad(world))["outbox"] == (
        "fail",
        "1 command waits for Temporal, the oldest for 1 min; the last error was: RPCError: no",
    )


async def test_runs_whose_time_does_not_pass_are_told(world: World) -> None:
    await world.shop.publish(journey())
    await world.shop.accept(incoming("Product Added", at=world.clock.at))
    async with world.database.transaction() as connection:
        await connection.execute(text("DELETE FROM outbox"))
    await at_work(world)
    world.clock.at += timedelta(hours=1, seconds=61)
    await world.shop.decide()
    (run,) = await world.shop.runs()
    assert (await bad(world))["runs"] == ("fail", f"1 live run is overdue by more than a minute, such as {run.id}")


async def test_a_message_that_is_in_flight_for_too_long_is_told(world: World) -> None:
    await world.shop.introduce()
    steps = [{"id": "mail", "send": {"channel": "email", "template": "hello"}}]
    await world.shop.publish(journey(steps=steps))
    await world.shop.accept(incoming("Product Added", at=world.clock.at))
    await world.settle()
    async with world.database.transaction() as connection:
        await connection.execute(text("UPDATE messages SET in_flight = true"))
        await connection.execute(text("DELETE FROM outbox"))
    world.clock.at += timedelta(minutes=6)
    await at_work(world)
    assert (await bad(world))["ledger"] == (
        "warn",
        "1 message was handed over more than 5 min ago without an answer",
    )


async def test_a_provider_that_is_away_is_told(world: World) -> None:
    settings = world.services.settings.model_copy(update={"smtp_url": SecretStr(f"smtp://127.0.0.1:{free_port()}")})
    engine = await engine_of(settings)
    found = await Health(settings, world.database, world.clock, engine, routes_of(settings)).examine()
    assert [str(one.level) for one in found if one.area == "providers"] == ["fail"]


async def test_a_database_behind_its_tables_is_told(world: World) -> None:
    async with world.database.transaction() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    assert (await bad(world))["database"][1].startswith("its tables are at older")


async def test_a_database_that_is_away_is_told_first() -> None:
    settings = Settings(database_url=f"postgresql+asyncpg://nobody@127.0.0.1:{free_port()}/none")
    database = Database(settings.database_url)
    found = await Health(settings, database, SystemClock(), await engine_of(settings), {}).examine()
    await database.close()
    assert [(one.area, str(one.level)) for one in found] == [("database", "fail"), ("keys", "fail")]


async def test_m6_a_coupon_pool_that_runs_low_or_has_expired_is_told(world: World) -> None:
    await at_work(world)
    coupons = Coupons(world.database, world.clock)
    await coupons.put("ten-off", {"name": "Ten off", "alert_below": 3})
    await coupons.add("ten-off", ["A", "B"])
    assert (await bad(world))["coupons"] == ("warn", "`ten-off` has 2 free codes")
    await coupons.add("ten-off", ["C"])
    assert await bad(world) == {}
    line = 'journeyman_coupon_codes{pool="ten-off",state="free"} '
    assert f"{line}3.0" in (await world.http.get("/metrics")).text.splitlines()
    await coupons.add("ten-off", ["D"])
    assert f"{line}3.0" in (await world.http.get("/metrics")).text.splitlines(), "counted half a minute ago at most"
    await world.pass_time(seconds=30)
    assert f"{line}4.0" in (await world.http.get("/metrics")).text.splitlines()
    tiers = [{"key": "lost", "when": {"attribute": "x", "exists": True}}]
    await coupons.put("tiered", {"name": "Tiered", "tiers": tiers})
    assert (await bad(world))["coupons"] == ("warn", "the tier `lost` of `tiered` has 0 free codes")
    await coupons.put("tiered", {"name": "Tiered", "expires": "2026-03-01T00:00:00Z"})
    assert (await bad(world))["coupons"] == ("warn", "the codes of `tiered` have expired")


async def test_every_ad_network_is_asked_whether_it_knows_its_audience(world: World) -> None:
    await at_work(world)
    async with Meta() as network:
        known, unknown = network.opened(), network.opened(audience="1230000000000")
        audiences = {"carts": known, "others": unknown}
        engine = await engine_of(world.services.settings)
        health = Health(world.services.settings, world.database, world.clock, engine, {}, audiences=audiences)
        found = {one.detail: one.level for one in await health.examine() if one.area == "audiences"}
        assert found == {
            "meta knows carts": "ok",
            "others: meta: the provider refuses the credentials: 400": "fail",
        }
        for one in audiences.values():
            await one.close()
