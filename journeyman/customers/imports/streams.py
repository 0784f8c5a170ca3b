"""A file as a stream of bytes or text, compressed with gzip (RFC 1952) where its name ends in `.gz`."""

import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


class Stream:
    """Opens the same file again and again, and knows how far the last opening has read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._size = max(path.stat().st_size, 1)
        self._open: IO[bytes] | None = None
        self._share = 0.0

    @contextmanager
    def binary(self) -> Iterator[IO[bytes]]:
        with self._path.open("rb") as raw:
            self._open = raw
            try:
                yield self._inflated(raw)
            finally:
                self._share = raw.tell() / self._size
                self._open = None

    @contextmanager
    def text(self) -> Iterator[IO[str]]:
        """Text in UTF-8, with or without a byte order mark; other bytes become lone surrogates (PEP 383)."""
        with self.binary() as raw:
            yield io.TextIOWrapper(raw, encoding="utf-8-sig", errors="surrogateescape", newline="")

    def _inflated(self, raw: IO[bytes]) -> IO[bytes]:
        if self._path.suffix != ".gz":
            return raw
        return io.BufferedReader(gzip.GzipFile(fileobj=raw))

    def share_read(self) -> float:
        return self._open.tell() / self._size if self._open else self._share
