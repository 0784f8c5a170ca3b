"""On which channel a customer answers, out of few messages: empirical Bayes, the best taken, some explored (O2). Pure.

How often customers click a message of a channel is Beta-distributed over them, with the mean and the spread of all
of them (method of moments). A customer's own clicks and messages are added to it: who has had three is like
everybody, who has had forty is herself. After Casella 1985; that the best is taken, and one message in twenty goes
at random, is better at the numbers of messages that real customers get than drawing from the posterior (Thompson
sampling; Russo et al. 2018), which takes hundreds to be sure.

A channel tires whoever got much on it in the week before: by how much is learnt from the same customers' clicks after
many and after few messages.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self

LOADS: Final = (0, 1, 2, 3, 5)
"""Messages of the channel in the week before, from which on the next factor holds."""
WEAKEST: Final = 1.0
STRONGEST: Final = 500.0
"""Messages for which what holds of everybody counts, at least and at most."""
TIRED_PRIOR: Final = 50.0
"""Expected clicks for which no tiredness counts."""
EXPLORED: Final = 0.05


@dataclass(frozen=True, slots=True)
class Seen:
    """What a customer was sent on a channel and clicked, and how much of it was sent in the last week."""

    sent: int = 0
    clicked: int = 0
    lately: int = 0


@dataclass(frozen=True, slots=True)
class Prior:
    """How often all customers click a channel's messages: Beta(`a`, `b`), and by which factor after how many."""

    a: float
    b: float
    n: int
    tired: tuple[float, ...] = (1.0,) * len(LOADS)

    def chance(self, seen: Seen) -> float:
        """The probability that a customer clicks the next message."""
        mean = (self.a + seen.clicked) / (self.a + self.b + seen.sent)
        return mean * self.tired[load_of(seen.lately)]

    def to_json(self) -> dict[str, Any]:
        return {"a": self.a, "b": self.b, "n": self.n, "tired": list(self.tired)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        return cls(value["a"], value["b"], value["n"], tuple(value["tired"]))


@dataclass(slots=True)
class Moments:
    """What many customers come to on one channel; any number of them, in little room."""

    customers: int = 0
    sent: int = 0
    clicked: int = 0
    weight: float = 0.0
    """Messages, of each customer so many at most."""
    rates: float = 0.0
    squares: float = 0.0
    """The weighted sums of customers' rates, and of those squared."""
    by_chance: float = 0.0
    """How much of their spread chance makes, in units of the variance of one message."""
    clicks_by_load: list[float] = field(default_factory=lambda: [0.0] * len(LOADS))
    expected_by_load: list[float] = field(default_factory=lambda: [0.0] * len(LOADS))

    def add(self, sent: int, clicked: int) -> None:
        """One customer's messages; she weighs as many as she has, and no more than `MOST_OF_ONE`."""
        weight = min(sent, MOST_OF_ONE)
        self.customers += 1
        self.sent += sent
        self.clicked += clicked
        self.weight += weight
        self.rates += weight * clicked / sent
        self.squares += weight * (clicked / sent) ** 2
        self.by_chance += weight / sent

    @property
    def rate(self) -> float:
        """Clicks per message."""
        return (self.rates + 1) / (self.weight + 2)

    def prior(self) -> Prior:
        """The Beta distribution with the mean and the spread of these customers (Kleinman 1973)."""
        rate = self.rate
        spread = self.squares / max(self.weight, 1) - rate**2
        by_chance = rate * (1 - rate) * self.by_chance / max(self.weight, 1)
        between = max(spread - by_chance, 1e-9)
        strength = min(max(rate * (1 - rate) / between - 1, WEAKEST), STRONGEST)
        return Prior(rate * strength, (1 - rate) * strength, self.sent, self._tired())

    def _tired(self) -> tuple[float, ...]:
        """Against what the same customers do with the first message of a week; nobody is refreshed by messages."""
        pairs = zip(self.clicks_by_load, self.expected_by_load, strict=True)
        raw = [(clicks + TIRED_PRIOR) / (expected + TIRED_PRIOR) for clicks, expected in pairs]
        found, least = [], raw[0]
        for one in raw:
            least = min(least, one)
            found.append(round(least / raw[0], 4))
        return tuple(found)


MOST_OF_ONE: Final = 20
"""Messages of one customer that count in what holds of everybody: who clicks all of a million moves nobody far."""


def load_of(lately: int) -> int:
    """Which of the factors holds after so many messages in the week before."""
    return max(place for place, least in enumerate(LOADS) if lately >= least)


@dataclass(frozen=True, slots=True)
class Worth:
    """What a click is worth and a message of a channel costs, in one currency; without a worth only chances count."""

    click: float | None = None
    costs: Mapping[str, float] = field(default_factory=dict)

    def of(self, channel: str, chance: float) -> float:
        return chance if self.click is None else chance * self.click - self.costs.get(channel, 0.0)


@dataclass(frozen=True, slots=True)
class Choice:
    """The channel that is taken, and what it was taken by; of channels that are as good the author's first."""

    channel: str
    ranking: Mapping[str, float]
    explored: bool
    propensity: float


def choose(
    eligible: Sequence[str],
    seen: Mapping[str, Seen],
    priors: Mapping[str, Prior],
    worth: Worth,
    draws: tuple[float, float],
) -> Choice:
    """Take the best of these channels, of all of which there is a prior; `draws` are two uniform numbers in [0, 1)."""
    ranking = {name: worth.of(name, priors[name].chance(seen.get(name, Seen()))) for name in eligible}
    best = max(eligible, key=lambda name: (ranking[name], -eligible.index(name)))
    explores, which = draws[0] < EXPLORED, eligible[int(draws[1] * len(eligible))]
    taken = which if explores else best
    propensity = EXPLORED / len(eligible) + (1 - EXPLORED if taken == best else 0.0)
    return Choice(taken, {name: round(value, 5) for name, value in ranking.items()}, explores, round(propensity, 4))
