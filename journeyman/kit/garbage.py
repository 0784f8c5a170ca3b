"""How often Python looks for garbage that goes in circles."""

import gc

THRESHOLDS = (50_000, 3, 1)
"""New objects before the youngest are looked through, and how many such looks before the older ones are.

A run that leaves the worker's memory is a circle of some 230 objects that has long been old: were the oldest looked
through as rarely as the middle ones, dead runs would stay by the thousand (measured: 7,500 beside 1,000 live ones). All
are looked through only when those that have come to be old are a quarter of those that are, so that it costs the same
share however many runs a worker keeps.
"""


def collect_rarely() -> None:
    """For a worker, which holds much and allocates much.

    What is there after the start stays, and is never looked through again. The stock thresholds would have every batch
    of events gone through hundreds of times, and every run in the worker's memory with them: a third of intake's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
