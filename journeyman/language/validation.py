"""From a document to a `Definition`, or to a list of problems that names each step, field and mend."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from journeyman.language.definition import Definition, Step
from journeyman.language.document import RESERVED
from journeyman.language.graph import loops_without_time
from journeyman.language.references import messages_named
from journeyman.language.steps.send import SendStep


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a document: the step it is in, a JSON Pointer to the field, what is wrong, the mend."""

    step: str | None
    pointer: str
    detail: str
    mend: str

    @property
    def place(self) -> str:
        return f"step `{self.step}`: " if self.step else ""

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: {self.place}{self.detail}; {self.mend}"


class DefinitionError(Exception):
    """The document is no journey; `problems` says why."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = problems


def parse(document: object) -> Definition:
    """The journey that `document` (parsed JSON or YAML) describes. Raises `DefinitionError`."""
    if not isinstance(document, Mapping):
        raise DefinitionError([Problem(None, "", "a journey is a mapping", "write `journey:`, `entry:`, `steps:`")])
    try:
        definition = Definition.model_validate(document)
    except ValidationError as error:
        problems = [_translate(document, detail) for detail in error.errors(include_url=False)]
        raise DefinitionError(list(dict.fromkeys(problems))) from None
    problems = [*_structure(definition)]
    if problems:
        raise DefinitionError(problems)
    return definition


MENDS = {
    "missing": "add `{field}`",
    "extra_forbidden": "take `{field}` out or mend its spelling",
    "string_pattern_mismatch": "write lower case letters, digits and hyphens",
    "string_type": "write text",
    "union_tag_invalid": "write one of: {expected}",
    "union_tag_not_found": "say which kind it is",
    "literal_error": "write one of: {expected}",
    "bool_type": "write true or false",
    "too_short": "add one",
    "too_long": "take some out",
    "not_yet": "take it out; a later release will have it",
    "model_type": "write a mapping",
    "model_attributes_type": "write a mapping",
    "dict_type": "write a mapping",
    "tuple_type": "write a list",
    "greater_than_equal": "write {ge} or more",
    "less_than_equal": "write {le} or less",
}


def _translate(document: Mapping[str, Any], error: ErrorDetails) -> Problem:
    location = _place(document, error["loc"])
    field = str(location[-1]) if location else ""
    detail = error["msg"].removeprefix("Value error, ")
    context = dict(error.get("ctx", {}))
    context.setdefault("expected", context.get("expected_tags", ""))
    mend = MENDS.get(error["type"])
    if mend is None and ";" in detail:
        detail, mend = (part.strip() for part in detail.split(";", 1))
    mend = (mend or "see the journey language's reference").format_map({**context, "field": field})
    return Problem(_step_at(document, location), _pointer(location), detail, mend)


def _place(document: Mapping[str, Any], loc: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """The location in the document alone: pydantic also names the members of unions it tried."""
    place: list[int | str] = []
    here: Any = document
    for part in loc:
        if isinstance(here, Mapping) and part in here:
            here = here[part]
        elif isinstance(here, list | tuple):
            if not isinstance(part, int) or part >= len(here):
                continue
            here = here[part]
        elif part != loc[-1] or not isinstance(here, Mapping):
            continue
        place.append(part)
    return tuple(place)


def _step_at(document: Mapping[str, Any], location: tuple[int | str, ...]) -> str | None:
    steps = document.get("steps")
    place = location[1] if len(location) > 1 and location[0] == "steps" else None
    if not isinstance(steps, list) or not isinstance(place, int):
        return None
    step = steps[place]
    return str(step.get("id", f"#{place + 1}")) if isinstance(step, Mapping) else f"#{place + 1}"


def _pointer(location: tuple[int | str, ...]) -> str:
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in location)


def _structure(definition: Definition) -> Iterator[Problem]:
    """What no single field shows: ids twice, targets that are not there, loops in which no time passes."""
    seen: set[str] = set()
    for index, step in enumerate(definition.steps):
        if step.id in seen:
            yield Problem(step.id, f"/steps/{index}/id", "another step has this id", "give each step its own")
        seen.add(step.id)
        yield from _targets(definition, index, step)
        yield from _messages(definition, index, step)
    goals = [goal.key for goal in definition.goals]
    for index, key in enumerate(goals):
        if key in goals[:index]:
            yield Problem(None, f"/goals/{index}/key", "another goal has this key", "give each goal its own")
    for step_id in loops_without_time(definition):
        index = next(index for index, step in enumerate(definition.steps) if step.id == step_id)
        yield Problem(
            step_id, f"/steps/{index}/next", "the step is on a loop in which no time passes", "put a `wait` into it"
        )


def _targets(definition: Definition, index: int, step: Step) -> Iterator[Problem]:
    for target in step.targets:
        if target not in RESERVED and not definition.has_step(target):
            known = ", ".join(other.id for other in definition.steps)
            yield Problem(step.id, f"/steps/{index}", f"there is no step `{target}`", f"name one of: {known}, or `end`")


def _messages(definition: Definition, index: int, step: Step) -> Iterator[Problem]:
    """A message is named by the step that sends it; that step has to be there and to send."""
    for name in sorted(messages_named(step)):
        if not definition.has_step(name) or not isinstance(definition.step(name), SendStep):
            sends = (
                ", ".join(other.id for other in definition.steps if isinstance(other, SendStep)) or "(there is none)"
            )
            yield Problem(
                step.id, f"/steps/{index}", f"no step `{name}` sends a message", f"name a `send` step: {sends}"
            )
