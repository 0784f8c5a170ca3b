"""How probable it is that a customer answers the next message of a channel, or leaves it.

The baseline is the customer's own rate, shrunk to everybody's (empirical Bayes, as in `channel_choice`). A logistic
regression adds how much she was sent and what she did in the last 7, 28 and 90 days, with the baseline among what it
reads. It is learnt on older messages, and taken only if it is clearly better than the baseline on the newest: by two
standard errors of the logarithmic loss. Opens by machines are none. What is learnt is correlation: who was sent much
was chosen for it. scikit-learn is loaded only where a model is learnt, which a process apart does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, isfinite, log, log1p
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

NEWEST: Final = 0.25
"""The share of the messages, the newest, on which models are judged."""
CLEAR: Final = 2.0
"""Standard errors by which the regression has to be better."""
HIGHEST: Final = 100.0
"""A count counts no further: one customer with a million messages moves nobody."""
LEAST: Final = 1e-6
"""No chance is nearer to 0 or 1."""
FEATURES: Final = ("baseline", "sent_7", "sent_28", "sent_90", "clicked_28", "clicked_90", "opened_28", "opened_90")


@dataclass(frozen=True, slots=True)
class Minimum:
    """Messages, clicks and opens without which nothing is learnt of a channel, within so many days."""

    days: int
    delivered: int
    clicks: int
    opens: int = 0

    def missing(self, delivered: int, clicks: int, opens: int) -> str | None:
        """What is missing, in words; None where there is enough."""
        if delivered >= self.delivered and clicks >= self.clicks and opens >= self.opens:
            return None
        needs = f"{self.delivered:,} messages, {self.clicks:,} clicks and {self.opens:,} opens in {self.days} days"
        return f"not enough data: needs {needs}, has {delivered:,}, {clicks:,} and {opens:,}"


MINIMA: Final[Mapping[str, Minimum]] = {
    "email": Minimum(30, 1000, 10, 100),
    "sms": Minimum(7, 1000, 100),
    "whatsapp": Minimum(7, 1000, 100),
    "push": Minimum(21, 1000, 100),
}
"""The minima that Insider publishes for its likelihood to engage; its views of web push are taken for messages."""


@dataclass(frozen=True, slots=True)
class Lately:
    """What a customer was sent on a channel and did before a moment; `baseline` is her own shrunk rate then."""

    baseline: float
    sent: tuple[int, int, int] = (0, 0, 0)
    """In the last 7, 28 and 90 days."""
    clicked: tuple[int, int] = (0, 0)
    """In the last 28 and 90 days."""
    opened: tuple[int, int] = (0, 0)
    """By people, in the last 28 and 90 days."""

    def features(self) -> list[float]:
        """One number for each of `FEATURES`; a baseline that is no number is an even chance."""
        rate = min(max(self.baseline, LEAST), 1 - LEAST) if isfinite(self.baseline) else 0.5
        counts = (*self.sent, *self.clicked, *self.opened)
        return [log(rate / (1 - rate)), *(log1p(min(max(one, 0), HIGHEST)) for one in counts)]


@dataclass(frozen=True, slots=True)
class Engagement:
    """A learnt model; without `weights` the baseline is the answer. `loss` and `baseline_loss` are on the newest.

    `limits` are the least and the most that each feature counts for: all but one in a hundred lie within.
    """

    weights: tuple[float, ...] | None
    intercept: float
    n: int
    loss: float
    baseline_loss: float
    limits: tuple[tuple[float, float], ...] = ()

    def chance(self, one: Lately) -> float:
        """The probability that the next message is answered, or that the customer leaves with it."""
        features = one.features()
        if self.weights is None:
            return 1 / (1 + exp(-features[0]))
        limited = (min(max(x, low), high) for x, (low, high) in zip(features, self.limits, strict=True))
        height = self.intercept + sum(weight * x for weight, x in zip(self.weights, limited, strict=True))
        return 1 / (1 + exp(-min(max(height, -30.0), 30.0)))

    def reasons(self, one: Lately, usual: Lately) -> list[tuple[str, float]]:
        """What moves the customer's chance away from a usual customer's, the most first, in logits."""
        pairs = zip(FEATURES, self.weights or (1.0, *[0.0] * 7), one.features(), usual.features(), strict=True)
        moved = [(name, weight * (mine - theirs)) for name, weight, mine, theirs in pairs]
        return sorted((each for each in moved if each[1]), key=lambda each: -abs(each[1]))

    def to_json(self) -> dict[str, Any]:
        kept = {name: getattr(self, name) for name in ("intercept", "n", "loss", "baseline_loss")}
        return {
            **kept,
            "weights": list(self.weights) if self.weights is not None else None,
            "limits": [list(one) for one in self.limits],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        weights = tuple(value["weights"]) if value["weights"] is not None else None
        return cls(**{**value, "weights": weights, "limits": tuple((low, high) for low, high in value["limits"])})


def learn(messages: Sequence[tuple[Lately, bool]]) -> Engagement:
    """Learn from messages, the oldest first, each with what was known before it and whether it happened.

    A message whose baseline is no number teaches nothing.
    """
    messages = [one for one in messages if isfinite(one[0].baseline)]
    features = np.array([one.features() for one, _ in messages], dtype=np.float64)
    happened = np.array([did for _, did in messages], dtype=np.float64)
    cut = int(len(messages) * (1 - NEWEST))
    baseline = _losses(features[cut:, 0], happened[cut:])
    low, high = np.quantile(features, (0.005, 0.995), axis=0)
    features = np.clip(features, low, high)
    weights, intercept = _fit(features[:cut], happened[:cut])
    losses = _losses(features[cut:] @ weights + intercept, happened[cut:])
    gain = baseline - losses
    error = float(gain.std() / max(len(gain), 1) ** 0.5)
    if not float(gain.mean()) > CLEAR * error:
        return Engagement(None, 0.0, len(messages), float(baseline.mean()), float(baseline.mean()))
    weights, intercept = _fit(features, happened)
    told = tuple(float(one) for one in weights)
    limits = tuple((float(one), float(other)) for one, other in zip(low, high, strict=True))
    return Engagement(told, intercept, len(messages), float(losses.mean()), float(baseline.mean()), limits)


def _losses(logits: Array, happened: Array) -> Array:
    """The logarithmic loss of each message."""
    found: Array = np.logaddexp(0.0, logits) - happened * logits
    return found


def _fit(features: Array, happened: Array) -> tuple[Array, float]:
    """The weights of a regularised logistic regression, in the features' own units; the baseline where none differ."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - only where something is learnt

    alone = np.zeros(features.shape[1])
    alone[0] = 1.0
    if not 0 < happened.sum() < len(happened):
        return alone, 0.0
    spread = features.std(axis=0)
    scale = np.where(spread > 0, spread, 1.0)
    middle = features.mean(axis=0)
    fitted = LogisticRegression(C=1.0, max_iter=500).fit((features - middle) / scale, happened)
    weights: Array = fitted.coef_[0] / scale
    return weights, float(fitted.intercept_[0] - weights @ middle)
