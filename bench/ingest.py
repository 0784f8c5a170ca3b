"""Events stored per second over HTTP, against a bare insert of the same rows into the same table.

PostgreSQL with fsync, the application, and the load (a process of its own with prebuilt requests over plain sockets)
share the machine's cores. Rounds alternate, figures are medians.
"""

import asyncio
import json
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import asyncpg

from journeyman.customers.inbox.events import slot_of
from journeyman.customers.inbox.json_text import Parsed
from journeyman.customers.inbox.reading import read_batch
from journeyman.kit.database import Database
from journeyman.kit.migrations import upgrade
from journeyman.kit.wake import GAP, wake_for
from tests.parts.http_server import HttpServer
from tests.parts.postgres import PostgresServer

ROUNDS = 5
BATCHES = 300
BATCH = 100
CONNECTIONS = 4
KEY = "bench"
GOAL = 0.4
INSERT = """
INSERT INTO inbox (slot, subject, message_id, event_time, received_at, payload)
SELECT slot, subject, message_id, event_time, $6, payload
FROM unnest($1::smallint[], $2::text[], $3::text[], $4::timestamptz[], $5::text[])
  AS sent (slot, subject, message_id, event_time, payload)
ON CONFLICT (message_id) DO NOTHING RETURNING message_id
"""
Document = dict[str, Any]


def batches() -> list[Document]:
    return [
        {"batch": [event(place) for place in range(BATCH)], "sentAt": datetime.now(UTC).isoformat()}
        for _ in range(BATCHES)
    ]


def event(place: int) -> Document:
    """About 490 bytes, as Segment's Python client sends them."""
    return {
        "integrations": {},
        "anonymousId": None,
        "properties": {
            "order_id": f"o-{place}",
            "revenue": 99.5,
            "currency": "EUR",
            "products": [{"sku": "s1", "quantity": 2}],
        },
        "timestamp": datetime.now(UTC).isoformat(),
        "context": {
            "ip": "203.0.113.9",
            "userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
            "library": {"name": "analytics-python", "version": "2.4.0"},
        },
        "userId": f"user-{uuid4().int % 100_000}",
        "type": "track",
        "event": "Order Completed",
        "messageId": str(uuid4()),
    }


def columns(batch: Document, received_at: datetime) -> tuple[Any, ...]:
    events = read_batch(Parsed(batch, plain=True), received_at=received_at).events
    return (
        [slot_of(event.subject) for event in events],
        [event.subject for event in events],
        [event.message_id for event in events],
        [event.event_time for event in events],
        [event.payload for event in events],
        received_at,
    )


async def bare(dsn: str) -> float:
    """Events per second of the bare statement over as many connections as the load has."""
    received_at = datetime.now(UTC)
    rows = [columns(batch, received_at) for batch in batches()]
    connections = [await asyncpg.connect(dsn) for _ in range(CONNECTIONS)]

    async def insert(place: int) -> None:
        for values in rows[place::CONNECTIONS]:
            await connections[place].fetch(INSERT, *values)

    await connections[0].execute("TRUNCATE inbox")
    started = time.perf_counter()
    await asyncio.gather(*(insert(place) for place in range(CONNECTIONS)))
    seconds = time.perf_counter() - started
    for connection in connections:
        await connection.close()
    return BATCHES * BATCH / seconds


async def over_http(dsn: str, port: int) -> tuple[float, list[float]]:
    """Events per second through the door, and the seconds that each request took."""
    connection = await asyncpg.connect(dsn)
    await connection.execute("TRUNCATE inbox")
    load = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.ingest", "load", str(port), stdout=subprocess.PIPE
    )
    output, _ = await load.communicate()
    stored = await connection.fetchval("SELECT count(*) FROM inbox")
    await connection.close()
    assert stored == BATCHES * BATCH, "every event is stored, once"
    result = json.loads(output)
    return stored / result["seconds"], result["requests"]


def load(port: int) -> None:
    """Send everything as fast as the answers come; print how long it took."""
    bodies = [json.dumps(batch).encode() for batch in batches()]
    requests = [request(body) for body in bodies]
    seconds: list[float] = []
    threads = [
        threading.Thread(target=send_all, args=(port, requests[place::CONNECTIONS], seconds))
        for place in range(CONNECTIONS)
    ]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.stdout.write(json.dumps({"seconds": time.perf_counter() - started, "requests": seconds}))


def request(body: bytes) -> bytes:
    head = (
        f"POST /v1/batch HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {KEY}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def send_all(port: int, requests: Sequence[bytes], seconds: list[float]) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for sent in requests:
            started = time.perf_counter()
            connection.sendall(sent)
            answer = b""
            while not answer.endswith(b"}"):
                part = connection.recv(4096)
                assert part, "the server hung up"
                answer += part
            assert answer.startswith(b"HTTP/1.1 200 "), answer
            seconds.append(time.perf_counter() - started)


async def wake_latency(url: str) -> float:
    """Milliseconds from `notify` in one process part to `wait` returning in another, over its own connections."""
    database = Database(url)
    sender, listener = wake_for(database), wake_for(database)
    await listener.start()
    sender.notify()
    await listener.wait(5)
    times = []
    for _ in range(200):
        await asyncio.sleep(2 * GAP)
        started = time.perf_counter()
        sender.notify()
        assert await listener.wait(5)
        times.append(time.perf_counter() - started)
    await sender.close()
    await listener.close()
    await database.close()
    return statistics.median(times) * 1000


@contextmanager
def durable_postgres() -> Iterator[PostgresServer]:
    server = PostgresServer(durable=True)
    try:
        yield server
    finally:
        server.stop()


async def measure() -> dict[str, float]:
    """Medians: stored per second, the floor, their ratio, and milliseconds of a request and of a wake-up."""
    with durable_postgres() as postgres, TemporaryDirectory() as folder:
        upgrade(postgres.url())
        dsn = postgres.url().replace("+asyncpg", "")
        server = HttpServer(postgres.url(), JOURNEYMAN_INGEST_KEY=KEY)
        try:
            floor, stored, requests = [], [], []
            for _ in range(ROUNDS + 1):
                floor.append(await bare(dsn))
                rate, seconds = await over_http(dsn, server.port)
                stored.append(rate)
                requests.extend(seconds)
        finally:
            server.stop()
        wakes = await wake_latency(postgres.url()), await wake_latency(f"sqlite+aiosqlite:///{Path(folder) / 'a.db'}")
    ratios = [rate / bare_rate for rate, bare_rate in zip(stored[1:], floor[1:], strict=True)]
    return {
        "stored_per_second": statistics.median(stored[1:]),
        "floor_per_second": statistics.median(floor[1:]),
        "ratio": statistics.median(ratios),
        "request_p50_ms": statistics.median(requests) * 1000,
        "request_p99_ms": statistics.quantiles(requests, n=100)[98] * 1000,
        "wake_postgresql_ms": wakes[0],
        "wake_sqlite_ms": wakes[1],
    }


def main() -> None:
    figures = asyncio.run(measure())
    for name, figure in figures.items():
        print(f"{name:22}{figure:12,.2f}")
    print(f"{'goal: ratio at least':22}{GOAL:12,.2f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["load"]:
        load(int(sys.argv[2]))
    else:
        main()
