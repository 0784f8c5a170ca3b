"""What somebody has asked to import, and the import that comes of it."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from journeyman.customers.imports.calls import Kind, Source, check, maker
from journeyman.customers.imports.checkpoint import CheckpointFile
from journeyman.customers.imports.columns import Columns, read_mapping
from journeyman.customers.imports.files import PARQUET, fingerprint, kind_of, open_records
from journeyman.customers.imports.importing import Importing
from journeyman.customers.imports.records import RecordFile
from journeyman.customers.imports.rejects import rejects_for
from journeyman.customers.imports.sinks import Sink


@dataclass(frozen=True, slots=True)
class Order:
    """One call of `journeyman import`. `rejects` is None for a file beside the imported one."""

    kind: Kind
    file: Path
    mapping: tuple[str, ...]
    source: str
    batch: int
    rejects: Path | None = None
    is_live: bool = False
    event: str | None = None

    @property
    def rejects_file(self) -> Path:
        if self.rejects is not None:
            return self.rejects
        ending = kind_of(self.file)
        stem = self.file.name.removesuffix(".gz").removesuffix(self.file.suffix).removesuffix(ending)
        return self.file.with_name(f"{stem}.rejects{'.jsonl' if ending in PARQUET else ending}")

    @property
    def checkpoint(self) -> Path:
        return self.rejects_file.with_name(f"{self.rejects_file.name}.checkpoint")

    def begin(self, sink: Sink) -> Importing:
        """The import, at its beginning or where an earlier one was cut off. Raises `InvalidError`."""
        file = open_records(self.file)
        columns = Columns(file, read_mapping(self.mapping))
        source = Source(self.source, fingerprint(self.file), self.is_live, self.event)
        check(self.kind, file.columns, source, columns.fields(file.columns or ()))
        make = maker(self.kind)
        return Importing(
            file=file,
            columns=columns,
            make=lambda document, number: make(document, number, source),
            sink=sink,
            rejects=lambda size: rejects_for(file, self.rejects_file, size),
            checkpoints=CheckpointFile(self.checkpoint, self._id(source)),
            batch=self.batch,
        )

    def _id(self, source: Source) -> str:
        """The same for the same file under the same options, however many rows are stored at a time."""
        parts = (self.kind, source.fingerprint, source.name, *sorted(self.mapping), source.is_live, source.event)
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def says_consent(self) -> bool:
        """Whether the file has columns about consent, as far as its columns tell."""
        file: RecordFile = open_records(self.file)
        fields = Columns(file, read_mapping(self.mapping)).fields(file.columns or ())
        return self.kind == "customers" and "consent" in fields
