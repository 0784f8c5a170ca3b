"""The description of the API (OpenAPI 3.1), with what FastAPI cannot see by itself."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.errors import Problem
from api.schemas.copywriting import TemplateDraft, voice_schema
from api.schemas.erasures import export_schema
from api.schemas.ingest import REF, component_schemas
from api.schemas.products import component_schemas as product_parts
from api.schemas.templates import component_schemas as template_parts
from journeyman.catalog.coupons.pools import pool_schema
from journeyman.customers.segments.definition import segment_schema
from journeyman.language.schema import component_schemas as journey_parts
from journeyman.language.schema import policy_schemas as policy_parts

DESCRIPTION = """\
Self-hosted customer-journey orchestration. Errors are problem details (RFC 9457) with a `code` for programs, and \
`errors[]` that each name a `pointer` (RFC 6901), what is wrong, and the mend. Instants are RFC 3339 in UTC."""


def describe(app: FastAPI) -> dict[str, Any]:
    """The document at `/openapi.json`, made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version="1", openapi_version="3.1.0", description=DESCRIPTION, routes=app.routes
        )
        _add_schemas(document)
        app.openapi_schema = document
    return app.openapi_schema


def _add_schemas(document: dict[str, Any]) -> None:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    problem = Problem.model_json_schema(ref_template=REF)
    schemas.update(component_schemas() | problem.pop("$defs") | {"Problem": problem})
    schemas.update(template_parts())
    schemas.update(journey_parts("Journey", REF.format(model="")))
    schemas.update(policy_parts("Contact", REF.format(model="")))
    schemas["SegmentDocument"] = segment_schema(REF.format(model="Journey{model}"))
    schemas["CouponPoolDocument"] = pool_schema(REF.format(model="Journey{model}"))
    schemas.update(product_parts())
    schemas["TemplateDraft"] = TemplateDraft.model_json_schema(ref_template=REF)
    schemas["BrandVoice"] = voice_schema()
    schemas["CustomerExport"] = export_schema()
