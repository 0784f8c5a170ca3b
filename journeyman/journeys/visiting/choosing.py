"""Content of slots, chosen for a visitor."""

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.blocks import repository as blocks
from journeyman.channels.budget import budget
from journeyman.channels.content.lookups import LOOKUP
from journeyman.channels.languages import told_by
from journeyman.channels.making import harmless
from journeyman.channels.render_errors import RenderError
from journeyman.channels.rendering import liquid, with_blocks
from journeyman.customers import repository as customers
from journeyman.customers.profile.computed import public
from journeyman.journeys import facts
from journeyman.journeys.experiments.assignment import uniform
from journeyman.journeys.facts import Known
from journeyman.journeys.lookups.asking import LookupFailedError, Nobody, Source, look_up
from journeyman.journeys.lookups.messages import read_lookups
from journeyman.journeys.visiting import repository
from journeyman.journeys.visiting.slots import SlotArm, SlotContent, SlotDocument, read_slot, written
from journeyman.journeys.visiting.texts import (
    SlotTexts,
    blocks_of_slot,
    slot_faults,
    texts_of_slot,
    with_blocks_for,
)
from journeyman.journeys.visiting.visitors import Visitor, Visitors
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.errors import InvalidError, NotFoundError
from journeyman.language.evaluation import holds
from journeyman.language.facts import Facts
from journeyman.language.needs import Needs

log = logging.getLogger(__name__)

SHOWN_TO_NOBODY = "nobody"
"""Whose arm it is that somebody is shown of whom nothing at all is known."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a slot shows; `experiment` is the variant whose arms are compared, where `variant` is one of them."""

    slot: str
    variant: str
    experiment: str | None
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """A customer as slots see her: what is known, and by what her arms are drawn."""

    customer_id: str | None
    facts: Facts
    subject: str


@dataclass(frozen=True, slots=True)
class Pick:
    """What is to be shown in a slot, before it is rendered; `texts` are those of the content with their blocks."""

    slot: str
    variant: str
    experiment: str | None
    content: SlotContent
    customer_id: str | None
    texts: SlotTexts | None = None


class Slots:
    """Keeps slots, and fills them."""

    def __init__(
        self,
        database: Database,
        visitors: Visitors,
        clock: Clock,
        language: str | None = None,
        source: Source | None = None,
        connections: Collection[str] | None = None,
    ) -> None:
        """`language` is the workspace's own, `source` has the answers of other systems, known as `connections`."""
        self.database = database
        self.visitors = visitors
        self.clock = clock
        self.language = language
        self.source = source or Nobody()
        self.connections = connections

    async def save(self, key: str, document: object) -> repository.Kept:
        """Keep a slot from now on. Raises `InvalidError`."""
        read, now = read_slot(document), self.clock.now()
        async with self.database.transaction() as connection:
            if faults := await slot_faults(connection, read, self.connections):
                raise InvalidError("this slot has mistakes", faults)
            await repository.save(connection, key, written(read), now)
            await blocks.note_uses(connection, "slot", key, blocks_of_slot(read))
        return key, written(read), now

    async def get(self, key: str) -> repository.Kept:
        """Raises `NotFoundError`."""
        async with self.database.reading() as connection:
            found = await repository.find(connection, [key])
        if key not in found:
            raise NotFoundError(f"there is no slot `{key}`")
        return found[key]

    async def page(self, after: str | None, limit: int) -> list[repository.Kept]:
        async with self.database.reading() as connection:
            return await repository.after(connection, after, limit)

    async def drop(self, key: str) -> None:
        """Raises `NotFoundError`."""
        async with self.database.transaction() as connection:
            if not await repository.drop(connection, key):
                raise NotFoundError(f"there is no slot `{key}`")
            await blocks.note_uses(connection, "slot", key, ())

    async def fill(
        self, keys: Collection[str], context: Mapping[str, Any], who: Visitor | str
    ) -> dict[str, Chosen | None]:
        """What each slot shows to a visitor or to a customer who is named; None where it shows nothing.

        A slot that nobody has written shows nothing, so that a page may ask before there is one.

        Raises `UnprovenError`, and `NotFoundError` for a customer who is named and not there.
        """
        async with self.database.reading() as connection:
            found = await repository.find(connection, keys)
            slots = {key: read_slot(document) for key, document, _ in found.values()}
            seen = await self._seen(connection, who, slots.values(), context)
            picks = {key: await self._picked(connection, key, slot, seen) for key, slot in slots.items()}
        scope = {
            "customer": {"id": seen.customer_id, **seen.facts.attributes, "computed": public(seen.facts.computed)},
            "context": dict(context),
        }
        picked = [pick for pick in picks.values() if pick is not None]
        looked = await asyncio.gather(*(self._looked_up(pick, scope) for pick in picked))
        ready = [(pick, found) for pick, found in zip(picked, looked, strict=True) if found is not None]
        shown = await asyncio.to_thread(_filled, ready, scope)
        return {key: shown.get(key) for key in keys}

    async def _picked(self, connection: AsyncConnection, key: str, slot: SlotDocument, seen: Seen) -> Pick | None:
        pick = _choose(key, slot, seen)
        if pick is None:
            return None
        told = [*told_by(seen.facts.attributes), *([self.language] if self.language else [])]
        texts = texts_of_slot(slot, pick.content)
        return replace(pick, texts=await with_blocks_for(connection, texts, seen.facts, seen.customer_id, told))

    async def _looked_up(self, pick: Pick, scope: Mapping[str, object]) -> dict[str, Any] | None:
        """What the content looks up; None where it cannot be had, and the slot shows nothing."""
        if pick.texts is None or not pick.texts.lookups or not (lookups := read_lookups(pick.texts)):
            return {}
        try:
            return await look_up(lookups, scope, self.source)
        except LookupFailedError as error:
            log.warning("slot %s shows nothing: %s", pick.slot, error)
            return None

    async def _seen(
        self,
        connection: AsyncConnection,
        who: Visitor | str,
        slots: Collection[SlotDocument],
        context: Mapping[str, Any],
    ) -> Seen:
        now = self.clock.now()
        if isinstance(who, str):
            customer_id = await customers.resolve(connection, who)
            if customer_id is None:
                raise NotFoundError(f"there is no customer `{who}`")
        else:
            customer_id = await self.visitors.customer(connection, who)
        people = await customers.read_profiles(connection, [customer_id]) if customer_id is not None else []
        if not people:
            stranger = who.anonymous_id if isinstance(who, Visitor) else None
            bare = Known().facts({}, now)
            return Seen(None, _with(bare, context), stranger or SHOWN_TO_NOBODY)
        person = people[0].survivor
        known = await facts.load(connection, [person.id], _needs(slots), now)
        seen = known[person.id].facts(person.attributes, now, computed=person.computed, segments=person.segments)
        return Seen(person.id, _with(seen, context), person.id)


