"""The import of one file: read, brought into form, stored in batches, and what cannot be taken put aside."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from journeyman.customers.imports.calls import Document, NoCallError
from journeyman.customers.imports.checkpoint import CheckpointFile, Tally
from journeyman.customers.imports.columns import Columns, ValueRefusedError
from journeyman.customers.imports.records import Broken, Record, RecordFile
from journeyman.customers.imports.rejects import Rejects
from journeyman.customers.imports.sinks import Sink, Stored
from journeyman.kit.errors import OverloadedError

Make = Callable[[Document, int], Document]
Tell = Callable[[Tally, bool], None]
"""Is told how far the import is, and whether it has to wait until intake has cleared what came before."""


@dataclass(slots=True)
class Prepared:
    """A batch that is ready to be stored, and the rows of it that are not."""

    last_row: int
    rows: list[tuple[int, Any]] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    rejected: list[tuple[int, Any, str]] = field(default_factory=list)


class Importing:
    """Imports what `file` holds. Never more than two batches of it are in memory."""

    def __init__(
        self,
        *,
        file: RecordFile,
        columns: Columns,
        make: Make,
        sink: Sink,
        rejects: Callable[[int], Rejects],
        checkpoints: CheckpointFile,
        batch: int,
        pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._file = file
        self._columns = columns
        self._make = make
        self._sink = sink
        self._checkpoints = checkpoints
        self._at = checkpoints.read()
        self._rejects = rejects(self._at.rejects_size)
        self._batch = batch
        self._pause = pause

    @property
    def skipped(self) -> int:
        """How many rows an earlier, interrupted call of this import has dealt with."""
        return self._at.tally.rows

    def share_read(self) -> float:
        """How much of the file is read, from 0 to 1."""
        return self._file.share_read()

    async def run(self, tell: Tell) -> Tally:
        """Import the rest of the file; what went wrong with single rows stands in the rejects."""
        storing: asyncio.Task[None] | None = None
        for batch in self._batches():
            prepared = self._prepare(batch)
            if storing is not None:
                await storing
            storing = asyncio.create_task(self._keep(prepared, tell))
            # Lets the statement leave for the database, which works while the next batch is made ready here.
            await asyncio.sleep(0)
        if storing is not None:
            await storing
        self._checkpoints.remove()
        return self._at.tally

    def _batches(self) -> Iterator[list[Record | Broken]]:
        after = self._at.last_row
        left = (record for record in self._file.records() if record.number > after)
        while batch := list(islice(left, self._batch)):
            yield batch

    def _prepare(self, batch: list[Record | Broken]) -> Prepared:
        prepared = Prepared(batch[-1].number)
        for record in batch:
            if isinstance(record, Broken):
                prepared.rejected.append((record.number, record.raw, record.reason))
                continue
            try:
                document = self._make(self._columns.document(record.fields), record.number)
            except (NoCallError, ValueRefusedError) as error:
                prepared.rejected.append((record.number, record.raw, str(error)))
            else:
                prepared.rows.append((record.number, record.raw))
                prepared.documents.append(document)
        return prepared

    async def _keep(self, prepared: Prepared, tell: Tell) -> None:
        """Store a batch, and remember that it is: first the rejects, then the checkpoint that counts them."""
        stored = await self._store(prepared.documents, tell)
        refused = [(*prepared.rows[place], reason) for place, reason in stored.refused]
        for rejection in sorted((*prepared.rejected, *refused), key=lambda one: one[0]):
            self._rejects.add(*rejection)
        tally = self._at.tally
        tally.rows += len(prepared.documents) + len(prepared.rejected)
        tally.rejected += len(prepared.rejected) + len(refused)
        tally.stored += stored.new
        tally.repeated += len(prepared.documents) - len(refused) - stored.new
        self._at.last_row = prepared.last_row
        self._at.rejects_size = self._rejects.flush()
        self._checkpoints.write(self._at)
        tell(tally, False)

    async def _store(self, documents: list[Document], tell: Tell) -> Stored:
        while True:
            try:
                return await self._sink.store(documents) if documents else Stored(0)
            except OverloadedError as error:
                tell(self._at.tally, True)
                await self._pause(error.retry_after)
