"""What a piece of code costs by itself: in processor time, and without what the test process does beside it."""

import time
from collections.abc import Callable

TRIES = 3


def processor_seconds(work: Callable[[], object]) -> float:
    """The least processor time of three goes, in seconds: a collection of a large heap may fall into one of them."""
    return min(_once(work) for _ in range(TRIES))


def _once(work: Callable[[], object]) -> float:
    begun = time.thread_time()
    work()
    return time.thread_time() - begun
