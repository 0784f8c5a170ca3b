"""`journeyman journey gallery` and `new`: journeys that come with the product, to be made one's own."""

import json
import re
from pathlib import Path
from typing import Annotated

import typer

from journeyman.cli import documents
from journeyman.cli.documents import read_definition
from journeyman.cli.settings import AsJson
from journeyman.customers.segments.definition import segments_named
from journeyman.journeys.calling.recipes import RECIPES
from journeyman.journeys.calling.recipes import recipes as known_recipes
from journeyman.kit.errors import ConflictError, InvalidError, NotFoundError
from journeyman.language.definition import Definition
from journeyman.language.document import KEY
from journeyman.language.references import placed_conditions, templates_of
from journeyman.language.triggers import SegmentTrigger

GALLERY = Path(__file__).parents[1] / "gallery"

Name = Annotated[str, typer.Argument(help="The key that it is to have.", metavar="KEY", show_default=False)]
Recipe = Annotated[str | None, typer.Argument(help="One to print.", metavar="RECIPE", show_default=False)]
From = Annotated[str, typer.Option("--from", help="A journey of the gallery.", show_default=False)]
To = Annotated[Path, typer.Option(help="The folder that gets journeys/, templates/ and segments/.", metavar="DIR")]


def gallery(as_json: AsJson = False) -> None:
    """List the journeys that come with Journeyman, each with its mails, its segments and its tests."""
    found = [read_definition(file) for file in _files()]
    if as_json:
        print(json.dumps([{"key": one.journey, "name": one.name, "for": one.description} for one in found], indent=2))
        return
    for one in found:
        print(f"{one.journey:22} {(one.description or '').split(': ')[0]}")


def recipes(key: Recipe = None, as_json: AsJson = False) -> None:
    """List the calls of well-known systems that come with Journeyman, or print one to be copied."""
    if key is not None:
        file = RECIPES / f"{key}.yaml"
        if not any(one.recipe == key for one in known_recipes()):
            there = ", ".join(one.recipe for one in known_recipes())
            raise NotFoundError(f"there is no recipe `{key}`; there are: {there}")
        print(file.read_text(encoding="utf-8"), end="")
    elif as_json:
        print(json.dumps([one.model_dump() for one in known_recipes()], indent=2))
    else:
        for one in known_recipes():
            print(f"{one.recipe:22} {one.description}")


def new(key: Name, source: From, to: To = Path()) -> None:
    """Copy a journey of the gallery, with what it needs, under a key of your own; nothing is overwritten."""
    if not re.fullmatch(KEY, key):
        raise InvalidError(f"`{key}` is no key of a journey; write lower case letters, digits and hyphens")
    file = GALLERY / "journeys" / f"{source}.yaml"
    if not file.is_file():
        known = ", ".join(one.stem for one in _files())
        raise NotFoundError(f"there is no journey `{source}` in the gallery; there are: {known}")
    definition = read_definition(file)
    text = re.sub(r"^journey: .*$", f"journey: {key}", file.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE)
    copies = {to / "journeys" / f"{key}.yaml": text}
    for kind, name in _needed(definition):
        copies[to / kind / f"{name}.yaml"] = (GALLERY / kind / f"{name}.yaml").read_text(encoding="utf-8")
    there = [str(target) for target, content in copies.items() if _differs(target, content)]
    if there:
        raise ConflictError(f"{', '.join(there)}: there is something else under this name; choose another folder")
    for target, content in copies.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, encoding="utf-8")
        print(target)


def _files() -> list[Path]:
    return sorted(file for file in (GALLERY / "journeys").iterdir() if file.suffix in documents.SUFFIXES)


def _needed(definition: Definition) -> set[tuple[str, str]]:
    """The mails and segments that a journey of the gallery names."""
    mails = {("templates", key) for _, _, key in templates_of(definition)}
    named = {key for _, condition in placed_conditions(definition) for key in segments_named(condition)}
    listened = (definition.entry, *definition.exit, *definition.goals)
    named |= {one.segment for one in listened if isinstance(one, SegmentTrigger)}
    return mails | {("segments", key) for key in named}


def _differs(target: Path, content: str) -> bool:
    return target.exists() and target.read_text(encoding="utf-8") != content
