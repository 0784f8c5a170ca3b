"""Every twentieth customer of CDNOW by the command, the worker and the API: all of them are `python -m bench.cdnow`."""

from collections.abc import Iterator
from contextlib import closing
from copy import deepcopy
from typing import Any

import pytest

from bench.cdnow import Answers, Trial

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    with closing(Trial(tmp_path_factory.mktemp("cdnow"), every=20)) as trial:
        trial.bring_in()
        yield trial


@pytest.fixture(scope="module")
def answers(trial: Trial) -> Answers:
    return trial.ask()


def problems(trial: Trial, answers: Answers) -> list[str]:
    trial.report.problems.clear()
    trial.compare(answers)
    return trial.report.problems


def test_what_the_api_knows_is_what_pandas_reckons(trial: Trial, answers: Answers) -> None:
    found = list(trial.report.problems)
    assert (found, problems(trial, answers)) == ([], [])
    assert (len(answers.computed), len(answers.rfm), answers.standings["customers"]) == (1178, 1178, 1178)
    assert (trial.report.purchases, trial.report.orders, trial.report.cents) == (3365, 3365, 11_391_956)


def cent_more(answers: Answers) -> None:
    one = answers.computed["00020"]
    one["revenue"] = round(one["revenue"] + 0.01, 2)


def one_order_less(answers: Answers) -> None:
    answers.computed["00020"]["orders"] -= 1


def unknown_attribute(answers: Answers) -> None:
    answers.computed["00020"]["sessions"] = 1


def another_score(answers: Answers) -> None:
    answers.rfm["00020"]["m"] -= 1


def another_cut_point(answers: Answers) -> None:
    answers.standings["cuts"]["monetary"][3] += 0.01


def another_cell(answers: Answers) -> None:
    answers.standings["cells"][0]["customers"] += 1


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (cent_more, "customer 00020: revenue is"),
        (one_order_less, "customer 00020: orders is"),
        (unknown_attribute, "customer 00020: sessions is 1, not None"),
        (another_score, "customer 00020: m is"),
        (another_cut_point, "cut points of monetary are"),
        (another_cell, "cells are"),
    ],
)
def test_what_is_otherwise_is_told(trial: Trial, answers: Answers, harm: Any, told: str) -> None:
    spoiled = deepcopy(answers)
    harm(spoiled)
    (problem,) = problems(trial, spoiled)
    assert problem.startswith(told)
