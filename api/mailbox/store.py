"""Mails in one SQLite file, with the newest kept."""

import asyncio
import json
import sqlite3
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from api.mailbox.reading import ReadMail

KEEP = 10_000

_TABLE = """
CREATE TABLE IF NOT EXISTS mails (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipients TEXT NOT NULL,
    subject TEXT NOT NULL,
    preview TEXT NOT NULL,
    size INTEGER NOT NULL,
    to_words TEXT NOT NULL,
    from_words TEXT NOT NULL,
    subject_words TEXT NOT NULL,
    source BLOB NOT NULL
)
"""
_COLUMNS = "id, received_at, sender, recipients, subject, preview, size"

_GAP = "\x1f"
"""Stands between what is searched together; nobody types it."""

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A mail that has just come in: its envelope and its source."""

    sender: str
    recipients: tuple[str, ...]
    source: bytes


@dataclass(frozen=True, slots=True)
class Summary:
    """What a list shows of a mail. `recipients` are those of the envelope, as the server heard them."""

    id: int
    received_at: datetime
    sender: str
    recipients: tuple[str, ...]
    subject: str
    preview: str
    size: int


@dataclass(frozen=True, slots=True)
class Search:
    """Which mails: `words` anywhere in subject and addresses, `to` and `subject` in theirs; all without case."""

    words: str = ""
    to: str = ""
    subject: str = ""
    before: int | None = None

    def where(self) -> tuple[str, list[object]]:
        """The condition in SQL and its values."""
        terms = {
            f"instr(to_words || '{_GAP}' || from_words || '{_GAP}' || subject_words, ?)": self.words.casefold(),
            "instr(to_words, ?)": self.to.casefold(),
            "instr(subject_words, ?)": self.subject.casefold(),
        }
        conditions: list[str] = [sql for sql, value in terms.items() if value]
        values: list[object] = [value for value in terms.values() if value]
        if self.before is not None:
            conditions.append("id < ?")
            values.append(self.before)
        return " AND ".join(conditions) or "1", values


class Store:
    """The file. Mails that arrive together are written together; everything happens in one thread beside the loop."""

    def __init__(self, file: Path, *, keep: int = KEEP) -> None:
        self._file = file
        self._keep = keep
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mailbox")
        self._waiting: list[tuple[Arrival, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def open(self) -> None:
        self._connection = await self._run(self._connect)

    async def close(self) -> None:
        """Write what has arrived, then close the file."""
        if self._writing is not None:
            await self._writing
        await self._run(self._connection.close)
        self._thread.shutdown()

    async def add(self, arrival: Arrival) -> None:
        """Keep a mail; it is in the file when this returns."""
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((arrival, kept))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        await kept

    async def find(self, search: Search, limit: int, offset: int = 0) -> list[Summary]:
        """The newest first."""
        where, values = search.where()
        sql = f"SELECT {_COLUMNS} FROM mails WHERE {where} ORDER BY id DESC LIMIT ? OFFSET ?"  # noqa: S608 - fixed parts
        return [_summary(row) for row in await self._query(sql, [*values, limit, offset])]

    async def count(self, search: Search) -> int:
        where, values = search.where()
        return int((await self._query(f"SELECT count(*) FROM mails WHERE {where}", values))[0][0])  # noqa: S608 - as above

    async def newest(self) -> int:
        """The id of the mail that came last, also when it is gone; 0 before the first."""
        found = await self._query("SELECT seq FROM sqlite_sequence WHERE name = 'mails'")
        return int(found[0][0]) if found else 0

    async def get(self, mail_id: int) -> tuple[Summary, bytes] | None:
        """A mail and its source."""
        found = await self._query(f"SELECT {_COLUMNS}, source FROM mails WHERE id = ?", [mail_id])  # noqa: S608 - as above
        return (_summary(found[0][:-1]), zlib.decompress(found[0][-1])) if found else None

    async def neighbours(self, mail_id: int) -> tuple[int | None, int | None]:
        """The ids of the next newer and the next older mail."""
        found = await self._query(
            "SELECT (SELECT min(id) FROM mails WHERE id > ?), (SELECT max(id) FROM mails WHERE id < ?)",
            [mail_id, mail_id],
        )
        return found[0][0], found[0][1]

    async def clear(self) -> None:
        await self._run(self._clear)

    async def _write_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                await self._run(lambda: self._insert([arrival for arrival, _ in batch]))  # noqa: B023 - awaited at once
            except sqlite3.Error as error:
                _settle(batch, error)
            else:
                _settle(batch, None)
        self._writing = None

    async def _query(self, sql: str, values: list[Any] | None = None) -> list[tuple[Any, ...]]:
        return await self._run(lambda: self._connection.execute(sql, values or []).fetchall())

    async def _run(self, work: Callable[[], Answer]) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _connect(self) -> sqlite3.Connection:
        self._file.absolute().parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._file, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(_TABLE)
        return connection

    def _insert(self, arrivals: list[Arrival]) -> None:
        rows = [_row(arrival) for arrival in arrivals]
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self._connection.executemany(
                "INSERT INTO mails (received_at, sender, recipients, subject, preview, size, to_words, from_words,"
                " subject_words, source) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )
            self._connection.execute("DELETE FROM mails WHERE id <= (SELECT max(id) FROM mails) - ?", [self._keep])
        except sqlite3.Error:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def _clear(self) -> None:
        self._connection.execute("DELETE FROM mails")
        self._connection.execute("VACUUM")


def _settle(batch: list[tuple[Arrival, asyncio.Future[None]]], error: Exception | None) -> None:
    for _, kept in batch:
        if kept.done():
            continue
        if error is None:
            kept.set_result(None)
        else:
            kept.set_exception(error)


def _row(arrival: Arrival) -> tuple[object, ...]:
    mail = ReadMail(arrival.source)
    sender = mail.header("From") or arrival.sender
    subject = mail.header("Subject")
    return (
        datetime.now(UTC).isoformat(timespec="milliseconds"),
        sender,
        json.dumps(arrival.recipients),
        subject,
        mail.preview,
        len(arrival.source),
        ", ".join(arrival.recipients).casefold(),
        sender.casefold(),
        subject.casefold(),
        zlib.compress(arrival.source, 1),
    )


def _summary(row: tuple[Any, ...]) -> Summary:
    mail_id, received_at, sender, recipients, subject, preview, size = row
    return Summary(
        mail_id, datetime.fromisoformat(received_at), sender, tuple(json.loads(recipients)), subject, preview, size
    )
