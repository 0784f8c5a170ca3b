"""A document comes out of its model as it went in: what is stored and published is what the author wrote."""

import json
from typing import Any

import pytest

from journeyman.language.validation import parse
from tests.builders import journey

VALUES = (True, False, 1, 0, 1.0, 0.0, 1.5, "1", "true", 2**60, -3)


def around(value: Any) -> list[dict[str, Any]]:
    """Conditions that hold the value at every depth."""
    plain = {"attribute": "x", "equals": value}
    member = {"attribute": "x", "not_in": [value, "z"]}
    where = {"property": "x", "contains": value}
    return [
        plain,
        {"not": plain},
        {"all": [plain, {"not": {"any": [member, plain]}}]},
        {"not": member},
        {"event": "E", "where": {"not": where}},
        {"event": "E", "where": {"all": [where, {"any": [where]}]}},
    ]


@pytest.mark.parametrize("value", VALUES, ids=json.dumps)
def test_values_keep_their_kind_at_every_depth(value: Any) -> None:
    """`true` that came out as `1` would match nobody: the two are different."""
    for condition in around(value):
        document = journey(
            entry={"on": "event", "event": "E", "audience": condition},
            steps=[
                {"id": "a", "branch": [{"when": condition, "next": "end"}]},
                {"id": "b", "update": {"attributes": {"x": value}}},
                {"id": "c", "wait_for": {"branches": [{"when": condition}], "timeout": "1d"}},
            ],
        )
        assert json.dumps(parse(document).to_document(), sort_keys=True) == json.dumps(document, sort_keys=True)
