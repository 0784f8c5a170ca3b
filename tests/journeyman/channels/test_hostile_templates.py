"""Five hundred hostile templates; `python -m bench --only hostile` tries ten thousand."""

import pytest

from tests.journeyman.channels.hostile_templates import KINDS
from tests.journeyman.channels.hostile_trial import MEGABYTES_LIMIT, SECONDS_LIMIT, trials

EACH = 100


@pytest.mark.parametrize("first", range(0, 500, EACH))
def test_whoever_writes_templates_cannot_bring_the_product_down(first: int) -> None:
    found = list(trials(first, EACH))
    assert [one for one in found if one.outcome.startswith("ERROR")] == []
    assert len(found) == EACH
    # The processor's time here, since whatever else runs on a machine of tests is not the template's doing.
    assert [one for one in found if one.processor > SECONDS_LIMIT or one.megabytes > MEGABYTES_LIMIT] == []
    assert {one.kind for one in found} == set(KINDS)
    assert {"stopped", "rendered"} <= {one.outcome for one in found}
