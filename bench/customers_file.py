"""A file of customers as a CRM writes it, of which exactly every hundredth row, at a random place, is bad."""

import csv
import hashlib
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from bench.segment_set import COUNTRIES, PLANS

COLUMNS = ("user_id", "email", "phone", "name", "country", "plan", "orders", "consent.email", "timestamp")
TRAITS = ("email", "phone", "name", "country", "plan", "orders")
EVERY = 100
"""Of so many rows one is bad."""
CONSENTS = ("yes", "no", "")
LATIN = b"Ren\xe9e"
"""A name in Latin-1, which is no UTF-8."""

BAD = (
    "the row names nobody: it has neither `user_id` nor `anonymous_id`",
    "`orders` is 'many', which is no number: ",
    "`consent.email` is 'perhaps', which is neither yes nor no",
    "/timestamp is not an ISO 8601 date and time ",
    "the row has 8 cells, the header has 9",
    "the row has 10 cells, the header has 9",
    "the row is not UTF-8 text; ",
    "The event is 40",
)
"""How the reason begins for which a row is rejected, by kind."""
BIG = len(BAD) - 1
BIG_EVERY = 400
"""A row that is too big has 40 KB: of so many bad rows only one is."""


@dataclass
class Expected:
    """What has to come of the file. `good` and `digest` speak of the rows that are good."""

    rows: int = 0
    good: int = 0
    digest: int = 0
    consents: dict[str, int] = field(default_factory=lambda: {"yes": 0, "no": 0})
    rejects: dict[int, str] = field(default_factory=dict)
    """How the reason begins, by the number of the row in the file, in the file's order."""


def digest(rows: Iterable[tuple[object, ...]]) -> int:
    """The same for the same rows in any order, and another one where a row is missing or there twice."""
    total = 0
    for row in rows:
        text = "\0".join(map(str, row)).encode()
        total += int.from_bytes(hashlib.blake2b(text, digest_size=8).digest())
    return total % 2**64


def write(path: Path, rows: int, seed: int = 7) -> Expected:
    """Write the file; customer n is `u<n>`."""
    expected = Expected(rows)
    with path.open("w", encoding="latin-1", newline="") as file:
        expected.digest = digest(_written(file, rows, random.Random(seed), expected))
    return expected


def _written(file: IO[str], rows: int, chance: random.Random, expected: Expected) -> Iterator[tuple[object, ...]]:
    """Writes row by row, and gives out what becomes of the good ones."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    place = 0
    for number in range(rows):
        if number % EVERY == 0:
            place = number + chance.randrange(EVERY)
        cells = _customer(number)
        if number == place:
            kind = _kind(len(expected.rejects))
            expected.rejects[number + 2] = BAD[kind]
            writer.writerow(_spoiled(cells, kind))
            continue
        writer.writerow(cells)
        expected.good += 1
        if cells[7]:
            expected.consents[cells[7]] += 1
        yield tuple(cells[:7])


def _customer(number: int) -> list[str]:
    day = f"20{20 + number % 5}-{1 + number % 12:02}-{1 + number % 28:02}T10:00:00Z"
    return [
        f"u{number}",
        f"u{number}@example.com",
        f"+49151{number:08}",
        f"Ann {number}, Riga",
        COUNTRIES[number % len(COUNTRIES)],
        PLANS[number % len(PLANS)],
        str(number % 50),
        CONSENTS[number % 3],
        day,
    ]


def _kind(number: int) -> int:
    """The kind of the bad row with this number among them."""
    return BIG if number % BIG_EVERY == BIG_EVERY // 10 else number % BIG


def _spoiled(cells: list[str], kind: int) -> list[str]:
    changed = {
        0: (0, ""),
        1: (6, "many"),
        2: (7, "perhaps"),
        3: (8, "32.13.2024"),
        6: (3, LATIN.decode("latin-1")),
        BIG: (3, "x" * 40_000),
    }
    if kind in changed:
        place, cell = changed[kind]
        return [*cells[:place], cell, *cells[place + 1 :]]
    return cells[:-1] if kind == 4 else [*cells, "one too many"]
