"""Files into a real database: every good row once, every bad one told, whatever interrupts it."""

import csv
import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from journeyman.customers.imports.calls import Document
from journeyman.customers.imports.checkpoint import Tally
from journeyman.customers.imports.order import Order
from journeyman.customers.imports.sinks import InboxSink, Sink, Stored
from journeyman.customers.inbox.door import Inbox
from journeyman.kit.database import Database
from journeyman.kit.errors import InvalidError
from journeyman.kit.wake import Wake, wake_for
from tests.builders import Shop, journey


class CutError(Exception):
    """The process ends here."""


class CutOff:
    """A sink that breaks off after some batches, like a process that is killed between storing and remembering."""

    def __init__(self, sink: Sink, after: int) -> None:
        self.sink = sink
        self.left = after

    async def store(self, documents: Sequence[Document]) -> Stored:
        stored = await self.sink.store(documents)
        self.left -= 1
        if self.left < 0:
            raise CutError
        return stored


class Desk(Shop):
    """A shop at whose door imports come in."""

    wake: Wake
    doors: list[Inbox]


@pytest.fixture
async def shop(database: Database) -> AsyncIterator[Desk]:
    desk = Desk(database)
    desk.wake, desk.doors = wake_for(database), []
    yield desk
    for door in desk.doors:
        await door.close()
    await desk.wake.close()


def inbox_sink(shop: Desk, limit: int = 1_000_000) -> InboxSink:
    """A door that counts what waits each time that it is asked."""
    shop.doors.append(Inbox(shop.database, shop.wake, limit, monotonic=iter(range(10**9)).__next__))
    return InboxSink(shop.doors[-1], shop.clock)


def order(path: Path, kind: Any = "customers", **more: Any) -> Order:
    return Order(kind, path, tuple(more.pop("mapping", ())), more.pop("source", path.name), 100, **more)


async def carry_out(wanted: Order, sink: Sink) -> Tally:
    return await wanted.begin(sink).run(lambda _tally, _waits: None)


