"""Whatever is wrong with a journey, it is refused, at the right place and in words that help to mend it."""

import re
from typing import Any

import pytest

from journeyman.language.validation import DefinitionError, Problem, parse
from journeyman.language.wording import REFERENCE
from tests.journeyman.language.mutants import Mutant, Place, at, mutants
from tests.journeyman.language.sound_journeys import JOURNEYS

INTERNALS = re.compile(
    r"literal\[|function-|tagged-union|[Dd]iscriminat|Input should|Field required|Extra inputs|instance of|validat"
    r"|[Tt]uple|pydantic|pattern|Stranger|object at 0x|\bNone\b|\bTrue\b|\bFalse\b|<(?!event>)"
)


def place_of(pointer: str, document: dict[str, Any]) -> Place:
    """The place that a JSON Pointer names; its last part may be missing from the document."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    place: Place = ()
    for number, part in enumerate(parts, start=1):
        here = at(document, place)
        if isinstance(here, list):
            assert int(part) < len(here)
            place = (*place, int(part))
        else:
            assert part in here or number == len(parts), f"{pointer} leads nowhere"
            place = (*place, part)
    return place


def is_at(place: Place, mutant: Mutant) -> bool:
    """Whether it is the mutated place, one inside it, or its parent."""
    return place[: len(mutant.place)] == mutant.place or place == mutant.place[:-1]


def step_at(place: Place, document: dict[str, Any]) -> str | None:
    """How the step is called that the place is in: by its number where it has no id."""
    if len(place) < 2 or place[0] != "steps":
        return None
    step = at(document, place[:2])
    given = step.get("id") if isinstance(step, dict) else None
    return given if isinstance(given, str) and given else f"#{int(place[1]) + 1}"


def faults_of(problem: Problem, document: dict[str, Any]) -> list[str]:
    """What is wrong with a problem itself."""
    place = place_of(problem.pointer, document)
    return [
        *(["it does not name its step"] if problem.step != step_at(place, document) else []),
        *(["it has no mend"] if not problem.mend.strip() or problem.mend == REFERENCE else []),
        *(["it says nothing"] if not problem.detail.strip() else []),
        *(["it speaks of internals"] if INTERNALS.search(f"{problem.detail} {problem.mend}") else []),
    ]


def faults(mutant: Mutant) -> list[str]:
    """What is wrong with how a mutant is refused."""
    try:
        parse(mutant.document)
    except DefinitionError as error:
        problems = error.problems
    else:
        return [f"{mutant.what} {mutant.place}: accepted"]
    places = [place_of(problem.pointer, mutant.document) for problem in problems]
    found = [f"{problem}: {fault}" for problem in problems for fault in faults_of(problem, mutant.document)]
    parent = mutant.place[:-1]
    if mutant.what not in {"reserved", "twin"} and any(place[: len(parent)] != parent for place in places):
        found.append(f"elsewhere: {[str(problem) for problem in problems]}")
    if not any(is_at(place, mutant) for place in places):
        found.append(f"not there: {[str(problem) for problem in problems]}")
    return [f"{mutant.what} {mutant.place}: {fault}" for fault in found]


@pytest.mark.parametrize("document", JOURNEYS, ids=lambda document: document["journey"])
def test_the_journeys_are_sound(document: dict[str, Any]) -> None:
    assert parse(document).journey == document["journey"]


@pytest.mark.parametrize("document", JOURNEYS, ids=lambda document: document["journey"])
def test_every_malformed_journey_is_refused_with_the_field_and_the_mend(document: dict[str, Any]) -> None:
    assert [fault for mutant in mutants(document) for fault in faults(mutant)] == []


def test_there_are_more_than_a_thousand_of_them() -> None:
    made = {mutant.text for document in JOURNEYS for mutant in mutants(document)}
    assert len(made) > 1000
    assert not made & {Mutant(document, (), "").text for document in JOURNEYS}
