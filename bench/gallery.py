"""`python -m bench.gallery`: every journey of the gallery with a thousand customers, and whatever does not hold.

`--customers` plays another number, `--only` one journey. The exit code is 1 where anything is wrong.
"""

import argparse
import os
import sys
import time
from collections import Counter
from datetime import timedelta

from journeyman.bootstrap import simulation
from journeyman.cli.gallery import GALLERY
from journeyman.cli.simulations import read_with_stock
from journeyman.simulation.crowd import invent
from journeyman.simulation.parts import simulate_in_parts
from tests.builders import NOON
from tests.journeyman.simulation.holding import wrong

LASTS = timedelta(days=120)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.gallery", description=__doc__)
    parser.add_argument("--customers", type=int, default=1000)
    parser.add_argument("--only", help="the key of one journey")
    wishes = parser.parse_args()
    failed, began = 0, time.perf_counter()
    for file in sorted((GALLERY / "journeys").glob("*.yaml")):
        if wishes.only not in {None, file.stem}:
            continue
        definition, stock = read_with_stock(file)
        people = invent(definition, wishes.customers, NOON, LASTS)
        started = time.perf_counter()
        found = simulate_in_parts(simulation, definition, stock, people, NOON, LASTS, os.cpu_count() or 1)
        faults = list(wrong(definition, people, found.results, NOON + LASTS))
        messages = Counter(message.outcome for result in found.results for message in result.messages)
        runs = sum(len(result.runs) for result in found.results)
        seconds = time.perf_counter() - started
        said = ", ".join(f"{count} {outcome}" for outcome, count in messages.most_common())
        print(f"{file.stem:24} {seconds:5.0f} s  {runs:5} runs  {len(faults)} wrong  {said}", flush=True)
        print("".join(f"    {fault}\n" for fault in faults[:5]), end="", flush=True)
        failed += bool(faults)
    print(f"{failed} journeys of which something does not hold, in {time.perf_counter() - began:.0f} s")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
