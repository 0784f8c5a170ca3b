"""How far an import has come, in a file beside its rejects, so that one that was cut off goes on where it was."""

from pathlib import Path

from pydantic import BaseModel, ValidationError


class Tally(BaseModel):
    """What has become of the rows so far."""

    rows: int = 0
    stored: int = 0
    repeated: int = 0
    rejected: int = 0


class Checkpoint(BaseModel):
    """`import_id` says which import it is: of another file, or under other options, nothing is skipped."""

    import_id: str
    tally: Tally = Tally()
    last_row: int = 0
    rejects_size: int = 0


class CheckpointFile:
    """Keeps the checkpoint of one import. A file that cannot be read is no checkpoint."""

    def __init__(self, path: Path, import_id: str) -> None:
        self._path = path
        self._import_id = import_id

    def read(self) -> Checkpoint:
        """Where the import stands; at its beginning where this one has never begun."""
        try:
            found = Checkpoint.model_validate_json(self._path.read_bytes())
        except (OSError, ValidationError):
            found = None
        return found if found and found.import_id == self._import_id else Checkpoint(import_id=self._import_id)

    def write(self, checkpoint: Checkpoint) -> None:
        """Replaces the file as a whole, so that a process killed at any instant leaves the old one or the new one."""
        draft = self._path.with_name(f"{self._path.name}.new")
        draft.write_text(checkpoint.model_dump_json())
        draft.replace(self._path)

    def remove(self) -> None:
        self._path.unlink(missing_ok=True)
