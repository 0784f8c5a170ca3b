"""`journeyman template lint`: what is worth a second look before a template meets people."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from journeyman.cli.documents import SUFFIXES, read
from journeyman.cli.errors import FAILED
from journeyman.cli.linting import Strict
from journeyman.cli.settings import AsJson
from journeyman.kit.errors import Fault, InvalidError

if TYPE_CHECKING:
    from journeyman.channels.content.every import TemplateContent

app = typer.Typer(help="Check templates; needs no running system.", no_args_is_help=True)
Files = Annotated[list[Path], typer.Argument(help="Templates, YAML or JSON, or folders of them.", show_default=False)]
Sample = Annotated[Path | None, typer.Option("--sample", help="What it speaks of: a file with customer, entry, …")]
Transactional = Annotated[bool, typer.Option("--transactional", help="The journey is no marketing.")]


@app.callback()
def templates() -> None:
    """Check templates; needs no running system."""


@app.command("lint")
def lint(
    files: Files,
    sample: Sample = None,
    transactional: Transactional = False,
    strict: Strict = False,
    as_json: AsJson = False,
) -> None:
    """Look for what is worth a second look: clipping, spam words, links, colours, missing defaults, parts of texts.

    Ends with 2 where a template cannot be used at all, and names the first thing to mend.
    """
    from journeyman.channels.lint.lint import lint as findings_of  # noqa: PLC0415 - only this command needs it

    scope = _scope(sample)
    found = [
        {"template": file.stem, **asdict(finding)}
        for file in templates_in(files)
        for finding in findings_of(_content(file), scope, marketing=not transactional)
    ]
    if as_json:
        print(json.dumps(found, indent=2))
    else:
        for one in found:
            print(f"{one['template']}{one['pointer']}: {one['detail']}; {one['mend']} [{one['code']}]")
        print(f"{len(found)} found" if found else "nothing found")
    if found and strict:
        raise typer.Exit(FAILED)


def templates_in(files: Sequence[Path]) -> list[Path]:
    """The files that are meant: a folder stands for its templates. Raises `InvalidError` where there are none."""
    found: list[Path] = []
    for file in files:
        folder = next((one for one in (file / "templates", file) if one.is_dir()), None)
        found += sorted(one for one in folder.iterdir() if one.suffix in SUFFIXES) if folder else [file]
    if not found:
        raise InvalidError(f"there is no template in {', '.join(map(str, files))}")
    return found


def _content(file: Path) -> "TemplateContent":
    """The template in a file. Raises `InvalidError`, which names the first fault."""
    from journeyman.channels.content_check import content_faults  # noqa: PLC0415 - only this command needs it
    from journeyman.channels.templates import read_content  # noqa: PLC0415

    body = read(file)
    if not isinstance(body, dict):
        raise InvalidError(f"{file}: a mapping is wanted at the top")
    try:
        content = read_content(body)
    except InvalidError as error:
        raise _at(file, error.faults) from error
    if faults := content_faults(content):
        raise _at(file, faults)
    return content


def _at(file: Path, faults: Sequence[Fault]) -> InvalidError:
    first = faults[0]
    return InvalidError(f"{file}{first.pointer}: {first.detail}; {first.mend}")


def _scope(file: Path | None) -> dict[str, object]:
    if file is None:
        return {}
    body = read(file)
    if not isinstance(body, dict):
        raise InvalidError(f"{file}: a mapping is wanted at the top")
    return body
