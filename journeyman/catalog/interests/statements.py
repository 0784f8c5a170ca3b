"""Adding interests to those that are there: one statement on PostgreSQL, one for each row on SQLite.

Both add in the same way as `Interest.add`, so that it does not matter in which order events come.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ARRAY, BigInteger, DateTime, Text, TextClause, bindparam, text
from sqlalchemy.types import TypeEngine

from journeyman.catalog.amounts import UNITS
from journeyman.catalog.interests.interests import RECENT
from journeyman.kit.database import Instant

COLUMNS: tuple[str, ...] = (
    "customer_id",
    "product_id",
    "kind",
    "count",
    "quantity",
    "first_at",
    "last_at",
    "recent",
    "last_price",
    "currency",
    "last_price_at",
    "last_price_seq",
)
_KINDS = {"count": "bigint", "quantity": "bigint", "last_price": "bigint", "last_price_seq": "bigint"} | dict.fromkeys(
    ("first_at", "last_at", "last_price_at"), "timestamptz"
)
_ARRAYS: Mapping[str, TypeEngine[Any]] = {
    "bigint": ARRAY(BigInteger()),
    "timestamptz": ARRAY(DateTime(timezone=True)),
    "text": ARRAY(Text()),
}

_NEWER = """excluded.last_price IS NOT NULL AND (mine.last_price IS NULL
    OR (excluded.last_price_at, excluded.last_price_seq, excluded.last_price, coalesce(excluded.currency, ''))
     > (mine.last_price_at, mine.last_price_seq, mine.last_price, coalesce(mine.currency, '')))"""
_PRICE = ",\n".join(
    f"{name} = CASE WHEN {_NEWER} THEN excluded.{name} ELSE mine.{name} END"
    for name in ("last_price", "currency", "last_price_at", "last_price_seq")
)
_ADD = f"""ON CONFLICT (customer_id, product_id, kind) DO UPDATE SET
    count = mine.count + excluded.count,
    quantity = mine.quantity + excluded.quantity,
    first_at = {{least}}(mine.first_at, excluded.first_at),
    last_at = {{greatest}}(mine.last_at, excluded.last_at),
    recent = {{recent}},
    {_PRICE}"""


def _on_postgresql() -> TextClause:
    arrays = ", ".join(f"CAST(:{name} AS {_KINDS.get(name, 'text')}[])" for name in COLUMNS)
    casts = {"recent": "recent::bigint[]", "last_price": f"last_price::numeric / {UNITS}"}
    newest = f"FROM unnest(mine.recent || excluded.recent) AS at ORDER BY at DESC LIMIT {RECENT}"
    add = _ADD.format(
        least="LEAST",
        greatest="GREATEST",
        recent=f"ARRAY(SELECT at {newest})",
    )
    statement = f"""INSERT INTO interests AS mine ({", ".join(COLUMNS)})
        SELECT {", ".join(casts.get(name, name) for name in COLUMNS)}
        FROM unnest({arrays}) AS given({", ".join(COLUMNS)}) {add}"""  # noqa: S608 - made of own names
    return text(statement).bindparams(*(bindparam(name, type_=_ARRAYS[_KINDS.get(name, "text")]) for name in COLUMNS))


def _on_sqlite() -> TextClause:
    newest = f"""SELECT value FROM (SELECT value FROM json_each(mine.recent) UNION ALL
        SELECT value FROM json_each(excluded.recent)) ORDER BY value DESC LIMIT {RECENT}"""  # noqa: S608 - own names
    recent = f"(SELECT json_group_array(value) FROM ({newest}))"  # noqa: S608 - own names
    add = _ADD.format(least="min", greatest="max", recent=recent)
    statement = f"""INSERT INTO interests AS mine ({", ".join(COLUMNS)})
        VALUES ({", ".join(f":{name}" for name in COLUMNS)}) {add}"""  # noqa: S608 - made of own names
    instants = (bindparam(name, type_=Instant()) for name in ("first_at", "last_at", "last_price_at"))
    return text(statement).bindparams(*instants)


ADD_ON_POSTGRESQL = _on_postgresql()
ADD_ON_SQLITE = _on_sqlite()
