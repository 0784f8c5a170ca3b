"""`journeyman journey lint`: what is worth a second look before a journey meets people."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from journeyman.cli.documents import journeys_in, read, read_definition
from journeyman.cli.errors import FAILED
from journeyman.cli.settings import AsJson
from journeyman.cli.simulations import Files

if TYPE_CHECKING:
    from journeyman.language.contact import ContactPolicy
    from journeyman.language.lint import Finding

Strict = Annotated[bool, typer.Option("--strict", help="End with 1 where anything is found.")]


def lint(files: Files, strict: Strict = False, as_json: AsJson = False) -> None:
    """Look for what is worth a second look, in each journey and in all of them together; needs no running system.

    Steps that none leads to, goals that keep their customers, messages after the last goal's window, and how many a
    customer may get in a week, alone and from all of these journeys at once. A folder's contact policy bounds them.
    """
    from journeyman.language.lint import lint_together  # noqa: PLC0415 - only this command needs it

    found = lint_together([read_definition(file) for file in journeys_in(files)], policy_beside(files))
    if as_json:
        print(json.dumps([asdict(finding) for finding in found], indent=2))
    else:
        show(found)
        print(f"{len(found)} found" if found else "nothing found")
    if found and strict:
        raise typer.Exit(FAILED)


def policy_beside(files: Sequence[Path]) -> "ContactPolicy":
    """The contact policy of the folder in which the first of these journeys lies; else one that allows everything."""
    from journeyman.journeys.contact.policies import read_policy  # noqa: PLC0415 - only this command needs it

    folder = files[0] if files[0].is_dir() else files[0].parent
    for file in (folder / "settings" / "contact-policy.yaml", folder.parent / "settings" / "contact-policy.yaml"):
        if file.is_file():
            return read_policy(read(file))
    return read_policy({})


def show(found: Iterable["Finding"]) -> None:
    """A line for each finding, for people."""
    for finding in found:
        where = f"{finding.journey}{finding.pointer}" if finding.journey else "together"
        print(f"{where}: {finding.detail}; {finding.mend} [{finding.code}]")
