"""`python -m api.mailbox`: a mailbox on this machine that catches what Journeyman sends."""

import argparse
import asyncio
import signal
import sys
from contextlib import suppress
from pathlib import Path
from types import FrameType

import uvicorn

from api.mailbox.app import HOST, create_app


def main() -> None:
    """Serve until SIGINT or SIGTERM; then finish what has arrived and end with 0."""
    parser = argparse.ArgumentParser(prog="python -m api.mailbox", description="Catch e-mail on this machine.")
    parser.add_argument("--smtp-port", type=int, default=1025, help="where mail is taken (default: 1025)")
    parser.add_argument("--port", type=int, default=8025, help="where the pages are (default: 8025)")
    parser.add_argument("--file", type=Path, default=Path(".journeyman/mailbox.db"), help="where mails are kept")
    parser.add_argument("--host", default=HOST, help="where both listen: a container's own network, else loopback")
    given = parser.parse_args()
    config = uvicorn.Config(
        create_app(given.file, given.smtp_port, given.host),
        host=given.host,
        port=given.port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    # uvicorn hands the signal on when everything is closed; then this process has ended as it should.
    signal.signal(signal.SIGTERM, _end)
    with suppress(KeyboardInterrupt):
        asyncio.run(server.serve())
    sys.exit(0 if server.started else 1)


def _end(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    main()
