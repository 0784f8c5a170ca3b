"""Values that an author writes into a step: JSON, or references to what is known when the step is taken."""

from collections.abc import Mapping
from typing import Any

from journeyman.language.facts import Facts
from journeyman.language.paths import MISSING
from journeyman.language.readings import resolve


def values(given: Mapping[str, Any], facts: Facts) -> dict[str, Any]:
    """The values by their names; a reference to something that is not there gives none."""
    found = {name: resolve(value, facts) for name, value in given.items()}
    return {name: value for name, value in found.items() if value is not MISSING}
