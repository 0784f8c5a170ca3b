"""Short addresses for channels that count characters: a code that is kept stands for a long address of ours."""

from collections.abc import Callable
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels import repository
from journeyman.channels.content.every import TemplateContent
from journeyman.channels.tracking import Tokens
from journeyman.kit.database import Database

LETTERS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
"""Without those that are read for one another."""
LENGTH: Final = 10
"""Letters of a code: 57 bits, so that none is found by trying."""
COUNTING: Final = frozenset({"sms"})
"""The channels that count characters."""


class ShortLinks:
    """The short addresses of one message. The same address always has the same code, so that a retry makes no other."""

    def __init__(self, tokens: Tokens, message_id: str) -> None:
        self._tokens = tokens
        self._message_id = message_id
        self.made: dict[str, str] = {}
        """Addresses by their codes."""

    def shortened(self, content: TemplateContent) -> Callable[[str], str]:
        """What makes addresses short on the content's channel: nothing on those that do not count characters."""
        return self._shorten if content.channel in COUNTING else str

    def _shorten(self, url: str) -> str:
        code = _code(self._tokens.digest("short", f"{self._message_id}\n{url}"))
        self.made[code] = url
        return self._tokens.short_url(code)


async def keep_short_links(connection: AsyncConnection, links: ShortLinks, customer_id: str) -> None:
    """Keep what the codes of a message stand for."""
    if links.made:
        await repository.keep_short_links(connection, links.made, customer_id)


async def long_url(database: Database, code: str) -> str | None:
    """What a code stands for; None for one that was never made, or whose customer was erased."""
    async with database.reading() as connection:
        return await repository.find_short_link(connection, code)


def _code(digest: bytes) -> str:
    number, found = int.from_bytes(digest[:16]), ""
    for _ in range(LENGTH):
        number, letter = divmod(number, len(LETTERS))
        found += LETTERS[letter]
    return found
