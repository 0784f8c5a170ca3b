"""What steps say in Liquid has to be readable, and the lists they fill by hand have to be there, before publication."""

from collections.abc import Iterator, Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.liquid import Liquid
from journeyman.channels.render_errors import RenderError
from journeyman.customers.segments import repository as segments
from journeyman.customers.segments.repository import GONE
from journeyman.kit.errors import Fault, InvalidError
from journeyman.language.definition import Definition
from journeyman.language.steps.call import Call, CallStep
from journeyman.language.steps.task import TaskStep
from journeyman.language.steps.update import UpdateStep

Placed = tuple[str, str]
"""Where something stands, as a JSON Pointer, and what stands there."""


def refuse_unreadable(definition: Definition) -> None:
    """Raises `InvalidError` with a fault for every text of a step that is no Liquid."""
    faults = [fault for place, text in _texts(definition) if (fault := _fault(place, text)) is not None]
    if faults:
        raise InvalidError("a text of the journey cannot be read", faults)


async def refuse_missing_lists(connection: AsyncConnection, definition: Definition) -> None:
    """Raises `InvalidError` for every segment that `update` fills and that is not there, or is not kept by hand."""
    wanted = list(lists_filled(definition))
    found = await segments.find(connection, {key for _, key in wanted}) if wanted else []
    by_hand = {one.key: one.condition is None for one in found if one.generation != GONE}
    faults = [
        Fault(place, f"there is no segment `{key}`", "keep it first, without `when`, or name another")
        if key not in by_hand
        else Fault(place, f"the condition of `{key}` decides who is in it", "name a segment that has no `when`")
        for place, key in wanted
        if not by_hand.get(key, False)
    ]
    if faults:
        raise InvalidError("a list that the journey fills cannot be filled", faults)


def _fault(place: str, text: str) -> Fault | None:
    try:
        Liquid(text, escape=False)
    except RenderError as error:
        return Fault(place, str(error), error.mend)
    return None


def _texts(definition: Definition) -> Iterator[Placed]:
    for place, step in enumerate(definition.steps):
        if isinstance(step, CallStep):
            yield from _of_call(f"/steps/{place}/call", step.call)
        if isinstance(step, TaskStep):
            yield f"/steps/{place}/task/title", step.task.title
            if step.task.details is not None:
                yield f"/steps/{place}/task/details", step.task.details


def _of_call(place: str, call: Call) -> Iterator[Placed]:
    yield from ((f"{place}/{name}", text) for name, text in (("url", call.url), ("path", call.path)) if text)
    yield from ((f"{place}/headers/{name}", value) for name, value in call.headers.items())
    yield from _within(f"{place}/body", call.body)


def _within(place: str, part: object) -> Iterator[Placed]:
    if isinstance(part, str):
        yield place, part
    elif isinstance(part, Mapping):
        for name, one in part.items():
            yield from _within(f"{place}/{str(name).replace('~', '~0').replace('/', '~1')}", one)
    elif isinstance(part, list | tuple):
        for number, one in enumerate(part):
            yield from _within(f"{place}/{number}", one)


def lists_filled(definition: Definition) -> Iterator[Placed]:
    """The segments that `update` puts customers on or takes them off, with where that is said."""
    for place, step in enumerate(definition.steps):
        lists = step.update.segments if isinstance(step, UpdateStep) else None
        for name in ("add", "remove") if lists is not None else ():
            keys = enumerate(getattr(lists, name))
            yield from ((f"/steps/{place}/update/segments/{name}/{number}", key) for number, key in keys)
