"""Templates: content under a key, checked when it is saved, and never lost once a message was made of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from journeyman.channels import repository
from journeyman.channels.content.every import CONTENTS, TemplateContent, content_of
from journeyman.channels.content_check import content_faults
from journeyman.kit.database import Database
from journeyman.kit.errors import Fault, InvalidError, NotFoundError

KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,127}", re.ASCII)


@dataclass(frozen=True, slots=True)
class SavedTemplate:
    """A template as it stands in the store."""

    key: str
    hash: str
    content: TemplateContent
    updated_at: datetime

    @property
    def channel(self) -> str:
        return self.content.channel


def read_content(document: Mapping[str, object]) -> TemplateContent:
    """The content in a JSON document. Raises `InvalidError` with a fault for each field that cannot be used."""
    channel = document.get("channel")
    if not isinstance(channel, str) or channel not in CONTENTS:
        detail = f"templates of the channel `{channel}` cannot be kept" if channel else "the channel is missing"
        mend = f"Set `channel` to one of: {', '.join(CONTENTS)}"
        raise InvalidError("the template cannot be used", [Fault("/channel", detail, mend)])
    try:
        return CONTENTS[channel].model_validate(document)
    except ValidationError as error:
        faults = [
            Fault("".join(f"/{part}" for part in problem["loc"]), problem["msg"], _mend(channel, problem["type"]))
            for problem in error.errors(include_url=False, include_context=False, include_input=False)
        ]
        raise InvalidError("the template cannot be used", faults) from error


async def save(database: Database, key: str, content: TemplateContent, now: datetime) -> SavedTemplate:
    """Keep `content` under `key` from now on; what messages were rendered from before stays.

    Raises `InvalidError` with everything that is wrong with the key, the Liquid, the MJML and the addresses.
    """
    faults = [*_key_faults(key), *content_faults(content)]
    if faults:
        raise InvalidError("the template cannot be used", faults)
    async with database.transaction() as connection:
        await repository.store_template(connection, key, content.channel, content.hash, content.document(), now)
    return SavedTemplate(key, content.hash, content, now)


async def get(database: Database, key: str) -> SavedTemplate:
    """The template as it is now. Raises `NotFoundError`."""
    async with database.reading() as connection:
        row = await repository.find_template(connection, key)
    if row is None:
        raise NotFoundError(f"there is no template `{key}`")
    return SavedTemplate(row.key, row.hash, content_of(row.body), row.updated_at)


async def load_by_hash(database: Database, content_hash: str) -> TemplateContent:
    """What a message was rendered from (V3). Raises `NotFoundError`."""
    async with database.reading() as connection:
        body = await repository.find_body(connection, content_hash)
    if body is None:
        raise NotFoundError(f"there is no template content `{content_hash}`")
    return content_of(body)


async def list_templates(
    database: Database, *, after: str | None = None, limit: int = 100
) -> list[repository.TemplateRow]:
    """Templates by key, from the one behind `after`."""
    async with database.reading() as connection:
        return await repository.list_templates(connection, after, limit)


def _mend(channel: str, kind: str) -> str:
    if kind == "extra_forbidden":
        names = (field.alias or name for name, field in CONTENTS[channel].model_fields.items())
        return f"A template of this channel has: {', '.join(names)}"
    if kind in {"no_body", "two_bodies"}:
        return "Give either `mjml` or `html`, with or without `text`, or `text` alone"
    return "Correct the field"


def _key_faults(key: str) -> list[Fault]:
    if KEY.fullmatch(key):
        return []
    return [Fault("/key", "the key cannot be used", "Use a-z, 0-9, `-` and `_`, at most 128 characters")]
