"""A supervisor of one small program as a process of its own, so that a test can kill it.

`python -m tests.parts.supervising FOLDER` says `ready` when the part is, and then waits.
"""

import asyncio
import sys
from pathlib import Path

from journeyman.cli import probes
from journeyman.cli.state import DataFolder
from journeyman.cli.supervisor import Part, Supervisor
from tests.parts.program import say


async def supervise(folder: DataFolder) -> None:
    marker = folder.run / "part.ready"
    command = [sys.executable, "-m", "tests.parts.program", str(marker), "--deaf"]
    supervisor = Supervisor([Part("part", command, probes.file(marker), stale=marker)], folder, say)
    await supervisor.start()
    say("ready")
    await supervisor.watch()


def main() -> None:
    folder = DataFolder(Path(sys.argv[1]))
    with folder.locked():
        folder.prepare()
        asyncio.run(supervise(folder))


if __name__ == "__main__":
    main()
