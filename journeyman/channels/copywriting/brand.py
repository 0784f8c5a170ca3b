"""The workspace's brand voice: written, and read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.copywriting import repository
from journeyman.channels.copywriting.voice import Voice, read_voice
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database


@dataclass(frozen=True, slots=True)
class KeptVoice:
    """The document as it was written, when and by whom; never, where nobody has written one."""

    document: Mapping[str, Any]
    updated_at: datetime | None = None
    actor: str | None = None


class Brand:
    """Writes and reads the voice."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def read(self) -> KeptVoice:
        async with self.database.reading() as connection:
            return await kept_voice(connection)

    async def write(self, document: object, actor: str | None = None) -> KeptVoice:
        """Let the voice be this for proposals from now on. Raises `InvalidError`."""
        written, now = read_voice(document).model_dump(mode="json", exclude_unset=True), self.clock.now()
        async with self.database.transaction() as connection:
            await repository.save_voice(connection, written, now, actor)
        return KeptVoice(written, now, actor)


async def kept_voice(connection: AsyncConnection) -> KeptVoice:
    """The voice with what is known of its document."""
    found = await repository.voice(connection)
    return KeptVoice(*found) if found is not None else KeptVoice({})


async def voice_now(connection: AsyncConnection) -> Voice:
    """The voice that proposals are written in now."""
    return Voice.model_validate((await kept_voice(connection)).document)
