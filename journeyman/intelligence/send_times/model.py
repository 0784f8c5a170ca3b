"""At which hours of her week a customer answers, learnt from what was sent to her and from when she is there (O1).

What is compared is clicks per message sent, not clicks: who was always written to at ten has clicked at ten only. A
customer's own figures are few, so they are drawn towards what her visits say, and those towards all customers:

- all customers: clicks per message by hour and by weekday, each drawn to the average by `PRIOR` expected clicks;
- her visits: (hours she was there + m) / (hours expected of anybody who is there as much + m), hour by hour;
- her clicks: (clicks + alpha * visits ** gamma) / (clicks expected + alpha), hour by hour (a Gamma-Poisson model).

`alpha`, `gamma` and `m` are those under which the later messages of customers are best foretold from the earlier
ones. Where nothing personal foretells them better than all customers together do, the model says so, and nobody has
hours of her own. After Adobe Journey Optimizer's send-time optimisation (hour of the week, three levels, 5 %
exploration) and Efron & Morris 1975 for the shrinkage.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any, Final, Self

HOURS: Final = 24
DAYS: Final = 7
PRIOR: Final = 20.0
"""Expected clicks for which the average counts in the figures of all customers."""
OWN: Final = 3.0
"""Expected clicks for which the average counts in how much a customer clicks at all."""
DAYS_PRIOR: Final = 10.0
"""Hours on a weekday for which everybody's count in a customer's: she has few weeks."""
KERNEL: Final = (0.25, 0.5, 0.25)
"""An hour tells of its neighbours as well."""
MOST_THERE: Final = 40.0
MOST_SENT: Final = 200
"""So many hours and messages of one customer count among everybody's: nobody sets the others' hours."""
HELD_OUT: Final = 0.25
"""The share of a customer's messages, the latest, that are foretold to find what fits."""
CERTAIN: Final = 4.0
"""Standard errors by which own hours have to foretell better than everybody's: the best of many is chosen."""
ALPHAS: Final = (1.0, 3.0, 10.0)
GAMMAS: Final = (0.0, 0.5, 1.0)
STRENGTHS: Final = (0.3, 1.0, 3.0)


