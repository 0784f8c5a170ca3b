"""People who were made up, of whom the truth is known: what each would do is a number, and not a guess.

Everything is drawn from one seed. A world without `signal` has the same people, whose hours, channels and habits are
all alike: there a model must say no more than its baseline.
"""

import math
import random
from dataclasses import dataclass, field

from journeyman.intelligence.send_times.model import DAYS, HOURS, History

PEAKS = ((8.0, 0.3), (12.5, 0.25), (20.0, 0.45))
"""The hours around which people look at their messages, and how many do."""
WEEKEND = 5


@dataclass(slots=True)
class Reader:
    """Somebody who reads messages: `chances` is how probable a click is in each hour of her local week."""

    chances: list[float]
    history: History = field(default_factory=History)

    @property
    def modal_hour(self) -> int | None:
        """The hour of most of her clicks, as products for beginners choose it; None without any."""
        clicked = [cell % HOURS for cell, did in self.history.sends if did]
        return max(sorted(set(clicked)), key=clicked.count) if clicked else None


def readers(seed: int, people: int, sends: int, *, signal: bool = True) -> list[Reader]:
    """People with so many past messages each, most of them sent at the author's favourite hour."""
    chance = random.Random(f"readers/{seed}")
    return [_reader(chance, sends, signal=signal) for _ in range(people)]


def _reader(chance: random.Random, sends: int, *, signal: bool) -> Reader:
    base = min(chance.betavariate(2, 18), 0.4)
    prefers = signal and chance.random() < 0.75
    peak = chance.choices([hour for hour, _ in PEAKS], [share for _, share in PEAKS])[0] + chance.gauss(0, 1)
    by_weekend = chance.random() < 0.5
    shape = [_liking(hour, peak) if prefers else 1.0 for hour in range(HOURS)]
    days = [1.0] * DAYS
    if prefers:
        days = [1.3 if (day >= WEEKEND) == by_weekend else 0.85 for day in range(DAYS)]
    one = Reader([min(base * shape[cell % HOURS] * days[cell // HOURS], 0.95) for cell in range(HOURS * DAYS)])
    for _ in range(sends):
        cell = _sent(chance)
        one.history.sends.append((cell, chance.random() < one.chances[cell]))
    for _ in range(_poisson(chance, 20)):
        cell = _there(chance, peak if prefers and chance.random() < 0.7 else None)
        one.history.active[cell] = one.history.active.get(cell, 0.0) + chance.choice((1.0, 0.7, 0.4))
    return one


def _liking(hour: int, peak: float) -> float:
    """From 0.3 far from the peak to 2.3 at it; the day is a circle."""
    apart = min(abs(hour + 0.5 - peak), HOURS - abs(hour + 0.5 - peak))
    return 0.3 + 2.0 * math.exp(-((apart / 2.0) ** 2) / 2)


def _sent(chance: random.Random) -> int:
    """When authors send: at ten on weekdays, and at some other time of the day for the rest."""
    if chance.random() < 0.6:
        return chance.randrange(WEEKEND) * HOURS + 10
    return chance.randrange(DAYS) * HOURS + chance.randrange(8, 22)


def _there(chance: random.Random, peak: float | None) -> int:
    hour = chance.gauss(peak, 2.0) if peak is not None else chance.uniform(7, 23)
    return chance.randrange(DAYS) * HOURS + int(hour) % HOURS


def _poisson(chance: random.Random, mean: float) -> int:
    """Knuth 1969: how many steps until a product of uniform numbers falls below e to the minus mean."""
    count, left = 0, chance.random()
    while left > math.exp(-mean):
        count += 1
        left *= chance.random()
    return count


CHANNELS = ("email", "push", "sms", "whatsapp")
COSTS = {"email": 0.0, "push": 0.0, "sms": 0.05, "whatsapp": 0.03}
RATES = {"email": (1.2, 18.0), "push": (1.5, 13.0), "sms": (2.2, 8.8), "whatsapp": (1.2, 6.8)}
"""How customers' chances are spread on each channel: the parameters of a Beta distribution."""


@dataclass(slots=True)
class Answerer:
    """Somebody who answers on channels: on those she is reached on, how probably, and what she was sent and clicked."""

    chances: dict[str, float]
    sent: dict[str, int]
    clicked: dict[str, int]

    @property
    def reached_on(self) -> list[str]:
        return list(self.chances)


def answerers(seed: int, people: int, sends: int, *, signal: bool = True) -> list[Answerer]:
    """People with so many past messages each, on the channels that they are reached on, in equal parts by chance."""
    chance = random.Random(f"answerers/{seed}")
    return [_answerer(chance, sends, signal=signal) for _ in range(people)]


def _answerer(chance: random.Random, sends: int, *, signal: bool) -> Answerer:
    reached = [name for name in CHANNELS if name == "email" or chance.random() < 0.7]
    even = {name: a / (a + b) for name, (a, b) in RATES.items()}
    chances = {name: chance.betavariate(*RATES[name]) if signal else even[name] for name in reached}
    one = Answerer(chances, dict.fromkeys(reached, 0), dict.fromkeys(reached, 0))
    for _ in range(sends):
        name = chance.choice(reached)
        one.sent[name] += 1
        one.clicked[name] += chance.random() < chances[name]
    return one
