"""Five hundred hostile templates; `python -m bench --only hostile` tries ten thousand."""

from tests.journeyman.channels.hostile_templates import KINDS
from tests.journeyman.channels.hostile_trial import MEGABYTES_LIMIT, SECONDS_LIMIT, trials

COUNT = 500


def test_whoever_writes_templates_cannot_bring_the_product_down() -> None:
    found = list(trials(0, COUNT))
    assert [one for one in found if one.outcome.startswith("ERROR")] == []
    assert len(found) == COUNT
    # The processor's time here, since whatever else runs on a machine of tests is not the template's doing.
    assert [one for one in found if one.processor > SECONDS_LIMIT or one.megabytes > MEGABYTES_LIMIT] == []
    assert {one.kind for one in found} == set(KINDS)
    assert {one.outcome for one in found} == {"stopped", "rendered", "refused by its schema"}
