"""The body of an import over HTTP, for the description of the API."""

from typing import Any

from api.schemas.ingest import batch_body
from journeyman.customers.inbox.brought import Brought


def import_body() -> dict[str, Any]:
    """As a batch, in which each call may have `consents` by channel or topic."""
    body = batch_body()
    (media,) = body["requestBody"]["content"].values()
    call = media["schema"]["properties"]["batch"]["items"]
    call["properties"]["consents"] = {
        "type": "object",
        "maxProperties": 50,
        "additionalProperties": Brought.model_json_schema(),
    }
    return body
