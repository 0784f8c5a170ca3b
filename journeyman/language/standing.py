"""Conditions on where a customer stands among all: scores; recency, frequency and monetary value; predictions."""

from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import cached_property
from typing import Annotated, Final, Literal, Self, get_args

from pydantic import Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from journeyman.language.kinds import tag
from journeyman.language.nodes import Node
from journeyman.language.occurrences import Bounded
from journeyman.language.values import Name, Number

RfmGroup = Literal[
    "champions",
    "loyal",
    "potential-loyalist",
    "new",
    "promising",
    "need-attention",
    "about-to-sleep",
    "at-risk",
    "cannot-lose",
    "hibernating",
    "lost",
]
RFM_GROUPS: Final[tuple[RfmGroup, ...]] = get_args(RfmGroup)

PredictionKey = Literal["purchase", "churn", "value"]

STEP: Final = Decimal("0.01")
"""Scores are shown, and compared, with two decimal places."""

Fifth = Annotated[int, Field(ge=1, le=5, strict=True)]


Height = Annotated[Number, Field(ge=-1e12, le=1e12)]


class ScoreCondition(Bounded):
    """How high a score is at this moment, in total or in a category: 0 for who did nothing that counts."""

    kind = "score"
    score: Annotated[Name, Field(description="The key of a score", examples=["leads"])]
    category: Annotated[Name | None, Field(description="Only the rules of this category")] = None
    equals: Height | None = None
    gt: Height | None = None
    gte: Height | None = None
    lt: Height | None = None
    lte: Height | None = None

    @cached_property
    def heights(self) -> tuple[float, ...]:
        """The heights at whose crossing the answer may change, for scores that are shown with two decimal places."""
        return tuple(sorted({height for bound in self.bounds for height in _heights(*bound)}))


def _heights(operator: str, number: float) -> Iterator[float]:
    """The least score that is as much as the number, and the least that is more, as far as the operator asks."""
    exact = Decimal(repr(number))
    if operator in {"gte", "lt", "equals"}:
        yield float(exact.quantize(STEP, ROUND_CEILING))
    if operator in {"gt", "lte", "equals"}:
        yield float(exact.quantize(STEP, ROUND_FLOOR) + STEP)


class PredictionCondition(Bounded):
    """What a model predicts of the customer; as long as there is not enough data, nothing holds of it."""

    kind = "prediction"
    prediction: Annotated[
        PredictionKey,
        Field(description="`purchase` and `churn` are probabilities from 0 to 1, `value` is an amount"),
    ]
    equals: Height | None = None
    gt: Height | None = None
    gte: Height | None = None
    lt: Height | None = None
    lte: Height | None = None


class FifthBounds(Bounded):
    """Bounds of a score from 1 to 5."""

    equals: Fifth | None = None
    gt: Fifth | None = None
    gte: Fifth | None = None
    lt: Fifth | None = None
    lte: Fifth | None = None


FifthOrBounds = Annotated[
    Annotated[Fifth, Tag(tag("number"))] | Annotated[FifthBounds, Tag(tag("bounds"))],
    Discriminator(lambda value: tag("bounds" if isinstance(value, dict | FifthBounds) else "number")),
]


class RfmScores(Node):
    """Bounds of the three scores; those that are left out may be anything."""

    r: Annotated[FifthOrBounds | None, Field(description="Recency, from 1 to 5")] = None
    f: Annotated[FifthOrBounds | None, Field(description="Frequency, from 1 to 5")] = None
    m: Annotated[FifthOrBounds | None, Field(description="Monetary value, from 1 to 5")] = None

    @model_validator(mode="after")
    def _some_score(self) -> Self:
        if not self.wanted:
            raise PydanticCustomError("rfm", "this asks for no score; write {r: {gte: 4}}, for example")
        return self

    @cached_property
    def wanted(self) -> tuple[tuple[str, tuple[tuple[str, float], ...]], ...]:
        """(score, bounds) of those that are asked for."""
        return tuple(self._bounds())

    def _bounds(self) -> Iterator[tuple[str, tuple[tuple[str, float], ...]]]:
        for name, given in (("r", self.r), ("f", self.f), ("m", self.m)):
            if given is not None:
                yield name, given.bounds if isinstance(given, FifthBounds) else (("equals", given),)


class RfmCondition(Node):
    """In which group of recency, frequency and monetary value a customer is; nobody is in one who has not ordered."""

    kind = "rfm"
    rfm: Annotated[
        Annotated[RfmGroup, Tag(tag("group"))] | Annotated[RfmScores, Tag(tag("scores"))],
        Discriminator(lambda value: tag("scores" if isinstance(value, dict | RfmScores) else "group")),
        Field(description="A group, or bounds of the scores", examples=["champions"]),
    ]
