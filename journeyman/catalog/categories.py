"""Categories: paths such as `Shoes/Running`, and the tree that they make."""

from collections.abc import Iterable
from dataclasses import dataclass, field

SEPARATOR = "/"
DEEPEST = 10
LONGEST = 500


@dataclass(slots=True)
class Category:
    """One category of the tree. `products` are those in it and in everything below it, each counted once."""

    path: str
    name: str
    products: int
    children: "list[Category]" = field(default_factory=list)


def read_path(text: str) -> str:
    """The path without stray blanks and empty parts. Raises `ValueError` where nothing or too much is left."""
    parts = [part for part in (part.strip() for part in text.split(SEPARATOR)) if part]
    path = SEPARATOR.join(parts)
    if not parts:
        raise ValueError("a category needs a name")
    if len(parts) > DEEPEST or len(path) > LONGEST:
        raise ValueError(f"a category has at most {DEEPEST} levels and {LONGEST} characters")
    return path


def lineage(paths: Iterable[str]) -> dict[str, int]:
    """Every path with those above it, each once, and how deep it lies: 1 is the top."""
    found: dict[str, int] = {}
    for path in paths:
        parts = path.split(SEPARATOR)
        found |= {SEPARATOR.join(parts[:depth]): depth for depth in range(1, len(parts) + 1)}
    return found


def tree(counts: Iterable[tuple[str, int]]) -> list[Category]:
    """The categories at the top, with all below them, from (path, products) pairs that come parents first."""
    top: list[Category] = []
    by_path: dict[str, Category] = {}
    for path, products in counts:
        above, _, name = path.rpartition(SEPARATOR)
        by_path[path] = Category(path, name, products)
        parent = by_path.get(above)
        (top if parent is None else parent.children).append(by_path[path])
    return top
