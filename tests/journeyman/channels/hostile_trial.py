"""What a hostile template does to the process that meets it, measured in a process of its own.

`python -m tests.journeyman.channels.hostile_trial FIRST COUNT TRIES` tries so many of them and writes one line of
JSON for each, before the next one begins: where the process ends, the one after the last line did it.
"""

import gc
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from journeyman.channels.content.every import TemplateContent
from journeyman.channels.content_check import content_faults
from journeyman.channels.links import Links
from journeyman.channels.making import make
from journeyman.channels.ports import Outgoing
from journeyman.channels.render_errors import RenderError
from journeyman.channels.rendering import liquid
from journeyman.channels.templates import read_content
from journeyman.channels.tracking import Tokens
from journeyman.kit.errors import InvalidError
from tests.journeyman.channels.hostile_templates import Hostile, hostile

SECONDS_LIMIT: Final = 0.25
MEGABYTES_LIMIT: Final = 64
WRITTEN_LIMIT: Final = 2_000_000
"""Characters of a whole message."""
LEAKS: Final = ("<class ", "<function", "<bound method", " object at 0x", "__globals__'", "root:x:0", "<built-in")
LINKS: Final = Links(Tokens("s" * 32, "https://j.example"), "m1", marketing=True)
KIBIBYTES: Final = 1024
ADDRESSES: Final = 4 * 2**30


@dataclass(frozen=True, slots=True)
class Trial:
    """The worse of two looks, when it is saved and when it is sent: time, memory beyond what there was, outcome."""

    number: int
    kind: str
    outcome: str
    wall: float = 0.0
    """Seconds."""
    processor: float = 0.0
    """Seconds of the thread that renders."""
    megabytes: float = 0.0


def tried(one: Hostile, tries: int = 1) -> Trial:
    """What came of one of them; what takes too long on the wall is done so many times, and the median counts."""
    try:
        content = read_content(one.document)
    except InvalidError:
        return Trial(one.number, one.kind, "refused by its schema")
    outcome = ""
    walls, processors, megabytes = [], [], []
    for work in (lambda: _checked(content), lambda: _made(one, content)):
        gc.collect()
        Path("/proc/self/clear_refs").write_text("5")
        before = _memory("VmRSS")
        wall, processor, made = _timed(work)
        megabytes.append((_memory("VmHWM") - before) / KIBIBYTES)
        if wall > SECONDS_LIMIT:
            # A collection of garbage, or whoever else uses the machine, may have fallen into it.
            again = [(wall, processor), *(_timed(work)[:2] for _ in range(tries - 1))]
            wall, processor = (statistics.median(several) for several in zip(*again, strict=True))
        walls.append(wall)
        processors.append(processor)
        outcome = _judged(made)
    return Trial(
        one.number, one.kind, outcome, round(max(walls), 4), round(max(processors), 4), round(max(megabytes), 1)
    )


def _timed(work: Callable[[], object]) -> tuple[float, float, object]:
    """Seconds on the wall, seconds of the processor, and what was made, with nothing read beforehand."""
    liquid.cache_clear()
    begun, begun_here = time.perf_counter(), time.thread_time()
    made = work()
    return time.perf_counter() - begun, time.thread_time() - begun_here, made


def _checked(content: TemplateContent) -> str:
    return "refused when saved" if content_faults(content) else "saved"


def _made(one: Hostile, content: TemplateContent) -> Outgoing | str:
    try:
        return make(content, one.scope, LINKS, "m1", "ann@shop.example")
    except RenderError:
        return "stopped"


def _judged(made: object) -> str:
    """What came of it, where that is no message that should not be."""
    if isinstance(made, str):
        return made
    message = str(made)
    leaks = [leak for leak in LEAKS if leak in message]
    assert not leaks, leaks
    assert len(message) < WRITTEN_LIMIT, f"{len(message)} characters"
    return "rendered"


def _memory(name: str) -> int:
    """Kibibytes of this process, as the kernel counts them."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def trials(first: int, count: int, tries: int = 1) -> Iterator[Trial]:
    """The trials in a process of its own; the last one is an `ERROR` where that process ended before its time."""
    command = [sys.executable, "-m", "tests.journeyman.channels.hostile_trial", str(first), str(count), str(tries)]
    number = first
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            found = Trial(**json.loads(line))
            number = found.number + 1
            yield found
    if process.returncode:
        yield Trial(number, hostile(number).kind, f"ERROR the process ended with {process.returncode}")


def main() -> None:
    first, count, tries = (int(argument) for argument in sys.argv[1:])
    # Whatever goes wrong, the machine goes on.
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    tried(hostile(0))
    for number in range(first, first + count):
        try:
            found = tried(hostile(number), tries)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is reported
            found = Trial(number, hostile(number).kind, f"ERROR {type(error).__name__}: {str(error)[:200]}")
        sys.stdout.write(f"{json.dumps(asdict(found))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
