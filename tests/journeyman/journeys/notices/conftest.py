from collections.abc import AsyncIterator

import pytest

from tests.world import World, world


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[World]:
    async with world(database_url) as opened:
        yield opened
