"""Bodies of the ingest calls, for the description of the API; the calls themselves are the product's."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic.json_schema import models_json_schema

from journeyman.customers.inbox.calls import CALLS

REF = "#/components/schemas/{model}"


class Stored(BaseModel):
    """Everything that was sent is stored, now or by an earlier call with the same message ids."""

    success: bool = Field(examples=[True])


class Refusal(BaseModel):
    """One event of a batch that was refused; sending it again does not help."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    index: int = Field(description="Its place in the batch, from 0")
    message_id: str | None
    pointer: str = Field(description="JSON Pointer (RFC 6901) into the request's body", examples=["/batch/3/timestamp"])
    detail: str
    mend: str


class PartlyStored(BaseModel):
    """Some events of a batch were refused; all others are stored."""

    success: bool = Field(examples=[False])
    accepted: int = Field(description="How many events are stored, repeated ones included")
    errors: list[Refusal]


def call_body(kind: str) -> dict[str, Any]:
    """The request body of one call, as OpenAPI."""
    return _body({"$ref": REF.format(model=CALLS[kind].__name__)})


def batch_body() -> dict[str, Any]:
    """The request body of `batch`, as OpenAPI: calls of every kind, each with its `type`."""
    event = {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"enum": list(CALLS)}},
        "anyOf": [{"$ref": REF.format(model=call.__name__)} for call in CALLS.values()],
    }
    sent_at = {"type": ["string", "null"], "format": "date-time"}
    envelope = {
        "type": "object",
        "required": ["batch"],
        "properties": {"batch": {"type": "array", "items": event}, "sentAt": sent_at},
    }
    return _body(envelope)


def component_schemas() -> dict[str, Any]:
    """The calls' schemas, by the names that the bodies refer to."""
    _, found = models_json_schema([(call, "validation") for call in CALLS.values()], ref_template=REF)
    schemas: dict[str, Any] = found["$defs"]
    return schemas


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
