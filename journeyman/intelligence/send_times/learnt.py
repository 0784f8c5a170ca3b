"""What was learnt of hours, as a message that looks for its time reads it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from journeyman.intelligence.send_times.model import Fit, Own, Rates, scores
from journeyman.language.timing import Hours

MODEL: Final = "send-times"


@dataclass(frozen=True, slots=True)
class Everybody:
    """What holds of all customers, and of those of a time zone where they are many."""

    fit: Fit
    zones: Mapping[str, Rates] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {"fit": self.fit.to_json(), "zones": {zone: one.to_json() for zone, one in self.zones.items()}}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        zones = {zone: Rates.from_json(one) for zone, one in value["zones"].items()}
        return cls(Fit.from_json(value["fit"]), zones)

    def rates(self, zone: str) -> Rates:
        return self.zones.get(zone, self.fit.rates)


@dataclass(frozen=True, slots=True)
class Learnt:
    """What is known for one customer: of herself, if anything, and of everybody."""

    everybody: Everybody | None = None
    own: Own | None = None

    def own_hours(self, zone: str) -> Hours | None:
        if self.everybody is None or self.own is None:
            return None
        return Hours(tuple(scores(self.everybody.rates(zone), self.own)), "customer")

    def shared_hours(self, zone: str) -> Hours | None:
        if self.everybody is None:
            return None
        rung = "zone" if zone in self.everybody.zones else "workspace"
        return Hours(tuple(scores(self.everybody.rates(zone))), rung)
