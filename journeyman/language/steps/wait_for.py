"""`wait_for`: the customer stays until something happens, or until a timeout (W1-W4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from journeyman.language.changes import AnyChange
from journeyman.language.conditions import Condition, EventCondition, Not, SegmentCondition
from journeyman.language.document import SOME, EventName, Lead, OnTimeout, Part, StepId, StepPart, Target
from journeyman.language.durations import Duration, Span
from journeyman.language.kinds import tag
from journeyman.language.needs import Needs
from journeyman.language.paths import Path
from journeyman.language.strangers import known_fields
from journeyman.language.values import Name

MessageStatus = Literal[
    "sent", "delivered", "opened", "clicked", "bounced", "complained", "unsubscribed", "failed", "refused"
]


_KINDS = ("event", "when", "attribute", "segment", "message")
_KINDS_NOT_YET = ("call_back",)


class Branch(Part):
    """One thing that may happen: an event, a state of the customer, a change of an attribute (E5), a message's fate.

    A state (`when`, `segment`, `message`) is tested on arrival and passes at once when it already holds (W1).
    """

    event: EventName | None = None
    where: EventCondition | None = None
    when: Condition | None = None
    attribute: Annotated[Path | None, Field(description="An attribute's path")] = None
    changes: AnyChange = None
    changes_to: Any = None
    changes_from: Any = None
    segment: Annotated[Name | None, Field(description="The key of a segment that the customer is in")] = None
    direction: Annotated[
        Literal["enters", "leaves"] | None, Field(description="Whether she is in it (default) or is not")
    ] = None
    message: Annotated[StepId | None, Field(description="The step that sent the message")] = None
    status: MessageStatus | None = None
    next: Target | None = None

    @classmethod
    def not_yet(cls) -> Mapping[str, str]:
        mend = "take it out, and wait for `event`, `when`, `attribute`, `segment` or `message`"
        return dict.fromkeys(_KINDS_NOT_YET, mend)

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        given = [kind for kind in _KINDS if getattr(self, kind) is not None]
        if not given:
            message = "this does not say what is waited for; write `event`, `when`, `attribute`, `segment` or `message`"
            raise PydanticCustomError("one_thing", message)
        if len(given) > 1:
            message = "`{first}` and `{second}` are waited for at once; make two branches of them, under `branches`"
            raise PydanticCustomError("one_thing", message, {"first": given[0], "second": given[1]})
        self._fields_fit(given[0])
        return self

    def _fields_fit(self, kind: str) -> None:
        changes = self.model_fields_set & {"changes", "changes_to", "changes_from"}
        if changes and kind != "attribute":
            message = "`{at}` goes with `attribute` alone; take it out, or wait for an `attribute`"
            raise PydanticCustomError("misplaced", message, {"at": min(changes)})
        if kind == "attribute" and not changes:
            message = "no change is named; add `changes: true`, `changes_to` or `changes_from`, or write `when`"
            raise PydanticCustomError("no_change", message)
        if self.direction is not None and kind != "segment":
            message = "`direction` goes with `segment` alone; take it out, or wait for a `segment`"
            raise PydanticCustomError("misplaced", message, {"at": "direction"})
        if self.where is not None and kind != "event":
            message = "`where` goes with `event` alone; take it out, or wait for an `event`"
            raise PydanticCustomError("misplaced", message, {"at": "where"})
        if kind == "message" and self.status is None:
            raise PydanticCustomError("misplaced", "`message` needs `status`; add `status: opened`, for example")
        if self.status is not None and kind != "message":
            message = "`status` goes with `message` alone; take it out, or wait for a `message`"
            raise PydanticCustomError("misplaced", message, {"at": "status"})

    @property
    def kind(self) -> str:
        return next(kind for kind in _KINDS if getattr(self, kind) is not None)

    @cached_property
    def state(self) -> Condition | None:
        """The condition that a branch on a state waits for."""
        if self.segment is None:
            return self.when
        inside = SegmentCondition(segment=self.segment)
        return inside if self.direction != "leaves" else Not.model_validate({"not": inside})


@dataclass(frozen=True, slots=True, eq=False)
class _Since(Duration):
    """A duration where the word `entry` might stand as well."""

    mend: ClassVar[str] = "write `entry`, or a duration such as 30m, 1d or 2w"


Since = Annotated[
    Annotated[Literal["entry"], Tag(tag("entry"))] | Annotated[_Since, Tag(tag("duration"))],
    Discriminator(lambda value: tag("entry" if value == "entry" else "duration")),
]


class WaitFor(Part):
    """Branches in order. `first` match wins at once; `ranked` keeps everybody and takes the highest match (W3)."""

    branches: Annotated[tuple[Branch, ...], Field(max_length=20), *SOME]
    timeout: Annotated[Span, Field(description="The longest stay")]
    on_timeout: Annotated[OnTimeout, Field(description="`continue`, `exit` or a step (W4)")] = "continue"
    mode: Literal["first", "ranked"] = "first"
    since: Annotated[
        Since | None,
        Field(description="Events from before the arrival count too: since the entry, or this long ago (W1)"),
    ] = None

    @model_validator(mode="before")
    @classmethod
    def _one_branch_may_stand_alone(cls, value: object) -> object:
        """`{event: X, timeout: 1d}` is `{branches: [{event: X}], timeout: 1d}`."""
        if not isinstance(value, dict):
            return value
        fields = {*known_fields(Branch), *Branch.not_yet()}
        beside = [key for key in value if key in fields]
        if "branches" in value and beside:
            message = "`{at}` stands beside `branches`; move it into one of them"
            raise PydanticCustomError("beside_branches", message, {"at": beside[0]})
        if "branches" in value:
            return value
        branch = {key: part for key, part in value.items() if key in fields}
        return {"branches": [branch], **{key: part for key, part in value.items() if key not in fields}}

    @classmethod
    def known(cls) -> tuple[str, ...]:
        """The fields of a single branch may stand here too, without `branches`."""
        return (*super().known(), *known_fields(Branch))


class WaitForStep(StepPart):
    """Stays until a branch's thing happens, then goes on along it."""

    kind: ClassVar[str] = "wait_for"
    takes_time: ClassVar[bool] = True
    wait_for: WaitFor

    @property
    def falls_through(self) -> bool:
        elsewhere = all(branch.next is not None for branch in self.wait_for.branches)
        return not elsewhere or self.wait_for.on_timeout == "continue"

    @property
    def waits_for_certain(self) -> bool:
        """A state may hold already; an event that is still to come does not."""
        only_events = all(branch.state is None and branch.message is None for branch in self.wait_for.branches)
        return only_events and self.wait_for.since is None

    @property
    def conditions(self) -> tuple[Condition, ...]:
        return tuple(branch.state for branch in self.wait_for.branches if branch.state is not None)

    @property
    def needs(self) -> Needs:
        branches = self.wait_for.branches
        looked_back = {branch.event: None for branch in branches if branch.event and self.wait_for.since is not None}
        return Needs(windows=looked_back, messages=any(branch.message is not None for branch in branches))

    @property
    def leads(self) -> tuple[Lead, ...]:
        branches = tuple(
            Lead(("wait_for", "branches", index, "next"), branch.next)
            for index, branch in enumerate(self.wait_for.branches)
            if branch.next is not None
        )
        return (*super().leads, *branches, Lead(("wait_for", "on_timeout"), self.wait_for.on_timeout))
