"""`journeyman up --demo`: a shop's month in two minutes, over the API that everybody uses."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
from rich.console import Console

from journeyman.cli.demo.clickstream import choose_visitors, read_clicks
from journeyman.cli.demo.pace import compress
from journeyman.cli.demo.player import Player, Ways
from journeyman.cli.demo.progress import showing
from journeyman.cli.demo.script import Script, write_script
from journeyman.cli.demo.story import tell_story
from journeyman.cli.documents import Document, read_folder
from journeyman.cli.errors import one_line
from journeyman.cli.plan import apply_plan, make_plan
from journeyman.cli.remote import Remote, connect
from journeyman.kit.errors import DomainError

SHOP = Path(__file__).resolve().parents[3] / "examples" / "shop"
LOOK_EVERY = 0.25
MAILS_SEEN = 100
# What is under way when the last event was played gets so many days to come to its end.
AFTERMATH_DAYS = 3.5


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the demo is played: the addresses of the API and of the mailbox's page, and the keys."""

    api: str
    mailbox: str
    keys: Mapping[str, str]


async def play_demo(stage: Stage, console: Console, seconds_per_day: float) -> None:
    """Play the shop's month and tell what came of it. What goes wrong is told in one line; `up` goes on."""
    try:
        async with (
            connect(stage.api, stage.keys["admin"]) as admin,
            connect(stage.api, stage.keys["ingest"]) as ingest,
            httpx.AsyncClient(base_url=stage.mailbox, trust_env=False) as client,
        ):
            await _play(Ways(ingest, admin), Mailbox(Remote(client), stage.mailbox), console, seconds_per_day)
    except* Exception as group:  # noqa: BLE001 - whatever it is, it is no reason to stop what runs
        error = group.exceptions[0]
        said = one_line(error) if isinstance(error, DomainError) else f"{type(error).__name__}: {error}"
        console.print(f"the demo ended early: {said}", markup=False, soft_wrap=True)


async def _play(ways: Ways, mailbox: "Mailbox", console: Console, seconds_per_day: float) -> None:
    script = write_script(choose_visitors(read_clicks()), seconds_per_day, f"{int(time.time()):x}")
    console.print(
        f"demo: {script.people} customers of a shop, {len(script.moments)} clicks of one month, at "
        f"1 day = {seconds_per_day:g} s; every duration in the journeys is shortened alike",
        soft_wrap=True,
    )
    await apply_plan(ways.admin, await make_plan(ways.admin, at_pace(read_folder(SHOP), seconds_per_day)))
    before = await mailbox.newest()
    watching = asyncio.create_task(mailbox.announce_first(before, console))
    try:
        with showing(console, script, seconds_per_day) as advance:
            await Player(ways, script, advance).play()
            await asyncio.sleep(AFTERMATH_DAYS * seconds_per_day)
    finally:
        watching.cancel()
    await _sum_up(ways, mailbox, console, script, before)


async def _sum_up(ways: Ways, mailbox: "Mailbox", console: Console, script: Script, before: int) -> None:
    for line in await tell_story(ways.admin, script.heroes):
        console.print(line, markup=False, soft_wrap=True)
    console.print(
        f"demo: played; {await mailbox.newest() - before} mails are in the mailbox at {mailbox.address}",
        soft_wrap=True,
    )


def at_pace(documents: list[Document], seconds_per_day: float) -> list[Document]:
    """The documents under the same keys, with durations at the pace of the demo."""
    return [
        Document(document.kind, document.key, compress(document.body, seconds_per_day))
        if document.kind == "journeys"
        else document
        for document in documents
    ]


class Mailbox:
    """The local mailbox, as its page shows it."""

    def __init__(self, remote: Remote, address: str) -> None:
        self._remote = remote
        self.address = address

    async def newest(self) -> int:
        """The number of the last mail that came; they are numbered one by one."""
        return int((await self._remote.get("/api/messages/count"))["newest"])

    async def announce_first(self, before: int, console: Console) -> None:
        """Wait for a mail after number `before`, and tell of it."""
        while await self.newest() <= before:  # noqa: ASYNC110 - the mailbox is another program
            await asyncio.sleep(LOOK_EVERY)
        mails = (await self._remote.get("/api/messages", limit=MAILS_SEEN))["items"]
        first = min((mail for mail in mails if mail["id"] > before), key=lambda mail: int(mail["id"]))
        console.print(f"first mail captured: “{first['subject']}” ({self.address})", markup=False, soft_wrap=True)
