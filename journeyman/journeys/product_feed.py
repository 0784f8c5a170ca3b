"""Products that shops tell of by themselves."""

import logging
from collections.abc import Sequence
from typing import Any

from journeyman.catalog.catalogue import Catalogue

log = logging.getLogger(__name__)


class ProductFeed:
    """Keeps what a shop tells of its products; what the catalogue cannot take is told in the log alone.

    A shop that is told of an error sends the same again, and in the end nothing at all.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    async def keep(self, documents: Sequence[dict[str, Any]], gone: Sequence[str]) -> None:
        """Bring what is there, and take away what the shop has deleted."""
        if gone:
            await self._catalogue.delete(gone)
        upserted = await self._catalogue.upsert(documents)
        for _, refusal in upserted.refusals:
            log.warning("a shop told of a product that cannot be taken: %s", refusal.detail)
