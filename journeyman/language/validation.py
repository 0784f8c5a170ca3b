"""From a document to a `Definition`, or to a list of problems that names each step, field and mend."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from journeyman.language.conditions import Condition, MessageCondition, walk
from journeyman.language.definition import Definition
from journeyman.language.document import RESERVED, Lead
from journeyman.language.graph import inherited, leads_back_at_once, reaches_at_once
from journeyman.language.kinds import is_tag
from journeyman.language.metrics import wrong_metrics
from journeyman.language.plain import Place, foreign
from journeyman.language.starters.journey import JourneyEntry
from journeyman.language.steps.branch import BranchStep
from journeyman.language.steps.send import ANSWERS, SendStep
from journeyman.language.steps.wait_for import WaitForStep
from journeyman.language.strangers import Stranger
from journeyman.language.triggers import ConditionTrigger, MessageTrigger
from journeyman.language.wording import Wrong, closest, refused_place, reword, shown

MOST: Final = 50
"""How many problems are told at once: who mends these will see the others."""


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
        detail = f"a journey is a mapping, not {shown(document)}"
        raise DefinitionError([Problem(None, "", detail, "write `journey: …`, `entry: …` and `steps: …`")])
    _refuse(_problem(document, *found) for found in foreign(document))
    try:
        definition = Definition.model_validate(dict(document))
    except ValidationError as error:
        raise DefinitionError(problems_of(document, error)) from None
    _refuse(_problem(document, *found) for found in _structure(definition))
    return definition


def problems_of(document: Mapping[str, Any], error: ValidationError) -> list[Problem]:
    """What pydantic found wrong with a document, in the words of who wrote it; for any document of conditions."""
    return list(dict.fromkeys(_translated(document, error.errors(include_url=False))))[:MOST]


LACKING: Final = frozenset({"missing", "channel_missing"})
"""Errors about a field that is not there."""
Found = tuple[Place, str, str]
"""Where something is wrong, what it is, and the mend."""


def _refuse(problems: Iterator[Problem]) -> None:
    found = list(islice(problems, MOST))
    if found:
        raise DefinitionError(found)


def _problem(document: Mapping[str, Any], place: Place, detail: str, mend: str) -> Problem:
    inside = _place(document, place)
    return Problem(_step_at(document, inside), _pointer(inside), detail, mend)


def _translated(document: Mapping[str, Any], errors: list[ErrorDetails]) -> Iterator[Problem]:
    misspelt = {place for error in errors for place in _meant(error)}
    for error in errors:
        # Where a field is misspelt, that it is missing as well is no news.
        if error["type"] == "missing" and error["loc"] in misspelt:
            continue
        place = _place(document, refused_place(error), missing=error["type"] in LACKING)
        words = reword(error["type"], Wrong(place, error["input"], error.get("ctx", {}), error["msg"]))
        yield Problem(_step_at(document, place), _pointer(place), *words)


def _meant(error: ErrorDetails) -> Iterator[Place]:
    """Where the field would be that a misspelt one was meant to be."""
    stranger = error["input"]
    if error["type"] == "extra_forbidden" and isinstance(stranger, Stranger):
        meant = closest(error["loc"][-1], list(stranger.known))
        if meant is not None:
            yield (*error["loc"][:-1], meant)


def _place(document: Mapping[str, Any], location: Place, *, missing: bool = False) -> Place:
    """The location in the document alone, its last part too where that is `missing`.

    Pydantic names the members of unions as well, and what short forms leave out, such as `branches` and `time`.
    """
    place: list[int | str] = []
    here: Any = document
    for depth, part in enumerate(location, start=1):
        last = depth == len(location)
        if is_tag(part) and not last:
            continue
        if _holds(here, part):
            here = here[part]
        elif not (missing and last and isinstance(here, Mapping)):
            continue
        place.append(part)
    return tuple(place)


def _holds(here: object, part: int | str) -> bool:
    if isinstance(here, list | tuple):
        return isinstance(part, int) and part < len(here)
    return isinstance(here, Mapping) and part in here


def _step_at(document: Mapping[str, Any], place: Place) -> str | None:
    """The id of the step that the place is in, `#3` for the third where it has none."""
    steps = document.get("steps")
    if not isinstance(steps, list | tuple) or len(place) < 2 or place[0] != "steps":  # noqa: PLR2004 - steps, index
        return None
    number = int(place[1])
    given = steps[number].get("id") if isinstance(steps[number], Mapping) else None
    return given if isinstance(given, str) and given else f"#{number + 1}"


def _pointer(place: Place) -> str:
    """The place as a JSON Pointer (RFC 6901)."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in place)


