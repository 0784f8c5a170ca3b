"""Runs that leave a worker's memory leave it for good, and those that stay are rarely looked through."""

import subprocess
import sys

KEPT, RUNS, BOUND = 1_000, 12_000, 2_500
"""Runs that a worker keeps, how many pass through it, and how many dead ones it may have beside them."""

PROGRAM = f"""
import gc, weakref
from collections import deque
from journeyman.kit.garbage import collect_rarely

class Run:
    def __init__(self):
        self.parts = [[self] for _ in range(230)]

collect_rarely()
looks, most, live = [], 0, weakref.WeakSet()
gc.callbacks.append(lambda phase, about: looks.append(about["generation"]) if phase == "stop" else None)
kept = deque(maxlen={KEPT})
for number in range({RUNS}):
    run = Run()
    kept.append(run)
    live.add(run)
    most = max(most, len(live) - len(kept))
print(most, looks.count(2))
"""


def test_dead_runs_do_not_pile_up_and_all_is_looked_through_rarely() -> None:
    said = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=60)
    most, looks = map(int, said.stdout.split())
    assert most <= BOUND
    assert looks <= RUNS / 400
