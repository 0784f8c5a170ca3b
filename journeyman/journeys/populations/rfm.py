"""The RFM scores of a row whose computed attributes are a document, for populations."""

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, case

from journeyman.customers.scoring.rfm import Cuts
from journeyman.customers.scoring.rfm_sql import MeasureColumns, RfmColumns, rfm_sql
from journeyman.journeys.populations.documents import Dialect, Document
from journeyman.journeys.populations.instants import InstantOf


def rfm_columns(dialect: Dialect, computed: Document, cuts: Cuts, now: dt.datetime) -> RfmColumns:
    """The scores at `now` of the customer whose computed attributes are in the column `computed`."""
    last = dialect.read(computed, ("last_order_at",))
    written = case((last.types["text"], last.forms["text"]))
    measures = MeasureColumns(
        _number(dialect, computed, "orders"), _number(dialect, computed, "revenue"), InstantOf(written)
    )
    return rfm_sql(measures, cuts, now)


def _number(dialect: Dialect, computed: Document, key: str) -> ColumnElement[Any]:
    value = dialect.read(computed, (key,))
    return case((value.types["number"], value.forms["number"]))
