"""The folder in which `journeyman up` keeps its state: databases, secret, keys, logs."""

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from journeyman.kit.errors import ConflictError, InvalidError

MARKER = "journeyman.folder"
# Everything that the product writes here; `--fresh` removes this and nothing else.
OWN = (
    "journeyman.db*",
    "temporal.db*",
    "mailbox.db*",
    "logs",
    "run",
    "secret",
    "keys.json",
    "addresses.json",
    "bytecode",
)
LOGS_KEPT = 3


class DataFolder:
    """One folder of state, used by one `journeyman up` at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.logs = self.path / "logs"
        self.run = self.path / "run"
        self.keys_file = self.path / "keys.json"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder. Raises `ConflictError` when another `journeyman up` does."""
        self._make(self.path)
        with (self.path / "lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise ConflictError(f"{self.path} is in use by another `journeyman up`{_holder(lock.name)}") from error
            lock.truncate(0)
            lock.write(f"{os.getpid()}\n")
            lock.flush()
            yield

    def wipe(self) -> None:
        """Remove all state. Raises `InvalidError` when the folder is not one of ours."""
        others = [entry for entry in self.path.iterdir() if entry.name != "lock"]
        if others and not (self.path / MARKER).is_file():
            raise InvalidError(f"{self.path} was not made by `journeyman up`: --fresh leaves it alone")
        for entry in (found for pattern in OWN for found in self.path.glob(pattern)):
            if entry.is_dir():
                shutil.rmtree(entry)
            else:
                entry.unlink()

    def prepare(self) -> None:
        """Make the folders that the parts write to."""
        (self.path / MARKER).write_text("State of `journeyman up`; `journeyman up --fresh` empties this folder.\n")
        self._make(self.logs)
        self._make(self.run)

    def secret(self) -> str:
        """The key that signs links, made at the first start and kept."""
        file = self.path / "secret"
        if not file.exists():
            write_private(file, secrets.token_urlsafe(48))
        return file.read_text().strip()

    def keys(self, environment: Mapping[str, str]) -> dict[str, str]:
        """The admin and the ingest key: from the environment, else made at the first start and kept."""
        kept: dict[str, str] = json.loads(self.keys_file.read_text()) if self.keys_file.exists() else {}
        given = {role: environment.get(f"JOURNEYMAN_{role.upper()}_KEY") for role in ("admin", "ingest")}
        made = {role: f"jm_{role}_{secrets.token_hex(32)}" for role in given if not given[role] and role not in kept}
        if made:
            write_private(self.keys_file, json.dumps(kept | made, indent=2) + "\n")
        return {role: key or (kept | made)[role] for role, key in given.items()}

    def open_log(self, name: str) -> Path:
        """A new log file for one part; the earlier ones move up by one number."""
        log = self.logs / f"{name}.log"
        for number in range(LOGS_KEPT, 0, -1):
            older = self.logs / f"{name}.log.{number - 1}" if number > 1 else log
            if older.exists():
                older.replace(self.logs / f"{name}.log.{number}")
        log.touch(mode=0o600)
        return log

    @staticmethod
    def _make(folder: Path) -> None:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise InvalidError(f"{folder} cannot be used as a folder: {error.strerror}") from error


def write_private(file: Path, content: str) -> None:
    """Write a file that its owner alone can read, whole or not at all."""
    draft = file.with_name(f"{file.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    draft.replace(file)


def _holder(lock: str) -> str:
    pid = Path(lock).read_text().strip()
    return f" (process {pid}): stop it first, or give another folder with --data" if pid else ""
