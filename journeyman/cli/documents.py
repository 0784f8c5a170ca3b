"""Journeys and what goes with them as files: YAML or JSON, one document a file, named by its key."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from journeyman.kit.errors import InvalidError
from journeyman.kit.yaml_format import load_yaml

if TYPE_CHECKING:
    from journeyman.language.definition import Definition

Kind = Literal["settings", "topics", "blocks", "templates", "scores", "segments", "journeys"]
# What others name stands before them: a journey may be published only when its templates and segments are there.
KINDS: tuple[Kind, ...] = ("settings", "topics", "blocks", "templates", "scores", "segments", "journeys")
OWN_KEYS: dict[Kind, str] = {"journeys": "journey", "scores": "score"}
"""Where a document says its key itself."""
SUFFIXES = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class Document:
    """One of them under its key."""

    kind: Kind
    key: str
    body: dict[str, Any]

    @property
    def path(self) -> str:
        """Where the API keeps it."""
        return f"/v1/{self.kind}/{self.key}"


def read_folder(folder: Path) -> list[Document]:
    """Everything in the folders of `folder` that are called as kinds are, in the order in which it is to be applied.

    Raises `InvalidError` when there is nothing, a file cannot be read, or is not named by the key that it says.
    """
    found = _inside(folder, KINDS)
    if not found:
        raise InvalidError(f"{folder} holds no journeys/*.yaml and no templates/*.yaml")
    return found


def read_beside(journey: Path) -> list[Document]:
    """What stands beside the folder that holds a journey: topics, templates, scores and segments, as far as they do."""
    return _inside(journey.absolute().parent.parent, KINDS[:-1])


def _inside(folder: Path, kinds: Sequence[Kind]) -> list[Document]:
    return [
        _document(kind, file)
        for kind in kinds
        for file in sorted((folder / kind).glob("*"))
        if file.suffix in SUFFIXES and not file.name.startswith(".")
    ]


def _document(kind: Kind, file: Path) -> Document:
    body = read(file)
    if not isinstance(body, dict):
        raise InvalidError(f"{file}: a mapping is wanted at the top")
    own = OWN_KEYS.get(kind)
    key = body.get(own, file.stem) if own else file.stem
    if key != file.stem:
        raise InvalidError(f"{file}: its {own} is `{key}`; name the file {key}{file.suffix}")
    return Document(kind, file.stem, body)


def read(file: Path) -> object:
    """What a YAML or JSON file holds. Raises `InvalidError` when it cannot be read."""
    try:
        return load_yaml(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidError(f"{file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InvalidError(f"{file}: this is no UTF-8 text") from error
    except InvalidError as error:
        raise InvalidError(f"{file}: {error.detail}") from error


def journeys_in(files: Sequence[Path]) -> list[Path]:
    """The files that are meant: a folder stands for its journeys."""
    found: list[Path] = []
    for file in files:
        folder = next((one for one in (file / "journeys", file) if one.is_dir()), None)
        inside = sorted(one for one in folder.iterdir() if one.suffix in SUFFIXES) if folder else [file]
        found += inside
    if not found:
        raise InvalidError(f"there is no journey in {', '.join(map(str, files))}")
    return found


def read_definition(file: Path) -> "Definition":
    """The journey in a file. Raises `InvalidError`, which names the first problem."""
    from journeyman.language.validation import DefinitionError, parse  # noqa: PLC0415 - only some commands need it

    try:
        return parse(read(file))
    except DefinitionError as error:
        first = error.problems[0]
        raise InvalidError(f"{file}: {first.place}{first.detail}; {first.mend}") from None
