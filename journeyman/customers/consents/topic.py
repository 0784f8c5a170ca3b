"""A topic: what messages are about, as customers subscribe to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from journeyman.customers.consent import TRANSACTIONAL, Basis
from journeyman.language.channels import Channel

_TEXT = r"^[^\x00]*$"
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]


def _once(channels: list[Channel]) -> list[Channel]:
    return list(dict.fromkeys(channels))


class Translation(BaseModel):
    """A topic in another language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=200, pattern=_TEXT)]
    description: Annotated[str, Field(max_length=2000, pattern=_TEXT)] = ""


class TopicSettings(BaseModel):
    """A topic as the workspace sets it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[
        str, Field(min_length=1, max_length=200, pattern=_TEXT, description="As customers read it", examples=["News"])
    ]
    description: Annotated[str, Field(max_length=2000, pattern=_TEXT, description="As customers read it")] = ""
    channels: Annotated[
        list[Channel],
        AfterValidator(_once),
        Field(max_length=20, description="On which channels it may be written about; none named: on all"),
    ] = []
    marketing: Annotated[bool, Field(description="Whether it needs a yes; without, only a no to it counts")] = True
    basis: Annotated[Basis, Field(description="The legal basis of a yes that names none (GDPR, article 6)")] = "consent"
    double_opt_in: Annotated[bool, Field(description="Whether a yes has to be confirmed by a link in a mail")] = False
    translations: Annotated[dict[Language, Translation], Field(max_length=50, description="By language")] = {}


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic under its key."""

    key: str
    name: str
    description: str = ""
    channels: Sequence[str] = ()
    marketing: bool = True
    basis: Basis = "consent"
    double_opt_in: bool = False
    translations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    updated_at: datetime | None = None

    def name_in(self, language: str) -> str:
        return self.translations.get(language, {}).get("name") or self.name

    def description_in(self, language: str) -> str:
        return self.translations.get(language, {}).get("description") or self.description


def undefined(key: str) -> Topic:
    """What holds of a topic that nobody has set: it is marketing, unless it is the transactional one."""
    return Topic(key, key, marketing=key != TRANSACTIONAL)
