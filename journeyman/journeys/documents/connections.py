"""The connections that a journey and its templates name have to be in the providers' file when it is published."""

from collections.abc import Collection, Iterator
from difflib import get_close_matches

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels import repository as channels
from journeyman.channels.content.every import TemplateContent, content_of
from journeyman.kit.errors import Fault, InvalidError
from journeyman.language.definition import Definition
from journeyman.language.references import templates_of
from journeyman.language.steps.call import CallStep

Named = tuple[str, str, str]
"""Where a connection is named, as a JSON Pointer, by what, and which."""


async def refuse_unknown_connections(
    connection: AsyncConnection, definition: Definition, there: Collection[str]
) -> None:
    """Raises `InvalidError` with a fault for every connection that is not there."""
    named = [*_called(definition), *await _looked_up(connection, definition)]
    faults = [
        Fault(pointer, f"{whose}: there is no connection `{name}`", mend(name, there))
        for pointer, whose, name in named
        if name not in there
    ]
    if faults:
        raise InvalidError("a connection that the journey names is not there", faults)


def mend(name: str, there: Collection[str]) -> str:
    """What to do about a connection that is not there."""
    near = get_close_matches(name, list(there), n=1)
    return f"did you mean `{near[0]}`?" if near else "set it up in the providers' file, or name another"


def _called(definition: Definition) -> Iterator[Named]:
    for place, step in enumerate(definition.steps):
        if isinstance(step, CallStep) and step.call.connection is not None:
            yield f"/steps/{place}/call/connection", f"step `{step.id}`", step.call.connection


async def _looked_up(connection: AsyncConnection, definition: Definition) -> list[Named]:
    sends = templates_of(definition)
    contents = dict[str, TemplateContent]()
    for template in sorted({key for _, _, key in sends}):
        row = await channels.find_template(connection, template)
        if row is not None:
            contents[template] = content_of(row.body)
    return [
        (f"/steps/{place}/send/template", f"the template `{template}` of step `{step}`", lookup.connection)
        for place, step, template in sends
        if template in contents
        for lookup in contents[template].lookups.values()
    ]
