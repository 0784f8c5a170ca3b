"""A journey as one document: what the canvas draws, the API stores, a team keeps in git and the product runs."""

import hashlib
import json
from functools import cached_property
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from journeyman.language.document import KEY, Part, Topic
from journeyman.language.entry import STARTERS, STARTERS_NOT_YET, Entry, ExitRule, Goal
from journeyman.language.steps.branch import BranchStep
from journeyman.language.steps.end import EndStep
from journeyman.language.steps.send import SendStep
from journeyman.language.steps.update import UpdateStep
from journeyman.language.steps.wait import WaitStep
from journeyman.language.steps.wait_for import WaitForStep
from journeyman.language.zones import known_zone

KINDS = ("wait", "wait_for", "branch", "send", "update", "end")
KINDS_NOT_YET = ("split", "call", "activity", "audience", "emit", "enter", "task", "throttle", "repeat")


def kind_of_step(value: object) -> str | None:
    """Which step it is, told by the one key that names a kind."""
    fields = value.keys() if isinstance(value, dict) else type(value).model_fields if isinstance(value, Part) else ()
    found = [kind for kind in KINDS if kind in fields]
    return found[0] if len(found) == 1 else None


Step = Annotated[
    Annotated[WaitStep, Tag("wait")]
    | Annotated[WaitForStep, Tag("wait_for")]
    | Annotated[BranchStep, Tag("branch")]
    | Annotated[SendStep, Tag("send")]
    | Annotated[UpdateStep, Tag("update")]
    | Annotated[EndStep, Tag("end")],
    Discriminator(kind_of_step),
]


class Definition(Part):
    """One journey. Published once, it is named by its hash and never changes (V1)."""

    journey: Annotated[str, Field(pattern=KEY, description="The journey's key", examples=["cart-abandonment"])]
    name: Annotated[str | None, Field(max_length=200)] = None
    description: Annotated[str | None, Field(max_length=2000)] = None
    topic: Topic = "marketing"
    time_zone: Annotated[
        str | None, Field(description="IANA zone for customers whose own is not known (W7)", examples=["Europe/Riga"])
    ] = None
    entry: Entry
    exit: Annotated[tuple[ExitRule, ...], Field(max_length=20)] = ()
    goals: Annotated[tuple[Goal, ...], Field(max_length=20)] = ()
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=200)]

    @classmethod
    def not_yet(cls) -> frozenset[str]:
        return frozenset({"priority", "quiet_hours", "holdout", "caps", "tests", "versions"})

    @field_validator("entry", mode="before")
    @classmethod
    def _starter_is_there(cls, value: object) -> object:
        on = value.get("on") if isinstance(value, dict) else None
        if on in STARTERS_NOT_YET:
            raise PydanticCustomError(
                "not_yet",
                "starter `{on}` is not available yet; use one of: {there}",
                {"on": on, "there": _list(STARTERS)},
            )
        return value

    @field_validator("exit", "goals", mode="before")
    @classmethod
    def _rules_are_there(cls, value: object, info: ValidationInfo) -> object:
        for rule in value if isinstance(value, list | tuple) else ():
            on = rule.get("on") if isinstance(rule, dict) else "event"
            if on in {"attribute_change", "segment", "message", "date"}:
                raise PydanticCustomError(
                    "not_yet",
                    "`on: {on}` in `{field}` is not available yet; use `on: event`",
                    {"on": on, "field": info.field_name},
                )
        return value

    @field_validator("steps", mode="before")
    @classmethod
    def _kinds_are_there(cls, value: object) -> object:
        for step in value if isinstance(value, list | tuple) else ():
            if isinstance(step, dict):
                _check_kind(step)
        return value

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
    """The SHA-256 of a JSON document: sorted keys, no spaces, so that equal documents have equal hashes."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _list(words: tuple[str, ...]) -> str:
    return ", ".join(words)


def _check_kind(step: dict[str, Any]) -> None:
    """Raise one clear error where a step's kind is missing, doubled, unknown or not there yet."""
    step_id = str(step.get("id", "?"))
    for kind in KINDS_NOT_YET:
        if kind in step:
            raise PydanticCustomError(
                "not_yet",
                "step `{step}`: `{kind}` is not available yet; use one of: {there}",
                {"step": step_id, "kind": kind, "there": _list(KINDS)},
            )
    found = [kind for kind in KINDS if kind in step]
    if len(found) != 1:
        raise PydanticCustomError(
            "step_kind",
            "step `{step}` {what}; a step is one of: {there}",
            {
                "step": step_id,
                "what": f"is {' and '.join(found)} at once" if found else "has no kind",
                "there": _list(KINDS),
            },
        )
