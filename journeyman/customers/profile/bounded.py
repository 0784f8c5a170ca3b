"""Tables by name that stay small, whatever comes in, and hold the same in whichever order it comes.

A table has room for so many bytes of names. Where there are more, those first in the order of text stay, and the first
that found no room is noted as the table's edge. Names below the edge have all been there since they were first met, so
what stands at them is exact; of names from the edge on nothing is known. The edge is a function of the names alone.
"""

from collections.abc import Callable
from typing import Any, Final

LONGEST: Final = 64
"""Longer names, in bytes, and such with characters that do not print are never kept."""

BEYOND_ALL: Final = "\U0010ffff"
"""The edge of a table that has room for more and yet lacks names: such as cannot be kept."""

Table = dict[str, Any]
Edges = dict[str, str]


def is_keepable(name: str) -> bool:
    return len(name) <= LONGEST and name.isprintable() and len(name.encode()) <= LONGEST


def is_beyond(edges: Edges, table: str, name: str) -> bool:
    """Whether nothing is known of `name` because the table was full before."""
    edge = edges.get(table)
    return edge is not None and name >= edge


def trim(content: Table, edges: Edges, table: str, *, room: int, each: int) -> None:
    """Keep `content` within `room` bytes of JSON, where a name costs its own bytes and `each`."""
    if len(content) * (2 * LONGEST + each) <= room:
        return
    names = sorted(content)
    for place, name in enumerate(names):
        room -= _size(name) + each
        if room < 0:
            edges[table] = name
            for late in names[place:]:
                del content[late]
            return


def _size(name: str) -> int:
    return len(name.encode()) + name.count('"') + name.count("\\")


def united(one: Table, other: Table, edge: str | None, add: Callable[[Any, Any], Any]) -> Table:
    """Both tables as one, as far as both know; what stands at a name in both is added."""
    both = {**one, **other}
    for name in one.keys() & other.keys():
        both[name] = add(one[name], other[name])
    return both if edge is None else {name: value for name, value in both.items() if name < edge}


def favourite(counts: dict[str, int]) -> str | None:
    """The name that counts most; of equal ones the first in the order of text."""
    return min(counts, key=lambda name: (-counts[name], name), default=None)
