"""A coupon pool as teams write it, and which of its tiers is for a customer (M6)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from journeyman.kit.errors import Fault, InvalidError
from journeyman.language.conditions import Condition
from journeyman.language.document import KEY, Part
from journeyman.language.evaluation import holds
from journeyman.language.facts import Facts
from journeyman.language.needs import Needs, needs
from journeyman.language.plain import foreign
from journeyman.language.validation import problems_of

SHOWN = frozenset({"key", "codes", "by_tier", "created_at", "updated_at"})
"""What the API adds to a pool's document."""
NO_TIER = ""
"""The tier of the codes of a pool that has none."""


class Tier(Part):
    """Codes for the customers for whom a condition holds."""

    key: Annotated[str, Field(pattern=KEY, description="Codes are brought in under it", examples=["lost"])]
    name: Annotated[str, Field(max_length=200)] = ""
    when: Annotated[
        Condition | None, Field(description="For whom it is; a tier without this is for everybody else, and the last")
    ] = None


class CouponPool(Part):
    """Codes of one kind, of which every run gets one at most."""

    name: Annotated[str, Field(min_length=1, max_length=200, description="What people call it")]
    tiers: Annotated[
        tuple[Tier, ...],
        Field(max_length=20, description="Kinds of codes; a customer gets one of the first whose condition holds"),
    ] = ()
    expires: Annotated[AwareDatetime | None, Field(description="From then on none of its codes is given")] = None
    alert_below: Annotated[
        int | None, Field(ge=1, description="`journeyman doctor` warns when fewer codes than these are free")
    ] = None

    @model_validator(mode="after")
    def _tiers_are_sound(self) -> Self:
        keys = [tier.key for tier in self.tiers]
        if len(keys) != len(set(keys)):
            raise PydanticCustomError("tier_keys", "two tiers have the same key; give each its own")
        if any(tier.when is None for tier in self.tiers[:-1]):
            raise PydanticCustomError("tier_order", "a tier without `when` is for all who are left; make it the last")
        return self

    @property
    def tier_keys(self) -> tuple[str, ...]:
        """Under which its codes stand."""
        return tuple(tier.key for tier in self.tiers) or (NO_TIER,)

    @property
    def needs(self) -> Needs:
        """What has to be known of a customer to tell her tier."""
        found = Needs()
        for tier in self.tiers:
            found |= needs(tier.when)
        return found

    def tier_of(self, facts: Facts) -> str | None:
        """The tier of the customer that `facts` describe; None where none is for her."""
        if not self.tiers:
            return NO_TIER
        return next((tier.key for tier in self.tiers if tier.when is None or holds(tier.when, facts)), None)

    def has_expired(self, at: datetime) -> bool:
        return self.expires is not None and self.expires <= at


def read_pool(document: object) -> CouponPool:
    """The pool that a document describes. Raises `InvalidError` with a fault for everything that is wrong."""
    strange = [Fault(_pointer(place), detail, mend) for place, detail, mend in foreign(document)]
    if not isinstance(document, Mapping):
        strange = [Fault("", "this must be a mapping", "write {name: …}")]
    if strange or not isinstance(document, Mapping):
        raise InvalidError("this is no coupon pool", strange)
    try:
        return CouponPool.model_validate({name: part for name, part in document.items() if name not in SHOWN})
    except ValidationError as error:
        faults = [Fault(problem.pointer, problem.detail, problem.mend) for problem in problems_of(document, error)]
        raise InvalidError("this coupon pool has mistakes", faults) from None


def written(pool: CouponPool) -> dict[str, Any]:
    """The pool as JSON, as it was written."""
    return pool.model_dump(mode="json", by_alias=True, exclude_unset=True)


def pool_schema(place: str) -> dict[str, Any]:
    """The JSON Schema of a pool; conditions are referred to at `place`, where a journey's are."""
    whole = CouponPool.model_json_schema(by_alias=True, ref_template=place)
    tier = whole["$defs"]["Tier"]
    del whole["$defs"]
    whole["properties"]["tiers"]["items"] = tier
    return whole


def _pointer(place: tuple[int | str, ...]) -> str:
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in place)
