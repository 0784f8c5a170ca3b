"""`journeyman journey import-from`: journeys made elsewhere, as drafts, with a report of what did not translate."""

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from journeyman.cli import documents
from journeyman.cli.settings import AsJson
from journeyman.kit.errors import ConflictError, Fault, InvalidError
from journeyman.kit.yaml_format import dump_yaml

if TYPE_CHECKING:
    from journeyman.translation.report import Translation

Peer = Annotated[str, typer.Argument(help="braze, dittofeed, klaviyo or mautic.", metavar="PEER", show_default=False)]
File = Annotated[Path, typer.Argument(help="What it exports, as JSON.", metavar="FILE", show_default=False)]
To = Annotated[Path, typer.Option(help="The folder that gets journeys/ and segments/.", metavar="DIR")]
Names = Annotated[
    Path | None,
    typer.Option(help="A JSON or YAML mapping: what ids in FILE stand for, as metrics, segments and templates."),
]


def import_from(peer: Peer, file: File, to: To = Path(), names: Names = None, as_json: AsJson = False) -> None:
    """Make drafts of the journeys in an export, and tell of every node what became of it; nothing is overwritten."""
    from journeyman.translation.reading import read_export  # noqa: PLC0415 - only this command needs it

    found = read_export(peer, documents.read(file), file.stem, _names(names))
    _write(to, found)
    if as_json:
        print(json.dumps([_described(one) for one in found], indent=2))
        return
    for one in found:
        print(f"{to / 'journeys' / one.journey['journey']}.yaml")
        for line in one.lines:
            print(f"  {line.outcome:9} {line.node} ({line.kind}): {line.detail}")
        counts = Counter(line.outcome for line in one.lines)
        print("  " + ", ".join(f"{number} {outcome}" for outcome, number in sorted(counts.items())))


def _names(file: Path | None) -> dict[str, str]:
    found = documents.read(file) if file is not None else {}
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found.values()):
        raise InvalidError(
            "--names cannot be read", [Fault("", "it is no mapping of ids to names", "write `id: name`")]
        )
    return {str(key): name for key, name in found.items()}


def _write(to: Path, found: list["Translation"]) -> None:
    """Raises `ConflictError` where there is something else already; then nothing is written."""
    files: dict[Path, str] = {}
    for one in found:
        files[to / "journeys" / f"{one.journey['journey']}.yaml"] = dump_yaml(one.journey)
        files |= {to / "segments" / f"{key}.yaml": dump_yaml(segment) for key, segment in one.segments.items()}
    there = [str(file) for file, text in files.items() if file.exists() and file.read_text(encoding="utf-8") != text]
    if there:
        raise ConflictError(f"{', '.join(there)}: there is something else under this name; choose another folder")
    for file, text in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def _described(one: "Translation") -> dict[str, object]:
    return {"journey": one.journey, "segments": one.segments, "report": [asdict(line) for line in one.lines]}
