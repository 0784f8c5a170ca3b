"""Who may import whom: each contract of `pyproject.toml` is kept by the tree, and caught when it is broken."""

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.house.tree import PRODUCT, ROOT, module_of, python_files

CONFIGURATION: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
CONTRACTS: dict[str, dict[str, Any]] = {contract["id"]: contract for contract in CONFIGURATION["contracts"]}

OUTSIDE_THE_SANDBOX = {"workflows", "workflows.runner", "workflows.fleet", "workflows.schedules"}
"""Modules that no workflow imports: the package's empty `__init__`, the adapters of client and worker."""

BREACHES = [
    ("shell", "activities/errors.py", "import workflows.policies"),
    ("door", "api/cross_origin.py", "import activities.contracts"),
    ("worker", "api/cross_origin.py", "import worker"),
    ("product", "journeyman/customers/attributes.py", "import journeyman.channels.errors"),
    ("product", "journeyman/stray/strayed.py", "import datetime"),
    ("determinism", "workflows/policies.py", "import httpx"),
    ("determinism", "workflows/steps/waiting.py", "import activities.journeys"),
    ("frameworks", "journeyman/kit/clock.py", "import temporalio.client"),
    ("frameworks", "journeyman/kit/clock.py", "import fastapi"),
    ("tables-customers", "journeyman/journeys/repository.py", "import journeyman.customers.tables"),
    ("tables-channels", "journeyman/channels/templates.py", "import journeyman.channels.tables"),
    ("tables-catalog", "journeyman/catalog/categories.py", "import journeyman.catalog.tables"),
    ("tables-intelligence", "journeyman/journeys/repository.py", "import journeyman.intelligence.predictions.tables"),
    ("tables-journeys", "journeyman/cli/plan.py", "import journeyman.journeys.tables"),
    ("tables-kit", "journeyman/journeys/repository.py", "import journeyman.kit.tables"),
    ("providers", "journeyman/channels/providers/other.py", "import journeyman.channels.providers.smtp"),
    ("cycles", "journeyman/kit/database.py", "import journeyman.kit.bulk"),
]
"""One import, or one package, that has no business where it stands, and the contract that says so."""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The product's source in another place, where it may be spoilt."""
    place = tmp_path_factory.mktemp("tree")
    for package in PRODUCT:
        shutil.copytree(ROOT / package, place / package, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "worker.py"):
        shutil.copy(ROOT / file, place / file)
    return place


@contextmanager
def breach(copy: Path, file: str, line: str) -> Iterator[None]:
    """The tree with one import more."""
    place = copy / file
    before = place.read_text() if place.exists() else None
    made = before is None and not place.parent.exists()
    place.parent.mkdir(exist_ok=True)
    if made:
        (place.parent / "__init__.py").touch()
    place.write_text(f"{before or ''}\n{line}\n")
    yield
    if before is not None:
        place.write_text(before)
    elif made:
        shutil.rmtree(place.parent)
    else:
        place.unlink()


def broken(tree: Path) -> set[str]:
    """The ids of the contracts that a tree breaks."""
    linter = Path(sys.executable).with_name("lint-imports")
    environment = {**os.environ, "COLUMNS": "500", "NO_COLOR": "1"}
    command = [str(linter), "--no-cache", "--no-logo"]
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)
    verdicts = {
        identity: next((line for line in done.stdout.splitlines() if line.startswith(contract["name"])), "")
        for identity, contract in CONTRACTS.items()
    }
    unjudged = [identity for identity, line in verdicts.items() if not line]
    assert not unjudged, f"no verdict on {unjudged}:\n{done.stdout}{done.stderr}"
    found = {identity for identity, line in verdicts.items() if "BROKEN" in line}
    assert bool(found) == bool(done.returncode), done.stdout
    return found


def test_the_tree_keeps_every_contract(copy: Path) -> None:
    assert broken(copy) == set()


@pytest.mark.parametrize(("contract", "file", "line"), BREACHES, ids=lambda value: str(value).replace(" ", "-"))
def test_a_breach_is_caught_by_its_contract_alone(copy: Path, contract: str, file: str, line: str) -> None:
    with breach(copy, file, line):
        assert broken(copy) == {contract}


def test_every_contract_is_broken_once_on_purpose() -> None:
    assert {contract for contract, _, _ in BREACHES} == CONTRACTS.keys()


def test_every_workflow_module_is_under_the_determinism_contract() -> None:
    sources = tuple(CONTRACTS["determinism"]["source_modules"])
    modules = {module_of(file) for file in python_files("workflows")}
    outside = {module for module in modules if not f"{module}.".startswith(tuple(f"{one}." for one in sources))}
    assert outside == OUTSIDE_THE_SANDBOX


def test_every_tree_with_tables_has_a_contract_that_protects_them() -> None:
    tables = {module_of(file) for file in python_files("journeyman") if file.name == "tables.py"}
    protected = {module for contract in CONTRACTS.values() for module in contract.get("protected_modules", ())}
    assert tables == protected
