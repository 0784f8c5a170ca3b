"""CDNOW's customers of 1997, from the wheel `lifetimes` (MIT; data free from B. Hardie), read where it is installed."""

import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from journeyman.intelligence.purchases.histories import Floats, Repeats, repeats

FOLDER = Path(sys.prefix) / "share/journeyman-data/lifetimes/datasets"
CUT = np.datetime64("1997-09-30")


@dataclass(frozen=True)
class Sample:
    """The tenth of the customers that the papers use: 39 weeks to learn from, 39 weeks to be foretold."""

    known: Repeats
    later: Floats
    mean: Floats
    """What a repeat order of the first 39 weeks was worth on average, 0 without any."""


@cache
def sample() -> Sample:
    rows = [line.split() for line in (FOLDER / "CDNOW_sample.txt").read_text().splitlines() if line.strip()]
    ids = np.array([row[1] for row in rows])
    days = np.array([f"{row[2][:4]}-{row[2][4:6]}-{row[2][6:]}" for row in rows], dtype="datetime64[D]")
    values = np.array([float(row[4]) for row in rows])
    x, last, age, later, mean = [], [], [], [], []
    for customer in np.unique(ids):
        mine, spent = days[ids == customer], values[ids == customer]
        order_days = np.unique(mine)
        first, before = order_days[0], order_days[order_days <= CUT]
        x.append(len(before) - 1)
        last.append((before[-1] - first).astype(float) / 7)
        age.append((CUT - first).astype(float) / 7)
        later.append(len(order_days) - len(before))
        again = (mine > first) & (mine <= CUT)
        mean.append(spent[again].sum() / max(x[-1], 1))
    known, left_out = repeats(x, last, age)
    assert left_out == 0
    return Sample(known, np.array(later, dtype=float), np.array(mean))
