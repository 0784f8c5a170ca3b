"""Audiences of ad networks, as they are shown."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class AudienceShown(BaseModel):
    """How far an ad network is with one audience."""

    model_config = ConfigDict(from_attributes=True)

    key: str = Field(description="What `audience` steps call it")
    network: str | None = Field(description="None where the providers file does not have it")
    segment: str | None = Field(description="The segment that fills it")
    inside: int = Field(description="Customers whom the network has")
    states: dict[str, int] = Field(
        description="Customers by state: `pending`, `told`, `withheld` without consent, `failed`, `not_configured`"
    )
    told_at: datetime | None = Field(description="When the network was told last")
    failure: str | None = Field(description="What went wrong, while something does")
