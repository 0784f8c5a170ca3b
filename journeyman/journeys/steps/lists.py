"""What `update` does to lists: tags in an attribute, and segments that are kept by hand."""

from typing import Any

from journeyman.customers.segments import repository
from journeyman.journeys.given import values
from journeyman.journeys.segmentation.judging import judge_each
from journeyman.journeys.segmentation.live import Move
from journeyman.journeys.segmentation.shelf import SegmentShelf
from journeyman.journeys.stage import Stage
from journeyman.language.facts import Facts
from journeyman.language.steps.update import Lists, Tags


def tagged(tags: Tags, facts: Facts) -> dict[str, Any]:
    """The attribute with its tags as they are to be; nothing where they are so already.

    Who had a single word there has a list of it now; anything that is neither is no list, and stays as it is.
    """
    before = facts.attributes.get(tags.attribute, [])
    if not isinstance(before, str | list):
        return {}
    kept = [before] if isinstance(before, str) else before
    gone = _given(tags.remove, facts)
    after = [tag for tag in kept if tag not in gone]
    after += [tag for tag in dict.fromkeys(_given(tags.add, facts)) if tag not in after]
    return {} if after == before else {tags.attribute: after}


def _given(given: tuple[Any, ...], facts: Facts) -> list[str]:
    """The tags as text; what a reference finds that is none is left out."""
    found = values({str(place): value for place, value in enumerate(given)}, facts).values()
    return [value for value in found if isinstance(value, str) and value]


class ListMoves:
    """Puts customers on segments that are kept by hand, and takes them off."""

    def __init__(self) -> None:
        self.shelf = SegmentShelf()

    async def move(self, stage: Stage, lists: Lists | None) -> dict[str, Any]:
        """Move the customer as far as she is not there yet; what of it the journal tells.

        A segment that is not there, or that a condition keeps, is left alone and named. No segment is locked: who
        changes one judges everybody afterwards, this customer too, who is locked until then.
        """
        if lists is None:
            return {}
        named = [*lists.add, *lists.remove]
        by_hand = {one.key for one in await repository.find(stage.connection, named) if one.condition is None}
        inside = set(stage.person.segments)
        joins = [key for key in dict.fromkeys(lists.add) if key in by_hand - inside]
        leaves = [key for key in dict.fromkeys(lists.remove) if key in by_hand & inside]
        if joins or leaves:
            await self._write(stage, joins, leaves)
        refused = sorted(set(named) - by_hand)
        return {"joined": joins, "left": leaves, **({"refused": refused} if refused else {})}

    async def _write(self, stage: Stage, joins: list[str], leaves: list[str]) -> None:
        live, at, person = await self.shelf.live(stage.connection), stage.scene.at, stage.person

        def judge(_person: object, seen: Facts) -> list[Move]:
            person.segments += joins
            person.segments = [key for key in person.segments if key not in leaves]
            person.is_changed = True
            moves = [Move(person, key, entered=key in joins, at=at, reason="hand") for key in (*joins, *leaves)]
            return [*moves, *live.follow(person, seen, "hand", [*joins, *leaves])]

        await judge_each(stage.connection, [person], live.needs, judge, at)
        stage.has_told = True