@dataclass(slots=True)
class History:
    """One customer's messages, oldest first, and when she was there, both by the hour of her local week (0 to 167).

    `sends` are (cell, clicked), `active` is how often, in hours that count less the longer they are ago, by cell.
    """

    sends: list[tuple[int, bool]] = field(default_factory=list)
    active: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rates:
    """Clicks per message of many customers: `base`, and by how much each hour and weekday is above or below it."""

    base: float
    hours: tuple[float, ...]
    days: tuple[float, ...]
    n: int

    def at(self, cell: int) -> float:
        """Clicks per message in an hour of the week."""
        return self.base * self.hours[cell % HOURS] * self.days[cell // HOURS]

    def to_json(self) -> dict[str, Any]:
        rounded = [round(one, 4) for one in self.hours], [round(one, 4) for one in self.days]
        return {"base": self.base, "hours": rounded[0], "days": rounded[1], "n": self.n}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        return cls(value["base"], tuple(value["hours"]), tuple(value["days"]), value["n"])


@dataclass(frozen=True, slots=True)
class Own:
    """A customer's own hours and weekdays: by how much each is above or below everybody's."""

    hours: tuple[float, ...]
    days: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """What was learnt: all customers' rates and visits, and how far a customer's own figures are believed.

    `alpha` None means that they are not: they foretell nothing that everybody's do not.
    """

    rates: Rates
    there: tuple[float, ...]
    there_days: tuple[float, ...]
    alpha: float | None
    gamma: float
    m: float

    def to_json(self) -> dict[str, Any]:
        there = {"there": list(self.there), "there_days": list(self.there_days)}
        return {"rates": self.rates.to_json(), **there, "alpha": self.alpha, "gamma": self.gamma, "m": self.m}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        there, there_days = tuple(value["there"]), tuple(value["there_days"])
        return cls(Rates.from_json(value["rates"]), there, there_days, value["alpha"], value["gamma"], value["m"])


@dataclass(frozen=True, slots=True)
class Measured:
    """How well the held-out messages were foretold: their number, and the mean log loss in nats of each model."""

    n: int
    own: float
    everybody: float
    flat: float


@dataclass(slots=True)
class Totals:
    """What many customers come to together; any number of them, in little room."""

    sends: list[int] = field(default_factory=lambda: [0] * (HOURS * DAYS))
    clicks: list[int] = field(default_factory=lambda: [0] * (HOURS * DAYS))
    active: list[float] = field(default_factory=lambda: [0.0] * (HOURS * DAYS))

    def add(self, history: History) -> None:
        for cell, clicked in history.sends[-MOST_SENT:]:
            self.sends[cell] += 1
            self.clicks[cell] += clicked
        whole = sum(history.active.values())
        share = min(1.0, MOST_THERE / whole) if whole else 1.0
        for cell, weight in history.active.items():
            self.active[cell] += weight * share

    def merge(self, other: Self) -> None:
        for mine, theirs in ((self.sends, other.sends), (self.clicks, other.clicks)):
            mine[:] = [one + two for one, two in zip(mine, theirs, strict=True)]
        self.active[:] = [one + two for one, two in zip(self.active, other.active, strict=True)]

    @property
    def n(self) -> int:
        """Messages."""
        return sum(self.sends)

    @property
    def clicked(self) -> int:
        return sum(self.clicks)


def rates_of(totals: Totals) -> Rates:
    """Clicks per message of all these customers: weekdays beside hours, each with what the other explains taken out."""
    base = (totals.clicked + 1) / (totals.n + 2)
    hours, days = [1.0] * HOURS, [1.0] * DAYS
    for _ in range(4):
        hours = _smooth(_factors(totals, base, days, lambda cell: cell % HOURS, lambda cell: cell // HOURS, HOURS))
        days = _factors(totals, base, hours, lambda cell: cell // HOURS, lambda cell: cell % HOURS, DAYS)
    return Rates(base, tuple(hours), tuple(days), totals.n)


def _factors(totals: Totals, base: float, other: Sequence[float], mine: Any, its: Any, size: int) -> list[float]:  # noqa: ANN401 - functions of a cell
    clicks, expected = [0.0] * size, [0.0] * size
    for cell, (sent, clicked) in enumerate(zip(totals.sends, totals.clicks, strict=True)):
        clicks[mine(cell)] += clicked
        expected[mine(cell)] += sent * base * other[its(cell)]
    return [(one + PRIOR) / (two + PRIOR) for one, two in zip(clicks, expected, strict=True)]


def _smooth(values: Sequence[float]) -> list[float]:
    """Each hour with some of its neighbours; the day is a circle."""
    before, here, after = KERNEL
    last = len(values)
    return [
        before * values[place - 1] + here * values[place] + after * values[(place + 1) % last] for place in range(last)
    ]


def there_of(totals: Totals) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """When everybody is there: the share of each hour of the day, and of each weekday, none of them nothing."""
    hours, days = [1.0] * HOURS, [1.0] * DAYS
    for cell, weight in enumerate(totals.active):
        hours[cell % HOURS] += weight
        days[cell // HOURS] += weight
    hours = _smooth(hours)
    return tuple(one / sum(hours) for one in hours), tuple(one / sum(days) for one in days)


def own_of(fit: Fit, history: History) -> Own:
    """A customer's own hours and weekdays; 1 everywhere where own figures are not believed."""
    if fit.alpha is None:
        return Own((1.0,) * HOURS, (1.0,) * DAYS)
    visits, days = _visits(fit, history)
    clicks, expected = [0.0] * HOURS, [0.0] * HOURS
    much = _much(fit, history)
    for cell, clicked in history.sends:
        clicks[cell % HOURS] += clicked
        expected[cell % HOURS] += fit.rates.at(cell) * much
    clicks, expected = _smooth(clicks), _smooth(expected)
    hours = tuple((clicks[hour] + fit.alpha * visits[hour]) / (expected[hour] + fit.alpha) for hour in range(HOURS))
    return Own(hours, days)


def _much(fit: Fit, history: History) -> float:
    """By how much she clicks more or less than others, whatever the hour."""
    expected = sum(fit.rates.at(cell) for cell, _ in history.sends)
    return (sum(clicked for _, clicked in history.sends) + OWN) / (expected + OWN)


def _visits(fit: Fit, history: History) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """By how much she is there more than others at each hour and weekday, as far as that tells of clicks."""
    hours, days = [0.0] * HOURS, [0.0] * DAYS
    for cell, weight in history.active.items():
        hours[cell % HOURS] += weight
        days[cell // HOURS] += weight
    return (
        _ratios(_smooth(hours), fit.there, fit.m, fit.gamma),
        _ratios(days, fit.there_days, DAYS_PRIOR, fit.gamma),
    )


def _ratios(counts: Sequence[float], shares: Sequence[float], m: float, gamma: float) -> tuple[float, ...]:
    whole = sum(counts)
    return tuple(((count + m) / (whole * share + m)) ** gamma for count, share in zip(counts, shares, strict=True))


def scores(rates: Rates, own: Own | None = None) -> list[float]:
    """How well each hour of the week does, 1 for the average of them all."""
    found = [rates.at(cell) for cell in range(HOURS * DAYS)]
    if own is not None:
        found = [one * own.hours[cell % HOURS] * own.days[cell // HOURS] for cell, one in enumerate(found)]
    mean = sum(found) / len(found)
    return [one / mean for one in found]


def learn(histories: Sequence[History], totals: Totals) -> tuple[Fit, Measured]:
    """Find how far a customer's own figures are to be believed, by foretelling the later messages of these customers.

    `totals` are of all customers, of whom these are some.
    """
    rates = rates_of(totals)
    there, there_days = there_of(totals)
    parts = [one for one in (_parted(history) for history in histories) if one is not None]
    everybody = Fit(rates, there, there_days, None, 0.0, STRENGTHS[0])
    base = _losses(everybody, parts)
    best, least = everybody, base
    for alpha, gamma, m in product(ALPHAS, GAMMAS, STRENGTHS):
        if gamma == 0.0 and m != STRENGTHS[0]:
            continue
        fit = Fit(rates, there, there_days, alpha, gamma, m)
        losses = _losses(fit, parts)
        if sum(losses) < sum(least) and _is_certain(base, losses):
            best, least = fit, losses
    flat = replace(everybody, rates=Rates(rates.base, (1.0,) * HOURS, (1.0,) * DAYS, rates.n))
    return best, Measured(len(base), _mean(least), _mean(base), _mean(_losses(flat, parts)))


def _is_certain(before: Sequence[float], after: Sequence[float]) -> bool:
    """Whether the losses are smaller by more than chance explains (a paired z-test)."""
    gains = [one - two for one, two in zip(before, after, strict=True)]
    mean = _mean(gains)
    spread = sum((one - mean) ** 2 for one in gains)
    return len(gains) > 1 and mean > CERTAIN * math.sqrt(spread / (len(gains) - 1) / len(gains))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / max(len(values), 1)


def _parted(history: History) -> tuple[History, list[tuple[int, bool]]] | None:
    """What is known of a customer, and the latest messages that are foretold from it."""
    late = math.ceil(len(history.sends) * HELD_OUT)
    if late == 0:
        return None
    return History(history.sends[:-late], history.active), history.sends[-late:]


def _losses(fit: Fit, parts: Iterable[tuple[History, list[tuple[int, bool]]]]) -> list[float]:
    """The log loss of every message that is foretold, in nats."""
    found: list[float] = []
    for known, late in parts:
        own, much = own_of(fit, known), _much(fit, known)
        for cell, clicked in late:
            chance = fit.rates.at(cell) * much * own.hours[cell % HOURS] * own.days[cell // HOURS]
            chance = min(max(chance, 1e-4), 1 - 1e-4)
            found.append(-math.log(chance if clicked else 1 - chance))
    return found
