"""The house style as far as a machine can judge it: names, sizes, and what no file may hold."""

import ast
import importlib.util
import re
import statistics
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.tree import PRODUCT, ROOT, python_files

WRITTEN = (*PRODUCT, "worker.py")
EVERYTHING = (*WRITTEN, "tests", "bench", "migrations", "docs")
VAGUE = {"models", "utils", "common", "helpers", "service", "manager"}

LONGEST_FILE, LONGEST_TEST_FILE, LONGEST_FUNCTION = 500, 600, 60
MEDIAN_FILE, MEDIAN_FUNCTION, MOST_FUNCTIONS = 120, 10, 30
LOCKS = ("requirements.lock", "requirements-data.lock")
LOCATOR = re.compile(r"[a-z+]+://|^\s*--(?:extra-)?index-url|^\s*--find-links", re.MULTILINE)
IGNORE = re.compile(r"#\s*(?:type|pyright):\s*ignore(?P<code>\[[\w, -]+\])?\s*(?P<reason>.*)$")


def name(file: Path) -> str:
    return str(file.relative_to(ROOT))


def lines_of(file: Path) -> int:
    return file.read_text().count("\n")


def functions(file: Path) -> Iterator[tuple[str, int]]:
    """Every function of a file with its length in lines, decorators left out."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{name(file)}:{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def comments(file: Path) -> Iterator[tuple[int, str]]:
    with file.open("rb") as source:
        for token in tokenize.tokenize(source.readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string


def ninth_decile(lengths: list[int]) -> int:
    return sorted(lengths)[int(len(lengths) * 0.9)]


def report(what: str, lengths: list[int]) -> None:
    """The figures for whoever reads the log (`pytest -s`)."""
    median, longest = statistics.median(lengths), max(lengths)
    figures = f"median {median:.0f} lines, 90 % ≤ {ninth_decile(lengths)}, longest {longest}"
    sys.stdout.write(f"\n{len(lengths)} {what}: {figures}\n")


@pytest.mark.parametrize("package", [*PRODUCT, "worker", "tests"])
def test_root_names_are_those_of_the_repository(package: str) -> None:
    """`workflows` and `api` are names that others use as well: installed ones must not stand before ours."""
    found = importlib.util.find_spec(package)
    assert found is not None
    assert found.origin is not None
    assert Path(found.origin).is_relative_to(ROOT)


def test_no_file_has_a_name_that_says_nothing() -> None:
    vague = [name(file) for file in python_files(*EVERYTHING) if {file.stem, file.parent.name} & VAGUE]
    assert vague == []


def test_package_files_are_empty() -> None:
    """What stands in an `__init__` is imported with everything below it, and the import contracts leak."""
    full = [name(file) for file in python_files(*EVERYTHING) if file.name == "__init__.py" and file.stat().st_size]
    assert full == []


def test_no_package_is_empty() -> None:
    packages = {file.parent for file in python_files(*PRODUCT) if file.name == "__init__.py"}
    assert [name(package) for package in packages if len(list(package.rglob("*.py"))) == 1] == []


def test_files_are_short() -> None:
    files = [file for file in python_files(*WRITTEN) if file.name != "__init__.py"]
    lengths = [lines_of(file) for file in files]
    report("files", lengths)
    assert statistics.median(lengths) <= MEDIAN_FILE
    assert [name(file) for file in files if lines_of(file) > LONGEST_FILE] == []


def test_test_files_are_short() -> None:
    files = list(python_files("tests", "bench", "docs"))
    lengths = [lines_of(file) for file in files]
    report("files of tests", lengths)
    assert [name(file) for file in files if lines_of(file) > LONGEST_TEST_FILE] == []


def test_functions_are_short() -> None:
    found = [function for file in python_files(*WRITTEN) for function in functions(file)]
    lengths = [length for _, length in found]
    report("functions", lengths)
    assert statistics.median(lengths) <= MEDIAN_FUNCTION
    assert ninth_decile(lengths) <= MOST_FUNCTIONS
    assert [where for where, length in found if length > LONGEST_FUNCTION] == []


def test_every_ignored_type_error_has_its_code_and_its_reason() -> None:
    bare = [
        f"{name(file)}:{line}: {comment}"
        for file in python_files(*EVERYTHING)
        for line, comment in comments(file)
        if (found := IGNORE.search(comment)) and not (found["code"] and found["reason"])
    ]
    assert bare == []


def test_own_code_is_never_mocked() -> None:
    mocked = [
        name(file)
        for file in python_files(*EVERYTHING)
        for node in ast.walk(ast.parse(file.read_text()))
        if (isinstance(node, ast.Import) and any(one.name.startswith("unittest.mock") for one in node.names))
        or (isinstance(node, ast.ImportFrom) and f"{node.module}.{node.names[0].name}".startswith("unittest.mock"))
    ]
    assert mocked == []


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_files_pin_by_hash_and_name_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert LOCATOR.findall(text) == []
    pinned = re.findall(r"^[a-zA-Z0-9]", text, re.MULTILINE)
    assert pinned
    assert text.count("--hash=sha256:") >= len(pinned)
