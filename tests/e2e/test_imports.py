"""An import that is killed brings everybody in once, in small: the large one is `python -m bench.imports`."""

import sqlite3
from contextlib import closing

import pytest

from bench.imports import Trial

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    trial = Trial(tmp_path_factory.mktemp("imports"), rows=5_000)
    trial.bring_in(kills=2, batch=50)
    trial.take_in()
    return trial


def problems(trial: Trial) -> list[str]:
    """What is wrong now with the customers and the rejects."""
    trial.report.problems.clear()
    trial.check_customers()
    trial.check_rejects()
    return trial.report.problems


def test_killed_twice_every_good_row_is_a_customer_once_and_every_bad_one_a_reject(trial: Trial) -> None:
    found = list(trial.report.problems)
    assert (found, problems(trial)) == ([], [])
    assert (trial.report.rejected, len(trial.report.killed_after)) == (50, 2)
    assert 0 < trial.report.killed_after[0] < trial.report.killed_after[1] < 5_000
    assert trial.report.peak_mb > 20
    assert trial.report.counts_shown > 0


@pytest.mark.parametrize(
    ("harm", "mend", "told"),
    [
        (
            "UPDATE customers SET attributes = json_set(attributes, '$.phone', '1') WHERE id = 'u4'",
            "UPDATE customers SET attributes = json_set(attributes, '$.phone', '+4915100000004') WHERE id = 'u4'",
            "digest",
        ),
        (
            """INSERT INTO attribute_changes (customer_id, attribute, old, new, at, source)
            SELECT customer_id, attribute, old, new, at, 'twice' FROM attribute_changes LIMIT 1""",
            "DELETE FROM attribute_changes WHERE source = 'twice'",
            "attribute changes: 29701, not 29700",
        ),
        (
            "UPDATE consents SET status = 'no' WHERE customer_id = 'u3'",
            "UPDATE consents SET status = 'yes' WHERE customer_id = 'u3'",
            "yes: ",
        ),
    ],
)
def test_what_is_wrong_in_the_database_is_seen(trial: Trial, harm: str, mend: str, told: str) -> None:
    change(trial, harm)
    try:
        assert problems(trial)[0].startswith(told)
    finally:
        change(trial, mend)


def change(trial: Trial, statement: str) -> None:
    with closing(sqlite3.connect(trial.database)) as opened, opened:
        assert opened.execute(statement).rowcount == 1


@pytest.mark.parametrize("lines", [["twice", "twice"], [], ["another reason"]])
def test_what_is_wrong_in_the_rejects_is_seen(trial: Trial, lines: list[str]) -> None:
    whole = trial.rejects.read_text()
    head, first, *others = whole.splitlines(keepends=True)
    first_row = first.split(",", 1)[0]
    instead = [first if line == "twice" else f"{first_row},{line},,,,,,,,,\n" for line in lines]
    trial.rejects.write_text("".join([head, *instead, *others]))
    try:
        assert len(problems(trial)) == 1
    finally:
        trial.rejects.write_text(whole)
