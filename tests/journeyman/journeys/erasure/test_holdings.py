"""No table about customers can be forgotten: each is exported and erased, or says why not."""

import pkgutil
import re
from importlib import import_module

import pytest
from sqlalchemy import Column, ForeignKey, MetaData, Table, Text

import journeyman
from journeyman.journeys.erasure.holdings import ALL, NOT_PERSONAL
from journeyman.kit.database import Base

PERSONAL = re.compile(r"customer|person|people|user|subject|recipient|member|profile|identifier|address|phone|email")
"""What columns are called that say who somebody is."""
NOT_ABOUT_ANYBODY = {"topics": "topics are the workspace's", "rfm_cuts": "`customers` is a number"}


def tables() -> dict[str, Table]:
    for module in pkgutil.walk_packages(journeyman.__path__, "journeyman."):
        if module.name.endswith(".tables"):
            import_module(module.name)
    return dict(Base.metadata.tables)


def forgotten(table: Table) -> list[str]:
    """The columns that speak of a person, of a table that nobody has named."""
    named = {holding.table.name for holding in ALL} | NOT_PERSONAL.keys() | NOT_ABOUT_ANYBODY.keys()
    if table.name in named:
        return []
    return [column.name for column in table.columns if PERSONAL.search(column.name)]


def test_every_table_about_customers_is_exported_and_erased_or_says_why_not() -> None:
    assert {name: columns for name, table in tables().items() if (columns := forgotten(table))} == {}


@pytest.mark.parametrize("column", ["customer_id", "recipient_address", "user"])
def test_a_new_table_would_be_found(column: str) -> None:
    new = Table("wishes", MetaData(), Column("id", Text, primary_key=True), Column(column, Text, ForeignKey("x.id")))
    assert forgotten(new) == [column]


def test_nothing_is_named_that_is_not_there() -> None:
    assert NOT_PERSONAL.keys() | NOT_ABOUT_ANYBODY.keys() <= tables().keys()
    assert len({holding.section for holding in ALL}) == len(ALL)
    for holding in ALL:
        names = set(holding.table.c.keys())
        assert {holding.owner, *holding.order, *holding.hidden} <= names
        assert not {column.name for column in holding.table.columns if column.name in holding.order and column.nullable}
