"""`journeyman journey`: journeys as files."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from journeyman.cli import documents
from journeyman.cli.errors import FAILED
from journeyman.cli.settings import AsJson

if TYPE_CHECKING:
    from journeyman.language.validation import Problem

app = typer.Typer(help="Check journeys, and keep them as files.", no_args_is_help=True)

Files = Annotated[list[Path], typer.Argument(help="Journeys as YAML or JSON.", metavar="FILE…", show_default=False)]


@app.command("validate")
def validate(files: Files, as_json: AsJson = False) -> None:
    """Check journey documents; needs no running system. Ends with 1 when one of them has a problem."""
    found = {file: problems_in(file) for file in files}
    if as_json:
        print(json.dumps([_describe(file, problems) for file, problems in found.items()], indent=2))
    else:
        for file, problems in found.items():
            print("\n".join([f"{file}: {'valid' if not problems else 'not valid'}", *(f"  {one}" for one in problems)]))
    if any(found.values()):
        raise typer.Exit(FAILED)


def problems_in(file: Path) -> list["Problem"]:
    """What is wrong with the journey in `file`. Raises `InvalidError` when the file cannot be read at all."""
    from journeyman.language.validation import DefinitionError, parse  # noqa: PLC0415 - only this command needs it

    try:
        parse(documents.read(file))
    except DefinitionError as error:
        return error.problems
    return []


def _describe(file: Path, problems: list["Problem"]) -> dict[str, object]:
    described = [{"step": one.step, "pointer": one.pointer, "detail": one.detail, "mend": one.mend} for one in problems]
    return {"file": str(file), "valid": not problems, "problems": described}
