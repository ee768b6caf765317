"""A model's strength against one baseline, from battles: Bradley–Terry by logistic regression, as Arena-Hard has it.

The score is the probability that the model wins. Where style is controlled for, differences of style are terms of the
regression, and the score is that at equal style.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

RESAMPLES = {False: 1000, True: 200}
"""Without and with control of style: the latter fits a regression each time."""
LEVEL = 0.95
PENALTY = 100
"""The inverse strength of the ridge penalty."""
SEED = 42

Style = tuple[Sequence[int], Sequence[int]]
"""How often each element of style occurs in a response, and in the baseline's."""


@dataclass(frozen=True)
class Strength:
    """The win rate against the baseline as a share, and its 95 % interval."""

    rate: float
    low: float
    high: float


def strength(battles: Sequence[Sequence[tuple[float, int]]], style: Sequence[Sequence[float]] = ()) -> Strength | None:
    """Of each question its battles as (outcome for the model, 0 to 1; weight); None where there is no question.

    `style`: the features of each question, zero where model and baseline are alike. The interval is the percentile
    bootstrap over questions: the published code draws single battles, of which the two orders of a question and the
    copies of a strong win tell less than as many questions would.
    """
    import numpy as np

    if not battles:
        return None
    weights = np.array([sum(weight for _, weight in games) for games in battles], dtype=np.float64)
    wins = np.array([sum(outcome * weight for outcome, weight in games) for games in battles], dtype=np.float64)
    features = _scaled(np.array(style, dtype=np.float64)) if style else np.zeros((len(battles), 0))
    rng = np.random.default_rng(SEED)
    rates = []
    for _ in range(RESAMPLES[bool(style)]):
        drawn = rng.integers(len(battles), size=len(battles))
        rates.append(_rate(wins[drawn], weights[drawn], features[drawn]))
    low, high = np.quantile(rates, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Strength(_rate(wins, weights, features), float(low), float(high))


def counts(chars: tuple[int, int], style: Style) -> list[float]:
    """Model against baseline as in v0.1: relative differences of length and of how many there are of each element."""
    return [(a - b) / (a + b + 1) for a, b in (chars, *zip(*style, strict=True))]


def densities(chars: tuple[int, int], style: Style) -> list[float]:
    """As in v2.0: the relative difference of length, and of how much of each element there is for its length."""
    own, other = chars
    length = (own - other) / (own + other) if own + other else 0.0
    shares = [(a / max(own, 1), b / max(other, 1)) for a, b in zip(*style, strict=True)]
    return [length, *((a - b) / (a + b + 1) for a, b in shares)]


def _scaled(features: "Array") -> "Array":
    """Each feature over its standard deviation. Not centred, or zero would no longer be equal style: the published code
    centres over all models of a leaderboard, and here there is one."""
    import numpy as np

    deviation = features.std(axis=0)
    scaled: Array = np.divide(features, deviation, out=np.zeros_like(features), where=deviation > 0)
    return scaled


def _rate(wins: "Array", weights: "Array", features: "Array") -> float:
    """The win rate at equal style; without features the regression's solution is the weighted mean of the outcomes.

    The penalty is so weak that it moves a score by nothing one could see. Where style tells every outcome, it is what
    keeps the weights finite.
    """
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    share = float(wins.sum() / weights.sum()) if weights.sum() else nan
    if not features.shape[1] or not 0 < share < 1:
        return share
    columns = np.column_stack([np.ones(len(wins)), features])
    model = LogisticRegression(C=PENALTY, fit_intercept=False, solver="newton-cholesky", tol=1e-8)
    counts = np.concatenate([wins, weights - wins])
    model.fit(np.concatenate([columns] * 2), np.repeat([1, 0], len(wins)), sample_weight=counts)
    return float(1 / (1 + np.exp(-model.coef_[0][0])))
