"""Whom of the team to tell what, as the providers' file says."""

from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from pydantic_core import PydanticCustomError

NoticeKind = Literal["task", "campaign", "experiment", "provider"]
KINDS: tuple[NoticeKind, ...] = get_args(NoticeKind)


class NoticeTarget(BaseModel):
    """Some people, and what they want to hear of."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    to: Annotated[
        tuple[SecretStr, ...],
        Field(
            min_length=1, max_length=10, description="URLs of Apprise, such as `slack://…`, `mailto://…`, `json://…`"
        ),
    ]
    about: Annotated[
        tuple[NoticeKind, ...], Field(min_length=1, description="`task`, `campaign`, `experiment`, `provider`")
    ] = KINDS
    team: Annotated[str | None, Field(description="Of tasks, those of this team alone")] = None
    details: Annotated[bool, Field(description="Tasks with their title, which may name the customer")] = False

    @field_validator("to")
    @classmethod
    def _look_like_urls(cls, to: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if any("://" not in one.get_secret_value() for one in to):
            raise PydanticCustomError("notice", "this is no URL of Apprise; write it as `slack://…`")
        return to
