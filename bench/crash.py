"""Nothing lost, nothing twice: parts of a running product are killed with SIGKILL while customers pour in.

    python -m bench.crash --customers 1000 --kills 5 [--postgres]

Customers enter with a cart, a third of them buys; API, worker and Temporal server are killed in turn, at random
instants. At the end every accepted event has to be stored once, every mail that was due has to be in the mailbox, and
none there twice but where the ledger says `ambiguous`.
"""

import argparse
import asyncio
import json
import random
import re
import signal
import sqlite3
import sys
import tempfile
import time
import zlib
from asyncio.subprocess import PIPE
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import ColumnElement, func, select

from journeyman.channels.tables import Message
from journeyman.cli.processes import send
from journeyman.customers.tables import Event, InboxEvent, QuarantinedEvent
from journeyman.journeys.tables import OutboxCommand, Run
from journeyman.kit.database import Base, Database
from tests.builders import Shop, email, journey
from tests.parts.postgres import PostgresServer
from tests.parts.up import ROOT, RunningUp, clean_environment

VICTIMS = ("api", "worker", "temporal")
MESSAGE_ID = re.compile(rb"^Message-ID:\s*<([^@>]+)@", re.IGNORECASE | re.MULTILINE)
SAME_CART = {"property": "cart_id", "equals": {"entry": "cart_id"}}
QUIET_WITHIN = 300.0
"""Seconds within which everything has to be at rest after the last kill."""


def document() -> dict[str, Any]:
    """A cart, two reminders; bought carts are left alone."""
    return journey(
        "reminders",
        entry={"on": "event", "event": "Product Added", "correlate": "cart_id"},
        exit=[{"on": "event", "event": "Order Completed", "where": SAME_CART}],
        steps=[
            {"id": "pause-1", "wait": {"for": "5s"}},
            {"id": "mail-1", "send": {"channel": "email", "template": "reminder"}},
            {"id": "pause-2", "wait": {"for": "5s"}},
            {"id": "mail-2", "send": {"channel": "email", "template": "reminder"}},
        ],
    )


@dataclass
class Report:
    """What was found at the end; `problems` is empty where nothing was lost and nothing is there twice."""

    accepted: int
    stored: int
    runs: int
    mails: int
    ambiguous: int
    twice: int
    kills: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)


