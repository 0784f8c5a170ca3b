"""Schemas of documents, for editors: nobody needs a key for them, for they say nothing of anybody."""

from typing import Any

from fastapi import APIRouter

from journeyman.language.schema import journey_schema

router = APIRouter(prefix="/schemas", tags=["schemas"])


@router.get("/journey.json")
async def read_journey_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a journey's document."""
    return journey_schema()
