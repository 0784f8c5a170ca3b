"""Conditions that stand for others: they are shorter to write, and mean exactly what `spelled_out` says."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any, Final, Literal, Self, get_args

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from journeyman.language.kinds import tag
from journeyman.language.nodes import Node
from journeyman.language.values import LONGEST_TEXT, check_some

Spelled = dict[str, Any]

Device = Literal["mobile", "tablet", "desktop", "tv", "watch"]
Stage = Literal["lead", "new", "active", "returning", "at-risk", "lost"]
STAGES: Final[tuple[Stage, ...]] = get_args(Stage)


class Defined(Node):
    """A condition that stands for another."""

    @property
    def spelled_out(self) -> Spelled:
        """The condition that it stands for, as a document."""
        raise NotImplementedError


_SOME: Final = BeforeValidator(check_some)


def _one_or_several(value: object) -> str:
    return tag("several" if isinstance(value, list | tuple) else "one")


class DeviceCondition(Defined):
    """Which device the customer uses most, as far as her events tell."""

    kind = "device"
    device: Annotated[
        Annotated[Device, Tag(tag("one"))] | Annotated[tuple[Device, ...], _SOME, Tag(tag("several"))],
        Discriminator(_one_or_several),
        Field(description="The device, or several of which it is one", examples=["mobile"]),
    ]

    @property
    def spelled_out(self) -> Spelled:
        return {"computed": "favourite_device", "in": _several(self.device)}


_Text = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT, strict=True)]
_Texts = Annotated[
    Annotated[_Text, Tag(tag("one"))] | Annotated[tuple[_Text, ...], _SOME, Tag(tag("several"))],
    Discriminator(_one_or_several),
]

PLACES: Final[Mapping[str, Sequence[str]]] = {
    "country": ("address.country", "country"),
    "region": ("address.state", "address.region", "state", "region"),
    "city": ("address.city", "city"),
}
"""Where a profile may say it: the first that is some text counts (Segment's spec keeps the address as one trait)."""


class Whereabouts(Node):
    """Parts of an address, all of which have to be so."""

    country: Annotated[_Texts | None, Field(description="ISO 3166-1, in either case", examples=["PL"])] = None
    region: Annotated[_Texts | None, Field(description="State, province or region")] = None
    city: Annotated[_Texts | None, Field(examples=["Warsaw"])] = None

    @model_validator(mode="after")
    def _some_part(self) -> Self:
        if not self.wanted:
            raise PydanticCustomError("place", "this names no place; write {country: PL}, for example")
        return self

    @cached_property
    def wanted(self) -> dict[str, list[str]]:
        """The parts that are asked for, each with the texts of which it is one."""
        given = {"country": self.country, "region": self.region, "city": self.city}
        found = {part: _several(texts) for part, texts in given.items() if texts is not None}
        if "country" in found:
            found["country"] = sorted({form for code in found["country"] for form in (code.upper(), code.lower())})
        return found


class PlaceCondition(Defined):
    """Where the customer lives, as far as her profile says."""

    kind = "place"
    place: Annotated[Whereabouts, Field(examples=[{"country": "PL"}])]

    @property
    def spelled_out(self) -> Spelled:
        return {"all": [{"any": list(_ladder(PLACES[part], texts))} for part, texts in self.place.wanted.items()]}


def _ladder(paths: Sequence[str], texts: list[str]) -> Iterator[Spelled]:
    """One of the texts at one of the paths, and no text at those before it."""
    for rung, path in enumerate(paths):
        silent = [{"not": {"attribute": before, "gt": ""}} for before in paths[:rung]]
        yield {"all": [*silent, {"attribute": path, "in": texts}]}


def _several(given: str | Sequence[str]) -> list[str]:
    return [given] if isinstance(given, str) else list(given)


class LifecycleCondition(Defined):
    """At which stage of her life as a buyer the customer is; everybody is at exactly one."""

    kind = "lifecycle"
    lifecycle: Annotated[Stage, Field(description="The stage", examples=["at-risk"])]

    @property
    def spelled_out(self) -> Spelled:
        return _STAGES[self.lifecycle]


def _orders(**bounds: float) -> Spelled:
    return {"computed": "orders", **bounds}


def _ordered_since(ago: str) -> Spelled:
    return {"computed": "last_order_at", "after": {"ago": ago}}


_HAS_ORDERED: Final = _orders(gte=1)
_NEW: Final = {"all": [_orders(equals=1), _ordered_since("30d")]}
# One order in 210 days, of which the last 30 have it: there was none for 180 days before it.
_RETURNING: Final = {
    "all": [_orders(gte=2), _ordered_since("30d"), {"event": "Order Completed", "within": "210d", "count": {"lte": 1}}]
}
_STAGES: Final[dict[Stage, Spelled]] = {
    "lead": {"not": _HAS_ORDERED},
    "new": _NEW,
    "active": {"all": [_HAS_ORDERED, _ordered_since("90d"), {"not": _NEW}, {"not": _RETURNING}]},
    "returning": _RETURNING,
    "at-risk": {"all": [_HAS_ORDERED, _ordered_since("180d"), {"not": _ordered_since("90d")}]},
    "lost": {"all": [_HAS_ORDERED, {"not": _ordered_since("180d")}]},
}
