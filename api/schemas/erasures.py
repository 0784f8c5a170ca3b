"""Erasures and exports: a receipt, and everything that is held of a customer."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import BigInteger, Boolean, Column, Float, Integer, SmallInteger, String

from journeyman.insight.customer_export import CONTENTS, SUPPRESSIONS
from journeyman.journeys.erasure.holdings import ALL
from journeyman.kit.database import Instant

Schema = dict[str, Any]


class ErasureReceipt(BaseModel):
    """What an erasure reports. Nothing in it is about the person."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    state: Literal["requested", "running", "done"]
    requested_at: datetime
    requested_by: str
    completed_at: datetime | None
    counts: dict[str, int] = Field(description="How many rows of each section of the export, and histories, went")
    late_events: int = Field(description="Events that came for the customer afterwards, and were dropped")
    last_late_at: datetime | None
    lifted_at: datetime | None = Field(description="When her names were let in again")
    lifted_by: str | None


def export_schema() -> Schema:
    """The schema of an export: each section has the columns of its table."""
    text, instant = {"type": "string"}, {"type": "string", "format": "date-time"}
    sections = {
        holding.section: _rows({column.name: _column(column) for column in holding.shown}, holding.entity.__doc__)
        for holding in ALL
    }
    sections[CONTENTS] = _rows({"hash": text, "body": {"type": "object"}}, "What the messages were rendered from.")
    suppressed = {"channel": text, "address": text, "reason": text, "at": instant, "actor": _or_null(text)}
    sections[SUPPRESSIONS] = _rows(suppressed, "Addresses of hers that are not written to.")
    head = {"customer": text, "ids": {"type": "array", "items": text}, "exported_at": instant}
    properties = {**head, **sections}
    return {
        "type": "object",
        "title": "CustomerExport",
        "description": "Everything that is held of a customer, under all ids that were merged.",
        "properties": properties,
        "required": list(properties),
    }


def _rows(properties: dict[str, Schema], description: str | None) -> Schema:
    row = {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
    return {"type": "array", "items": row, "description": description or ""}


def _column(column: Column[Any]) -> Schema:
    return _or_null(_value(column)) if column.nullable else _value(column)


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]} if schema else {}


def _value(column: Column[Any]) -> Schema:
    kinds: list[tuple[tuple[type[Any], ...], Schema]] = [
        ((Instant,), {"type": "string", "format": "date-time"}),
        ((Boolean,), {"type": "boolean"}),
        ((SmallInteger, Integer, BigInteger), {"type": "integer"}),
        ((Float,), {"type": "number"}),
        ((String,), {"type": "string"}),
    ]
    return next((schema for kind, schema in kinds if isinstance(column.type, kind)), {})
