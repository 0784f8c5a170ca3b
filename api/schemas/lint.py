"""What lint finds."""

from pydantic import BaseModel, ConfigDict, Field


class FindingItem(BaseModel):
    """Something worth a second look."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    journey: str = Field(description="Empty for what concerns several journeys together")
    pointer: str = Field(description="Into the journey's document (RFC 6901)")
    detail: str
    mend: str


class Findings(BaseModel):
    """In the documents' order; what concerns several journeys comes last."""

    items: list[FindingItem]
