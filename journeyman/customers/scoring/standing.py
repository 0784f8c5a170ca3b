"""Where one customer stands at one instant, as conditions ask for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from journeyman.customers.scoring.crossings import crossing_of
from journeyman.customers.scoring.definition import ScoreModel
from journeyman.customers.scoring.ranking import value_of
from journeyman.customers.scoring.rfm import Cuts, next_change, rfm_of
from journeyman.customers.scoring.scores import State, empty, read_state, shown, total_of, value
from journeyman.language.facts import RfmFact
from journeyman.language.instants import FOREVER


@dataclass(frozen=True, slots=True)
class Yardsticks:
    """What everybody is measured by: the scores by key, and the cut points of RFM, None where there are none yet."""

    models: Mapping[str, ScoreModel] = field(default_factory=dict)
    cuts: Cuts | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """One customer's; `state_of` tells what is kept of her for a score."""

    yardsticks: Yardsticks
    state_of: Callable[[ScoreModel], State]
    computed: Mapping[str, Any]
    now: datetime

    def score(self, key: str, category: str | None, heights: Sequence[float]) -> tuple[float, datetime] | None:
        """Where she stands by a score, and until when surely nothing but news changes on which side of `heights`."""
        model = self.yardsticks.models.get(key)
        if model is None or category not in {None, *model.categories}:
            return None
        state = self.state_of(model)
        height = shown(total_of(state, model, self.now))
        if category is not None:
            height = value_of(value(state, model, self.now), category)
        return height, crossing_of(state, model, self.now, heights, category) or FOREVER

    def rfm(self) -> RfmFact | None:
        """Her scores of RFM; None where she has not ordered, or there are no cut points."""
        cuts = self.yardsticks.cuts
        found = rfm_of(self.computed, cuts, self.now) if cuts is not None else None
        if cuts is None or found is None:
            return None
        return RfmFact(found.r, found.f, found.m, found.group, next_change(self.computed, cuts, self.now) or FOREVER)


def kept_states(documents: Mapping[str, Any]) -> Callable[[ScoreModel], State]:
    """The states that a profile keeps in these documents; who has none stands where everybody begins."""
    return lambda model: read_state(documents.get(model.key), model) or empty(model)
