"""`column IN (list)` with the list as one parameter.

SQLAlchemy writes a parameter for each member, so that every length of list is a statement of its own: rendered,
parsed and planned anew. Here the statement stays the same, however long the list is.
"""

from collections.abc import Collection
from typing import Any, Self

from sqlalchemy import ARRAY, BigInteger, Boolean, ColumnElement, Dialect, Integer, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, TypeEngine

from journeyman.kit.database import to_json


class ListParameter(TypeDecorator[Collection[Any]]):
    """An array on PostgreSQL, JSON text on SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, *, of_numbers: bool) -> None:
        super().__init__()
        self.of_numbers = of_numbers

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Text())
        return dialect.type_descriptor(ARRAY(BigInteger() if self.of_numbers else Text()))

    def process_bind_param(self, value: Collection[Any] | None, dialect: Dialect) -> list[Any] | str:
        members = list(value or ())
        return to_json(members) if dialect.name == "sqlite" else members


class _Among(FunctionElement[bool]):
    """`column` is a member of the list."""

    inherit_cache = True
    type = Boolean()
    name = "among"

    def self_group(self, against: OperatorType | None = None) -> Self:
        """Itself: SQLAlchemy would add `= 1` where a database has no booleans, and SQLite then uses no index."""
        del against
        return self


def is_among(column: ColumnElement[Any] | InstrumentedAttribute[Any], name: str) -> ColumnElement[bool]:
    """Whether `column` is a member of the list that the parameter `name` brings when the statement is run."""
    kind = ListParameter(of_numbers=isinstance(column.type, Integer))
    return _Among(column, bindparam(name, type_=kind))


@compiles(_Among, "postgresql")
def _on_postgresql(element: _Among, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    column, members = element.clauses
    left, right = compiler.process(column, **options), compiler.process(members, **options)
    return f"{left} IN (SELECT unnest({right}))"


@compiles(_Among, "sqlite")
def _on_sqlite(element: _Among, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    column, members = element.clauses
    left, right = compiler.process(column, **options), compiler.process(members, **options)
    return f"{left} IN (SELECT value FROM json_each({right}))"  # noqa: S608 - made of what was compiled
