"""Who is who: identifiers, merges and splits of a customer."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from journeyman.customers.identities.history import Identities, KnownAs, Merged

Kind = Annotated[
    str,
    Field(
        max_length=32,
        pattern=r"^(user_id|anonymous_id|email|phone|device|ext:[a-z0-9][a-z0-9._-]*)$",
        description="`user_id`, `anonymous_id`, `email`, `phone`, `device` or `ext:<source>`",
        examples=["anonymous_id"],
    ),
]
Text = Annotated[str, Field(min_length=1, max_length=512, pattern=r"^[^\x00]+$")]


class IdentifierName(BaseModel):
    """A kind and a value in its normal form."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    value: Text


class IdentifierKnown(BaseModel):
    """An identifier under which the customer came."""

    model_config = ConfigDict(from_attributes=True)

    kind: str
    value: str
    since: datetime
    source: str | None = Field(description="The message that brought it; null for those from before this was kept")
    shared_at: datetime | None = Field(description="Since when too many people hold it for it to lead to anybody")
    shared_with: int = Field(description="How many others came under it as well")
    leads_elsewhere: bool = Field(description="Whether it leads to another profile")

    @classmethod
    def of(cls, known: KnownAs) -> Self:
        return cls.model_validate(known)


class MergeShown(BaseModel):
    """Two profiles that became one."""

    loser: str
    survivor: str
    through: IdentifierName | None = Field(description="The identifier that showed it; null where somebody said so")
    source: str = Field(description="The message that said it")
    at: datetime
    names: list[IdentifierName] = Field(description="What the loser was known as")
    undone_at: datetime | None
    undone_by: str | None

    @classmethod
    def of(cls, merged: Merged) -> Self:
        names = [IdentifierName(kind=kind, value=value) for kind, value in sorted(merged.names)]
        through = IdentifierName(kind=merged.through[0], value=merged.through[1]) if merged.through else None
        return cls(
            loser=merged.loser,
            survivor=merged.survivor,
            through=through,
            source=merged.source,
            at=merged.at,
            names=names,
            undone_at=merged.undone_at,
            undone_by=merged.undone_by,
        )


class ApartShown(BaseModel):
    """Another profile from which the customer was split; no identifier merges the two again."""

    model_config = ConfigDict(from_attributes=True)

    customer: str
    at: datetime
    by: str


class IdentitiesFull(BaseModel):
    """Everything on record of who a customer is."""

    customer: str
    identifiers: list[IdentifierKnown]
    merges: list[MergeShown]
    apart_from: list[ApartShown]

    @classmethod
    def of(cls, found: Identities) -> Self:
        return cls(
            customer=found.customer,
            identifiers=[IdentifierKnown.of(one) for one in found.identifiers],
            merges=[MergeShown.of(one) for one in found.merges],
            apart_from=[ApartShown.model_validate(one) for one in found.apart_from],
        )


class MergeWish(BaseModel):
    """The customer who is the same person, and becomes this one."""

    model_config = ConfigDict(extra="forbid")

    customer: Text


class MergeAnswer(BaseModel):
    """The merge is decided in its order among all other events, within moments."""

    model_config = ConfigDict(from_attributes=True)

    id: str = Field(description="The event under which it is on the timeline")
    customer: str
    merged: str


class SplitWish(BaseModel):
    """The identifiers that belong to somebody else."""

    model_config = ConfigDict(extra="forbid")

    identifiers: Annotated[list[IdentifierName], Field(min_length=1, max_length=1000)]
    into: Text | None = Field(default=None, description="The former profile that gets them; null makes a new one")


class SplitAnswer(BaseModel):
    """What went where."""

    model_config = ConfigDict(from_attributes=True)

    customer: str
    split_off: str = Field(description="The profile that has the identifiers now")
    events: int
    runs: int
