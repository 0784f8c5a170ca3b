"""`journeyman export`: segments as files."""

import asyncio
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import IO, Annotated, Literal

import typer

from journeyman.cli.settings import read_settings

app = typer.Typer(help="Write segments out as files.", no_args_is_help=True)

Format = Literal["csv", "jsonl"]

SegmentKey = Annotated[str, typer.Argument(metavar="KEY", help="The segment's key.", show_default=False)]
As = Annotated[Format, typer.Option("--format", help="csv has chosen attributes, jsonl has all of them.")]
Attribute = Annotated[
    list[str] | None, typer.Option("--attribute", metavar="NAME", help="A column of the CSV file. Repeatable.")
]
Output = Annotated[Path | None, typer.Option("--output", metavar="FILE", help="Where to write; stdout if left out.")]


@app.callback()
def main() -> None:
    """Keeps `segment` a word of its own: an app of one command would swallow it."""


@app.command("segment")
def export_segment(key: SegmentKey, kind: As = "csv", attribute: Attribute = None, output: Output = None) -> None:
    """Write every member of a segment, straight from the database: who she is, since when, and her attributes."""
    with output.open("w", newline="") if output else nullcontext(sys.stdout) as file:
        asyncio.run(_write(key, kind, attribute, file))


async def _write(key: str, kind: Format, attributes: list[str] | None, file: IO[str]) -> None:
    from journeyman.insight.exports.segments import USUAL, SegmentExport  # noqa: PLC0415 - only this command needs it
    from journeyman.kit.database import Database  # noqa: PLC0415 - as above

    database = Database(read_settings().database_url)
    try:
        async for piece in await SegmentExport(database).open(key, kind, attributes or USUAL):
            file.write(piece)
    finally:
        await database.close()
