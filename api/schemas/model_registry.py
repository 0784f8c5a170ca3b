"""Models, as they are shown."""

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from journeyman.journeys.learning.learning import ModelShown


class CardShown(BaseModel):
    """What a model is, for those who decide by it."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    what: str = Field(description="What it says, and of whom")
    data: str = Field(description="What it learns from")
    minimum: str = Field(description="Below this there is no model, and nobody gets a score")
    baseline: str = Field(description="What it has to beat")
    wrong: str = Field(description="When it is wrong")


class VersionOfModel(BaseModel):
    """One training."""

    model_config = ConfigDict(from_attributes=True)

    version: int
    trained_at: datetime
    n: int = Field(description="How many cases it learnt from")
    in_use: bool
    quality: dict[str, Any] = Field(description="How good it is on cases it had not seen")
    baseline: dict[str, Any] = Field(description="The same measures of what it has to beat, on the same cases")


class ModelLine(BaseModel):
    """A model in few words."""

    key: str
    name: str
    enough: bool = Field(description="Whether there is enough data, as the newest look found")
    words: str = Field(description="What the newest look came to; without enough data what is needed and what there is")
    looked_at: datetime | None
    in_use: VersionOfModel | None

    @classmethod
    def of(cls, shown: ModelShown) -> Self:
        return cls(**_line(shown))


class ModelFull(ModelLine):
    """A model with its card and what it was trained to."""

    card: CardShown
    versions: list[VersionOfModel]

    @classmethod
    def of(cls, shown: ModelShown) -> Self:
        versions = [VersionOfModel.model_validate(one) for one in shown.versions]
        return cls(**_line(shown), card=CardShown.model_validate(shown.card), versions=versions)


def _line(shown: ModelShown) -> dict[str, Any]:
    look, used = shown.look, shown.in_use
    return {
        "key": shown.key,
        "name": shown.card.name,
        "enough": look is not None and look.enough,
        "words": look.words if look is not None else "nobody has looked yet",
        "looked_at": look.at if look is not None else None,
        "in_use": VersionOfModel.model_validate(used) if used is not None else None,
    }
