"""Every query of products, their transitions and their categories. Interests have their own file."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, delete, func, insert, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import DeclarativeBase

from journeyman.catalog.categories import SEPARATOR, lineage
from journeyman.catalog.products import Product, StoredProduct, Variant
from journeyman.catalog.tables import Product as ProductRow
from journeyman.catalog.tables import ProductCategory
from journeyman.catalog.tables import Transition as TransitionRow
from journeyman.catalog.tables import Variant as VariantRow
from journeyman.catalog.transitions import Transition
from journeyman.kit.bulk import insert_many
from journeyman.kit.lists import is_among

# Writing --------------------------------------------------------------------------------------------------------------


async def lock_products(
    connection: AsyncConnection, ids: Collection[str], now: datetime
) -> tuple[dict[str, Product], set[str]]:
    """These products, locked until the transaction ends, and the ids of those that were not there.

    A new product is inserted empty first, so that two who bring the same one wait for each other. Both steps go by the
    order of ids, so that nobody waits in a circle. Whoever leaves a new one empty has to `drop_products` it.
    """
    wanted = sorted(ids)
    new: set[str] = set()
    rows: Sequence[Row[Any]] = ()
    # Somebody may delete a product between the look and the lock, and then it is a new one.
    while len(rows) < len(wanted):
        there = set((await connection.execute(_IDS, {"ids": wanted})).scalars())
        missing = [product_id for product_id in wanted if product_id not in there]
        new |= await _insert_empty(connection, missing, now) if missing else set()
        rows = (await connection.execute(_LOCK, {"ids": wanted})).all()
    variants = await _variants(connection, wanted)
    return {row.id: _product(row, variants[row.id]) for row in rows}, new


async def _insert_empty(connection: AsyncConnection, ids: Collection[str], now: datetime) -> set[str]:
    """Those of the ids that nobody else has brought in the meantime, inserted."""
    empty = {"categories": [], "fields": {}, "created_at": now, "updated_at": now}
    statement = _insert(connection, ProductRow).on_conflict_do_nothing().returning(ProductRow.id)
    return set((await connection.execute(statement, [{"id": one, **empty} for one in ids])).scalars())


@dataclass(frozen=True, slots=True)
class Change:
    """A product before and after."""

    before: Product
    after: Product


async def save_products(connection: AsyncConnection, changes: Collection[Change], now: datetime) -> None:
    """Write changed products, with their variants and categories. They have to be locked."""
    if not changes:
        return
    rows = [{f"b_{name}": value for name, value in _columns(change.after, now).items()} for change in changes]
    await connection.execute(_SAVE, rows)
    await _save_variants(connection, changes)
    moved = [change.after for change in changes if change.before.categories != change.after.categories]
    await _save_categories(connection, moved)


async def drop_products(connection: AsyncConnection, ids: Collection[str]) -> set[str]:
    """Take products away, with their variants and categories; returns those that were there.

    They are locked by the order of their ids first, as whoever changes them does.
    """
    if not ids:
        return set()
    # One that somebody else brings at this moment is not among them, and stays.
    locked = {row.id for row in await connection.execute(_LOCK, {"ids": ids})}
    for table, column in (
        (VariantRow, VariantRow.product_id),
        (ProductCategory, ProductCategory.product_id),
        (ProductRow, ProductRow.id),
    ):
        await connection.execute(delete(table).where(is_among(column, "ids")), {"ids": locked})
    return locked


async def save_transitions(connection: AsyncConnection, transitions: Sequence[Transition]) -> None:
    if transitions:
        await connection.execute(insert(TransitionRow), [asdict(one) for one in transitions])


async def _save_variants(connection: AsyncConnection, changes: Iterable[Change]) -> None:
    gone: list[tuple[str, str]] = []
    rows: list[dict[str, Any]] = []
    for change in changes:
        before, after = change.before.variants, change.after.variants
        gone += [(change.after.id, variant_id) for variant_id in before.keys() - after.keys()]
        kept = (variant for variant_id, variant in after.items() if before.get(variant_id) != variant)
        rows += [{"product_id": change.after.id, **asdict(variant)} for variant in kept]
    if gone:
        await connection.execute(delete(VariantRow).where(tuple_(VariantRow.product_id, VariantRow.id).in_(gone)))
    if rows:
        statement = _insert(connection, VariantRow)
        names = rows[0].keys() - {"product_id", "id"}
        new = {name: statement.excluded[name] for name in names}
        await connection.execute(statement.on_conflict_do_update(index_elements=["product_id", "id"], set_=new), rows)


async def _save_categories(connection: AsyncConnection, products: Sequence[Product]) -> None:
    if not products:
        return
    mine = is_among(ProductCategory.product_id, "ids")
    await connection.execute(delete(ProductCategory).where(mine), {"ids": [product.id for product in products]})
    rows = [
        {"path": path, "product_id": product.id, "depth": depth}
        for product in products
        for path, depth in lineage(product.categories).items()
    ]
    await insert_many(connection, ProductCategory, rows)


# Reading --------------------------------------------------------------------------------------------------------------


async def find_products(connection: AsyncConnection, ids: Collection[str]) -> dict[str, StoredProduct]:
    """These products, as far as there are any."""
    rows = (await connection.execute(_SOME, {"ids": ids})).all()
    return {one.product.id: one for one in await _stored(connection, rows)}


async def list_products(
    connection: AsyncConnection, category: str | None, after: str | None, limit: int
) -> list[StoredProduct]:
    """Products by id from behind `after`; of one category with all below it, or of all."""
    query = _PRODUCTS.order_by(ProductRow.id).limit(limit)
    if category is not None:
        inside = (ProductCategory.product_id == ProductRow.id) & (ProductCategory.path == category)
        query = query.join(ProductCategory, inside)
    if after is not None:
        query = query.where(ProductRow.id > after)
    return await _stored(connection, (await connection.execute(query)).all())


async def count_categories(connection: AsyncConnection, under: str | None, limit: int) -> list[tuple[str, int]]:
    """(path, products in its subtree), those at the top first; of the tree under a path, or of the whole."""
    query = select(ProductCategory.path, func.count()).group_by(ProductCategory.path, ProductCategory.depth)
    if under is not None:
        # Not LIKE, for which SQLite takes large letters and small ones as the same.
        above = f"{under}{SEPARATOR}"
        query = query.where(func.substr(ProductCategory.path, 1, len(above)) == above)
    query = query.order_by(ProductCategory.depth, ProductCategory.path).limit(limit)
    return [(path, count) for path, count in await connection.execute(query)]


@dataclass(frozen=True, slots=True)
class StoredTransition:
    """A transition with its number."""

    id: int
    transition: Transition


async def transitions_of_product(
    connection: AsyncConnection, product_id: str, kind: str | None, before: int | None, limit: int
) -> list[StoredTransition]:
    """A product's transitions, the newest first, from the one before number `before`."""
    query = _TRANSITIONS.where(TransitionRow.product_id == product_id).order_by(TransitionRow.id.desc()).limit(limit)
    if kind is not None:
        query = query.where(TransitionRow.kind == kind)
    if before is not None:
        query = query.where(TransitionRow.id < before)
    return [StoredTransition(row.id, _transition(row)) for row in await connection.execute(query)]


