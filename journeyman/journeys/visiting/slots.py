"""Slots: places on the shop's pages whose content is chosen for who is there.

A slot has variants. The first one whose condition holds is shown; one with arms is an experiment between contents, in
which everybody keeps her arm.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Self

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

from journeyman.channels.content.lookups import MOST_LOOKUPS, Lookup, LookupName
from journeyman.channels.liquid import Liquid
from journeyman.channels.render_errors import RenderError
from journeyman.customers.scope import run_scoped
from journeyman.kit.errors import Fault, InvalidError
from journeyman.language.conditions import Condition
from journeyman.language.document import KEY, Part
from journeyman.language.needs import Needs, needs
from journeyman.language.validation import problems_of

Text = Annotated[str, Field(min_length=1, max_length=5_000)]
Link = Annotated[str, Field(min_length=1, max_length=2_000)]
Word = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,64}$")]
ADDED: Final = frozenset({"key", "updated_at"})
"""What the API adds to the document."""


class SlotButton(Part):
    """Something to press."""

    text: Annotated[str, Field(min_length=1, max_length=100, description="Liquid")]
    url: Annotated[Link, Field(description="Liquid")]


class SlotContent(Part):
    """What is shown: plain texts and links, which the page shows in its own way. Each is Liquid."""

    title: Text | None = None
    body: Text | None = None
    url: Link | None = None
    image: Link | None = None
    buttons: Annotated[tuple[SlotButton, ...], Field(max_length=5)] = ()
    data: Annotated[Mapping[Word, Text], Field(max_length=50, description="Anything else, by name")] = Field(
        default_factory=dict
    )

    def sources(self) -> Iterator[tuple[str, str]]:
        """Every text of Liquid in it, each with its JSON pointer."""
        texts = {"title": self.title, "body": self.body, "url": self.url, "image": self.image}
        yield from ((f"/{name}", source) for name, source in texts.items() if source is not None)
        for place, button in enumerate(self.buttons):
            yield f"/buttons/{place}/text", button.text
            yield f"/buttons/{place}/url", button.url
        yield from ((f"/data/{name}", source) for name, source in self.data.items())


class SlotArm(Part):
    """One of the contents that are compared."""

    key: Annotated[str, Field(pattern=KEY)]
    weight: Annotated[float, Field(gt=0, le=1_000_000)] = 1.0
    content: SlotContent


class SlotVariant(Part):
    """What is shown to those of whom `when` holds; without it, to everybody who comes so far."""

    key: Annotated[str, Field(pattern=KEY)]
    when: Condition | None = None
    content: Annotated[SlotContent | None, Field(description="Either this or `arms`; neither shows nothing")] = None
    arms: Annotated[
        tuple[SlotArm, ...], Field(max_length=20, description="Contents that are compared, each shown to its share")
    ] = ()

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.content is not None and self.arms:
            raise PydanticCustomError("slot_variant", "a variant has either `content` or `arms`: keep one of them")
        if len({arm.key for arm in self.arms}) < len(self.arms):
            raise PydanticCustomError("slot_arms", "two arms have the same key: give each its own")
        return self

    @property
    def contents(self) -> Iterator[tuple[str, SlotContent]]:
        """Every content of it with its JSON pointer."""
        if self.content is not None:
            yield "/content", self.content
        yield from ((f"/arms/{place}/content", arm.content) for place, arm in enumerate(self.arms))


class SlotDocument(Part):
    """What `PUT /v1/slots/{key}` takes."""

    name: Annotated[str, Field(min_length=1, max_length=200, description="What people call it")]
    description: Annotated[str, Field(max_length=2_000)] = ""
    salt: Annotated[str | None, Field(max_length=64, description="Another one draws all arms anew")] = None
    variants: Annotated[tuple[SlotVariant, ...], Field(max_length=50)]
    lookups: Annotated[
        Mapping[LookupName, Lookup],
        Field(max_length=MOST_LOOKUPS, description="What is asked of other systems when a content shows it, by name"),
    ] = Field(default_factory=dict)

    @field_validator("variants")
    @classmethod
    def _there_is_one(cls, variants: tuple[SlotVariant, ...]) -> tuple[SlotVariant, ...]:
        if not variants:
            raise PydanticCustomError("slot_empty", "a slot needs a variant: write one, without `when` for everybody")
        return variants

    @model_validator(mode="after")
    def _every_variant_is_met(self) -> Self:
        if len({one.key for one in self.variants}) < len(self.variants):
            raise PydanticCustomError("slot_keys", "two variants have the same key: give each its own")
        if any(one.when is None for one in self.variants[:-1]):
            raise PydanticCustomError("slot_order", "a variant without `when` takes everybody: put it last")
        return self

    @property
    def needs(self) -> Needs:
        """What has to be known of a customer to choose."""
        found = Needs()
        for variant in self.variants:
            found |= needs(variant.when)
        return found


def read_slot(document: object) -> SlotDocument:
    """The slot that a document describes. Raises `InvalidError` with a fault for everything that is wrong."""
    if not isinstance(document, Mapping):
        raise InvalidError("this is no slot", [Fault("", "a slot is a mapping", "Write {name: …, variants: […]}")])
    try:
        slot = SlotDocument.model_validate({name: part for name, part in document.items() if name not in ADDED})
    except ValidationError as error:
        faults = [Fault(one.pointer, one.detail, one.mend) for one in problems_of(document, error)]
        raise InvalidError("this slot has mistakes", faults) from None
    if faults := [*_faults(slot)]:
        raise InvalidError("this slot has mistakes", faults)
    return slot


def written(slot: SlotDocument) -> dict[str, Any]:
    """The slot as JSON, as it was written."""
    return slot.model_dump(mode="json", by_alias=True, exclude_unset=True)


def _faults(slot: SlotDocument) -> Iterator[Fault]:
    for place, variant in enumerate(slot.variants):
        pointer = f"/variants/{place}"
        if variant.when is not None:
            # What the page says of itself stands for the context of a run.
            scoped = run_scoped(variant.when, f"{pointer}/when")
            yield from (fault for fault in scoped if not fault.pointer.endswith("/context"))
        for where, content in variant.contents:
            for field, source in content.sources():
                yield from _liquid_faults(f"{pointer}{where}{field}", source)


def _liquid_faults(pointer: str, source: str) -> Iterator[Fault]:
    try:
        read = Liquid(source, escape=False)
        if not read.blocks:
            read.render({})
    except RenderError as error:
        yield Fault(pointer, error.detail, error.mend)
