"""`journeyman journey`: journeys as files, and what they name."""

import asyncio
import json
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from journeyman.cli import backtests, documents, gallery, linting, simulations, translations, versions
from journeyman.cli.errors import FAILED
from journeyman.cli.remote import DEFAULT_URL, Key, Url, connect
from journeyman.cli.settings import AsJson

if TYPE_CHECKING:
    from journeyman.cli.plan import Change, Verdict
    from journeyman.language.lint import Finding
    from journeyman.language.validation import Problem

app = typer.Typer(help="Check journeys, and keep them as files.", no_args_is_help=True)

Files = Annotated[list[Path], typer.Argument(help="Journeys as YAML or JSON.", metavar="FILE…", show_default=False)]
Folder = Annotated[
    Path,
    typer.Argument(
        help="Holds journeys/*.yaml, and as wished templates, topics, segments and scores beside them.",
        metavar="DIR",
        show_default=False,
    ),
]
VERBS: dict["Verdict", str] = {"create": "+ create", "change": "~ change", "publish": "~ publish", "same": "  same"}
COLOURS = {"+": typer.colors.GREEN, "-": typer.colors.RED, "@": typer.colors.CYAN}


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


app.command("test")(simulations.play_tests)
app.command("simulate")(simulations.simulate)
app.command("lint")(linting.lint)
app.command("backtest")(backtests.backtest)
app.command("gallery")(gallery.gallery)
app.command("recipes")(gallery.recipes)
app.command("new")(gallery.new)
app.command("import-from")(translations.import_from)
app.command("publish")(versions.publish)
app.command("rollout")(versions.rollout)
app.command("rollback")(versions.rollback)
app.command("versions")(versions.versions)
app.command("diff")(versions.diff)
app.command("pause")(versions.pause)
app.command("resume")(versions.resume)
app.command("stop")(versions.stop)


@app.command("schema")
def schema() -> None:
    """Print the JSON Schema of a journey, with which editors complete and check it."""
    from journeyman.language.schema import journey_schema  # noqa: PLC0415 - only this command needs it

    print(json.dumps(journey_schema(), indent=2, ensure_ascii=False))


@app.command("plan")
def plan(
    folder: Folder, url: Url = DEFAULT_URL, key: Key = "", strict: linting.Strict = False, as_json: AsJson = False
) -> None:
    """Show what `apply` would change in the running Journeyman, and what lint finds in it."""
    changes, findings = asyncio.run(_plan(folder, url, key, carry_out=False))
    _show(changes, findings, as_json=as_json, with_difference=True)
    if findings and strict:
        raise typer.Exit(FAILED)


@app.command("apply")
def apply(folder: Folder, url: Url = DEFAULT_URL, key: Key = "", as_json: AsJson = False) -> None:
    """Make the running Journeyman the same as DIR: write what differs and publish it. Those inside stay."""
    changes, findings = asyncio.run(_plan(folder, url, key, carry_out=True))
    _show(changes, findings, as_json=as_json, with_difference=False)


async def _plan(folder: Path, url: str, key: str, *, carry_out: bool) -> tuple[list["Change"], list["Finding"]]:
    from journeyman.cli.plan import apply_plan, look_at, make_plan  # noqa: PLC0415 - these commands need the language

    found = documents.read_folder(folder)
    async with connect(url, key) as remote:
        changes = await make_plan(remote, found)
        findings = await look_at(remote, found, changes)
        if carry_out:
            await apply_plan(remote, changes)
    return changes, findings


def _show(changes: list["Change"], findings: list["Finding"], *, as_json: bool, with_difference: bool) -> None:
    if as_json:
        print(json.dumps([_describe_change(change, findings) for change in changes], indent=2))
        return
    for change in changes:
        print(f"{VERBS[change.verdict]}  {change.document.kind}/{change.document.key}")
        if with_difference and change.difference:
            print("\n".join(_coloured(line) for line in change.difference.splitlines()))
    linting.show(findings)
    counts = Counter(change.verdict for change in changes)
    print(", ".join(f"{counts[verdict]} {verdict}" for verdict in VERBS if counts[verdict]))


def _describe_change(change: "Change", findings: list["Finding"]) -> dict[str, object]:
    """With what lint finds in the journey, and in several of which it is one."""
    document = change.document
    is_looked_at = document.kind == "journeys" and change.verdict != "same"
    found = [asdict(one) for one in findings if is_looked_at and one.journey in {document.key, ""}]
    described = {"kind": document.kind, "key": document.key, "verdict": change.verdict}
    return {**described, "difference": change.difference, "findings": found}


def _coloured(line: str) -> str:
    colour = COLOURS.get(line[:1])
    return typer.style(line, fg=colour) if colour and sys.stdout.isatty() else line


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
