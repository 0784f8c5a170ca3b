"""What every starter shares: what tells runs apart, who may enter, how often (E1-E4)."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from journeyman.language.channels import Channel
from journeyman.language.conditions import Condition
from journeyman.language.document import SOME, Part
from journeyman.language.durations import Duration
from journeyman.language.kinds import tag
from journeyman.language.needs import Needs
from journeyman.language.paths import Path


def _fields_of(value: object) -> frozenset[str]:
    if isinstance(value, Part):
        return frozenset(type(value).model_fields)
    return frozenset(value) if isinstance(value, dict) else frozenset()


class ReentryAfter(Part):
    """Again after a while (E3)."""

    after: Duration
    since: Literal["entry", "exit"] = "exit"


class ReentryMax(Part):
    """Again until `max` entries within `per` (E3)."""

    max: Annotated[int, Field(ge=1, le=1000, strict=True)]
    per: Duration


def _kind_of_reentry(value: object) -> str:
    if isinstance(value, str):
        return tag("word")
    return tag("max" if _fields_of(value) & {"max", "per"} else "after")


def _check_reentry(value: object) -> object:
    if isinstance(value, str) or _fields_of(value):
        return value
    message = "this does not say how often; write never, always, {after: 7d} or {max: 3, per: 30d}"
    raise PydanticCustomError("reentry", message)


Reentry = Annotated[
    Annotated[Literal["never", "always"], Tag(tag("word"))]
    | Annotated[ReentryAfter, Tag(tag("after"))]
    | Annotated[ReentryMax, Tag(tag("max"))],
    Discriminator(_kind_of_reentry),
    BeforeValidator(_check_reentry),
]


Reach = Annotated[
    Annotated[Literal[True], Tag(tag("any"))] | Annotated[tuple[Channel, ...], *SOME, Tag(tag("several"))],
    Discriminator(lambda value: tag("several" if isinstance(value, list | tuple) else "any")),
]


class EntryRules(Part):
    """What all starters share."""

    correlate: Annotated[Path | None, Field(description="What tells parallel runs of one customer apart (E1)")] = None
    audience: Annotated[Condition | None, Field(description="Who may enter, judged with the event in view (E2)")] = None
    reachable: Annotated[
        Reach | None,
        Field(description="Who cannot be reached on any channel of the journey, or any of these, is refused (E7)"),
    ] = None
    reentry: Reentry = "always"
    while_live: Annotated[
        Literal["ignore", "restart", "parallel"],
        Field(description="A trigger while the run of the same key is live (E4)"),
    ] = "ignore"
    collect: Annotated[
        Path | None,
        Field(
            description="A property whose values are gathered in the entry as `collected`, over all triggers that "
            "began the run anew; also those of the members of `products`",
            examples=["product_id"],
        ),
    ] = None

    @model_validator(mode="after")
    def _parallel_needs_a_key(self) -> Self:
        if self.while_live == "parallel" and self.correlate is None:
            message = "`while_live: parallel` needs `correlate`, which tells the runs apart; add `correlate: cart_id`"
            raise PydanticCustomError("needs_correlate", message, {"at": "while_live"})
        return self

    @property
    def correlation(self) -> str | None:
        """The path, in what starts a run, of what tells parallel runs apart; None where nothing does (E1)."""
        return self.correlate

    @property
    def events(self) -> tuple[str, ...]:
        """The names of the customer events that may start a run."""
        return ()

    @property
    def attributes(self) -> frozenset[str]:
        """The attributes, by the first keys of their paths, of which a change may start a run."""
        return frozenset()

    @property
    def figures(self) -> frozenset[str]:
        """The computed attributes, by the first keys of their paths, of which a change may start a run."""
        return frozenset()

    @property
    def needs(self) -> Needs:
        """What has to be known to tell whether an event starts a run, beside what the audience reads."""
        return Needs()

    @property
    def says(self) -> str:
        """What starts a run, in words for people."""
        return "a call"
