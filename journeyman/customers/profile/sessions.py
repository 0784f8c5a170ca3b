"""How many sessions, out of the smallest digests of their ids: exact up to `KEPT`, from there on an estimate.

The k-th smallest of n digests, as a share of all possible ones, is about k/n (Bar-Yossef et al. 2002, "Counting
distinct elements in a data stream", first algorithm). With 64 digests the standard error is 1/sqrt(62), 13 %.
"""

from bisect import bisect_left
from typing import Final

KEPT: Final = 64
SPACE: Final = 2**32


def note(digests: list[int], digest: int) -> bool:
    """Take a session's digest into the sorted list in place; whether that changed it."""
    place = bisect_left(digests, digest)
    if place == KEPT or (place < len(digests) and digests[place] == digest):
        return False
    digests.insert(place, digest)
    del digests[KEPT:]
    return True


def number(digests: list[int]) -> int:
    if len(digests) < KEPT:
        return len(digests)
    return round((KEPT - 1) * SPACE / (digests[-1] + 1))
