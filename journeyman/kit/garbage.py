"""How often Python looks for garbage that goes in circles."""

import gc

THRESHOLDS = (50_000, 20, 100)
"""New objects before the youngest are looked through, and how many such looks before the older ones are."""


def collect_rarely() -> None:
    """For processes that hold much and allocate much: workers, the API.

    What is there after the start stays, and is never looked through again. The stock thresholds would have every batch
    of events gone through hundreds of times, and every run in the worker's memory with them: a third of intake's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