class Storm:
    """One running product, its load and its killer."""

    def __init__(self, up: RunningUp, database: Database, customers: int, kills: int, seed: int = 7) -> None:
        self.up = up
        self.database = database
        self.customers = [f"c{number}" for number in range(customers)]
        self.kills_each = kills
        self.chance = random.Random(seed)
        self.accepted: set[str] = set()
        self.killed: Counter[str] = Counter()
        self.http = httpx.AsyncClient(base_url=up.addresses["api"], trust_env=False, timeout=10)

    async def introduce(self) -> None:
        """Everybody has an address and agreed to e-mail; the journey is live."""
        shop = Shop(self.database, datetime.now(UTC))
        await shop.publish(document(), template=email("Your cart"))
        await self._send(
            [
                {"type": "identify", "userId": one, "messageId": f"i-{one}", "traits": {"email": f"{one}@example.com"}}
                for one in self.customers
            ]
        )
        await self._until("everybody is known", self._all_decided)
        for one in self.customers:
            await shop.consent(one, email="yes")

    async def rage(self) -> None:
        """Load and kills at the same time."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._load())
            tasks.create_task(self._kill())

    async def _load(self) -> None:
        step = 20
        for start in range(0, len(self.customers), step):
            some = self.customers[start : start + step]
            carts = [_event("Product Added", one) for one in some]
            await self._send(carts)
            await asyncio.sleep(self.chance.uniform(0, 0.4))
            await self._send([_event("Order Completed", one) for one in some if self._buys(one)])

    def _buys(self, customer: str) -> bool:
        return int(customer[1:]) % 3 == 0

    async def _send(self, events: list[dict[str, Any]]) -> None:
        """As a Segment client does: the same batch again until it is answered with 200."""
        for start in range(0, len(events), 100):
            batch = events[start : start + 100]
            async with asyncio.timeout(120):
                while not await self._post(batch):  # noqa: ASYNC110 - the API is another process
                    await asyncio.sleep(0.2)
            self.accepted |= {event["messageId"] for event in batch}

    async def _post(self, batch: list[dict[str, Any]]) -> bool:
        headers = {"Authorization": f"Bearer {self.up.keys['ingest']}"}
        try:
            answer = await self.http.post("/v1/batch", json={"batch": batch}, headers=headers)
        except httpx.HTTPError:
            return False
        return answer.status_code == httpx.codes.OK

    async def _kill(self) -> None:
        for _ in range(self.kills_each):
            for victim in VICTIMS:
                await asyncio.sleep(self.chance.uniform(0.5, 4))
                await self._kill_one(victim)

    async def _kill_one(self, name: str) -> None:
        async with asyncio.timeout(60):
            while not (part := self.up.part(name)).runs:  # noqa: ASYNC110 - the supervisor is another process
                await asyncio.sleep(0.05)
        send(part.pid, signal.SIGKILL)
        self.killed[name] += 1

    async def settle(self) -> None:
        await self._until("everything is at rest", self._is_quiet)

    async def _until(self, what: str, condition: Callable[[], Awaitable[bool]]) -> None:
        deadline = time.monotonic() + QUIET_WITHIN
        while not await condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"not within {QUIET_WITHIN:.0f} s: {what}")
            await asyncio.sleep(0.2)

    async def _count(self, table: type[Base], *where: ColumnElement[bool]) -> int:
        async with self.database.reading() as connection:
            return (await connection.execute(select(func.count()).select_from(table).where(*where))).scalar_one()

    async def _all_decided(self) -> bool:
        return await self._count(InboxEvent) == 0

    async def _is_quiet(self) -> bool:
        busy = [
            await self._count(InboxEvent),
            await self._count(OutboxCommand),
            await self._count(Run, Run.state == "live"),
            await self._count(Message, Message.in_flight.is_(True)),
        ]
        return not any(busy)

    async def report(self, seconds: float) -> Report:
        async with self.database.reading() as connection:
            stored = set((await connection.execute(select(Event.message_id))).scalars())
            runs = (await connection.execute(select(Run.id, Run.customer_id, Run.outcome))).all()
            messages = (await connection.execute(select(Message.__table__))).all()
        mails = Counter(self._mailbox())
        sent = {message.id: message for message in messages if message.state == "sent"}
        twice = {found for found, count in mails.items() if count > 1}
        report = Report(
            accepted=len(self.accepted),
            stored=len(stored),
            runs=len(runs),
            mails=mails.total(),
            ambiguous=sum(message.ambiguous for message in messages),
            twice=len(twice),
            kills=self.killed,
            seconds=seconds,
        )
        report.problems += [f"accepted and lost: {sorted(lost)[:5]}"] if (lost := self.accepted - stored) else []
        report.problems += [f"sent and not there: {sorted(gone)[:5]}"] if (gone := sent.keys() - mails.keys()) else []
        unsaid = {found for found in twice if found not in sent or not sent[found].ambiguous}
        report.problems += [f"twice, and the ledger does not say so: {sorted(unsaid)[:5]}"] if unsaid else []
        report.problems += self._runs_and_mails(runs, messages)
        if await self._count(QuarantinedEvent):
            report.problems.append("events are in quarantine")
        report.problems += await self._doctor()
        return report

    async def _doctor(self) -> list[str]:
        """What `journeyman doctor` says of the running product."""
        command = (sys.executable, "-m", "journeyman.cli.main", "doctor", "--data", str(self.up.data), "--json")
        environment = clean_environment() | {"JOURNEYMAN_DATABASE_URL": self.database.url}
        asked = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment, stdout=PIPE)
        said, _ = await asked.communicate()
        return [f"doctor: {finding}" for finding in json.loads(said) if finding["level"] == "fail"]

    def _runs_and_mails(self, runs: Sequence[Any], messages: Sequence[Any]) -> list[str]:
        """One run per cart; those who did not buy got both mails."""
        problems = []
        by_customer = Counter(run.customer_id for run in runs)
        if by_customer != Counter(self.customers):
            problems.append(f"runs: {(by_customer - Counter(self.customers)).most_common(5)}")
        due = {one for one in self.customers if not self._buys(one)}
        got = Counter(message.customer_id for message in messages if message.state == "sent")
        missing = [one for one in due if got[one] != 2]
        return problems + ([f"not both mails: {missing[:5]}"] if missing else [])

    def _mailbox(self) -> Iterator[str]:
        with sqlite3.connect(self.up.data / "mailbox.db") as box:
            for (source,) in box.execute("SELECT source FROM mails"):
                found = MESSAGE_ID.search(zlib.decompress(source))
                yield found[1].decode() if found else "?"


def _event(name: str, customer: str) -> dict[str, Any]:
    return {
        "type": "track",
        "event": name,
        "userId": customer,
        "messageId": f"{name[:5]}-{customer}",
        "timestamp": datetime.now(UTC).isoformat(),
        "properties": {"cart_id": f"cart-{customer}"},
    }


@contextmanager
def running(folder: Path, url: str | None) -> Iterator[tuple[RunningUp, str]]:
    settings = {"JOURNEYMAN_DATABASE_URL": url} if url else {}
    up = RunningUp(folder / "data", settings=settings)
    try:
        yield up, url or f"sqlite+aiosqlite:///{folder / 'data' / 'journeyman.db'}"
        up.stop()
    finally:
        up.kill()


async def play(folder: Path, url: str | None, customers: int, kills: int) -> Report:
    """Start the product, let the storm rage, and report."""
    with running(folder, url) as (up, database_url):
        database = Database(database_url)
        storm = Storm(up, database, customers, kills)
        try:
            await storm.introduce()
            begun = time.monotonic()
            await storm.rage()
            await storm.settle()
            return await storm.report(time.monotonic() - begun)
        finally:
            await storm.http.aclose()
            await database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=5, help="of each part")
    parser.add_argument("--postgres", action="store_true", help="on PostgreSQL, with fsync; default: SQLite")
    given = parser.parse_args()
    server = PostgresServer(durable=True) if given.postgres else None
    try:
        with tempfile.TemporaryDirectory() as folder:
            report = asyncio.run(play(Path(folder), server.url() if server else None, given.customers, given.kills))
    finally:
        if server:
            server.stop()
    print(report)
    sys.exit(1 if report.problems else 0)


if __name__ == "__main__":
    main()
