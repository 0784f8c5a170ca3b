"""Consent that an import brings along with a customer, as it is sent."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from journeyman.customers.consent import Basis
from journeyman.customers.inbox.calls import Document, Instant

FIRST_YEAR, LAST_YEAR = 1900, 9000


def _storable(at: datetime | None) -> datetime | None:
    if at is not None and not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise ValueError(f"the year is not between {FIRST_YEAR} and {LAST_YEAR}")
    return at.astimezone(UTC) if at is not None else None


Moment = Annotated[Instant, AfterValidator(_storable)]
Subject = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z0-9][a-z0-9_-]*$")]


class Brought(BaseModel):
    """What a customer said of a channel or topic, with the proof."""

    model_config = ConfigDict(extra="forbid")

    status: Literal["yes", "no"]
    at: Annotated[Moment, Field(description="When she said it; default: the call's `timestamp`")] = None
    source: Annotated[str | None, Field(min_length=1, max_length=500, pattern=r"^[^\x00]+$")] = None
    wording: Annotated[str | None, Field(max_length=5000, pattern=r"^[^\x00]*$")] = None
    basis: Basis | None = None
    expires_at: Annotated[Moment, Field(description="When a yes ends by itself")] = None


class _Call(BaseModel):
    consents: Annotated[dict[Subject, Brought], Field(max_length=50)] = {}


def read_consents(raw: Document) -> dict[str, Document]:
    """What a call's `consents` say, as intake reads it. Raises pydantic's `ValidationError`."""
    given = {"consents": raw["consents"]} if raw.get("consents") is not None else {}
    said = _Call.model_validate(given).consents
    return {subject: one.model_dump(mode="json", exclude_none=True) for subject, one in said.items()}
