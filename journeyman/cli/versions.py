"""`journeyman journey publish`, `rollout`, `rollback`, `pause`, `resume`, `stop`: change a live journey, or hold it."""

import asyncio
import json
from collections.abc import Coroutine
from typing import Annotated, Any, Final

import typer

from journeyman.cli.remote import DEFAULT_URL, Key, Url, connect
from journeyman.cli.settings import AsJson
from journeyman.kit.errors import Fault, InvalidError

LOOK: Final = 0.5
"""Seconds between two looks at how far those inside are."""

Name = Annotated[str, typer.Argument(help="The journey's key.", metavar="KEY", show_default=False)]
Inside = Annotated[
    str, typer.Option(help="What those inside do: stay, next_step (when they leave their step), now, or exit.")
]
Map = Annotated[
    list[str] | None,
    typer.Option("--map", help="OLD=NEW: where who stands at OLD goes: a step, `exit` or `stay`. May be repeated."),
]
Share = Annotated[int, typer.Option(help="For how many percent of the customers this is first.", min=1, max=100)]
Wider = Annotated[int, typer.Argument(help="For how many percent it is now.", metavar="SHARE", show_default=False)]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Tell what would happen, and leave all as it is.")]
Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Stay until everybody inside was seen to.")]
Spread = Annotated[
    str | None, typer.Option(help="Within this time what is due goes on, as 1h; by default 50 a second do.")
]
Leaving = Annotated[str, typer.Option("--inside", help="What those inside do: finish, or exit now.")]
Before = Annotated[str, typer.Option("--from", help="A version's number; what newcomers take where it is left out.")]
After = Annotated[str, typer.Option("--to", help="A version's number, or draft.")]


def publish(
    name: Name,
    inside: Inside = "stay",
    way: Map = None,
    share: Share = 100,
    dry_run: DryRun = False,
    wait: Wait = True,
    url: Url = DEFAULT_URL,
    key: Key = "",
    as_json: AsJson = False,
) -> None:
    """Make the draft the version that newcomers take, and say what those inside do."""
    wish = {"inside": inside, "map": _ways(way or []), "share": share, "dry_run": dry_run}
    found = asyncio.run(_publish(name, wish, url, key, wait=wait))
    if as_json:
        print(json.dumps(found, indent=2))
        return
    made = found["publication"]
    done = "would be" if dry_run else "is"
    print(f"version {made['version']} of {name} {done} for {made['share']} % of the customers")
    print("\n".join(f"  {change}" for change in made["changes"]))
    for one in made["becoming"]:
        print(f"  {one['runs']:>8,} at {one['step']} of version {one['version']} -> {one['to'] or 'as soon as it can'}")
    _show(found["migration"])


def rollout(
    name: Name, share: Wider, wait: Wait = True, url: Url = DEFAULT_URL, key: Key = "", as_json: AsJson = False
) -> None:
    """Let more customers have the version that is tried; with 100 it is everybody's."""
    _tell(_moved(name, "rollout", {"share": share}, url, key, wait=wait), as_json=as_json)


def rollback(name: Name, wait: Wait = True, url: Url = DEFAULT_URL, key: Key = "", as_json: AsJson = False) -> None:
    """Back to the version before, and with it whoever was moved; once for each publication."""
    _tell(_moved(name, "rollback", {}, url, key, wait=wait), as_json=as_json)


def versions(name: Name, url: Url = DEFAULT_URL, key: Key = "", as_json: AsJson = False) -> None:
    """List the published versions, and how many are inside each."""
    found = asyncio.run(_get(f"/v1/journeys/{name}/versions", url, key))["items"]
    if as_json:
        print(json.dumps(found, indent=2))
        return
    for one in found:
        taken = "newcomers" if one["taken"] else f"{one['share']} % of newcomers" if one["share"] else ""
        print(f"{one['version']:>4}  {one['published_at']}  {one['inside']:>8,} inside  {taken}".rstrip())


def diff(
    name: Name,
    before: Before = "",
    after: After = "draft",
    url: Url = DEFAULT_URL,
    key: Key = "",
    as_json: AsJson = False,
) -> None:
    """Tell in words what is another in the draft, or in a version, than in one before."""
    found = asyncio.run(_difference(name, before, after, url, key))
    print(json.dumps(found, indent=2) if as_json else "\n".join(found["changes"]) or "nothing")


