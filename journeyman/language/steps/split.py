"""`split`: everybody is given an arm by chance, so that what the arms do can be compared (O3-O8)."""

import re
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from journeyman.language.document import KEY, SOME, EventName, Lead, Part, StepPart, Target
from journeyman.language.durations import Duration
from journeyman.language.kinds import tag

HOLDOUT: Final = "holdout"
"""The key of the arm that `split.holdout` makes."""
MEASURES: Final = ("open", "click", "conversion", "revenue")
"""What a metric may be beside a goal's key and an event."""
MOST_ARMS: Final = 10

Share = Annotated[float, Field(ge=0, le=1, strict=True)]


class Arm(Part):
    """One way through the split, with whatever steps stand on it. Weights are shares of their sum."""

    key: Annotated[str, Field(pattern=KEY)]
    weight: Annotated[float, Field(gt=0, le=1_000_000, strict=True)] = 1.0
    next: Annotated[Target | None, Field(description="Where the arm begins; default: the step below")] = None
    holdout: Annotated[
        bool, Field(strict=True, description="These customers go this way and are sent nothing from here on (O7)")
    ] = False


class EventMetric(Part):
    """An event of any name counts."""

    event: EventName


def _words_of_events(value: object) -> object:
    """A name that no goal can have, such as `Order Completed`, is an event's."""
    return {"event": value} if isinstance(value, str) and not re.match(KEY, value) else value


Metric = Annotated[
    Annotated[EventMetric, Tag(tag("event"))] | Annotated[str, Field(pattern=KEY), Tag(tag("key"))],
    Discriminator(lambda value: tag("event" if isinstance(value, dict | EventMetric) else "key")),
    BeforeValidator(_words_of_events),
]
"""A goal's key, `open`, `click`, `conversion`, `revenue`, or an event."""


class Winner(Part):
    """When an arm has won, and what follows (O4, O5)."""

    metric: Metric
    after: Annotated[Duration, Field(description="How long a customer may take, counted from the split (O6)")]
    minimum: Annotated[
        int, Field(ge=10, strict=True, description="Customers of each arm whose time is over, before anything is said")
    ] = 100
    probability: Annotated[float, Field(ge=0.8, le=0.999, strict=True, description="To be best, at least")] = 0.95
    loss: Annotated[
        Share, Field(description="What choosing this arm may cost at most, as expected, as a share of its own figure")
    ] = 0.01
    deadline: Annotated[Duration | None, Field(description="After this long `then` follows; default: never")] = None
    then: Annotated[
        Literal["best", "keep", "control"],
        Field(description="At the deadline: the best so far, on as before, or the first arm"),
    ] = "keep"
    explore: Annotated[
        Share, Field(description="The share that goes on being split after the decision, so that it can turn (O5)")
    ] = 0.0

    @model_validator(mode="after")
    def _then_needs_a_deadline(self) -> Self:
        if "then" in self.model_fields_set and self.deadline is None:
            message = "`then` says what follows at the deadline, and there is none; add `deadline: 60d`"
            raise PydanticCustomError("no_deadline", message, {"at": "then"})
        return self


class Bandit(Part):
    """Arms get customers as they do well; each keeps a share, so that it can still show what it is worth."""

    metric: Metric
    after: Annotated[Duration, Field(description="How long a customer may take, counted from the split (O6)")]
    explore: Annotated[Share, Field(description="The share that is spread evenly over all arms")] = 0.1


class Split(Part):
    """Arms, and what is to come of them. Without `winner` and `bandit` it splits and counts."""

    arms: Annotated[tuple[Arm, ...], Field(max_length=MOST_ARMS), *SOME]
    salt: Annotated[str | None, Field(min_length=1, max_length=64, description="Another salt draws anew (O3)")] = None
    sticky: Annotated[bool, Field(strict=True, description="Who comes again gets the same arm (O3)")] = True
    holdout: Annotated[
        float | None,
        Field(gt=0, lt=100, strict=True, description="Percent who go the first arm's way and are sent nothing (O7)"),
    ] = None
    winner: Winner | None = None
    bandit: Bandit | None = None

    @model_validator(mode="after")
    def _arms_make_sense(self) -> Self:
        keys = [arm.key for arm in self.arms]
        twice = next((key for index, key in enumerate(keys) if key in keys[:index]), None)
        if twice is not None:
            message = "`{key}` is the key of two arms; give each arm a key of its own"
            raise PydanticCustomError("arm_twice", message, {"key": twice, "at": "arms"})
        if self.holdout is not None and (HOLDOUT in keys or any(arm.holdout for arm in self.arms)):
            message = "`holdout` makes an arm `holdout`, and there is one; take one of them out"
            raise PydanticCustomError("two_holdouts", message, {"at": "holdout"})
        self._enough_arms()
        return self

    def _enough_arms(self) -> None:
        held = self.holdout is not None or any(arm.holdout for arm in self.arms)
        if not self.candidates:
            message = "every arm is a holdout, so that nobody is sent anything; add an arm"
            raise PydanticCustomError("no_arm", message, {"at": "arms"})
        if len(self.candidates) == 1 and not held:
            raise PydanticCustomError("one_arm", "one arm is no split; add another", {"at": "arms"})
        given = [name for name in ("winner", "bandit") if getattr(self, name) is not None]
        if len(given) > 1:
            message = "`winner` and `bandit` are two ways to choose; take one of them out"
            raise PydanticCustomError("two_ways", message, {"at": "bandit"})
        if given and len(self.candidates) == 1:
            message = "`{at}` chooses among arms, and there is one beside the holdout; add an arm, or take `{at}` out"
            raise PydanticCustomError("nothing_to_choose", message, {"at": given[0]})

    @property
    def candidates(self) -> tuple[Arm, ...]:
        """The arms that may win: all but holdouts."""
        return tuple(arm for arm in self.arms if not arm.holdout)

    @property
    def control(self) -> Arm:
        """The arm with which the others are compared: the first that is no holdout."""
        return self.candidates[0]

    @property
    def all_arms(self) -> tuple[Arm, ...]:
        """Every arm, also the one that `holdout` makes; it goes the way of the control."""
        if self.holdout is None:
            return self.arms
        weight = sum(arm.weight for arm in self.arms) * self.holdout / (100 - self.holdout)
        return (*self.arms, Arm(key=HOLDOUT, weight=weight, next=self.control.next, holdout=True))

    @property
    def weights(self) -> dict[str, float]:
        """Each arm's share; they come to 1."""
        arms = self.all_arms
        whole = sum(arm.weight for arm in arms)
        return {arm.key: arm.weight / whole for arm in arms}

    def arm(self, key: str) -> Arm:
        """The arm with this key; `KeyError` where there is none."""
        return {arm.key: arm for arm in self.all_arms}[key]

    @property
    def rule(self) -> Winner | Bandit | None:
        return self.winner or self.bandit


class SplitStep(StepPart):
    """Gives everybody an arm and goes on along it."""

    kind: ClassVar[str] = "split"
    split: Split

    @property
    def falls_through(self) -> bool:
        return any(arm.next is None for arm in self.split.arms)

    @property
    def leads(self) -> tuple[Lead, ...]:
        arms = tuple(
            Lead(("split", "arms", index, "next"), arm.next)
            for index, arm in enumerate(self.split.arms)
            if arm.next is not None
        )
        return (*super().leads, *arms)
