"""What events tell beside the profile is kept with them: groups, and consent that an import or a shop brings."""

from datetime import datetime, timedelta
from typing import Any

import orjson

from journeyman.customers import repository as customers
from journeyman.customers.groups.groups import Groups
from journeyman.customers.imports.calls import Source, maker
from journeyman.customers.inbox.reading import read_event
from journeyman.kit.database import Database
from tests.builders import NOON, Shop, incoming


async def call(shop: Shop, consents: Any = None, **document: Any) -> None:
    await shop.accept(read_event(document, received_at=shop.clock.now(), consents=consents))


async def bring(shop: Shop, document: dict[str, Any]) -> None:
    await shop.accept(read_event(document, received_at=shop.clock.now(), is_import=True))


async def consents(shop: Shop, customer: str = "ann") -> dict[str, str]:
    async with shop.database.reading() as connection:
        return (await customers.consents(connection, [customer])).get(customer, {})


async def test_group_calls_keep_groups_and_their_members(database: Database) -> None:
    shop = Shop(database)
    await call(shop, type="group", userId="ann", groupId="acme", traits={"name": "Acme"})
    await call(shop, type="group", anonymousId="device", groupId="home")
    await call(shop, type="identify", userId="ann", anonymousId="device")
    assert (await Groups(database).get("acme")).traits == {"name": "Acme"}
    page = await Groups(database).of_customer("ann", None, 10)
    assert [one.group for one in page.items] == ["acme", "home"], "the device was ann's, and so is what it said"


async def test_a_group_and_a_merge_in_one_batch(database: Database) -> None:
    shop = Shop(database)
    said = {"groupId": "home", "type": "group", "name": "Grouped", "anonymousId": "device"}
    event = incoming("Grouped", None, anonymous="device", kind="group")
    grouped = type(event)(event.subject, "g1", event.event_time, orjson.dumps(said).decode())
    both = incoming("Identified", "ann", kind="identify", anonymous="device")
    await shop.accept(incoming("Seen", "ann"), grouped, both)
    page = await Groups(database).members("home", None, 10)
    assert [one.customer for one in page.items] == ["ann"]


async def test_what_a_client_says_of_consent_is_never_read(database: Database) -> None:
    shop = Shop(database)
    document = {"type": "identify", "userId": "ann", "consents": {"email": {"status": "yes", "at": None}}}
    await shop.accept(read_event(document, received_at=NOON))
    assert await consents(shop) == {}


def row(at: datetime | None = None, **consent: str) -> dict[str, Any]:
    said: dict[str, Any] = {"user_id": "ann", "consent": consent}
    return maker("customers")(said | ({"timestamp": at.isoformat()} if at else {}), 2, Source("crm", str(at)))


async def test_an_imported_consent_is_recorded_with_its_source_and_tells_no_journey(database: Database) -> None:
    shop = Shop(database)
    await bring(shop, row(email="yes", news="no"))
    assert await consents(shop) == {"email": "yes", "news": "no"}
    async with database.reading() as connection:
        proofs = (await connection.exec_driver_sql("SELECT source, actor FROM consent_changes")).all()
        names = (await connection.exec_driver_sql("SELECT name FROM events")).scalars().all()
    assert {tuple(proof) for proof in proofs} == {("import crm", "import")}
    assert names == ["Identified"]


async def test_l1_an_old_yes_never_overrides_a_newer_no(database: Database) -> None:
    shop = Shop(database)
    await shop.introduce(consent="no")
    for at in (None, NOON - timedelta(days=30)):
        await bring(shop, row(at, email="yes"))
        assert await consents(shop) == {"email": "no"}
    await bring(shop, row(NOON + timedelta(hours=1), email="yes"))
    assert await consents(shop) == {"email": "yes"}


async def test_a_shops_consent_is_told_to_the_journeys(database: Database) -> None:
    shop = Shop(database)
    said = {"email": {"status": "yes", "at": (NOON - timedelta(days=1)).isoformat()}}
    await call(shop, type="identify", userId="ann", context={"integration": "shopify"}, consents=said)
    assert await consents(shop) == {"email": "yes"}
    async with database.reading() as connection:
        names = (await connection.exec_driver_sql("SELECT name FROM events ORDER BY seq")).scalars().all()
    assert names == ["Identified", "Consent Updated"]
