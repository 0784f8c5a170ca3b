"""`wait_for`: the customer stays until something happens, or until a timeout (W1-W4)."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from journeyman.language.conditions import Condition, EventCondition
from journeyman.language.document import RESERVED, EventName, OnTimeout, Part, StepId, StepPart, Target
from journeyman.language.durations import Duration, Span

MessageStatus = Literal[
    "sent", "delivered", "opened", "clicked", "bounced", "complained", "unsubscribed", "failed", "refused"
]


class Branch(Part):
    """One thing that may happen: an event, a state of the customer, a change of an attribute (E5), a message's fate.

    A state (`when`, `message`) is tested on arrival and passes at once when it already holds (W1).
    """

    event: EventName | None = None
    where: EventCondition | None = None
    when: Condition | None = None
    attribute: Annotated[str | None, Field(min_length=1, max_length=200, description="An attribute's path")] = None
    changes: Literal[True] | None = None
    changes_to: Any = None
    changes_from: Any = None
    message: Annotated[StepId | None, Field(description="The step that sent the message")] = None
    status: MessageStatus | None = None
    next: Target | None = None

    @classmethod
    def not_yet(cls) -> frozenset[str]:
        return frozenset({"segment", "call_back"})

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        given = [kind for kind in ("event", "when", "attribute", "message") if getattr(self, kind) is not None]
        if len(given) != 1:
            raise PydanticCustomError("one_thing", "wait for one of `event`, `when`, `attribute` or `message`")
        self._fields_fit(given[0])
        return self

    def _fields_fit(self, kind: str) -> None:
        changes = self.model_fields_set & {"changes", "changes_to", "changes_from"}
        if changes and kind != "attribute":
            raise PydanticCustomError("misplaced", "`changes…` goes with `attribute`")
        if kind == "attribute" and not changes:
            raise PydanticCustomError(
                "no_change",
                "say `changes: true`, `changes_to` or `changes_from`; for a state write `when`",
            )
        if self.where is not None and kind != "event":
            raise PydanticCustomError("misplaced", "`where` goes with `event`")
        if (self.status is None) == (kind == "message"):
            raise PydanticCustomError("misplaced", "`message` and `status` go together, as in `status: opened`")

    @property
    def kind(self) -> str:
        return next(kind for kind in ("event", "when", "attribute", "message") if getattr(self, kind) is not None)


class WaitFor(Part):
    """Branches in order. `first` match wins at once; `ranked` keeps everybody and takes the highest match (W3)."""

    branches: Annotated[tuple[Branch, ...], Field(min_length=1, max_length=20)]
    timeout: Annotated[Span, Field(description="The longest stay")]
    on_timeout: Annotated[OnTimeout, Field(description="`continue`, `exit` or a step (W4)")] = "continue"
    mode: Literal["first", "ranked"] = "first"
    since: Annotated[
        Literal["entry"] | Duration | None,
        Field(description="Events from before the arrival count too: since the entry, or this long ago (W1)"),
    ] = None

    @model_validator(mode="before")
    @classmethod
    def _one_branch_may_stand_alone(cls, value: object) -> object:
        """`{event: X, timeout: 1d}` is `{branches: [{event: X}], timeout: 1d}`."""
        if not isinstance(value, dict) or "branches" in value:
            return value
        own = {"timeout", "on_timeout", "mode", "since"}
        branch = {key: part for key, part in value.items() if key not in own}
        return {"branches": [branch], **{key: part for key, part in value.items() if key in own}}


class WaitForStep(StepPart):
    """Stays until a branch's thing happens, then goes on along it."""

    wait_for: WaitFor

    @property
    def targets(self) -> tuple[str, ...]:
        named = [branch.next for branch in self.wait_for.branches] + [self.wait_for.on_timeout]
        return (*super().targets, *(target for target in named if target is not None and target not in RESERVED))