def _structure(definition: Definition) -> Iterator[Found]:
    """What no single field shows: ids twice, targets that are not there, loops in which no time passes."""
    ids = [step.id for step in definition.steps]
    twice = [index for index, step_id in enumerate(ids) if step_id in ids[:index]]
    for index in twice:
        yield ("steps", index, "id"), f"`{ids[index]}` is another step's id already", "give each step an id of its own"
    goals = [goal.key for goal in definition.goals]
    for index, key in enumerate(goals):
        if key in goals[:index]:
            yield ("goals", index, "key"), f"`{key}` is another goal's key already", "give each goal a key of its own"
    for index, step in enumerate(definition.steps):
        for lead in step.leads:
            yield from _lead(ids, ("steps", index), lead)
    yield from _messages(definition)
    yield from _quiet(definition, ids)
    if isinstance(definition.entry, JourneyEntry) and definition.entry.journey == definition.journey:
        detail = "this journey would start itself, for ever"
        yield ("entry", "journey"), detail, "name another journey, or lead back to a step behind a `wait`"
    yield from wrong_metrics(definition)
    if not twice:
        yield from _loops(definition)


def _lead(ids: list[str], step: Place, lead: Lead) -> Iterator[Found]:
    place = (*step, *lead.place)
    if lead.target in {"continue", "exit"} and lead.place[-1] in {"next", "else"}:
        mend = "write `end`" if lead.target == "exit" else f"take `{lead.place[-1]}` out to go on to the step below"
        yield place, f"`{lead.target}` cannot stand here", f"{mend}, or write the id of a step"
    elif lead.target not in RESERVED and lead.target not in ids:
        yield place, f"there is no step `{lead.target}`", _one_of(lead.target, [*ids, "end"])


def _quiet(definition: Definition, ids: list[str]) -> Iterator[Found]:
    """Where the journey's quiet hours lead to has to be a step, and may be none from which a message leads back."""
    hours = definition.quiet_hours
    if hours is None or hours.then in {*RESERVED, *ANSWERS}:
        return
    lead = Lead(("quiet_hours", "then"), hours.then)
    yield from _lead(ids, (), lead)
    senders = (step for step in definition.steps if inherited(definition, step))
    if any(reaches_at_once(definition, lead.target, step.id) for step in senders):
        detail = f"a message leads to `{lead.target}` and that back to it, and no time passes on the way round"
        yield lead.place, detail, "put a `wait` between, lead on, or write `hold`"


def _messages(definition: Definition) -> Iterator[Found]:
    """A message is named by the step that sends it; in this journey, that step has to be there and to send."""
    sends = [step.id for step in definition.steps if isinstance(step, SendStep)]
    for place, name in _messages_named(definition):
        if name not in sends:
            mend = _one_of(name, sends) if sends else "add a `send` step, or take this out"
            yield place, f"no step `{name}` sends a message", mend


def _messages_named(definition: Definition) -> Iterator[tuple[Place, str]]:
    if definition.entry.audience is not None:
        yield from _named_by(definition.entry.audience, ("entry", "audience"))
    for part, named in (("exit", definition.exit), ("goals", definition.goals)):
        for index, one in enumerate(named):
            if isinstance(one, MessageTrigger) and one.message != "any":
                yield (part, index, "message"), one.message
            elif isinstance(one, ConditionTrigger):
                yield from _named_by(one.when, (part, index, "when"))
    for index, step in enumerate(definition.steps):
        if isinstance(step, BranchStep):
            for number, way in enumerate(step.branch):
                yield from _named_by(way.when, ("steps", index, "branch", number, "when"))
        for number, branch in enumerate(step.wait_for.branches if isinstance(step, WaitForStep) else ()):
            place = ("steps", index, "wait_for", "branches", number)
            if branch.message is not None:
                yield (*place, "message"), branch.message
            if branch.when is not None:
                yield from _named_by(branch.when, (*place, "when"))


def _named_by(condition: Condition, place: Place) -> Iterator[tuple[Place, str]]:
    for pointer, node in walk(condition):
        if isinstance(node, MessageCondition) and node.message != "any" and node.of == "run":
            inside = (int(part) if part.isdecimal() else part for part in pointer.split("/")[1:])
            yield (*place, *inside, "message"), node.message


def _loops(definition: Definition) -> Iterator[Found]:
    index = {step.id: number for number, step in enumerate(definition.steps)}
    for step, lead in leads_back_at_once(definition):
        detail = f"this leads back to `{lead.target}`, and no time passes on the way round"
        yield ("steps", index[step.id], *lead.place), detail, "put a `wait` or `wait_for` into the loop, or lead on"


def _one_of(word: str, words: list[str]) -> str:
    """The mend of a name that is none: what was meant, or the first of what might have been."""
    meant = get_close_matches(word, words, 1)
    return f"write `{meant[0]}`" if meant else f"write one of: {', '.join(words[-20:])}"
