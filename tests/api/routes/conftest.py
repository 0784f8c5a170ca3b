from collections.abc import AsyncIterator

import pytest

from tests.world import World, world


@pytest.fixture(name="world")
async def opened_world(database_url: str) -> AsyncIterator[World]:
    """A shop with its API, on both kinds of database."""
    async with world(database_url) as opened:
        yield opened
