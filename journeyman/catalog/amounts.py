"""Sums of money and other decimals, exact on both databases: four places after the point, eleven before it.

Fifteen digits are what a JSON number carries without loss, so that amounts go out as numbers.
"""

from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Dialect, Numeric
from sqlalchemy.types import TypeDecorator, TypeEngine

DIGITS = 15
PLACES = 4
UNITS = 10**PLACES
"""How many units, as SQLite and the hot path count them, make one."""
MOST_UNITS = 10**DIGITS - 1


def to_units(amount: Decimal) -> int:
    """The amount in ten-thousandths."""
    return int(amount.scaleb(PLACES).to_integral_value())


def from_units(units: int) -> Decimal:
    return Decimal(units).scaleb(-PLACES)


class Amount(TypeDecorator[Decimal]):
    """A decimal: `numeric(19, 4)` on PostgreSQL, an integer of ten-thousandths on SQLite, which has no decimals."""

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(Numeric(19, PLACES))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Decimal | int | None:
        return to_units(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:  # noqa: ANN401 - the driver's
        if value is None:
            return None
        return from_units(value) if dialect.name == "sqlite" else Decimal(value)
