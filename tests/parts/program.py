"""A small real program for the tests of the supervisor: it makes its ready file and waits for the end.

`python -m tests.parts.program FILE [--deaf] [--fail]`: `--deaf` ignores SIGTERM, `--fail` says why and ends with 3.
Every line of its log tells what it lived through.
"""

import signal
import sys
from pathlib import Path


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    file, *wishes = sys.argv[1:]
    say("started")
    if "--fail" in wishes:
        say("no luck today")
        sys.exit(3)
    wanted = {signal.SIGTERM, signal.SIGUSR1}
    signal.pthread_sigmask(signal.SIG_BLOCK, wanted)
    Path(file).touch()
    while True:
        if signal.sigwait(wanted) == signal.SIGTERM and "--deaf" not in wishes:
            say("ended in order")
            return


if __name__ == "__main__":
    main()
