"""What the Temporal sandbox does not watch, because it is passed through: clocks, chance, threads, the machine.

Workflow code is replayed, and has to come to the same commands every time. Types of `datetime` and `zoneinfo` are
harmless; asking them for the present is not.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.tree import ROOT, python_files
from workflows.fleet import PURE

WATCHED = ("journeyman/language", "workflows", "activities/contracts.py")
OUTSIDE_THE_SANDBOX = {"workflows/runner.py", "workflows/fleet.py", "workflows/schedules.py"}
BANNED_MODULES = {
    *("asyncio", "concurrent", "multiprocessing", "os", "pathlib", "random", "secrets", "signal", "socket"),
    *("subprocess", "tempfile", "threading", "time", "uuid"),
}
BANNED_CALLS = {"now", "utcnow", "today", "fromtimestamp", "open", "input", "print", "uuid4"}
ALLOWED = {"workflow.now", "workflow.uuid4"}
"""The engine's own, which give the same answer in every replay."""


def watched() -> list[Path]:
    return [file for file in python_files(*WATCHED) if str(file.relative_to(ROOT)) not in OUTSIDE_THE_SANDBOX]


def offences(tree: ast.AST) -> Iterator[str]:
    """What in a module could come out differently the next time."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (one.name for one in names if one.name.partition(".")[0] in BANNED_MODULES)
            case ast.ImportFrom(module=str(module)) if module.partition(".")[0] in BANNED_MODULES:
                yield module
            case ast.Call(func=ast.Attribute() | ast.Name() as function):
                called = ast.unparse(function)
                if called not in ALLOWED and called.rpartition(".")[2] in BANNED_CALLS:
                    yield f"{called}()"


@pytest.mark.parametrize("file", watched(), ids=lambda file: str(file.relative_to(ROOT)))
def test_workflow_code_asks_neither_clock_nor_chance_nor_machine(file: Path) -> None:
    assert list(offences(ast.parse(file.read_text()))) == []


@pytest.mark.parametrize(
    "source",
    [
        "import random",
        "from time import monotonic",
        "import os.path",
        "from concurrent.futures import ThreadPoolExecutor",
        "datetime.now(UTC)",
        "dt.date.today()",
        "uuid4()",
        "open('x')",
    ],
)
def test_an_offence_is_seen(source: str) -> None:
    assert list(offences(ast.parse(source)))


@pytest.mark.parametrize(
    "source", ["from datetime import datetime", "workflow.now()", "hashlib.sha256(b'')", "ZoneInfo('UTC')", "facts.now"]
)
def test_what_is_harmless_is_let_through(source: str) -> None:
    assert list(offences(ast.parse(source))) == []


def test_what_passes_through_the_sandbox_is_watched() -> None:
    own = {name for name in PURE if list(ROOT.glob(f"{name.replace('.', '/')}*"))}
    assert own <= {"journeyman.language", "activities", "workflows.inputs", "workflows.policies", "workflows.steps"}
