"""Many customers out of one file, and the import killed with SIGKILL on the way: nobody lost, nobody twice.

    python -m bench.imports --rows 1000000 --kills 2

Every hundredth row is bad. `journeyman import customers` runs as a process on a terminal, is killed at random places
and started again with the same arguments; then `journeyman up` decides what came in. At the end every good row has to
be a customer once, with all that the row says, and every bad one in the rejects once, with its reason. On SQLite.
"""

import argparse
import csv
import random
import re
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench import customers_file
from bench.customers_file import TRAITS, Expected
from journeyman.kit.migrations import upgrade
from tests.parts.import_command import Frame, ImportCommand, number, rows_done
from tests.parts.up import RunningUp

MEMORY_MB = 256
"""More than this an import never has, however long the file is."""
COUNTS_EVERY = 20_000
"""Rows: of so many, at least one count has to be seen on the terminal."""
QUIET_WITHIN = 1800.0
"""Seconds within which intake has to have decided everything."""
SUM = re.compile(r"([\d,]+) rows: ([\d,]+) stored(?:, ([\d,]+) were there already)?(?:, ([\d,]+) rejected)?")
_BY_TRAIT = ", ".join(f"json_extract(attributes, '$.{trait}')" for trait in TRAITS)
CUSTOMERS = f"SELECT id, {_BY_TRAIT} FROM customers WHERE merged_into IS NULL"  # noqa: S608 - our own names
COUNTS = {
    "customers": "SELECT count(*) FROM customers",
    "user ids": "SELECT count(*) FROM identifiers WHERE kind = 'user_id' AND value = customer_id",
    "e-mails": "SELECT count(*) FROM identifiers WHERE kind = 'email' AND value = customer_id || '@example.com'",
    "events": "SELECT count(*) FROM events",
    "customers with events": "SELECT count(DISTINCT customer_id) FROM events",
    "attribute changes": "SELECT count(*) FROM attribute_changes",
    "attributes that changed": "SELECT count(*) FROM (SELECT DISTINCT customer_id, attribute FROM attribute_changes)",
    "yes": "SELECT count(*) FROM consents WHERE subject = 'email' AND status = 'yes'",
    "no": "SELECT count(*) FROM consents WHERE subject = 'email' AND status = 'no'",
    "consent changes": "SELECT count(*) FROM consent_changes",
    "runs": "SELECT count(*) FROM runs",
    "in quarantine": "SELECT count(*) FROM quarantine",
    "left in the inbox": "SELECT count(*) FROM inbox",
}


@dataclass
class Report:
    """What was found at the end; `problems` is empty where every row is where it belongs, once."""

    rows: int
    rejected: int
    killed_after: list[int] = field(default_factory=list)
    """How many rows were remembered each time that the import was killed."""
    repeated: int = 0
    """Rows that were stored when it was killed, and not remembered."""
    import_seconds: float = 0.0
    intake_seconds: float = 0.0
    """With the start of the product, which begins to decide before it is ready."""
    peak_mb: float = 0.0
    counts_shown: int = 0
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        killed = ", ".join(f"{rows:,}" for rows in self.killed_after) or "never"
        lines = [
            f"{self.rows:,} rows, {self.rejected:,} of them rejected",
            f"killed after {killed}; {self.repeated:,} sent twice",
            _rate("import", self.rows, self.import_seconds) + f", {self.peak_mb:.0f} MB at most",
            _rate("intake", self.rows - self.rejected, self.intake_seconds),
            f"progress: {self.counts_shown:,} counts shown",
        ]
        return "\n".join([*lines, *(f"PROBLEM: {problem}" for problem in self.problems)])

    def expect(self, what: str, found: object, wanted: object) -> None:
        if found != wanted:
            self.problems.append(f"{what}: {found}, not {wanted}")


def _rate(what: str, rows: int, seconds: float) -> str:
    return f"{what}: {seconds:.1f} s, {rows / seconds:,.0f} rows/s" if seconds else f"{what}: not measured"


