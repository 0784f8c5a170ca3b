"""Attributes that the templates of a journey read and nobody has: misspelt, or still to come."""

from collections.abc import Collection
from difflib import get_close_matches
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels import repository as channels
from journeyman.channels.content.asking import uses_of
from journeyman.channels.content.every import content_of
from journeyman.customers.profile import repository as profile
from journeyman.language.definition import Definition
from journeyman.language.lint import Finding
from journeyman.language.references import templates_of
from journeyman.language.steps.update import UpdateStep

ALWAYS: Final = frozenset({"id"})
"""What every customer has."""


async def lint_attributes(connection: AsyncConnection, definition: Definition) -> list[Finding]:
    """Attributes that no customer of the workspace has, and that the journey does not write itself.

    Of a workspace in which nobody has any nothing is said.
    """
    known = {*await profile.types(connection), *_written(definition), *ALWAYS}
    if known == {*_written(definition), *ALWAYS}:
        return []
    found, told = [], set[str]()
    for place, step, template in templates_of(definition):
        row = await channels.find_whole(connection, template) if template not in told else None
        told.add(template)
        for name in uses_of(content_of(row.body)).customer if row is not None else ():
            if name not in known:
                detail = f"`{step}` sends `{template}`, which reads `customer.{name}`, and nobody has that attribute"
                pointer = f"/steps/{place}/send/template"
                found.append(Finding("unknown-attribute", definition.journey, pointer, detail, _mend(name, known)))
    return found


def _written(definition: Definition) -> set[str]:
    """The attributes that the journey's own `update` steps write."""
    return {name for step in definition.steps if isinstance(step, UpdateStep) for name in step.update.attributes}


def _mend(name: str, known: Collection[str]) -> str:
    near = get_close_matches(name, sorted(known), n=1)
    return f"did you mean `{near[0]}`?" if near else "send it with `identify`, or ask for it with `{% if … %}`"
