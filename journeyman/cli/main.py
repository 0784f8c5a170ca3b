"""The `journeyman` command: its commands, and the one place where errors become a line and an exit code."""

import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import typer

from journeyman.cli import (
    copywriting,
    database,
    doctor,
    exports,
    imports,
    journeys,
    keys,
    rebuild,
    settings,
    templates,
    up,
)
from journeyman.cli.errors import FAILED, exit_code, one_line
from journeyman.kit.errors import DomainError

app = typer.Typer(
    name="journeyman",
    help="Self-hosted customer-journey orchestrator: each customer's journey is a durable Temporal workflow.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("up")(up.up)
app.command("settings")(settings.settings)
app.command("migrate")(database.migrate)
app.command("doctor")(doctor.doctor)
app.command("rebuild")(rebuild.rebuild)
app.add_typer(keys.app, name="key")
app.add_typer(journeys.app, name="journey")
app.add_typer(templates.app, name="template")
app.add_typer(copywriting.app, name="copy")
app.add_typer(imports.app, name="import")
app.add_typer(exports.app, name="export")


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and tell its exit code; an error is one line on stderr.

    With JOURNEYMAN_TRACE set, the stack trace of an error that nobody foresaw is shown as well.
    """
    try:
        outcome: Any = app(args=arguments, prog_name="journeyman", standalone_mode=False)
    except DomainError as error:
        return _fail(one_line(error), exit_code(error))
    except typer.TyperException as error:
        return _fail(error.format_message().replace("\n", " "), error.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        return _fail("interrupted", FAILED)
    except Exception as error:  # noqa: BLE001 - the last place before a stack trace would reach the reader
        if os.environ.get("JOURNEYMAN_TRACE"):
            traceback.print_exc()
        return _fail(f"{type(error).__name__}: {_first_line(error)}", FAILED)
    return outcome if isinstance(outcome, int) else 0


def _fail(line: str, code: int) -> int:
    if line:  # a command without arguments has shown its help
        print(f"journeyman: {line}", file=sys.stderr)
    return code


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "")


def main() -> None:
    sys.exit(run())


if __name__ == "__main__":
    main()
