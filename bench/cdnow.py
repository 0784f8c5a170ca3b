"""The purchases of CDNOW come in by the command, and what the API then knows of the customers is what pandas reckons.

    python -m bench.cdnow [--every N]

69,659 purchases of 23,570 customers, as the wheel of `lifetimes` brings them. A CSV file of them goes through
`journeyman import events` into a running `journeyman up`; once intake has decided everything, the API is asked for
each customer's computed attributes and RFM. With `--every` only every N-th customer is there.
"""

import argparse
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pandas as pd

from bench.cdnow_pandas import Quintiles, attributes, computed, purchases
from tests.parts.import_command import command
from tests.parts.up import ROOT, RunningUp

MAPPING = ("customer_id=user_id", "date=timestamp", "number_of_cds=quantity", "dollar_value=revenue")
QUIET_WITHIN = 900.0
"""Seconds within which intake has to have decided everything."""
CLOSE = 1e-6
"""What cut points may differ: a tenth of a second, a ten-thousandth of a cent."""
NOTED = 20
"""So many problems of one kind are told, and how many more there are."""

Document = dict[str, Any]


@dataclass
class Report:
    """What was found; `problems` is empty where everything is as pandas says."""

    purchases: int
    customers: int
    import_seconds: float = 0.0
    decided_seconds: float = 0.0
    """From the start of the import until intake had decided the last purchase."""
    reading_seconds: float = 0.0
    orders: int = 0
    """As the computed attributes of all customers add up; `cents` likewise."""
    cents: int = 0
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [
            f"{self.purchases:,} purchases of {self.customers:,} customers",
            f"import: {self.import_seconds:.1f} s, all decided after {self.decided_seconds:.1f} s",
            f"read: {self.reading_seconds:.1f} s, {self.orders:,} orders for {self.cents / 100:,.2f} dollars",
        ]
        return "\n".join([*lines, *(f"PROBLEM: {problem}" for problem in self.problems)])

    def note(self, problems: list[str]) -> None:
        more = len(problems) - NOTED
        self.problems += problems[:NOTED] + ([f"and {more:,} more of these"] if more > 0 else [])


@dataclass
class Answers:
    """What the API says: `standings` of everybody, and of each customer the computed attributes and the RFM."""

    standings: Document
    computed: dict[str, Document] = field(default_factory=dict)
    rfm: dict[str, Document] = field(default_factory=dict)
    """With `as_of`, the instant at which the scores were so."""


class Trial:
    """One import into a workspace of its own, which runs until `close`."""

    def __init__(self, folder: Path, every: int = 1) -> None:
        bought = purchases(every)
        self.expected = attributes(bought)
        self.report = Report(len(bought), len(self.expected))
        self.file = folder / "cdnow.csv"
        bought.to_csv(self.file, index=False)
        (folder / "data").mkdir()
        self.up = RunningUp(folder / "data")

    def close(self) -> None:
        self.up.kill()

    def bring_in(self) -> None:
        """Import the file over HTTP, and wait until every purchase is decided."""
        mapping = [text for pair in MAPPING for text in ("--map", pair)]
        where = ("--url", self.up.addresses["api"], "--key", self.up.keys["admin"])
        line, environment = command(
            "sqlite:///none", "events", str(self.file), "--event", "Order Completed", *mapping, *where
        )
        begun = time.monotonic()
        told = subprocess.run(line, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
        self.report.import_seconds = time.monotonic() - begun
        if told.stdout != f"{self.report.purchases:,} rows: {self.report.purchases:,} stored\n":
            self.report.note([f"the import says {told.stdout!r} and {told.stderr[-1000:]!r}"])
        self._wait_for_intake(begun + QUIET_WITHIN)
        self.report.decided_seconds = time.monotonic() - begun

    def _wait_for_intake(self, deadline: float) -> None:
        database = f"file:{self.up.data / 'journeyman.db'}?mode=ro"
        with closing(sqlite3.connect(database, uri=True, timeout=60)) as opened:
            while opened.execute("SELECT EXISTS (SELECT 1 FROM inbox)").fetchone() == (1,):
                if time.monotonic() > deadline:
                    raise TimeoutError(f"intake has not decided everything within {QUIET_WITHIN:.0f} s")
                time.sleep(0.1)

    def ask(self) -> Answers:
        """Have the cut points made, and ask the API for every customer."""
        begun = time.monotonic()
        headers = {"Authorization": f"Bearer {self.up.keys['admin']}"}
        with httpx.Client(base_url=self.up.addresses["api"], trust_env=False, timeout=60, headers=headers) as client:
            found = Answers(_json(client.post("/v1/rfm/compute")))
            for customer in self.expected.index:
                found.computed[customer] = _json(client.get(f"/v1/customers/{customer}"))["computed"]
                scores = _json(client.get(f"/v1/customers/{customer}/scores"))
                found.rfm[customer] = {**scores["rfm"], "as_of": scores["as_of"]}
        self.report.reading_seconds = time.monotonic() - begun
        return found

    def compare(self, answers: Answers) -> None:
        """Hold the answers against pandas."""
        report = self.report
        report.orders = sum(one["orders"] for one in answers.computed.values())
        report.cents = sum(round(one["revenue"] * 100) for one in answers.computed.values())
        report.note(self._wrong_attributes(answers))
        quintiles = Quintiles(self.expected, answers.standings["computed_at"])
        report.note(wrong_standings(quintiles, answers.standings))
        report.note(wrong_scores(quintiles, answers))

    def _wrong_attributes(self, answers: Answers) -> list[str]:
        return [
            f"customer {row.Index}: {difference}"
            for row in self.expected.itertuples()
            for difference in differences(answers.computed[row.Index], computed(row))
        ]


def differences(found: Document, wanted: Document) -> list[str]:
    """Where two documents are not the same."""
    names = sorted(name for name in found.keys() | wanted.keys() if found.get(name) != wanted.get(name))
    return [f"{name} is {found.get(name)!r}, not {wanted.get(name)!r}" for name in names]


def wrong_standings(quintiles: Quintiles, standings: Document) -> list[str]:
    """Where the workspace's cut points, and how many customers have which scores, are not what pandas says."""
    problems = [
        f"cut points of {measure} are {standings['cuts'][measure]}, not {cuts}"
        for measure, cuts in quintiles.shown.items()
        if any(abs(one - other) > CLOSE for one, other in zip(standings["cuts"][measure], cuts, strict=True))
    ]
    cells = quintiles.cells(standings["computed_at"])
    return problems if standings["cells"] == cells else [*problems, f"cells are {standings['cells']}, not {cells}"]


def wrong_scores(quintiles: Quintiles, answers: Answers) -> list[str]:
    """Whose scores were not what pandas says of the same instant: as time passes, recency falls."""
    instants = pd.Series({customer: one["as_of"] for customer, one in answers.rfm.items()})
    return [
        f"customer {row.Index}: {difference}"
        for row in quintiles.scores(instants).itertuples()
        for difference in differences(
            {score: answers.rfm[row.Index][score] for score in "rfm"}, {"r": row.r, "f": row.f, "m": row.m}
        )
    ]


def _json(answer: httpx.Response) -> Document:
    answer.raise_for_status()
    found: Document = answer.json()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.cdnow", description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="only every N-th customer")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, closing(Trial(Path(folder), given.every)) as trial:
        trial.bring_in()
        trial.compare(trial.ask())
        print(trial.report)
    sys.exit(1 if trial.report.problems else 0)


if __name__ == "__main__":
    main()
