"""What customers agreed to, with the proof."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from journeyman.customers.consent import Basis

FIRST_YEAR, LAST_YEAR = 1970, 9000


def _storable(at: datetime) -> datetime:
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise ValueError(f"the year is not between {FIRST_YEAR} and {LAST_YEAR}")
    return at.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_storable)]
Subject = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z0-9][a-z0-9_-]*$")]
Proof = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00]+$")]
Wording = Annotated[str, Field(max_length=5000, pattern=r"^[^\x00]*$")]
LegalBasis = Annotated[
    Basis | None, Field(description="GDPR, article 6(1); default: the topic's, else `consent`; a no has none")
]
Ends = Annotated[Moment | None, Field(description="When a yes ends by itself; from then on it counts as none")]


class ConsentWish(BaseModel):
    """What a customer said, and the proof of it."""

    model_config = ConfigDict(extra="forbid")

    status: Literal["yes", "no"]
    source: Proof = Field(default="api", description="How the customer said it: a form, a call, an import")
    wording: Wording | None = Field(default=None, description="What the customer read when she said it")
    basis: LegalBasis = None
    expires_at: Ends = None
    double_opt_in: bool | None = Field(
        default=None,
        description="Whether a mail asks the customer to confirm a yes, which is `pending` until she has; "
        "default: as the topic or the workspace has it",
    )


ConsentWishes = Annotated[dict[Subject, ConsentWish], Field(min_length=1, max_length=50)]


class ConsentsNow(BaseModel):
    """Everything that the customer has said so far, by channel or topic."""

    model_config = ConfigDict(from_attributes=True)

    consents: dict[str, str]
    confirmation: str | None = Field(
        default=None,
        description="Where a yes has to be confirmed: `requested`, a mail is on its way; `too_often`, enough of them "
        "were sent; `suppressed`, the address is not written to",
    )


class ConsentProof(BaseModel):
    """One statement of a customer, with its proof."""

    model_config = ConfigDict(from_attributes=True)

    subject: str = Field(description="A channel or a topic")
    status: str = Field(description="`yes`, `no`, `pending` until it is confirmed, or `expired`")
    since: datetime = Field(validation_alias="at", description="When it was said")
    basis: str | None
    source: str = Field(description="How it was said")
    actor: str = Field(description="Who recorded it")
    wording: str | None = Field(description="What the customer read when she said it")
    expires_at: datetime | None
    recorded_at: datetime | None = Field(description="When it was written down")


class ConsentStatement(BaseModel):
    """What a customer said at a time, as another system has kept it."""

    model_config = ConfigDict(extra="forbid")

    customer: Annotated[str, Field(min_length=1, max_length=512, pattern=r"^[^\x00]+$", description="Any of her ids")]
    subject: Subject
    status: Literal["yes", "no"]
    at: Annotated[Moment, Field(description="When she said it")]
    source: Proof
    wording: Wording | None = None
    basis: LegalBasis = None
    expires_at: Ends = None


class ConsentBatch(BaseModel):
    """Statements to take over, in any order."""

    model_config = ConfigDict(extra="forbid")

    items: Annotated[list[ConsentStatement], Field(min_length=1, max_length=1000)]


class RefusedStatement(BaseModel):
    """A statement that was not taken."""

    model_config = ConfigDict(from_attributes=True)

    index: int = Field(description="Its place in the batch, counted from 0")
    detail: str


class ConsentsTaken(BaseModel):
    """What became of a batch."""

    model_config = ConfigDict(from_attributes=True)

    applied: int = Field(description="Hold now")
    kept: int = Field(description="Are kept as proof and change nothing: something newer is known, or the same")
    known: int = Field(description="Were taken before")
    refused: list[RefusedStatement]
