"""Scores: definitions, lists of the best, and one customer's scores with their reasons."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from journeyman.customers.scoring.rfm import Group

SCORE = {
    "type": "object",
    "title": "ScoreDocument",
    "description": "A score: `GET /v1/scores/{key}` gives it as it was written",
    "required": ["rules"],
    "properties": {
        "score": {"type": "string", "description": "The key, as in the address"},
        "name": {"type": "string"},
        "half_life": {"type": "string", "description": "After this an event counts half", "examples": ["30d"]},
        "rules": {
            "type": "array",
            "items": {"type": "object"},
            "minItems": 1,
            "description": "`event` (with `where` and `cap`) or `when`, and `points`, `category`, `name`",
        },
        "thresholds": {"type": "array", "items": {"type": "object"}, "description": "`at` and `name`"},
        "bands": {"type": "array", "items": {"type": "object"}, "description": "`at` and `name`"},
    },
}
"""A score's document in outline: its conditions hold conditions."""


class ScoreItem(BaseModel):
    """A score in a list."""

    key: str
    name: str | None
    rebuilding: bool = Field(description="Its rules are new, and customers are still being counted anew by them")
    updated_at: datetime


class SavedScore(ScoreItem):
    """A score that was kept."""

    document: dict[str, Any]


class ScoreReason(BaseModel):
    """What one rule does for a score."""

    text: str = Field(examples=["3 x Product Viewed: +6, decayed from 9"])
    points: float
    category: str | None
    count: int = Field(description="How many events; 0 for a rule on what holds")


class ScoreNow(BaseModel):
    """A score at an instant."""

    value: float
    band: str | None
    reached: list[str] = Field(description="The thresholds that it reaches")
    by_category: dict[str, float]
    reasons: list[ScoreReason] = Field(description="The strongest first")


class TopCustomer(ScoreNow):
    """One of the best. `value` is what the list is ordered by."""

    customer: str


class TopScores(BaseModel):
    """The best by a score at an instant."""

    score: str
    as_of: datetime
    of: int = Field(description="How many customers have anything that counts")
    rebuilding: bool
    items: list[TopCustomer]


class NamedScore(ScoreNow):
    """One of a customer's scores."""

    score: str
    rebuilding: bool


class RfmNow(BaseModel):
    """Recency, frequency and monetary value, each from 1 to 5, and the group of customers that they name."""

    r: Literal[1, 2, 3, 4, 5]
    f: Literal[1, 2, 3, 4, 5]
    m: Literal[1, 2, 3, 4, 5]
    group: Group


class ScoresOfCustomer(BaseModel):
    """A customer's scores at an instant."""

    customer: str
    as_of: datetime
    scores: list[NamedScore]
    rfm: RfmNow | None = Field(description="Null where the customer has not ordered, or there are no cut points yet")
