"""The repository as files: what the house's tests look at."""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("api", "workflows", "activities", "journeyman")
"""Root packages of the product; `worker.py` stands beside them."""


def python_files(*roots: str) -> Iterator[Path]:
    """Every Python file of these folders and files, in a stable order."""
    for root in roots:
        place = ROOT / root
        yield from [place] if place.is_file() else sorted(place.rglob("*.py"))


def module_of(file: Path) -> str:
    """The name under which a file of the repository is imported."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def pages(folder: str = "docs") -> dict[str, str]:
    """Every Markdown page of a folder with its text, by its path in the repository."""
    return {str(page.relative_to(ROOT)): page.read_text() for page in sorted((ROOT / folder).rglob("*.md"))}
