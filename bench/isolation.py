"""One provider that does not answer, and what the others' customers notice of it.

Mails are timed from the event that is posted to their arrival: alone, and while hundreds of text messages hang at a
message centre that takes connections and says nothing.
"""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import yaml

from bench import shop
from bench.engine import Engine
from bench.figures import Figure, percentile
from bench.mailroom import Mailroom
from bench.processes import product_api, product_worker, program
from bench.reaction import PATIENCE, timed, waiting_journey
from journeyman.channels.content.text import TextContent
from journeyman.customers.inbox.repository import append
from journeyman.kit.database import Database
from journeyman.settings import Settings
from tests.builders import Shop, incoming, journey

HANGING = 300
"""Text messages under way: more than the channel has places."""
BLAST = {
    "name": "Blast",
    "entry": {"on": "event", "event": "Product Viewed"},
    "steps": [{"id": "tell", "send": {"channel": "sms", "template": "tell"}}],
}


async def measure(*, quick: bool) -> list[Figure]:
    count, warm = (30, 10) if quick else (200, 50)
    users = [f"u{number}" for number in range(2 * (warm + count))]
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        url, ready = shop.sqlite(folder), folder / "silent"
        await _furnish(url, users)
        async with Engine() as engine, Mailroom() as mailroom:
            with program(["-m", "bench.receivers", "silent", str(ready)], ready, {}):
                file = _providers(folder, mailroom.port, int(ready.read_text()))
                with (
                    product_worker(folder, url, engine.address, mailroom.url, JOURNEYMAN_PROVIDERS_FILE=str(file)),
                    product_api(url) as api,
                ):
                    alone, beside = await _timed(engine, mailroom, api.url, users, warm)
    return [_figure(hundredth, alone, beside) for hundredth in (50, 99)]


def _providers(folder: Path, mail: int, texts: int) -> Path:
    file = folder / "providers.yaml"
    sender = {"user": "shop", "password": "secret", "sender": "+15005550006"}
    document = {
        "providers": {
            "mail": {"provider": "smtp", "url": f"smtp://127.0.0.1:{mail}", "mail_from": "Shop <hello@shop.example>"},
            "texts": {"provider": "smpp", "host": "127.0.0.1", "port": texts, **sender},
        }
    }
    file.write_text(yaml.safe_dump(document))
    return file


async def _furnish(url: str, users: list[str]) -> None:
    database = Database(url)
    await shop.furnish(database, [waiting_journey()], users)
    made = Shop(database, datetime.now(UTC))
    await made.publish(journey("blast", **BLAST), template=TextContent(channel="sms", text="Your cart waits"))
    for number in range(HANGING):
        phone = {"phone": f"+49151123{number:05d}"}
        await append(database, [incoming("Identified", f"p{number}", kind="identify", traits=phone)], made.clock.now())
    await made.decide()
    for number in range(HANGING):
        await made.consent(f"p{number}", sms="yes")
    await database.close()


async def _timed(
    engine: Engine, mailroom: Mailroom, api_url: str, users: list[str], warm: int
) -> tuple[list[float], list[float]]:
    """Seconds from event to mail: alone, and beside the messages that hang."""
    async with httpx.AsyncClient(base_url=api_url) as http:
        await shop.post(http, [shop.track(user, "Product Added", f"add-{user}") for user in users])
        for user in users:
            await engine.until_waiting(f"journey/order-thanks/{user}", PATIENCE)
        half = len(users) // 2
        alone = [await timed(http, mailroom, user) for user in users[:half]]
        blast = [shop.track(f"p{number}", "Product Viewed", f"view-{number}") for number in range(HANGING)]
        await shop.post(http, blast)
        await engine.until_count("WorkflowId STARTS_WITH 'journey/blast/'", HANGING, PATIENCE)
        await engine.until_no_backlog(Settings().task_queue, PATIENCE)
        beside = [await timed(http, mailroom, user) for user in users[half:]]
    return alone[warm:], beside[warm:]


def _figure(hundredth: int, alone: list[float], beside: list[float]) -> Figure:
    floor, ours = percentile(alone, hundredth) * 1000, percentile(beside, hundredth) * 1000
    note = f"{len(beside)} mails; floor: alone, ours: beside {HANGING} texts that hang"
    target = 1.5 if hundredth == 99 else None
    name = f"reaction beside a channel that hangs p{hundredth}"
    return Figure(name, "ms", ours, floor, ours / floor, target, higher_is_better=False, note=note)
