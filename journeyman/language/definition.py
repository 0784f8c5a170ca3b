"""A journey as one document: what the canvas draws, the API stores, a team keeps in git and the product runs."""

import hashlib
import json
from difflib import get_close_matches
from functools import cached_property
from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Field, Tag, field_validator
from pydantic_core import PydanticCustomError

from journeyman.language.cases import Case
from journeyman.language.contact import EXPECTED, MOST_CAPS, Holdout, JourneyCap, QuietHours
from journeyman.language.document import KEY, SOME, Part, Topic
from journeyman.language.entry import Entry
from journeyman.language.exits import ExitRule
from journeyman.language.goals import Goal
from journeyman.language.kinds import tag
from journeyman.language.pausing import Pause
from journeyman.language.steps.activity import ActivityStep
from journeyman.language.steps.audience import AudienceStep
from journeyman.language.steps.branch import BranchStep
from journeyman.language.steps.call import CallStep
from journeyman.language.steps.emit import EmitStep
from journeyman.language.steps.end import EndStep
from journeyman.language.steps.enter import EnterStep
from journeyman.language.steps.repeat import RepeatStep
from journeyman.language.steps.send import SendStep
from journeyman.language.steps.split import SplitStep
from journeyman.language.steps.task import TaskStep
from journeyman.language.steps.throttle import ThrottleStep
from journeyman.language.steps.update import UpdateStep
from journeyman.language.steps.wait import WaitStep
from journeyman.language.steps.wait_for import WaitForStep
from journeyman.language.utm import Utm
from journeyman.language.zones import known_zone

KINDS = (
    *("wait", "wait_for", "branch", "split", "repeat", "throttle"),
    *("send", "update", "audience", "emit", "call", "activity", "enter", "task", "end"),
)


def kind_of_step(value: object) -> str | None:
    """Which step it is, told by the one key that names a kind; it never meets what `_check_kind` refused."""
    fields = value.keys() if isinstance(value, dict) else type(value).model_fields if isinstance(value, Part) else ()
    return next((tag(kind) for kind in KINDS if kind in fields), None)


def _check_kind(value: object) -> object:
    """Raise one clear error where a step's kind is missing, doubled or unknown."""
    if isinstance(value, Part):
        return value
    if not isinstance(value, dict):
        raise PydanticCustomError("step", "a step is a mapping; write {id: pause, wait: {for: 1d}}, for example")
    found = [field for field in value if field in KINDS]
    if len(found) > 1:
        message = "`{first}` and `{at}` are two kinds of step in one; make two steps of them"
        raise PydanticCustomError("step_kind", message, {"first": found[0], "at": found[1]})
    if not found:
        raise _no_kind(value)
    return value


def _no_kind(step: dict[str, Any]) -> PydanticCustomError:
    meant = ((name, get_close_matches(name, KINDS, 1)) for name in step if name not in {"id", "name", "next"})
    misspelt = next(((name, kinds[0]) for name, kinds in meant if kinds), None)
    if misspelt is None:
        message = "the step has no kind, it does nothing; add one of: {there}"
        return PydanticCustomError("step_kind", message, {"there": ", ".join(KINDS)})
    message = "`{at}` is no kind of step; write `{kind}`"
    return PydanticCustomError("step_kind", message, {"at": misspelt[0], "kind": misspelt[1]})


Step = Annotated[
    Annotated[WaitStep, Tag(tag("wait"))]
    | Annotated[WaitForStep, Tag(tag("wait_for"))]
    | Annotated[BranchStep, Tag(tag("branch"))]
    | Annotated[SplitStep, Tag(tag("split"))]
    | Annotated[SendStep, Tag(tag("send"))]
    | Annotated[UpdateStep, Tag(tag("update"))]
    | Annotated[EmitStep, Tag(tag("emit"))]
    | Annotated[RepeatStep, Tag(tag("repeat"))]
    | Annotated[CallStep, Tag(tag("call"))]
    | Annotated[ActivityStep, Tag(tag("activity"))]
    | Annotated[EnterStep, Tag(tag("enter"))]
    | Annotated[TaskStep, Tag(tag("task"))]
    | Annotated[ThrottleStep, Tag(tag("throttle"))]
    | Annotated[AudienceStep, Tag(tag("audience"))]
    | Annotated[EndStep, Tag(tag("end"))],
    Discriminator(kind_of_step),
    BeforeValidator(_check_kind),
]


