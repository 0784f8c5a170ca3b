"""L3 on both databases: what an erasure takes, what it leaves, and that nobody comes back unasked."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from journeyman.channels.erasure.repository import in_flight
from journeyman.channels.ledger import repository as ledger
from journeyman.channels.ledger.messages import Message, message_id
from journeyman.channels.suppressions import suppress, suppression_reason
from journeyman.customers import repository as customers
from journeyman.customers.erasure.tables import ErasedWithdrawal
from journeyman.customers.inbox.repository import append
from journeyman.journeys.erasure.remains import UnfinishedError
from journeyman.journeys.intake.intake import Intake
from journeyman.kit.database import Database
from journeyman.kit.errors import ConflictError, NotFoundError
from journeyman.kit.wake import wake_for
from tests.builders import NOON, Shop, incoming, journey
from tests.journeyman.journeys.erasure.traces import KEY, Eraser, tell_the_engine, where

ORDER = {"on": "event", "event": "Order Completed"}
HERS = ("ann-77", "ann-77@example.com", "device-77", "old-77@example.com", "Aurelia")


@pytest.fixture
def shop(database: Database) -> Shop:
    made = Shop(database)
    made.intake = Intake(database, made.clock, "UTC", digest_key=KEY)
    return made


@pytest.fixture
async def eraser(shop: Shop) -> AsyncIterator[Eraser]:
    wake = wake_for(shop.database)
    yield Eraser(shop.database, shop.clock, wake)
    await wake.close()


async def live(shop: Shop) -> None:
    """Ann has a past of every kind, and is in the middle of a wait; Bob is there as well."""
    goal = {"key": "order", "on": "event", "event": "Order Completed", "within": "7d", "anchor": "entry"}
    goals = [{**goal, "value": {"property": "revenue"}}]
    entry = {"on": "event", "event": "Product Added", "correlate": "cart_id", "reentry": "always"}
    await shop.publish(journey(entry=entry, goals=goals, exit=[ORDER]))
    await shop.introduce("ann-77", name="Aurelia", email="old-77@example.com")
    await shop.introduce("bob-88")
    traits = {"email": "ann-77@example.com"}
    await shop.accept(incoming("Identified", "ann-77", kind="identify", anonymous="device-77", traits=traits))
    for user in ("ann-77", "bob-88"):
        await shop.accept(incoming("Product Added", user, cart_id=f"{user}-cart-1"))
        await shop.accept(incoming("Order Completed", user, revenue=12.5, note=f"for {user}"))
        await shop.accept(incoming("Product Added", user, cart_id=f"{user}-cart-2"))
    await shop.consent("ann-77", email="no")


async def write_message(shop: Shop, run_id: str, *, flying: bool = False) -> Message:
    message = Message(
        id=message_id(run_id, "pause", 1),
        run_id=run_id,
        step="pause",
        visit=1,
        journey_key="cart",
        version=1,
        customer_id="ann-77",
        channel="email",
        topic="marketing",
        template_key="hello",
        state="reserved",
        reserved_at=NOON,
        address="ann-77@example.com",
        subject="Hello Aurelia",
        in_flight=flying,
    )
    async with shop.database.transaction() as connection:
        await ledger.save(connection, message)
    return message


async def test_l3_nothing_of_hers_is_left_and_the_figures_stay(shop: Shop, eraser: Eraser) -> None:
    await live(shop)
    (run_id, *_) = [run.id for run in await shop.runs() if run.customer_id == "ann-77"]
    await write_message(shop, run_id)
    assert {"events", "customers", "identifiers", "runs", "journal", "messages"} <= (
        await where(shop.database, HERS)
    ).keys()
    before = [(entry.kind, entry.code, entry.data.get("value")) for entry in await shop.journal()]
    await tell_the_engine(shop.database)
    others = await where(shop.database, ["bob-88"])
    receipt = await eraser.erase("device-77")
    assert await where(shop.database, HERS) == {}
    assert await where(shop.database, ["bob-88"]) == others
    after = [(entry.kind, entry.code, entry.data.get("value")) for entry in await shop.journal()]
    assert after == [*before, ("ended", "erased", None)]
    assert receipt.counts["profiles"] == 1
    assert (receipt.counts["events"], receipt.counts["runs"], receipt.counts["messages"]) == (5, 2, 1)
    assert "12.5" in str([one.value for one in await shop.conversions()])


async def test_l3_runs_end_at_once_and_the_engine_is_told_with_the_same_commit(shop: Shop, eraser: Eraser) -> None:
    await live(shop)
    receipt = await eraser.requests.request("ann-77", "test")
    hers = [run for run in await shop.runs() if run.customer_id == "ann-77"]
    assert sorted((run.state, run.outcome) for run in hers) == [("ended", "erased"), ("ended", "exited")]
    told = await shop.outbox()
    assert [kind for kind, _ in told][-2:] == ["signal", "erase"]
    assert told[-1][1] == {"erasure": receipt.id}
    assert told[-2][1]["outcome"] == "erased"
    with pytest.raises(UnfinishedError, match="not been told"):
        await eraser.remains.begin(receipt.id)


async def test_l3_a_message_that_is_being_handed_over_is_waited_for(shop: Shop, eraser: Eraser) -> None:
    await live(shop)
    (run_id, *_) = [run.id for run in await shop.runs() if run.customer_id == "ann-77"]
    await write_message(shop, run_id, flying=True)
    receipt = await eraser.requests.request("ann-77", "test")
    await tell_the_engine(shop.database)
    async with shop.database.reading() as connection:
        assert await in_flight(connection, {"customer": ["ann-77"]}) == 1
    remains = eraser.remains
    with pytest.raises(UnfinishedError, match="handed over"):
        await remains.begin(receipt.id)
    shop.pass_time(minutes=2)
    assert (await remains.begin(receipt.id))[1] is not None


async def test_l3_late_events_bring_nobody_back_and_are_counted(shop: Shop, eraser: Eraser) -> None:
    await live(shop)
    await tell_the_engine(shop.database)
    erasure = (await eraser.erase("ann-77")).id
    late = [
        incoming("Product Added", "ann-77", cart_id="c9"),
        incoming("Page Viewed", None, anonymous="device-77"),
        incoming("Identified", "ann-77", kind="identify", traits={"email": "ann-77@example.com"}),
        incoming("Aliased", "new-99", kind="alias", previous="ann-77"),
    ]
    await shop.accept(*late)
    assert await where(shop.database, (*HERS, "new-99")) == {}
    receipt = await eraser.requests.receipt(erasure)
    assert (receipt.late_events, receipt.last_late_at) == (4, shop.clock.now())


async def test_l3_another_customer_on_her_device_is_not_turned_away(shop: Shop, eraser: Eraser) -> None:
    await live(shop)
    await tell_the_engine(shop.database)
    erasure = (await eraser.erase("ann-77")).id
    await shop.accept(incoming("Page Viewed", "cleo", anonymous="device-77"))
    assert await where(shop.database, ["device-77"]) == {}
    async with shop.database.reading() as connection:
        assert await customers.resolve(connection, "cleo") == "cleo"
    assert (await eraser.requests.receipt(erasure)).late_events == 0


async def test_l3_events_in_the_inbox_are_not_decided_any_more(shop: Shop, eraser: Eraser) -> None:
    await live(shop)
    await tell_the_engine(shop.database)
    waiting = [incoming("Product Added", "ann-77"), incoming("Page Viewed", None, anonymous="device-77")]
    await append(shop.database, waiting, NOON)
    receipt = await eraser.requests.request("ann-77", "test")
    await shop.decide()
    hers = [run for run in await shop.runs() if run.state == "live" and run.customer_id != "bob-88"]
    assert hers == []
    await tell_the_engine(shop.database)
    assert (await eraser.finish(receipt.id)).late_events == 2
    assert await where(shop.database, HERS) == {}


async def test_l3_who_is_asked_for_again_has_one_receipt(shop: Shop, eraser: Eraser) -> None:
    await live(shop)
    await shop.accept(incoming("Identified", "ann-77", kind="identify", traits={"phone": "+48600100277"}))
    use_case = eraser.requests
    receipt = await use_case.request("ann-77", "test")
    assert (await use_case.request("ann-77", "somebody else")).id == receipt.id
    assert (await use_case.request("ann-77@example.com", "somebody else")).requested_by == "test"
    assert (await use_case.request("+48 600 100 277", "somebody else")).id == receipt.id
    with pytest.raises(NotFoundError):
        await use_case.request("nobody", "test")
    with pytest.raises(NotFoundError):
        await use_case.receipt("era_0")


async def test_l3_who_comes_back_on_purpose_is_let_in_by_an_operator(shop: Shop, eraser: Eraser) -> None:
    await live(shop)
    use_case = eraser.requests
    receipt = await use_case.request("ann-77", "test")
    with pytest.raises(ConflictError):
        await use_case.lift(receipt.id, "operator")
    await tell_the_engine(shop.database)
    await eraser.finish(receipt.id)
    lifted = await use_case.lift(receipt.id, "operator")
    assert (lifted.lifted_by, lifted.lifted_at) == ("operator", shop.clock.now())
    assert await use_case.lift(receipt.id, "again") == lifted
    await shop.accept(incoming("Product Viewed", "ann-77"))
    async with shop.database.reading() as connection:
        assert await customers.resolve(connection, "ann-77") == "ann-77"
        assert await customers.consents(connection, ["ann-77"]) == {}
    second = await use_case.request("ann-77", "test")
    assert second.id != receipt.id


async def test_l3_suppressed_and_refused_addresses_survive_as_digests(shop: Shop, eraser: Eraser) -> None:
    await live(shop)
    await tell_the_engine(shop.database)
    async with shop.database.transaction() as connection:
        await suppress(connection, "email", "Old-77@Example.com", "hard bounce", NOON, key=KEY, readable=True)
    erasure = (await eraser.erase("ann-77")).id
    assert await where(shop.database, HERS) == {}
    async with shop.database.reading() as connection:
        assert await suppression_reason(connection, "email", "old-77@example.com", KEY) == "hard bounce"
        assert await suppression_reason(connection, "email", "ann-77@example.com", KEY) == "said no before the erasure"
        kept = (await connection.execute(select(ErasedWithdrawal.erasure_id, ErasedWithdrawal.subject))).all()
    assert [tuple(row) for row in kept] == [(erasure, "email")]


@pytest.mark.parametrize("key", [KEY, b"the key of before"])
async def test_l3_an_address_on_the_suppression_list_is_forgotten_as_it_is_written(
    shop: Shop, eraser: Eraser, key: bytes
) -> None:
    await live(shop)
    await shop.accept(incoming("Identified", "ann-77", kind="identify", traits={"phone": "+48600100277"}))
    written = "+48600100277" if key != KEY else "+48 (600) 100-277"
    async with shop.database.transaction() as connection:
        await suppress(connection, "sms", written, "complaint", NOON, key=key, readable=True)
    await tell_the_engine(shop.database)
    assert await where(shop.database, [written]) != {}
    await eraser.erase("ann-77")
    assert await where(shop.database, [written]) == {}
    async with shop.database.reading() as connection:
        assert await suppression_reason(connection, "sms", "+48600100277", key) == "complaint"


async def test_l3_who_signs_up_anew_with_an_erased_address_is_a_stranger(shop: Shop, eraser: Eraser) -> None:
    """Under a new id she is another customer, who agreed to nothing; the address leads nowhere until it is let in."""
    await live(shop)
    await tell_the_engine(shop.database)
    erasure = await eraser.erase("ann-77")
    traits = {"email": "ann-77@example.com"}
    await shop.accept(incoming("Identified", "new-99", kind="identify", traits=traits))
    async with shop.database.reading() as connection:
        assert await customers.resolve(connection, "new-99") == "new-99"
        assert await customers.resolve(connection, "ann-77@example.com") is None
        assert await customers.consents(connection, ["new-99"]) == {}
        assert await suppression_reason(connection, "email", "ann-77@example.com", KEY) == "said no before the erasure"
    assert (await eraser.requests.receipt(erasure.id)).late_events == 0
    await eraser.requests.lift(erasure.id, "operator")
    await shop.accept(incoming("Identified", "new-99", kind="identify", traits=traits))
    async with shop.database.reading() as connection:
        assert await customers.resolve(connection, "ann-77@example.com") == "new-99"


async def test_l3_profiles_that_were_merged_go_together(shop: Shop, eraser: Eraser) -> None:
    await live(shop)
    await shop.accept(incoming("Identified", "twin-99", kind="identify", traits={"email": "twin-99@example.com"}))
    await shop.accept(incoming("Aliased", "ann-77", kind="alias", previous="twin-99"))
    await tell_the_engine(shop.database)
    await eraser.erase("twin-99")
    assert await where(shop.database, (*HERS, "twin-99", "twin-99@example.com")) == {}
    await shop.accept(incoming("Page Viewed", "twin-99"))
    assert await where(shop.database, ["twin-99"]) == {}