class Trial:
    """One file, imported in several attempts into one database."""

    def __init__(self, folder: Path, rows: int, seed: int = 7) -> None:
        self.data = folder / "data"
        self.data.mkdir()
        self.file = folder / "crm.csv"
        self.rejects = folder / "crm.rejects.csv"
        self.checkpoint = folder / "crm.rejects.csv.checkpoint"
        self.database = self.data / "journeyman.db"
        self.chance = random.Random(seed)
        self.expected = customers_file.write(self.file, rows, seed)
        self.report = Report(rows, len(self.expected.rejects))
        self._frames: list[Frame] = []
        upgrade(self._url)

    @property
    def _url(self) -> str:
        return f"sqlite+aiosqlite:///{self.database}"

    def bring_in(self, kills: int, batch: int) -> None:
        """Import, kill, and import again with the same arguments, until the last one may end by itself."""
        for place in range(kills):
            share = (place + self.chance.uniform(0.1, 0.9)) / (kills + 1)
            with self._attempt(batch) as importing:
                importing.kill_past(self.checkpoint, int(share * self.expected.rows), self.chance.uniform(0, 0.02))
            self.report.killed_after.append(rows_done(self.checkpoint))
        with self._attempt(batch) as importing:
            printed = importing.finish()
        self._check_end(importing, printed)

    @contextmanager
    def _attempt(self, batch: int) -> Iterator[ImportCommand]:
        before = rows_done(self.checkpoint)
        begun = time.monotonic()
        # The first thousand rows decide what a column is, and here some of them are bad.
        arguments = ("--map", "orders=orders:number", "--batch", str(batch))
        importing = ImportCommand(self._url, "customers", str(self.file), *arguments)
        try:
            yield importing
        finally:
            importing.close()
        self.report.import_seconds += time.monotonic() - begun
        self.report.peak_mb = max(self.report.peak_mb, importing.peak_kilobytes / 1024)
        self.report.expect("goes on after", importing.went_on_after, before)
        self._check_frames(importing.frames)

    def _check_frames(self, frames: list[Frame]) -> None:
        """No count and no share ever goes back, nor does a later attempt begin before an earlier one."""
        shares = [frame.percent for frame in frames]
        self.report.expect("shares in order", shares, sorted(shares))
        self._frames += frames

    def _check_end(self, importing: ImportCommand, printed: str) -> None:
        report, expected = self.report, self.expected
        report.expect("exit code", importing.process.returncode, 0)
        found = SUM.match(printed)
        if found is None:
            report.problems.append(f"the import says {printed!r}, and {importing.said[-1000:]!r}")
            return
        rows, stored, repeated, rejected = (number(text or "0") for text in found.groups())
        report.repeated = repeated
        told = (rows, stored + repeated, rejected)
        report.expect("told at the end", told, (expected.rows, expected.good, len(expected.rejects)))
        report.expect("a checkpoint is left", self.checkpoint.exists(), False)
        self._check_progress()
        self.check_rejects()

    def _check_progress(self) -> None:
        report = self.report
        rows = [frame.rows for frame in self._frames]
        report.expect("counts in order", rows == sorted(rows), True)
        report.expect("the last of the progress", self._frames[-1:], [Frame(100, self.expected.rows)])
        report.counts_shown = len(set(rows))
        if report.counts_shown < self.expected.rows // COUNTS_EVERY:
            report.problems.append(f"no more than {report.counts_shown} counts were shown")
        if not 0 < report.peak_mb <= MEMORY_MB:
            report.problems.append(f"memory: {report.peak_mb:.0f} MB, more than {MEMORY_MB} or not known")

    def check_rejects(self) -> None:
        """Every bad row once, in the order of the file, and why."""
        with self.rejects.open(newline="") as file:
            rows = csv.reader(file)
            self.report.expect(
                "columns of the rejects", next(rows), ["import_row", "import_reason", *customers_file.COLUMNS]
            )
            found = {int(place): why for place, why, *_ in rows}
            lines = rows.line_num - 1
        wanted = self.expected.rejects
        self.report.expect("rejects", (lines, list(found) == list(wanted)), (len(wanted), True))
        other = [(row, why) for row, why in found.items() if not why.startswith(wanted.get(row, why + "?"))]
        self.report.expect("rejected for another reason", other[:5], [])

    def take_in(self) -> None:
        """Let a worker decide what has come in, as on a machine where `journeyman up` runs."""
        with self._reading() as opened:
            (waiting,) = opened.execute("SELECT count(*) FROM inbox").fetchone()
        self.report.expect("stored by the import", waiting, self.expected.good)
        begun = time.monotonic()
        up = RunningUp(self.data)
        try:
            self._wait_for_intake(begun + QUIET_WITHIN)
            self.report.intake_seconds = time.monotonic() - begun
            up.stop()
        finally:
            up.kill()

    def _wait_for_intake(self, deadline: float) -> None:
        with self._reading() as opened:
            while opened.execute("SELECT EXISTS (SELECT 1 FROM inbox)").fetchone() == (1,):
                if time.monotonic() > deadline:
                    raise TimeoutError(f"intake has not decided everything within {QUIET_WITHIN:.0f} s")
                time.sleep(0.1)

    def check_customers(self) -> None:
        """Everybody of the good rows once, with what the row says, and nobody else."""
        with self._reading() as opened:
            self.report.expect("digest", customers_file.digest(opened.execute(CUSTOMERS)), self.expected.digest)
            found = {what: opened.execute(query).fetchone()[0] for what, query in COUNTS.items()}
        for what, count in wanted(self.expected).items():
            self.report.expect(what, found[what], count)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=60)) as opened:
            yield opened


def wanted(expected: Expected) -> dict[str, int]:
    """What each of `COUNTS` has to find."""
    good, consents = expected.good, expected.consents
    everybody = ("customers", "user ids", "e-mails", "events", "customers with events")
    changes = ("attribute changes", "attributes that changed")
    nobody = ("runs", "in quarantine", "left in the inbox")
    return {
        **dict.fromkeys(everybody, good),
        **dict.fromkeys(changes, good * len(TRAITS)),
        **consents,
        "consent changes": sum(consents.values()),
        **dict.fromkeys(nobody, 0),
    }


def play(folder: Path, rows: int, kills: int, *, batch: int = 1000, seed: int = 7) -> Report:
    """Write the file, import it, decide, and report."""
    trial = Trial(folder, rows, seed)
    trial.bring_in(kills, batch)
    trial.take_in()
    trial.check_customers()
    return trial.report


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.imports", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7, help="says which rows are bad, and where the import is killed")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = play(Path(folder), given.rows, given.kills, seed=given.seed)
    print(report)
    sys.exit(1 if report.problems else 0)


if __name__ == "__main__":
    main()
