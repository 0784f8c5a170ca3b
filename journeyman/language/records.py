"""Conditions on what is on record of a customer beside her profile and her events: runs, interests, reach."""

from functools import cached_property
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from journeyman.language.channels import Channel
from journeyman.language.durations import Duration
from journeyman.language.nodes import Node
from journeyman.language.values import LONGEST_TEXT, Name

Involvement = Literal["in", "was_in", "never_in", "exited"]
InterestKind = Literal["viewed", "wished", "carted", "awaited", "bought"]
MOST_TIMES: Final = 10
"""So many of the newest instants are kept with an interest."""


class JourneyCondition(Node):
    """Whether the customer is in a journey, was, or has left it; it counts in which of its versions ever."""

    kind = "journey"
    journey: Annotated[Name, Field(description="The key of a journey", examples=["welcome"])]
    is_: Annotated[
        Involvement,
        Field(
            alias="is",
            description="`in`: a run is live. `was_in`: she has entered, be it that she is still in."
            " `never_in`: the opposite of `was_in`. `exited`: a run is over",
        ),
    ] = "in"
    by: Annotated[
        Name | None, Field(description="Only runs that ended with this outcome", examples=["completed", "exited"])
    ] = None
    within: Annotated[
        Duration | None, Field(description="Only if she entered, or for `exited` left, in the last so long")
    ] = None

    @model_validator(mode="after")
    def _by_is_for_ends(self) -> Self:
        if self.by is not None and self.is_ != "exited":
            raise PydanticCustomError("journey_by", "`by` tells how a run ended; write `is: exited` beside it")
        return self


_Id = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT, strict=True)]


class Wares(Node):
    """One product, or all those of a category and of those below it."""

    product: Annotated[_Id | None, Field(description="The id of a product", examples=["sku-1"])] = None
    category: Annotated[_Id | None, Field(description="A category's path", examples=["Shoes/Running"])] = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.product is None) is (self.category is None):
            message = "name either a product or a category; write {category: Shoes}, for example"
            raise PydanticCustomError("interest", message)
        return self

    @cached_property
    def path(self) -> str | None:
        """The category as the catalogue writes it."""
        if self.category is None:
            return None
        return "/".join(part.strip() for part in self.category.split("/") if part.strip())


class InterestCondition(Node):
    """How often the customer took an interest in a product, or in products of a category."""

    kind = "interest"
    interest: Annotated[Wares, Field(examples=[{"category": "Shoes"}])]
    in_: Annotated[InterestKind, Field(alias="in", description="Which interest")]
    at_least: Annotated[int, Field(ge=1, le=MOST_TIMES, strict=True, description="How often at least")] = 1
    within: Annotated[Duration | None, Field(description="Only in the last so long")] = None


class ReachableCondition(Node):
    """Whether marketing may reach the customer on a channel: she said yes, has an address, and is not suppressed."""

    kind = "reachable"
    reachable: Annotated[Channel, Field(description="A channel", examples=["email"])]
