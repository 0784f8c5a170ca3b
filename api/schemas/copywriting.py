"""Copy for templates: what is asked for, and what came."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from journeyman.channels.copywriting.voice import WRITTEN, Voice
from journeyman.channels.copywriting.wish import CopyWish, Variant

CopyRequestBody = CopyWish


class TakeRequest(BaseModel):
    """Where a proposal goes: into the template's own texts, or into a variant of it."""

    model_config = ConfigDict(extra="forbid")

    variant: Variant | None = None


class CopyFinding(BaseModel):
    """Something in a proposal."""

    code: str
    pointer: str = Field(description="The field or piece, or a JSON Pointer into the template")
    detail: str
    mend: str
    refuses: bool = Field(description="Whether nobody can take the proposal")


class Proposal(BaseModel):
    """Texts that came, by the name of their piece: a field, or `html_1`, `html_2` … for what stands between tags."""

    id: str
    texts: dict[str, str]
    findings: list[CopyFinding]
    state: Literal["offered", "refused", "taken"]
    taken_by: str | None = None
    taken_at: datetime | None = None
    draft_hash: str | None = Field(None, description="Of the draft that it was taken into")


class AskedItem(BaseModel):
    """What was asked, and what came."""

    id: str
    template_hash: str = Field(description="What the template was")
    wish: dict[str, Any]
    actor: str | None
    asked_at: datetime
    model: str
    prompt: str = Field(description="The version of the words that the model was told")
    outcome: str = Field(description="`answered`, or the code of the failure")
    calls: int
    tokens: int = Field(description="As the endpoint counts them, of all calls together")
    proposals: list[Proposal]


class TemplateDraft(BaseModel):
    """What a template becomes once somebody publishes it, with its content."""

    model_config = ConfigDict(extra="allow")

    key: str
    digest: str = Field(alias="hash", description="SHA-256 of the draft")
    made_of: str = Field(description="Hash of the template that the draft was made of")
    updated_at: datetime
    actor: str | None


def voice_schema() -> dict[str, Any]:
    """The brand's voice, with what the API adds to it."""
    schema = Voice.model_json_schema()
    for name in sorted(WRITTEN):
        schema["properties"][name] = {"type": ["string", "null"], "readOnly": True}
    return schema
