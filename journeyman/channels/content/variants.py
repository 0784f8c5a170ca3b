"""A content for some: the first variant whose condition holds takes the place of what it has."""

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from journeyman.channels.content.blocks import ChannelContent
from journeyman.channels.content.parts import Content, ContentVariant
from journeyman.kit.errors import Fault
from journeyman.language.conditions import CONDITION, Condition
from journeyman.language.needs import Needs, needs
from journeyman.language.validation import problems_of

C = TypeVar("C", bound=Content)
Judge = Callable[[Condition], bool]
FIXED: Final = frozenset({"channel", "language", "blocks", "lookups", "variants"})
"""What belongs to a content as a whole, so that no variant changes it."""


def needs_of(content: Content) -> Needs:
    """What has to be known of a customer to choose among the variants of a content and of its blocks."""
    found = Needs()
    for part in (content, *(content.blocks.values() if isinstance(content, ChannelContent) else ())):
        for variant in part.variants:
            found |= needs(CONDITION.validate_python(variant.when))
    return found


def has_variants(content: Content) -> bool:
    """Whether anything has to be judged for it."""
    blocks = content.blocks.values() if isinstance(content, ChannelContent) else ()
    return bool(content.variants) or any(block.variants for block in blocks)


def picked(content: Content, judge: Judge) -> dict[str, str]:
    """The variants for a customer: the key of the content's own under `""`, those of its blocks under their keys."""
    blocks = content.blocks if isinstance(content, ChannelContent) else {}
    found = {"": _first(content, judge), **{key: _first(block, judge) for key, block in blocks.items()}}
    return {key: variant for key, variant in found.items() if variant is not None}


def varied(content: C, keys: dict[str, str]) -> C:
    """The content with its blocks in these variants; those it does not have are left out."""
    chosen = in_variant(content, keys.get(""))
    if isinstance(chosen, ChannelContent) and any(block.variants for block in chosen.blocks.values()):
        blocks = {key: in_variant(block, keys.get(key)) for key, block in chosen.blocks.items()}
        chosen = chosen.model_copy(update={"blocks": blocks})
    return chosen


def in_variant(content: C, key: str | None) -> C:
    """The content in one of its variants; in its other languages too, what the variant has stands before."""
    variant = next((one for one in content.variants if one.key == key), None)
    return content if variant is None else type(content).model_validate(_document(content, variant))


def variant_faults(content: Content) -> Iterator[Fault]:
    """What is wrong with the form of the variants. What their texts say is looked at elsewhere."""
    seen = set[str]()
    for place, variant in enumerate(content.variants):
        pointer = f"/variants/{place}"
        if variant.key in seen:
            yield Fault(f"{pointer}/key", f"there are two variants `{variant.key}`", "Give each a key of its own")
        seen.add(variant.key)
        for name in sorted(FIXED & variant.fields.keys()):
            yield Fault(f"{pointer}/{name}", "a variant cannot have it", "Set it for the whole template")
        yield from _form_faults(content, variant, pointer)


def _form_faults(content: Content, variant: ContentVariant, pointer: str) -> Iterator[Fault]:
    try:
        CONDITION.validate_python(variant.when)
    except ValidationError as error:
        for problem in problems_of(variant.when, error):
            yield Fault(f"{pointer}/when{problem.pointer}", problem.detail, problem.mend)
    if FIXED & variant.fields.keys():
        return
    try:
        type(content).model_validate(_document(content, variant))
    except ValidationError as error:
        for wrong in error.errors(include_url=False, include_context=False, include_input=False):
            yield Fault("/".join((pointer, *map(str, wrong["loc"]))), wrong["msg"], "Correct the field")


def _document(content: Content, variant: ContentVariant) -> dict[str, Any]:
    own, fields = content.document(), variant.fields
    gone = {*content.given_up_for(fields), *fields, "variants", "languages"}
    kept = {name: part for name, part in own.items() if name not in gone}
    tags = [*content.languages, *(tag for tag in variant.languages if tag not in content.languages)]
    languages = {
        tag: {name: part for name, part in content.languages.get(tag, {}).items() if name not in gone}
        | dict(variant.languages.get(tag, {}))
        for tag in tags
    }
    return {**kept, **fields, **({"languages": languages} if languages else {})}


def _first(content: Content, judge: Judge) -> str | None:
    holding = (one.key for one in content.variants if judge(CONDITION.validate_python(one.when)))
    return next(holding, None)
