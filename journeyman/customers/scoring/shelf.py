"""The scores in use, ready to count with; definitions are read once per process."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers.scoring import repository
from journeyman.customers.scoring.definition import ScoreModel, read_model
from journeyman.customers.scoring.repository import StoredModel
from journeyman.customers.scoring.tally import Kept


def model_of(stored: StoredModel) -> ScoreModel:
    """The score that a row describes."""
    return _read(orjson.dumps(stored.document))


@lru_cache(maxsize=1000)
def _read(document: bytes) -> ScoreModel:
    return read_model(orjson.loads(document))


@dataclass
class ScoreShelf:
    """Definitions by key and the instant of their last change."""

    _read: dict[tuple[str, datetime], ScoreModel] = field(default_factory=dict)

    async def kept(self, connection: AsyncConnection) -> list[Kept]:
        """Every score as it is now. Ask once customers are locked: a change meanwhile waits for them, or is seen."""
        stored = await repository.models(connection)
        now = {(one.key, one.updated_at) for one in stored}
        self._read = {place: model for place, model in self._read.items() if place in now}
        return [self._kept(one) for one in stored]

    def _kept(self, stored: StoredModel) -> Kept:
        place = (stored.key, stored.updated_at)
        if place not in self._read:
            self._read[place] = model_of(stored)
        return Kept(self._read[place], stored.rebuilt_to is not None, stored.updated_at)