def _needs(slots: Collection[SlotDocument]) -> Needs:
    found = Needs()
    for slot in slots:
        found |= slot.needs
    return found


def _with(seen: Facts, context: Mapping[str, Any]) -> Facts:
    seen.context = context
    return seen


def _filled(picks: Sequence[tuple[Pick, dict[str, Any]]], scope: Mapping[str, object]) -> dict[str, Chosen | None]:
    return {pick.slot: _shown(pick, {**scope, LOOKUP: looked}) for pick, looked in picks}


def _shown(pick: Pick, scope: Mapping[str, object]) -> Chosen | None:
    """What a slot shows; nothing, with a word in the log, where its texts cannot be rendered for her: pages go on."""
    try:
        with budget():
            whole = with_blocks(pick.texts, scope) if pick.texts is not None else scope
            return Chosen(pick.slot, pick.variant, pick.experiment, _rendered(pick.content, whole))
    except RenderError as error:
        log.warning("slot %s shows nothing to %s: %s", pick.slot, pick.customer_id or "a stranger", error.detail)
        return None


def _choose(key: str, slot: SlotDocument, seen: Seen) -> Pick | None:
    variant = next((one for one in slot.variants if one.when is None or holds(one.when, seen.facts)), None)
    if variant is None or (variant.content is None and not variant.arms):
        return None
    if variant.content is not None:
        return Pick(key, variant.key, None, variant.content, seen.customer_id)
    arm = _drawn(variant.arms, f"{slot.salt or key}/{variant.key}", seen.subject)
    return Pick(key, arm.key, variant.key, arm.content, seen.customer_id)


def _drawn(arms: Sequence[SlotArm], salt: str, subject: str) -> SlotArm:
    """The arm of somebody: by chance that her id fixes, as in journeys (O3)."""
    place = uniform(salt, "arm", subject) * sum(arm.weight for arm in arms)
    for arm in arms:
        place -= arm.weight
        if place < 0:
            return arm
    return arms[-1]


def _rendered(content: SlotContent, scope: Mapping[str, object]) -> dict[str, Any]:
    """The content for somebody. Raises `RenderError`."""
    texts = {name: _text(getattr(content, name), scope) for name in ("title", "body")}
    links = {name: harmless(_text(getattr(content, name), scope)) for name in ("url", "image")}
    buttons = [{"label": _text(one.text, scope), "url": harmless(_text(one.url, scope))} for one in content.buttons]
    data = {name: _text(source, scope) for name, source in content.data.items()}
    return {**texts, **links, "buttons": buttons, "data": data}


def _text(source: str | None, scope: Mapping[str, object]) -> str | None:
    return liquid(source, escape=False).render(scope).strip() if source is not None else None
