"""What a publication would do to those inside: counted before it happens, and refused where it cannot (V2)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import cast

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.journeys import repository as runs
from journeyman.journeys.migration import repository
from journeyman.journeys.migration.repository import Inside
from journeyman.journeys.migration.transfer import EXIT, STAY, lead
from journeyman.journeys.published import is_in_share
from journeyman.kit.errors import Fault, InvalidError
from journeyman.language.definition import Definition

INSIDE = ("stay", "next_step", "now", "exit")
LOOKED_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class Wish:
    """What an author wants of a publication for those inside, and for how many percent at first."""

    inside: str = "stay"
    map: Mapping[str, str] | None = None
    share: int = 100

    @property
    def ways(self) -> dict[str, str]:
        return dict(self.map or {})


def inside_of(wish: Wish) -> Inside:
    """The choice, once it is checked to be one."""
    return cast("Inside", wish.inside)


@dataclass(frozen=True, slots=True)
class Becoming:
    """So many runs stand at a step of a version and are to go to `to`: a step, `exit`, `stay`, or nowhere known."""

    version: int
    step: str
    runs: int
    to: str | None


def check(wish: Wish, definition: Definition) -> None:
    """Raises `InvalidError` for a wish that no journey could follow."""
    faults = []
    if wish.inside not in INSIDE:
        faults.append(Fault("/inside", f"`{wish.inside}` is none of the choices", f"write one of: {', '.join(INSIDE)}"))
    if wish.map and wish.inside not in {"now", "next_step"}:
        faults.append(Fault("/map", f"`inside: {wish.inside}` moves nobody", "take it out, or write `inside: now`"))
    targets = {*(step.id for step in definition.steps), EXIT, STAY}
    for old, new in wish.ways.items():
        if new not in targets:
            close = get_close_matches(new, targets, 1) or [STAY]
            faults.append(
                Fault(f"/map/{old}", f"there is no step `{new}` in the new version", f"write `{close[0]}`, for example")
            )
    if faults:
        raise InvalidError("those inside cannot be treated like that", faults)


def check_share(share: int, former: Definition | None, definition: Definition) -> None:
    """Raises `InvalidError` where a share cannot go first: nothing was before, or the door is another one."""
    if share >= 100:  # noqa: PLR2004 - percent
        return
    if former is None:
        fault = Fault("/share", "nothing was published before", "take `share` out")
        raise InvalidError("the first version is for everybody", [fault])
    if former.entry != definition.entry:
        mend = "publish the new `entry` for everybody first, and try steps, exits and goals with a share then"
        fault = Fault("/share", "`entry` is not what it is in the version before", mend)
        raise InvalidError("a share cannot come in by a door of its own", [fault])


async def becoming(
    connection: AsyncConnection, key: str, version: int, wish: Wish, definition: Definition
) -> list[Becoming]:
    """Where the runs would go, by version and step; exact, also where a share goes first."""
    found: Counter[tuple[int, str]] = Counter()
    after: repository.Place | None = None
    while page := await repository.live_page(connection, key, after, LOOKED_AT_ONCE):
        after = (page[-1][0], page[-1][1])
        for customer, _, _, on, step in page:
            if on != version and is_in_share(key, version, wish.share, customer):
                found[on, step or ""] += 1
    return [Becoming(*at, count, _to(wish, at[1], definition)) for at, count in sorted(found.items())]


def _to(wish: Wish, step: str, definition: Definition) -> str | None:
    if wish.inside in {"stay", "exit"}:
        return wish.inside
    return lead(step, wish.ways, definition)


async def refuse_lost(
    connection: AsyncConnection, key: str, wish: Wish, found: list[Becoming], former: Definition | None
) -> None:
    """Raises `InvalidError` where somebody stands at a step that leads nowhere, or the map names one that never was."""
    lost = [one for one in found if one.to is None and wish.inside == "now"]
    faults = [
        Fault(
            f"/map/{one.step}",
            f"{one.runs} runs stand at step `{one.step}` of version {one.version}, which the new version has not",
            f"write `{one.step}: <step>` into the map, or `{one.step}: exit`, or `{one.step}: stay`",
        )
        for one in lost
    ]
    faults += await _unknown(connection, key, wish, former)
    if faults:
        raise InvalidError("the map does not say where everybody goes", faults)


async def _unknown(connection: AsyncConnection, key: str, wish: Wish, former: Definition | None) -> list[Fault]:
    """Steps in the map that no version has had."""
    unknown = {old for old in wish.ways if former is None or not former.has_step(old)}
    if unknown:
        hashes = {digest for _, digest, _ in await repository.versions(connection, key)}
        for body in (await runs.definitions(connection, hashes)).values():
            unknown -= {step["id"] for step in body["steps"]}
    mend = "name a step of a version that somebody is in"
    return [Fault(f"/map/{old}", f"no version has had a step `{old}`", mend) for old in sorted(unknown)]
