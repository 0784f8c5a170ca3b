"""`journeyman journey lint`: what is worth a second look before a journey meets people."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from journeyman.cli.documents import journeys_in, read_definition
from journeyman.cli.errors import FAILED
from journeyman.cli.settings import AsJson
from journeyman.cli.simulations import Files

Strict = Annotated[bool, typer.Option("--strict", help="End with 1 where anything is found.")]


def lint(files: Files, strict: Strict = False, as_json: AsJson = False) -> None:
    """Look for what is worth a second look, in each journey and in all of them together; needs no running system.

    Steps that none leads to, goals that keep their customers, messages after the last goal's window, and how many a
    customer may get in a week, alone and from all of these journeys at once.
    """
    from journeyman.language.lint import lint_together  # noqa: PLC0415 - only this command needs it

    found = lint_together([read_definition(file) for file in journeys_in(files)])
    if as_json:
        print(json.dumps([asdict(finding) for finding in found], indent=2))
    else:
        for finding in found:
            where = f"{finding.journey}{finding.pointer}" if finding.journey else "together"
            print(f"{where}: {finding.detail}; {finding.mend} [{finding.code}]")
        print(f"{len(found)} found" if found else "nothing found")
    if found and strict:
        raise typer.Exit(FAILED)
