"""`python -m bench.receivers smtp|smpp|silent READY`: what messages are handed to, as a process of its own.

It writes its port to the file READY. A mail server or a message centre that takes everything at once, or what takes
connections and never says a word.
"""

import asyncio
import sys
from pathlib import Path

import smpp34
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.parts.postgres import free_port


class Taking:
    """Takes every mail without a look at it."""

    async def handle_DATA(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        return "250 OK"


async def mail_server(ready: Path) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Taking(), enable_SMTPUTF8=True), "127.0.0.1", 0)
    await asyncio.to_thread(ready.write_text, str(server.sockets[0].getsockname()[1]))
    await server.serve_forever()


async def message_centre(ready: Path) -> None:
    port, taken = free_port(), 0
    server = smpp34.Server("127.0.0.1", port, system_id="centre")
    await server.start()
    await asyncio.to_thread(ready.write_text, str(port))
    while True:
        event = await server.next()
        if isinstance(event, smpp34.SubmitSmEvent):
            taken += 1
            event.accept(f"centre-{taken}")


async def silent(ready: Path) -> None:
    async def listen(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    await asyncio.to_thread(ready.write_text, str(server.sockets[0].getsockname()[1]))
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run({"smtp": mail_server, "smpp": message_centre, "silent": silent}[sys.argv[1]](Path(sys.argv[2])))
