import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.parts.other_system import OtherSystem
from tests.world import World, world


@pytest.fixture
async def shop() -> AsyncIterator[OtherSystem]:
    """Another system, which is asked for what messages show."""
    async with OtherSystem() as opened:
        yield opened


@pytest.fixture
async def here(database_url: str, shop: OtherSystem, tmp_path: Path) -> AsyncIterator[World]:
    file = tmp_path / "providers.yaml"
    file.write_text(json.dumps({"providers": {}, "connections": {"shop": {"url": f"{shop.url}/api"}}}))
    async with world(database_url, providers_file=file, call_private_addresses=True) as opened:
        yield opened
