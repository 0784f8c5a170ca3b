"""Views for BI tools: names that stay the same when the tables behind them change.

They are made anew after every migration: SQLite rebuilds a table by renaming another, which a view on it would stop.
"""

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, text

from journeyman.catalog.amounts import UNITS

Place = tuple[str, ...]


class _PostgreSql:
    """How PostgreSQL reads a JSON document."""

    @staticmethod
    def text(column: str, *path: str) -> str:
        return f"{column} #>> '{{{','.join(path)}}}'"

    @staticmethod
    def number(column: str, name: str) -> str:
        return f"CASE WHEN jsonb_typeof({column} -> '{name}') = 'number' THEN ({column} ->> '{name}')::numeric END"

    @staticmethod
    def length(column: str, name: str) -> str:
        return (
            f"CASE WHEN jsonb_typeof({column} -> '{name}') = 'array' THEN jsonb_array_length({column} -> '{name}') END"
        )

    @staticmethod
    def amount(column: str) -> str:
        return column


class _Sqlite:
    """How SQLite reads a JSON document."""

    @staticmethod
    def text(column: str, *path: str) -> str:
        return f"CAST(json_extract({column}, '$.{'.'.join(path)}') AS TEXT)"

    @staticmethod
    def number(column: str, name: str) -> str:
        kind = f"json_type({column}, '$.{name}')"
        return f"CASE WHEN {kind} IN ('integer', 'real') THEN json_extract({column}, '$.{name}') END"

    @staticmethod
    def length(column: str, name: str) -> str:
        kind = f"json_type({column}, '$.{name}')"
        return f"CASE WHEN {kind} = 'array' THEN json_array_length({column}, '$.{name}') END"

    @staticmethod
    def amount(column: str) -> str:
        """There are no decimals: amounts are kept as integers (`catalog.amounts`)."""
        return f"{column} / {UNITS}.0"


_Json = type[_PostgreSql] | type[_Sqlite]


def _customers(json: _Json) -> str:
    def first(*places: Place) -> str:
        return f"COALESCE({', '.join(json.text('attributes', *place) for place in places)}, NULL)"

    return f"""
        SELECT id AS customer_id, {json.text("attributes", "email")} AS email,
            {json.text("attributes", "phone")} AS phone,
            {first(("firstName",), ("first_name",))} AS first_name,
            {first(("lastName",), ("last_name",))} AS last_name,
            {first(("address", "city"), ("city",))} AS city,
            {first(("address", "country"), ("country",))} AS country,
            created_at, updated_at, attributes
        FROM customers WHERE merged_into IS NULL"""  # noqa: S608 - made of names that stand here


def _events(_json: _Json) -> str:
    return """
        SELECT seq AS event_seq, message_id AS event_id, customer_id, type, name, event_time, received_at, properties
        FROM events"""


def _orders(json: _Json) -> str:
    number, said = json.number, json.text
    return f"""
        SELECT message_id AS event_id, customer_id, event_time AS ordered_at,
            {said("properties", "order_id")} AS order_id,
            COALESCE({number("properties", "revenue")}, {number("properties", "total")}) AS revenue,
            {number("properties", "total")} AS total, {said("properties", "currency")} AS currency,
            {said("properties", "coupon")} AS coupon, {json.length("properties", "products")} AS lines
        FROM events WHERE name = 'Order Completed'"""  # noqa: S608 - as above


def _messages(_json: _Json) -> str:
    return """
        SELECT id AS message_id, customer_id, run_id, journey_key AS journey, version, step, channel, topic,
            template_key AS template, state, outcome, reserved_at, sent_at, delivered_at, opened_at, clicked_at,
            bounced_at, complained_at, unsubscribed_at
        FROM messages"""


def _runs(_json: _Json) -> str:
    return """
        SELECT runs.id AS run_id, runs.journey_key AS journey, runs.version, runs.customer_id, runs.state, runs.outcome,
            runs.step, runs.entered_at, runs.ended_at, COALESCE(reached.goals, 0) AS goals, reached.value
        FROM runs LEFT JOIN (
            SELECT run_id, count(*) AS goals, sum(value) AS value FROM conversions GROUP BY run_id
        ) AS reached ON reached.run_id = runs.id"""


def _products(json: _Json) -> str:
    return f"""
        SELECT id AS product_id, name, {json.amount("price")} AS price, currency,
            {json.amount("compare_at_price")} AS compare_at_price, stock, categories, url, fields,
            created_at, updated_at
        FROM products"""  # noqa: S608 - as above


def _product_transitions(json: _Json) -> str:
    return f"""
        SELECT id AS transition_id, product_id, variant_id, kind,
            {json.amount("old")} AS old, {json.amount("new")} AS new,
            {json.amount("amount")} AS amount, {json.amount("percent")} AS percent, currency, at
        FROM product_transitions"""  # noqa: S608 - as above


def _interests(json: _Json) -> str:
    return f"""
        SELECT customer_id, product_id, kind, count, quantity, first_at, last_at,
            {json.amount("last_price")} AS last_price, currency, last_price_at
        FROM interests"""  # noqa: S608 - as above


VIEWS: Mapping[str, Callable[[_Json], str]] = {
    "bi_customers": _customers,
    "bi_events": _events,
    "bi_orders": _orders,
    "bi_messages": _messages,
    "bi_runs": _runs,
    "bi_products": _products,
    "bi_product_transitions": _product_transitions,
    "bi_interests": _interests,
}


def create_views(connection: Connection) -> None:
    json: _Json = _Sqlite if connection.dialect.name == "sqlite" else _PostgreSql
    for name, query in VIEWS.items():
        # The driver's own way: a colon in a query is a cast here and no parameter.
        connection.exec_driver_sql(f"CREATE VIEW {name} AS {query(json)}")


def drop_views(connection: Connection) -> None:
    for name in VIEWS:
        connection.execute(text(f"DROP VIEW IF EXISTS {name}"))