async def transitions_after(connection: AsyncConnection, kind: str, after: int, limit: int) -> list[StoredTransition]:
    """The transitions of one kind behind a number, in order."""
    query = _TRANSITIONS.where(TransitionRow.id > after, TransitionRow.kind == kind)
    rows = await connection.execute(query.order_by(TransitionRow.id).limit(limit))
    return [StoredTransition(row.id, _transition(row)) for row in rows]


async def newest_transition(connection: AsyncConnection) -> int:
    """The number of the newest transition, 0 where there is none."""
    return (await connection.execute(select(func.max(TransitionRow.id)))).scalar_one() or 0


async def last_of(connection: AsyncConnection, kind: str, product_ids: Collection[str]) -> dict[str, int]:
    """The number of the newest transition of a kind, by product."""
    query = select(TransitionRow.product_id, func.max(TransitionRow.id).label("last"))
    query = query.where(is_among(TransitionRow.product_id, "ids"), TransitionRow.kind == kind)
    rows = await connection.execute(query.group_by(TransitionRow.product_id), {"ids": list(product_ids)})
    return {row.product_id: row.last for row in rows}


_IDS = select(ProductRow.id).where(is_among(ProductRow.id, "ids"))
_PRODUCTS: Select[Any] = select(*ProductRow.__table__.columns)
_SOME = _PRODUCTS.where(is_among(ProductRow.id, "ids")).order_by(ProductRow.id)
_LOCK = _SOME.with_for_update()
_VARIANTS: Select[Any] = (
    select(*VariantRow.__table__.columns).where(is_among(VariantRow.product_id, "ids")).order_by(VariantRow.id)
)
_TRANSITIONS: Select[Any] = select(*TransitionRow.__table__.columns)
_WRITTEN = [column.name for column in ProductRow.__table__.columns if column.name not in {"id", "created_at"}]
_SAVE = (
    update(ProductRow)
    .where(ProductRow.id == bindparam("b_id"))
    .values({name: bindparam(f"b_{name}") for name in _WRITTEN})
)


def _columns(product: Product, now: datetime) -> dict[str, Any]:
    given = {name: getattr(product, name) for name in _WRITTEN if name != "updated_at"}
    return {**given, "id": product.id, "categories": list(product.categories), "updated_at": now}


async def _variants(connection: AsyncConnection, ids: Collection[str]) -> Mapping[str, dict[str, Variant]]:
    found: dict[str, dict[str, Variant]] = defaultdict(dict)
    for row in await connection.execute(_VARIANTS, {"ids": ids}):
        found[row.product_id][row.id] = Variant(row.id, row.title, row.price, row.currency, row.stock, row.fields)
    return found


async def _stored(connection: AsyncConnection, rows: Sequence[Row[Any]]) -> list[StoredProduct]:
    variants = await _variants(connection, [row.id for row in rows])
    return [StoredProduct(_product(row, variants[row.id]), row.created_at, row.updated_at) for row in rows]


def _product(row: Row[Any], variants: Mapping[str, Variant]) -> Product:
    columns = row._asdict()
    del columns["created_at"], columns["updated_at"]
    return Product(**{**columns, "categories": tuple(row.categories), "variants": variants})


def _transition(row: Row[Any]) -> Transition:
    columns = row._asdict()
    del columns["id"]
    return Transition(**columns)


def _insert(connection: AsyncConnection, table: type[DeclarativeBase]) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)
