"""A content in other words: the texts that it has in other languages take the place of its own."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import ValidationError

from journeyman.channels.content.blocks import ChannelContent
from journeyman.channels.content.parts import Content
from journeyman.channels.languages import looked_up, normal
from journeyman.kit.errors import Fault

C = TypeVar("C", bound=Content)
FIXED = frozenset({"channel", "language", "languages", "blocks", "lookups", "variants"})
"""What belongs to a content as a whole, so that no language changes it."""


def language_for(content: Content, wanted: Sequence[str]) -> str | None:
    """The language in which `content` speaks to somebody who reads `wanted`, the best first.

    Where it has none of these it is its own, which is None where it does not say.
    """
    own = [content.language] if content.language is not None else []
    return looked_up(wanted, [*content.languages, *own]) or content.language


def spoken(content: C, wanted: Sequence[str]) -> tuple[C, str | None]:
    """The content and its blocks for somebody who reads `wanted`, and the language that was chosen.

    Blocks speak the template's language where they have it, else one that she reads.
    """
    language = language_for(content, wanted)
    chosen = in_language(content, language)
    if isinstance(chosen, ChannelContent) and any(block.languages for block in chosen.blocks.values()):
        told = [language, *wanted] if language is not None else wanted
        blocks = {key: in_language(block, language_for(block, told)) for key, block in chosen.blocks.items()}
        chosen = chosen.model_copy(update={"blocks": blocks})
    return chosen, language


def in_language(content: C, language: str | None) -> C:
    """The content as that language has it."""
    given = content.languages.get(language) if language is not None else None
    if language is None or given is None:
        return content
    return type(content).model_validate(_spoken(content, language, given))


def language_faults(content: Content) -> list[Fault]:
    """What is wrong with the form of the other languages. What their texts say is looked at elsewhere."""
    faults = []
    tags = [normal(tag) for tag in [*content.languages, *([content.language] if content.language else [])]]
    if len(set(tags)) < len(tags):
        faults.append(Fault("/languages", "a language is there twice", "Keep one of them"))
    for tag, given in content.languages.items():
        if fixed := FIXED & given.keys():
            mend = "Set it for the whole template"
            faults += [Fault(f"/languages/{tag}/{name}", "a language cannot have it", mend) for name in sorted(fixed)]
            continue
        try:
            type(content).model_validate(_spoken(content, tag, given))
        except ValidationError as error:
            faults += [
                Fault("/".join(("/languages", tag, *map(str, problem["loc"]))), problem["msg"], "Correct the field")
                for problem in error.errors(include_url=False, include_context=False, include_input=False)
            ]
    return faults


def _spoken(content: Content, tag: str, given: Mapping[str, Any]) -> dict[str, Any]:
    own = content.document()
    gone = {"languages", "variants", *content.given_up_for(given)}
    kept = {name: part for name, part in own.items() if name not in gone}
    return {**kept, "language": tag, **content.adapted(tag, given), **given}
