"""Hand-overs to providers: our senders behind their route beside the bare client library, and the pace of a queue.

What the messages are handed to is a process of its own, the same for both sides of a round. The pace is that of a
channel's task queue, which the engine keeps over two workers.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiosmtplib
import smpp34
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.contracts import channel_queue
from bench.engine import Engine
from bench.figures import Figure, paired
from bench.processes import program
from journeyman.channels.addresses import From
from journeyman.channels.ports import Outgoing, OutgoingMail, OutgoingText
from journeyman.channels.providers.smpp.sender import SmppSender
from journeyman.channels.providers.smtp.sender import SmtpSender
from journeyman.channels.queues import ChannelQueue
from journeyman.channels.routing import Route, only
from journeyman.kit.clock import SystemClock
from workflows.fleet import channel_workers

Send = Callable[[int], Awaitable[None]]
CONNECTIONS = 8
WINDOW = 50
AT_ONCE = 64
TEXT = "Your cart waits for you, and so does your discount: https://shop.example/l/abcdef"
HTML = f"<html><body><p>{TEXT}</p></body></html>"
SHOP = "Shop <hello@shop.example>"
PACE = 50.0


async def measure(*, quick: bool) -> list[Figure]:
    rounds, mails, texts, paced = (1, 500, 2_000, 300) if quick else (5, 4_000, 16_000, 3_000)
    figures = []
    for name, opens, number in (("SMTP", (bare_mail, our_mail), mails), ("SMPP", (bare_text, our_text), texts)):
        floor, ours = [], []
        for _ in range(rounds):
            floor.append(await _rate(name.lower(), opens[0], number))
            ours.append(await _rate(name.lower(), opens[1], number))
        rate, bare_rate, ratio = paired(ours, floor)
        note = f"{rounds} rounds of {number:,}"
        figures.append(Figure(f"sends, {name}", "sends/s", rate, bare_rate, ratio, 0.5, note=note))
    off = abs(await pace(paced) / PACE - 1) * 100
    note = f"{paced:,} messages, {PACE:.0f} a second, two workers"
    return [*figures, Figure("sends, off their pace", "%", off, target=2.0, higher_is_better=False, note=note)]


async def _rate(kind: str, opens: Callable[[int], Any], number: int) -> float:
    """Messages a second, `AT_ONCE` of them under way at a time, from the first to the answer to the last."""
    with TemporaryDirectory() as folder:
        ready = Path(folder) / "port"
        with program(["-m", "bench.receivers", kind, str(ready)], ready, {}):
            async with opens(int(await asyncio.to_thread(ready.read_text))) as send:
                await send(0)
                began = time.perf_counter()
                await _all(send, number)
                return number / (time.perf_counter() - began)


async def _all(send: Send, number: int) -> None:
    left = iter(range(1, number + 1))

    async def some() -> None:
        for one in left:
            await send(one)

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))


@asynccontextmanager
async def bare_mail(port: int) -> AsyncIterator[Send]:
    """aiosmtplib as its documentation uses it, with as many connections as our sender has."""
    clients = [aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) for _ in range(CONNECTIONS)]
    free: asyncio.Queue[aiosmtplib.SMTP] = asyncio.Queue()
    for client in clients:
        await client.connect()
        free.put_nowait(client)

    async def send(number: int) -> None:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = SHOP, f"u{number}@example.com", "Your cart"
        mail.set_content(TEXT)
        mail.add_alternative(HTML, subtype="html")
        client = await free.get()
        await client.send_message(mail)
        free.put_nowait(client)

    yield send
    for client in clients:
        await client.quit()


@asynccontextmanager
async def our_mail(port: int) -> AsyncIterator[Send]:
    sender = SmtpSender(f"smtp://127.0.0.1:{port}", From.parse(SHOP), clock=SystemClock(), connections=CONNECTIONS)
    async with _ours(sender) as route:

        def message(number: int) -> Outgoing:
            return OutgoingMail(f"msg_{number:032x}", f"u{number}@example.com", "Your cart", HTML, TEXT)

        yield _through(route, message)


@asynccontextmanager
async def bare_text(port: int) -> AsyncIterator[Send]:
    """smpp34 as its documentation uses it, with the window of our sender."""
    client = smpp34.Client("127.0.0.1", port, "user", "secret", window_size=WINDOW, bind_type="TX")
    session = await client.connect()

    async def send(number: int) -> None:
        await session.submit_sm(f"491511{number:07d}", TEXT.encode(), source_addr="15005550006", registered_delivery=1)

    yield send
    await client.stop()


@asynccontextmanager
async def our_text(port: int) -> AsyncIterator[Send]:
    sender = SmppSender("127.0.0.1", port, "user", "secret", "+15005550006", SystemClock(), window=WINDOW)
    async with _ours(sender) as route:

        def message(number: int) -> Outgoing:
            return OutgoingText(f"msg_{number:032x}", f"+491511{number:07d}", TEXT)

        yield _through(route, message)


@asynccontextmanager
async def _ours(sender: Any) -> AsyncIterator[Route]:  # noqa: ANN401 - senders of any messages
    route = only(sender, SystemClock())
    yield route
    await route.close()


def _through(route: Route, message: Callable[[int], Outgoing]) -> Send:
    async def send(number: int) -> None:
        handed = await route.send(message(number), "marketing")
        if handed.accepted is None:
            raise RuntimeError(f"message {number} was not taken: {handed.error}")

    return send


@activity.defn(name="hand-over")
async def hand_over() -> float:
    return time.time()


@workflow.defn
class Paced:
    """One message on the queue of its channel."""

    @workflow.run
    async def run(self, queue: str) -> float:
        return await workflow.execute_activity(hand_over, task_queue=queue, start_to_close_timeout=timedelta(minutes=1))


async def pace(number: int) -> float:
    """Messages a second that two workers of a channel's queue take together, once the bucket of before is empty."""
    async with Engine() as engine:
        other = await Client.connect(engine.address, data_converter=pydantic_data_converter)
        lanes = {"sms": ChannelQueue(per_second=PACE)}
        queue = channel_queue("paced", "sms")
        async with Worker(
            engine.client, task_queue="paced", workflows=[Paced], workflow_runner=UnsandboxedWorkflowRunner()
        ):
            begun = [
                await engine.client.start_workflow(Paced.run, queue, id=f"paced-{one}", task_queue="paced")
                for one in range(number)
            ]
            workers = [
                worker
                for client in (engine.client, other)
                for worker in channel_workers(client, "paced", lanes, activities=[hand_over])
                if worker.task_queue == queue
            ]
            async with workers[0], workers[1]:
                times = sorted([await one.result() for one in begun])
    first = int(PACE) * 2
    return (len(times) - 1 - first) / (times[-1] - times[first])
