"""What a journey names of the workspace beside templates has to be there when it is published, and stays."""

from collections.abc import Iterator

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers.scope import run_scoped
from journeyman.customers.scoring import repository as scoring
from journeyman.customers.segments import repository as segments
from journeyman.customers.segments.definition import TOLD, segments_named
from journeyman.customers.segments.repository import GONE
from journeyman.journeys import repository
from journeyman.journeys.documents.echoes import condition_of, echoes
from journeyman.journeys.documents.texts import lists_filled
from journeyman.kit.errors import Fault, InvalidError
from journeyman.language.comparisons import PropertyCondition
from journeyman.language.conditions import EventCondition, walk
from journeyman.language.definition import Definition
from journeyman.language.listening import segments_heard
from journeyman.language.needs import needs
from journeyman.language.references import placed_conditions
from journeyman.language.starters.event import EventEntry
from journeyman.language.starters.schedule import ScheduleEntry
from journeyman.language.steps.wait_for import WaitForStep
from journeyman.language.triggers import EventTrigger
from journeyman.language.validation import parse

Named = tuple[str, str]
"""Where a journey names something, as a JSON Pointer, and its key."""


async def refuse_missing(connection: AsyncConnection, definition: Definition) -> None:
    """Raises `InvalidError` with a fault for every segment or score that is not there, or does not tell what is heard.

    The segments are locked: while this transaction is under way, nobody takes one apart.
    """
    _refuse_run_before_its_begin(definition)
    asked, heard = [*_asked(definition), *_triggering(definition)], list(_heard(definition))
    keys = {key for _, key in (*asked, *heard)}
    there = {one.key: one for one in await segments.lock(connection, keys) if one.generation != GONE} if keys else {}
    faults = [
        Fault(pointer, f"there is no segment `{key}`", "keep it first, or name another")
        for pointer, key in (*asked, *heard)
        if key not in there
    ]
    faults += [
        Fault(pointer, f"the segment `{key}` tells nobody who comes and goes", "set `events: true` on it")
        for pointer, key in heard
        if key in there and not there[key].events
    ]
    if not faults and (telling := {key: pointer for pointer, key in segments_heard(definition)}):
        conditions = {one.key: condition_of(one) for one in await segments.listed(connection)}
        faults = [
            Fault(telling[key], f"`{key}` rests on the events by which segments tell", "name another segment")
            for key in echoes(conditions, telling)
        ]
    if faults:
        raise InvalidError("a segment that the journey names is not there, or does not tell", faults)
    await _refuse_missing_scores(connection, definition)


def _refuse_run_before_its_begin(definition: Definition) -> None:
    """The audience of a schedule chooses its customers: no run is there yet of which it could speak."""
    entry = definition.entry
    if isinstance(entry, ScheduleEntry) and entry.segment is None and entry.audience is not None:
        faults = list(run_scoped(entry.audience, "/entry/audience"))
        if faults:
            raise InvalidError("the audience of a schedule speaks of a run", faults)


async def _refuse_missing_scores(connection: AsyncConnection, definition: Definition) -> None:
    scored = [
        (pointer, key)
        for pointer, condition in placed_conditions(definition)
        for key in sorted(needs(condition).scores)
    ]
    there = {one.key for one in await scoring.models(connection)} if scored else set()
    faults = [
        Fault(pointer, f"there is no score `{key}`", "keep it first, or name another")
        for pointer, key in scored
        if key not in there
    ]
    if faults:
        raise InvalidError("a score that the journey names is not there", faults)


async def live_journeys_naming(connection: AsyncConnection, segment: str) -> list[str]:
    """The keys of the live journeys that name a segment."""
    live = await repository.live_journeys(connection)
    bodies = await repository.definitions(connection, {found for one in live for found in one.hashes})
    return sorted(one.key for one in live if any(segment in _names(parse(bodies[found])) for found in one.hashes))


async def live_journeys_hearing(connection: AsyncConnection, segment: str) -> list[str]:
    """The keys of the live journeys that hear the events of a segment because it is set to `events`."""
    live = await repository.live_journeys(connection)
    bodies = await repository.definitions(connection, {found for one in live for found in one.hashes})
    heard = {digest: {key for _, key in _heard(parse(body))} for digest, body in bodies.items()}
    return sorted(one.key for one in live if any(segment in heard[found] for found in one.hashes))


def _names(definition: Definition) -> set[str]:
    named = (*_asked(definition), *_triggering(definition), *_heard(definition), *lists_filled(definition))
    return {key for _, key in named}


def _asked(definition: Definition) -> Iterator[Named]:
    if isinstance(definition.entry, ScheduleEntry) and definition.entry.segment is not None:
        yield "/entry/segment", definition.entry.segment
    for pointer, condition in placed_conditions(definition):
        yield from ((pointer, key) for key in sorted(segments_named(condition)))


def _triggering(definition: Definition) -> Iterator[Named]:
    """The segments that start, end or release by being entered or left, as far as no condition names them."""
    named = {pointer.split("/wait_for")[0]: key for pointer, key in _asked(definition)}
    for pointer, key in segments_heard(definition):
        if named.get(pointer.split("/wait_for")[0]) != key:
            yield pointer, key


def _heard(definition: Definition) -> Iterator[Named]:
    """The segments of whose coming and going the journey wants to hear."""
    for pointer, event, where in _events(definition):
        if event in TOLD and where is not None:
            yield from ((f"{pointer}/where", key) for _, node in walk(where) for key in _segment_of(node))


def _segment_of(node: object) -> tuple[str, ...]:
    if not isinstance(node, PropertyCondition) or node.keys != ("segment",) or node.operator != "equals":
        return ()
    return (node.operand,) if isinstance(node.operand, str) else ()


def _events(definition: Definition) -> Iterator[tuple[str, str, EventCondition | None]]:
    """Where which event is listened to."""
    entry = definition.entry
    if isinstance(entry, EventEntry):
        yield "/entry", entry.event, entry.where
    for part, named in (("exit", definition.exit), ("goals", definition.goals)):
        for place, one in enumerate(named):
            if isinstance(one, EventTrigger):
                yield f"/{part}/{place}", one.event, one.where
    for place, step in enumerate(definition.steps):
        for branch in step.wait_for.branches if isinstance(step, WaitForStep) else ():
            if branch.event is not None:
                yield f"/steps/{place}/wait_for", branch.event, branch.where
