"""`journeyman key`: the keys with which programs and people reach the API."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer

from journeyman.cli.settings import AsJson, read_settings

if TYPE_CHECKING:
    from journeyman.kit.database import Database

T = TypeVar("T")
COLUMNS = ["id", "role", "label", "created", "revoked"]

app = typer.Typer(help="Make, list and end keys of the API.", no_args_is_help=True)

Role = Annotated[
    Literal["ingest", "operator", "admin", "read"],
    typer.Option(help="ingest sends events, read reads, operator also runs journeys, admin may do everything."),
]
Label = Annotated[str, typer.Option(help="What the key is for.")]


@app.command("create")
def create(role: Role, label: Label = "", as_json: AsJson = False) -> None:
    """Print a new key, this once: it is stored only as a digest."""
    from journeyman.kit.keys import keys  # noqa: PLC0415 - see _with_database

    key = _with_database(lambda database: keys.create(database, role, label, datetime.now(UTC)))
    print(json.dumps({"key": key, "role": role, "label": label}) if as_json else key)


@app.command("web-push")
def web_push() -> None:
    """Print a new key for web push: the private half is for the providers' file, the public one for pages."""
    from journeyman.channels.providers.web_push.sender import new_key, public_of  # noqa: PLC0415 - loads cryptography

    key = new_key()
    print(json.dumps({"private_key": key, "public_key": public_of(key)}))


@app.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """Show every key that was made, without the key itself."""
    from journeyman.kit.keys import keys  # noqa: PLC0415 - see _with_database

    rows = [
        {
            "id": key.id,
            "role": str(key.role),
            "label": key.label,
            "created_at": key.created_at.isoformat(),
            "revoked_at": key.revoked_at.isoformat() if key.revoked_at else None,
        }
        for key in _with_database(keys.all_keys)
    ]
    if as_json:
        print(json.dumps(rows, indent=2))
    else:
        _print_table(rows)


@app.command("revoke")
def revoke(
    identifier: Annotated[str, typer.Argument(help="The key's id, as `key list` shows it.", metavar="ID")],
) -> None:
    """End a key; it is refused everywhere within seconds."""
    from journeyman.kit.keys import keys  # noqa: PLC0415 - see _with_database

    _with_database(lambda database: keys.revoke(database, identifier, datetime.now(UTC)))
    print(f"{identifier} is revoked")


def _with_database(work: Callable[["Database"], Awaitable[T]]) -> T:
    """Do `work` on the database of the settings.

    The modules of the database are loaded by the commands that use them: that takes a second, which `--help` and the
    other commands need not spend.
    """
    from journeyman.kit.database import Database  # noqa: PLC0415 - see above

    async def run() -> T:
        database = Database(read_settings().database_url)
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(run())


def _print_table(rows: list[dict[str, str | None]]) -> None:
    """Columns as wide as they need to be: an id that is cut off is of no use."""
    lines = [COLUMNS, *([value or "" for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