def customers_file(path: Path, rows: int) -> Path:
    """One row of a hundred is bad."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["user_id", "email", "orders"])
        for number in range(rows):
            writer.writerow(["" if number % 100 == 7 else f"u{number}", f"u{number}@example.com", number])
    return path


async def profiles(shop: Desk) -> dict[str, dict[str, Any]]:
    await shop.decide()
    async with shop.database.reading() as connection:
        rows = await connection.exec_driver_sql("SELECT id, attributes FROM customers")
        return {row.id: json.loads(row.attributes) if shop.database.is_sqlite else row.attributes for row in rows}


async def events(shop: Desk) -> list[Any]:
    async with shop.database.reading() as connection:
        rows = await connection.exec_driver_sql("SELECT name, event_time, message_id FROM events ORDER BY seq")
        return list(rows)


async def test_customers_come_in_and_bad_rows_are_put_aside(shop: Desk, tmp_path: Path) -> None:
    wanted = order(customers_file(tmp_path / "crm.csv", 1000))
    tally = await carry_out(wanted, inbox_sink(shop))
    assert tally == Tally(rows=1000, stored=990, repeated=0, rejected=10)
    found = await profiles(shop)
    assert len(found) == 990
    assert found["u3"] == {"email": "u3@example.com", "orders": 3}
    rejected = list(csv.DictReader((tmp_path / "crm.rejects.csv").read_text().splitlines()))
    assert len(rejected) == 10
    assert rejected[0] == {
        "import_row": "9",
        "import_reason": "the row names nobody: it has neither `user_id` nor `anonymous_id`",
        "user_id": "",
        "email": "u7@example.com",
        "orders": "7",
    }
    assert not wanted.checkpoint.exists()


@pytest.mark.parametrize("batches", [0, 1, 4, 9])
async def test_cut_off_and_begun_again_every_row_counts_once(shop: Desk, tmp_path: Path, batches: int) -> None:
    wanted = order(customers_file(tmp_path / "crm.csv", 1000))
    with pytest.raises(CutError):
        await carry_out(wanted, CutOff(inbox_sink(shop), batches))
    again = wanted.begin(inbox_sink(shop))
    assert again.skipped == batches * 100
    tally = await again.run(lambda _tally, _waits: None)
    assert (tally.rows, tally.stored + tally.repeated, tally.rejected) == (1000, 990, 10)
    assert len(await profiles(shop)) == 990
    assert len(await events(shop)) == 990
    assert len((tmp_path / "crm.rejects.csv").read_text().splitlines()) == 11


@pytest.mark.parametrize("left", [None, "import_row,import_reason\n"])
async def test_rejects_that_are_gone_when_it_goes_on_are_told_and_not_made_up(
    shop: Desk, tmp_path: Path, left: str | None
) -> None:
    wanted = order(customers_file(tmp_path / "crm.csv", 1000))
    with pytest.raises(CutError):
        await carry_out(wanted, CutOff(inbox_sink(shop), 4))
    wanted.rejects_file.unlink() if left is None else wanted.rejects_file.write_text(left)
    with pytest.raises(InvalidError, match=r"remove .*crm\.rejects\.csv\.checkpoint to begin anew"):
        wanted.begin(inbox_sink(shop))
    wanted.checkpoint.unlink()
    tally = await carry_out(wanted, inbox_sink(shop))
    assert (tally.stored + tally.repeated, tally.rejected) == (990, 10)
    assert len(wanted.rejects_file.read_text().splitlines()) == 11


async def test_mended_rejects_are_imported_like_any_file(shop: Desk, tmp_path: Path) -> None:
    await carry_out(order(customers_file(tmp_path / "crm.csv", 100)), inbox_sink(shop))
    rejects = tmp_path / "crm.rejects.csv"
    rejects.write_text(
        rejects.read_text().replace(",,u7@", ",u7,u7@").replace("`anonymous_id`,,", "`anonymous_id`,u7,")
    )
    tally = await carry_out(order(rejects), inbox_sink(shop))
    assert (tally.stored, tally.rejected) == (1, 0)
    assert (await profiles(shop))["u7"] == {"email": "u7@example.com", "orders": 7}


async def test_the_same_file_again_changes_nothing(shop: Desk, tmp_path: Path) -> None:
    wanted = order(customers_file(tmp_path / "crm.csv", 200))
    await carry_out(wanted, inbox_sink(shop))
    before = await profiles(shop)
    await carry_out(wanted, inbox_sink(shop))
    assert await profiles(shop) == before
    assert len(await events(shop)) == 198


async def test_a_row_that_goes_back_to_what_it_was_counts(shop: Desk, tmp_path: Path) -> None:
    path = tmp_path / "crm.csv"
    for others, plan in (("x", "free"), ("y", "pro"), ("z", "free")):
        path.write_text(f"user_id,plan\nann,{plan}\n{others},basic\n")
        await carry_out(order(path), inbox_sink(shop))
        shop.pass_time(days=1)
    assert (await profiles(shop))["ann"] == {"plan": "free"}


async def test_an_events_file_that_has_grown_adds_what_is_new(shop: Desk, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("customer,date,total\nann,1997-01-12,11.77\nann,1997-01-12,11.77\n")
    mapping = ("customer=user_id", "date=timestamp", "total=revenue")
    wanted = order(path, "events", mapping=mapping, event="Order Completed")
    assert (await carry_out(wanted, inbox_sink(shop))).stored == 2
    await shop.decide()
    path.write_text(path.read_text() + "bob,1997-02-01,5\n")
    await carry_out(wanted, inbox_sink(shop))
    await shop.decide()
    found = await events(shop)
    assert [row[0] for row in found] == ["Order Completed"] * 3
    assert {str(row[1])[:10] for row in found} == {"1997-01-12", "1997-02-01"}, "books may be older than any clock"


async def test_history_starts_no_journeys_and_live_rows_do(shop: Desk, tmp_path: Path) -> None:
    await shop.publish(journey())
    path = tmp_path / "events.jsonl"
    path.write_text('{"user_id": "ann", "event": "Product Added"}\n')
    await carry_out(order(path, "events"), inbox_sink(shop))
    await shop.decide()
    assert await shop.runs() == []
    await carry_out(order(path, "events", source="again", is_live=True), inbox_sink(shop))
    await shop.decide()
    assert [run.customer_id for run in await shop.runs()] == ["ann"]


async def test_it_waits_while_too_much_waits_for_intake(shop: Desk, tmp_path: Path) -> None:
    wanted = order(customers_file(tmp_path / "crm.csv", 1000))
    importing = wanted.begin(inbox_sink(shop, limit=300))
    waited = []

    async def let_intake_work(seconds: float) -> None:
        waited.append(seconds)
        await shop.decide()

    importing._pause = let_intake_work
    told = []
    await importing.run(lambda _tally, waits: told.append(waits))
    assert waited == [5] * told.count(True)
    assert len(waited) >= 2
    assert len(await profiles(shop)) == 990


async def test_what_the_door_refuses_is_rejected_with_the_doors_reason(shop: Desk, tmp_path: Path) -> None:
    path = tmp_path / "crm.jsonl"
    large = json.dumps({"user_id": "ann", "bio": "x" * 40_000})
    path.write_text(f'{large}\n{{"user_id": "bob", "timestamp": "soon"}}\n{{"user_id": "eve", "note": "a\\u0000b"}}\n')
    tally = await carry_out(order(path), inbox_sink(shop))
    assert (tally.stored, tally.rejected) == (1, 2)
    assert await profiles(shop) == {"eve": {"note": "ab"}}
    rejected = [json.loads(line) for line in (tmp_path / "crm.rejects.jsonl").read_text().splitlines()]
    assert [row["import_row"] for row in rejected] == [1, 2]
    assert "the limit is 32768" in rejected[0]["import_reason"]
    assert "/timestamp is not an ISO 8601 date and time" in rejected[1]["import_reason"]
    assert rejected[1]["user_id"] == "bob"
