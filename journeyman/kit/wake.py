"""A bell between processes: "something new stands in the database, look now" instead of polling for it.

A notice carries nothing and may be lost with a connection, so that listeners also look by themselves from time to
time. Notices are coalesced to at most one per `GAP` and process, however many are asked for.
"""

import asyncio
import contextlib
import hashlib
import logging
import os
import secrets
import socket
import tempfile
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, Protocol
from weakref import WeakSet

from journeyman.kit.database import Database
from journeyman.kit.sessions import session

log = logging.getLogger(__name__)

GAP = 0.005
"""Seconds between two notices of one process."""
RECONNECT = 0.5
"""Seconds before a lost listening connection is opened anew."""
CHANNEL = "journeyman_wake"
LONGEST_SOCKET_PATH = 100
"""The kernel takes 108 bytes (unix(7)); a little is left for the socket's own name."""


class Listener:
    """One who waits. A notice between two waits is kept for the next one; several count as one."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def wait(self, timeout: float) -> bool:  # noqa: ASYNC109 - a timeout is an answer here, no error
        """Whether a notice came, within `timeout` seconds, since the last `wait` that returned True."""
        try:
            async with asyncio.timeout(timeout):
                await self._rung.wait()
        except TimeoutError:
            return False
        self._rung.clear()
        return True


class Wake(Protocol):
    """Sends notices, and after `start` hears them, those of this process included.

    `wait` is for a process with one listener; every further one takes a `listener()` of its own and keeps it.
    """

    def notify(self) -> None: ...

    def listener(self) -> Listener: ...

    async def wait(self, timeout: float) -> bool: ...  # noqa: ASYNC109 - see Listener.wait

    async def start(self) -> None: ...

    async def close(self) -> None: ...


class _Bell(ABC):
    """What both adapters share: listeners of this process, and a sender that coalesces."""

    def __init__(self) -> None:
        self._listeners: WeakSet[Listener] = WeakSet()
        self._first = self.listener()
        self._wanted = asyncio.Event()
        self._sender: asyncio.Task[None] | None = None

    def listener(self) -> Listener:
        added = Listener()
        self._listeners.add(added)
        return added

    async def wait(self, timeout: float) -> bool:  # noqa: ASYNC109 - see Listener.wait
        return await self._first.wait(timeout)

    def notify(self) -> None:
        """Ask for a notice; returns at once and never raises. Must be called inside the event loop."""
        self._wanted.set()
        if self._sender is None or self._sender.done():
            self._sender = asyncio.get_running_loop().create_task(self._send_forever())

    async def close(self) -> None:
        await _end(self._sender)
        if self._wanted.is_set():
            await self._send()

    def _ring(self) -> None:
        for listener in list(self._listeners):
            listener.ring()

    async def _send_forever(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            await self._send()
            await asyncio.sleep(GAP)

    @abstractmethod
    async def _send(self) -> None:
        """Send one notice; a failure is logged, for listeners look by themselves too."""


class PostgresWake(_Bell):
    """LISTEN/NOTIFY on one channel, over connections of its own.

    A NOTIFY is sent apart from the transaction that it speaks of: inside, it would make all commits of the database
    wait for one another. LISTEN needs a session, so a transaction-pooling proxy leaves listeners to their poll.
    """

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database
        self._sending = contextlib.AsyncExitStack()
        self._connection: Any = None
        self._hearing: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    async def start(self) -> None:
        self._hearing = asyncio.create_task(self._hear_forever())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                await self._ready.wait()

    async def close(self) -> None:
        await super().close()
        await _end(self._hearing)
        await self._sending.aclose()

    async def _send(self) -> None:
        if not await self._sent():
            await self._sent()  # the old connection was lost, a new one may do

    async def _sent(self) -> bool:
        try:
            if self._connection is None:
                self._connection = await self._sending.enter_async_context(session(self._database))
            await self._connection.execute(f"NOTIFY {CHANNEL}")
        except Exception as error:  # noqa: BLE001 - the database may fail in any way; listeners poll as well
            log.warning("a wake-up notice was not sent: %s", error)
            self._connection = None
            await self._sending.aclose()
            return False
        return True

    async def _hear_forever(self) -> None:
        while True:
            try:
                await self._hear()
            except Exception as error:  # noqa: BLE001 - as in `_send`; the loop tries again
                log.warning("wake-up notices are not heard, trying again: %s", error)
            await asyncio.sleep(RECONNECT)

    async def _hear(self) -> None:
        async with session(self._database) as heard:
            lost = asyncio.Event()
            heard.add_termination_listener(lambda _: lost.set())
            await heard.add_listener(CHANNEL, lambda *_: self._ring())
            if self._ready.is_set():
                self._ring()  # something may have come while nobody listened
            self._ready.set()
            await lost.wait()


class SocketWake(_Bell):
    """UNIX datagrams beside a SQLite file: every listening process binds a socket in one folder, senders send to all.

    Sending never blocks: a full socket means that its owner has a notice waiting anyway.
    """

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._folder = _socket_folder(file.absolute())
        self._out = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._out.setblocking(False)
        self._in: socket.socket | None = None

    async def start(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._in = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._in.setblocking(False)
        self._in.bind(str(self._folder / f"{os.getpid()}-{secrets.token_hex(4)}"))
        asyncio.get_running_loop().add_reader(self._in, self._heard)

    async def close(self) -> None:
        await super().close()
        self._out.close()
        if self._in is not None:
            asyncio.get_running_loop().remove_reader(self._in)
            os.unlink(self._in.getsockname())  # noqa: PTH108 - one call at the end of a process
            self._in.close()
            self._in = None

    def _heard(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._in is not None and self._in.recv(16):
                pass
        self._ring()

    async def _send(self) -> None:
        with contextlib.suppress(OSError):  # no folder: nobody has ever listened
            for path in os.listdir(self._folder):  # noqa: PTH208 - a few microseconds, on the path of each event
                self._send_to(self._folder / path)

    def _send_to(self, path: Path) -> None:
        try:
            self._out.sendto(b"!", str(path))
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)  # its owner died without closing
        except OSError as error:
            log.debug("no wake-up notice to %s: %s", path.name, error)


def wake_for(database: Database) -> Wake:
    """The adapter that suits the kind of database. Must be called inside the event loop."""
    if database.is_sqlite:
        return SocketWake(Path(database.url.split(":///", 1)[1]))
    return PostgresWake(database)


def _socket_folder(file: Path) -> Path:
    beside = file.with_name(file.name + ".wake")
    if len(os.fsencode(beside)) + len("/4194304-01234567") <= LONGEST_SOCKET_PATH:
        return beside
    digest = hashlib.sha256(os.fsencode(file)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"journeyman-{os.getuid()}-{digest}.wake"


async def _end(task: asyncio.Task[None] | None) -> None:
    if task is not None:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
