"""The coupon pools that a journey names: there at publication, in step with its templates, and large enough."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.catalog.coupons import repository as coupons
from journeyman.channels import repository as channels
from journeyman.channels.content.asking import speaks_of
from journeyman.channels.content.every import content_of
from journeyman.customers.segments import repository as segments
from journeyman.kit.errors import Fault, InvalidError
from journeyman.language.definition import Definition
from journeyman.language.lint import Finding
from journeyman.language.references import coupons_of, templates_of
from journeyman.language.starters.schedule import ScheduleEntry


async def refuse_missing_pools(connection: AsyncConnection, definition: Definition) -> None:
    """Raises `InvalidError` for every pool that is not there, and every template that shows a coupon nobody brings."""
    named = coupons_of(definition)
    there = {one.key for one in await coupons.pools(connection, {pool for _, _, pool in named})} if named else set()
    faults = [
        Fault(f"/steps/{place}/send/coupon", f"step `{step}`: there is no coupon pool `{pool}`", "keep it first")
        for place, step, pool in named
        if pool not in there
    ]
    shown = await _shown(connection, definition)
    bringing = {place for place, _, _ in named}
    faults += [
        Fault(
            f"/steps/{place}/send/coupon",
            f"step `{step}`: the template `{template}` shows a coupon, and the step brings none",
            "add `coupon` and a pool, or name another template",
        )
        for place, step, template in templates_of(definition)
        if shown.get(template) and place not in bringing
    ]
    if faults:
        raise InvalidError("a coupon of the journey cannot be sent", faults)


async def lint_coupons(connection: AsyncConnection, definition: Definition) -> list[Finding]:
    """Codes that no message shows, and pools that are empty, expired or nearly so."""
    named = coupons_of(definition)
    if not named:
        return []
    shown = await _shown(connection, definition)
    kept = {one.key: one.pool for one in await coupons.pools(connection, {pool for _, _, pool in named})}
    free = {pool: await _free(connection, pool) for pool in kept}
    crowd = await _crowd(connection, definition)
    templates = {place: template for place, _, template in templates_of(definition)}
    found = []
    for place, step, pool in named:
        if shown.get(templates[place]) is False:
            detail = f"`{step}` takes a code of `{pool}`, and its template `{templates[place]}` does not show it"
            found.append(("coupon-not-shown", place, detail, "write `{{ coupon.code }}` into it, or take `coupon` out"))
        if pool in kept and free[pool] < crowd:
            detail = f"`{step}` takes codes of `{pool}`, of which {free[pool]:,} are free, for {crowd:,} customers"
            found.append(("few-coupons", place, detail, "bring more codes in"))
        elif pool in kept and free[pool] < (kept[pool].alert_below or 1):
            detail = f"`{step}` takes codes of `{pool}`, of which {free[pool]:,} are free"
            found.append(("few-coupons", place, detail, "bring more codes in"))
    return [
        Finding(code, definition.journey, f"/steps/{place}/send/coupon", detail, mend)
        for code, place, detail, mend in found
    ]


async def _free(connection: AsyncConnection, pool: str) -> int:
    return sum(states["free"] for states in (await coupons.counts(connection, pool)).values())


async def _crowd(connection: AsyncConnection, definition: Definition) -> int:
    """How many customers come in at once, as far as a segment tells that: 0 where one comes after the other."""
    entry = definition.entry
    if not isinstance(entry, ScheduleEntry) or entry.segment is None:
        return 0
    return (await segments.counts(connection, [entry.segment]))[entry.segment]


async def _shown(connection: AsyncConnection, definition: Definition) -> Mapping[str, bool]:
    """By key, whether the templates that the journey sends show a coupon, as far as they are there."""
    shown: dict[str, bool] = {}
    for template in sorted({key for _, _, key in templates_of(definition)}):
        row = await channels.find_whole(connection, template)
        if row is not None:
            shown[template] = speaks_of(content_of(row.body), "coupon")
    return shown