def pause(name: Name, url: Url = DEFAULT_URL, key: Key = "", as_json: AsJson = False) -> None:
    """Hold a journey: nothing is sent and no step is taken, who enters is held as well; timers run on, events count."""
    _turned(name, "pause", {}, url, key, as_json=as_json)


def resume(name: Name, spread: Spread = None, url: Url = DEFAULT_URL, key: Key = "", as_json: AsJson = False) -> None:
    """Let a paused journey go on in place."""
    _turned(name, "resume", {"spread": spread}, url, key, as_json=as_json)


def stop(
    name: Name, inside: Leaving = "finish", url: Url = DEFAULT_URL, key: Key = "", as_json: AsJson = False
) -> None:
    """Let nobody enter any more; publishing opens the journey again."""
    _turned(name, "stop", {"inside": inside}, url, key, as_json=as_json)


def _ways(given: list[str]) -> dict[str, str] | None:
    """Raises `InvalidError` for what is no way from one step to another."""
    found = {}
    for one in given:
        old, is_one, new = (part.strip() for part in one.partition("="))
        if not (old and is_one and new):
            fault = Fault("/map", f"`{one}` leads from no step to another", "write --map OLD=NEW")
            raise InvalidError("those inside cannot be treated like that", [fault])
        found[old] = new
    return found or None


async def _publish(name: str, wish: dict[str, Any], url: str, key: str, *, wait: bool) -> dict[str, Any]:
    async with connect(url, key) as remote:
        made = await remote.post(f"/v1/journeys/{name}/publish", wish)
        migration = None
        if made["migration"] is not None:
            path = f"/v1/journeys/{name}/migrations/{made['migration']}"
            migration = await remote.get(path)
            while wait and migration["state"] == "under_way":
                await asyncio.sleep(LOOK)
                migration = await remote.get(path)
    return {"publication": made, "migration": migration}


async def _moved(name: str, what: str, body: dict[str, Any], url: str, key: str, *, wait: bool) -> Any:  # noqa: ANN401 - any JSON value
    async with connect(url, key) as remote:
        found = await remote.post(f"/v1/journeys/{name}/{what}", body)
        while wait and found["state"] == "under_way":
            await asyncio.sleep(LOOK)
            found = await remote.get(f"/v1/journeys/{name}/migrations/{found['id']}")
        return found


async def _get(path: str, url: str, key: str) -> Any:  # noqa: ANN401 - any JSON value
    async with connect(url, key) as remote:
        return await remote.get(path)


async def _difference(name: str, before: str, after: str, url: str, key: str) -> Any:  # noqa: ANN401 - any JSON value
    async with connect(url, key) as remote:
        if not before:
            items = (await remote.get(f"/v1/journeys/{name}/versions"))["items"]
            before = next((str(one["version"]) for one in items if one["taken"]), "")
        if not before:
            raise InvalidError(f"journey `{name}` was never published, so that there is nothing to compare with")
        return await remote.get(f"/v1/journeys/{name}/diff", **{"from": before, "to": after})


def _tell(found: Coroutine[Any, Any, dict[str, Any]], *, as_json: bool) -> None:
    migration = asyncio.run(found)
    if as_json:
        print(json.dumps(migration, indent=2))
    else:
        _show(migration)


def _show(migration: dict[str, Any] | None) -> None:
    """What has become of those inside so far."""
    if migration is None:
        return
    print(f"{migration['id']}: {migration['state'].replace('_', ' ')}, {migration['taken']:,} runs taken")
    for one in migration["steps"]:
        print(f"  {one['runs']:>8,} at {one['step']} of version {one['version']}: {one['outcome']}")


def _turned(name: str, what: str, body: dict[str, Any], url: str, key: str, *, as_json: bool) -> None:
    async def turn() -> Any:  # noqa: ANN401 - any JSON value
        async with connect(url, key) as remote:
            return await remote.post(f"/v1/journeys/{name}/{what}", body)

    found = asyncio.run(turn())
    print(json.dumps(found, indent=2) if as_json else f"{name} is {found['state']}")
