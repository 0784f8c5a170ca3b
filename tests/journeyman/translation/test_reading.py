"""Exports in any state: a file that is none is refused in words, whatever is missing in it."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest

from journeyman.kit.errors import InvalidError
from journeyman.translation.draft import slug, span
from journeyman.translation.reading import PEERS, read_export
from tests.journeyman.translation.exports import BRAZE, DITTOFEED, KLAVIYO, MAUTIC

EXPORTS = {"braze": BRAZE, "dittofeed": DITTOFEED, "klaviyo": KLAVIYO, "mautic": MAUTIC}


def places(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where there is something to take out, or to put something else in its place."""
    items = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, part in items:
        yield (*path, key)
        yield from places(part, (*path, key))


def spoilt(document: Any, path: tuple[Any, ...], *instead: Any) -> Any:
    copy = deepcopy(document)
    part = copy
    for key in path[:-1]:
        part = part[key]
    if instead:
        part[path[-1]] = instead[0]
    else:
        del part[path[-1]]
    return copy


@pytest.mark.parametrize("peer", PEERS)
def test_whatever_is_missing_or_odd_is_told_and_nothing_else_happens(peer: str) -> None:
    """Either there is a draft, with what the language refuses of it in the report, or a refusal."""
    refused: list[InvalidError] = []
    others: tuple[tuple[Any, ...], ...] = ((), (None,), (7,), ("odd",), ([],), ({},))
    for path in places(EXPORTS[peer]):
        for instead in others:
            try:
                found = read_export(peer, spoilt(EXPORTS[peer], path, *instead), "file", {})
            except InvalidError as error:
                refused.append(error)
            else:
                assert all(one.journey["steps"] for one in found)
    assert refused
    assert all(error.faults[0].mend for error in refused)


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("document", [None, 7, [], {}, "text", {"nodes": []}, {"data": None}])
def test_what_is_no_export_is_refused(peer: str, document: Any) -> None:
    with pytest.raises(InvalidError):
        read_export(peer, document, "file", {})


def test_a_builder_that_is_not_known_is_refused_with_those_that_are() -> None:
    with pytest.raises(InvalidError) as refused:
        read_export("hubspot", {}, "file", {})
    assert refused.value.faults[0].mend == "write one of: braze, dittofeed, klaviyo, mautic"


@pytest.mark.parametrize(
    ("text", "key"), [("Café & Bar!", "cafe-bar"), ("  A  b ", "a-b"), ("日本", "unnamed"), ("x" * 99, "x" * 64)]
)
def test_names_become_keys(text: str, key: str) -> None:
    assert slug(text) == key


def test_a_circle_of_nodes_that_are_left_out_ends() -> None:
    nodes = [{"id": "a", "type": "RateLimitNode", "child": "b"}, {"id": "b", "type": "RateLimitNode", "child": "a"}]
    definition = {"entryNode": {"type": "EventEntryNode", "event": "X", "child": "a"}, "nodes": nodes}
    (found,) = read_export("dittofeed", definition, "round", {})
    assert found.journey["steps"] == [{"id": "done", "end": "done"}]


def test_durations_are_spelt_as_authors_do() -> None:

    assert [span(timedelta(seconds=one)) for one in (0, 90, 3600, 172_800, 604_800)] == ["1s", "90s", "1h", "2d", "1w"]
