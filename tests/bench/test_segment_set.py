"""The segments that are measured are segments, and as many as they are said to be."""

import pytest

from bench.segment_set import WATCHED, naming, segment_set
from journeyman.customers.segments.definition import read_segment
from journeyman.language.needs import needs


def test_a_hundred_segments_are_a_hundred_conditions() -> None:
    conditions = segment_set()
    assert len(conditions) == 100
    assert len({repr(when) for when in conditions.values()}) == 100
    named = {name for key, when in conditions.items() for name in read_segment({"name": key, "when": when}).named}
    assert named <= conditions.keys()


@pytest.mark.parametrize("named", [0, 10, 100])
def test_so_many_of_a_hundred_name_the_event(named: int) -> None:
    read = [read_segment({"name": key, "when": when}).when for key, when in naming(100, named).items()]
    assert len(read) == 100
    assert sum(WATCHED in needs(when).event_names for when in read) == named