class Definition(Part):
    """One journey. Published once, it is named by its hash and never changes (V1)."""

    journey: Annotated[str, Field(pattern=KEY, description="The journey's key", examples=["cart-abandonment"])]
    name: Annotated[str | None, Field(max_length=200)] = None
    description: Annotated[str | None, Field(max_length=2000)] = None
    topic: Topic = "marketing"
    time_zone: Annotated[
        str | None,
        Field(
            min_length=1, description="IANA zone for customers whose own is not known (W7)", examples=["Europe/Riga"]
        ),
    ] = None
    entry: Entry
    exit: Annotated[tuple[ExitRule, ...], Field(max_length=20)] = ()
    goals: Annotated[tuple[Goal, ...], Field(max_length=20)] = ()
    priority: Annotated[
        int, Field(ge=0, le=100, strict=True, description="Which message takes the last place under a cap (Q9)")
    ] = EXPECTED
    quiet_hours: QuietHours | None = None
    caps: Annotated[tuple[JourneyCap, ...], Field(max_length=MOST_CAPS)] = ()
    holdout: Annotated[Holdout | None, Field(description="Customers to whom this journey sends nothing (O7)")] = None
    pause: Annotated[Pause | None, Field(description="What becomes of steps that came due in a pause (V4)")] = None
    utm: Annotated[
        Utm | None, Field(description="Where it stands, links of its messages say where a visit came from")
    ] = None
    steps: Annotated[tuple[Step, ...], Field(max_length=200), *SOME]
    tests: Annotated[tuple[Case, ...], Field(max_length=200, description="`journeyman journey test` plays them")] = ()

    @field_validator("time_zone")
    @classmethod
    def _zone_is_known(cls, value: str | None) -> str | None:
        if value is not None and known_zone(value) is None:
            raise PydanticCustomError(
                "time_zone", "`{zone}` is no IANA time zone; write one such as `Europe/Riga`", {"zone": value}
            )
        return value

    @cached_property
    def _by_id(self) -> "dict[str, Step]":
        return {step.id: step for step in self.steps}

    @cached_property
    def _below(self) -> dict[str, str]:
        return {step.id: below.id for step, below in zip(self.steps, self.steps[1:], strict=False)}

    def step(self, step_id: str) -> Step:
        """The step with this id; `KeyError` where there is none."""
        return self._by_id[step_id]

    def has_step(self, step_id: str) -> bool:
        return step_id in self._by_id

    @property
    def first(self) -> Step:
        return self.steps[0]

    def after(self, step: Step) -> str | None:
        """Where a step goes on by itself: its `next`, else the step below; None is the end."""
        if step.next is not None:
            return None if step.next == "end" else step.next
        return self._below.get(step.id)

    def to_document(self) -> dict[str, Any]:
        """The document as JSON, in the author's words: what was not written is not there."""
        document: dict[str, Any] = self.model_dump(mode="json", by_alias=True, exclude_unset=True)
        return document

    @cached_property
    def hash(self) -> str:
        """The SHA-256 of the document's canonical JSON."""
        return hash_of(self.to_document())


def hash_of(document: dict[str, Any]) -> str:
    """The SHA-256 of a JSON document: sorted keys, no spaces, so that equal documents have equal hashes.

    Tests are about the journey and no part of it: one more makes no other version.
    """
    played = {key: part for key, part in document.items() if key != "tests"}
    text = json.dumps(played, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
