"""The catalogue: products are brought in batches, and what moved is recorded in the same transaction."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from journeyman.catalog import repository
from journeyman.catalog.categories import Category, read_path, tree
from journeyman.catalog.errors import ProductRefusedError
from journeyman.catalog.patches import ProductPatch, read_patch
from journeyman.catalog.products import Product, StoredProduct, patched
from journeyman.catalog.repository import Change, StoredTransition
from journeyman.catalog.transitions import Transition, transitions_of
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.errors import Fault, InvalidError, NotFoundError
from journeyman.kit.pagination import Page, page_of, read_cursor

MOST_AT_ONCE = 1000
MOST_CATEGORIES = 10_000


@dataclass(slots=True)
class Upserted:
    """What became of a batch. `refusals` are (place in the batch, why); everything else of it is kept."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    transitions: list[Transition] = field(default_factory=list)
    refusals: list[tuple[int, ProductRefusedError]] = field(default_factory=list)

    @property
    def accepted(self) -> int:
        return self.created + self.changed + self.unchanged


class Catalogue:
    """Writes and reads products."""

    def __init__(self, database: Database, clock: Clock, low_stock: int) -> None:
        self.database = database
        self.clock = clock
        self.low_stock = low_stock

    async def upsert(self, documents: Sequence[Any]) -> Upserted:
        """Add new products and change those that are there, in the order given; one that is bad is refused alone.

        Counts are of the batch's entries, which may name a product more than once. Raises `InvalidError` for more than
        `MOST_AT_ONCE`.
        """
        if len(documents) > MOST_AT_ONCE:
            fault = Fault("/products", f"there are {len(documents)} products", f"Send at most {MOST_AT_ONCE} at once.")
            raise InvalidError(fault.detail, [fault])
        upserted = Upserted()
        patches = list(_patches(documents, upserted))
        if not patches:
            return upserted
        async with self.database.transaction() as connection:
            now = self.clock.now()
            ids = {patch.id for _, patch in patches}
            products, new = await repository.lock_products(connection, ids, now)
            batch = _Batch(products, new, self.low_stock, now)
            for index, patch in patches:
                batch.take(index, patch, upserted)
            await repository.save_products(connection, batch.changes(), now)
            await repository.save_transitions(connection, upserted.transitions)
            await repository.drop_products(connection, batch.new)
        upserted.refusals.sort(key=lambda refusal: refusal[0])
        return upserted

    async def delete(self, ids: Collection[str]) -> set[str]:
        """Take products away, with their variants; returns those that there were.

        A last value is no movement, so that nothing moves by it. What moved before and who took an interest stay on
        record; brought again, a product is a new one.
        """
        async with self.database.transaction() as connection:
            return await repository.drop_products(connection, ids)

    async def get(self, product_id: str) -> StoredProduct:
        """The product as it stands. Raises `NotFoundError`."""
        async with self.database.reading() as connection:
            found = (await repository.find_products(connection, [product_id])).get(product_id)
        if found is None:
            raise NotFoundError(f"there is no product `{product_id}`")
        return found

    async def find(self, ids: Collection[str]) -> list[StoredProduct]:
        """These products as far as there are any, by id."""
        async with self.database.reading() as connection:
            found = await repository.find_products(connection, ids)
        return [found[product_id] for product_id in sorted(found)]

    async def page(self, category: str | None, cursor: str | None, limit: int) -> Page[StoredProduct]:
        """Products by id, of a category with all below it or of all. Raises `InvalidError`."""
        (after,) = read_cursor(cursor, str) or (None,)
        path = _path(category, "/query/category")
        async with self.database.reading() as connection:
            found = await repository.list_products(connection, path, after, limit + 1)
        return page_of(found, limit, lambda one: (one.product.id,))

    async def transitions(
        self, product_id: str, kind: str | None, cursor: str | None, limit: int
    ) -> Page[StoredTransition]:
        """What moved, the newest first, also of a product that was deleted since.

        Raises `NotFoundError` where nothing is known of it, and `InvalidError`.
        """
        (before,) = read_cursor(cursor, int) or (None,)
        async with self.database.reading() as connection:
            found = await repository.transitions_of_product(connection, product_id, kind, before, limit + 1)
        if not found:
            await self.get(product_id)
        return page_of(found, limit, lambda one: (one.id,))

    async def categories(self, under: str | None = None) -> list[Category]:
        """The tree under a category, or the whole of it: `MOST_CATEGORIES` at most, the deepest left out first."""
        path = _path(under, "/query/under")
        async with self.database.reading() as connection:
            return tree(await repository.count_categories(connection, path, MOST_CATEGORIES))


class _Batch:
    """Products while the patches of a batch are gone through in order."""

    def __init__(self, products: dict[str, Product], new: set[str], low_stock: int, now: datetime) -> None:
        self.before = dict(products)
        self.products = products
        self.new = new
        self.low_stock = low_stock
        self.now = now

    def take(self, index: int, patch: ProductPatch, upserted: Upserted) -> None:
        before = self.products[patch.id]
        try:
            after = patched(before, patch)
        except ProductRefusedError as refusal:
            upserted.refusals.append((index, refusal))
            return
        if patch.id in self.new:
            self.new.remove(patch.id)
            upserted.created += 1
        elif after == before:
            upserted.unchanged += 1
        else:
            upserted.changed += 1
        self.products[patch.id] = after
        upserted.transitions += transitions_of(before, after, self.low_stock, self.now)

    def changes(self) -> list[Change]:
        pairs = ((self.before[product_id], after) for product_id, after in self.products.items())
        return [Change(before, after) for before, after in pairs if before != after]


def _patches(documents: Iterable[Any], upserted: Upserted) -> Iterable[tuple[int, ProductPatch]]:
    for index, document in enumerate(documents):
        try:
            yield index, read_patch(document)
        except ProductRefusedError as refusal:
            upserted.refusals.append((index, refusal))


def _path(text: str | None, pointer: str) -> str | None:
    try:
        return None if text is None else read_path(text)
    except ValueError as error:
        raise InvalidError(str(error), [Fault(pointer, str(error), "Write a path such as `Shoes/Running`.")]) from None
