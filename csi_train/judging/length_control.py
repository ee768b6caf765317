"""Win rates as AlpacaEval 2 has them: raw, and with the effect of length taken out (arXiv 2404.04475).

The length-controlled win rate is that of a logistic regression of the preferences, asked what it would be at equal
lengths. Its terms are the model, tanh of the difference of lengths over its standard deviation, and the difficulty of
the instruction, fixed beforehand. It is fitted as `alpaca_eval/metrics/glm_winrate.py` (0.6.6) does: an L1 penalty of a
strength chosen by five folds over instructions, and, where they are given, the rows of the baseline asked to be verbose
or concise (its `df_gamed.csv`), at a weight of 0.2 in all and without the term of the model: nothing but length tells
those two from the baseline.

Why not that package: it installs beside our stack (fire, patsy and termcolor come with it, nothing is downgraded), but
its regression reads `df_gamed.csv` from the hub and from nowhere else, switches scikit-learn's metadata routing on for
the whole process, passes the `penalty` argument that scikit-learn 1.8 deprecated, and brings one annotator client per
vendor along. scikit-learn is here already (lm-eval needs it). `python -m benchmarks.alpaca_eval` compares the two.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from csi_train.errors import RecipeError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

FOLDS = 5
STRENGTHS = (-4, 4, 10)
"""Inverse strengths of the penalty that are tried: the powers of ten from, to, and how many."""
LAMBDA = 0.2
"""What the rows of the verbose and the concise baseline weigh together, for each row of the model."""
RESAMPLES = 200
LEVEL = 0.95
SEED = 123


@dataclass(frozen=True)
class Gamed:
    """Rows of the baseline asked to be verbose or concise: preference in [0, 1], standardised length, difficulty."""

    preferences: "Array"
    lengths: "Array"
    difficulties: "Array"


@dataclass(frozen=True)
class Difficulties:
    """The difficulty of each AlpacaEval instruction by its number, and the regularising rows if the file has them."""

    values: dict[int, float]
    gamed: Gamed | None


@dataclass(frozen=True)
class Controlled:
    """The length-controlled win rate as a share, its 95 % interval, and the weights by term."""

    rate: float
    low: float
    high: float
    weights: dict[str, float]


class _Rows(NamedTuple):
    """What is fitted: a row of terms, the preference to explain, what it weighs."""

    features: "Array"
    targets: "Array"
    weights: "Array"

    def of(self, chosen: "NDArray[np.int64]") -> "_Rows":
        """Some of the rows."""
        return _Rows(self.features[chosen], self.targets[chosen], self.weights[chosen])


def raw(preferences: Sequence[float | None]) -> float:
    """The mean preference for the model, a share; what is None or NaN was not judged and does not count.

    NaN where nothing was judged.
    """
    judged = [p for p in preferences if p is not None and p == p]
    return sum(judged) / len(judged) if judged else nan


def length_controlled(
    preferences: Sequence[float | None],
    baseline_chars: Sequence[int],
    chars: Sequence[int],
    difficulties: Sequence[float] | None = None,
    gamed: Gamed | None = None,
    resamples: int = RESAMPLES,
) -> Controlled | None:
    """The win rate at equal lengths. One entry an instruction; preferences for the model in [0, 1].

    All instructions count, as in the package, those without a preference too. The interval is the percentile bootstrap
    over instructions, at the strength of penalty that was chosen. None where there are fewer than five preferences, or
    all are equal: no length can explain what does not vary, and the raw rate stands.
    """
    import numpy as np

    wins = np.array([nan if p is None else p for p in preferences], dtype=np.float64)
    gap = np.asarray(baseline_chars, dtype=np.float64) - np.asarray(chars, dtype=np.float64)
    judged = np.flatnonzero(~np.isnan(wins))
    if len(judged) < FOLDS or np.ptp(wins[judged]) == 0:
        return None
    terms = ["length", *(["difficulty"] if difficulties is not None else []), "model"]
    hard = np.zeros(len(gap)) if difficulties is None else np.asarray(difficulties, dtype=np.float64)
    features = _features(_standard(gap), hard, 1.0, difficulties is not None)
    at_equal_lengths = _features(np.zeros(len(gap)), hard, 1.0, difficulties is not None)
    own = _Rows(features[judged], wins[judged], np.ones(len(judged)))
    extra = _gamed_rows(gamed if difficulties is not None else None, len(terms))
    strength = _chosen(_joined(extra, own))
    coefficients = _fit(_joined(extra, own), strength)
    rng = np.random.default_rng(SEED)
    rates = []
    for _ in range(resamples):
        drawn = rng.integers(len(judged), size=len(judged))
        rates.append(_predict(at_equal_lengths, _fit(_joined(extra, own.of(drawn)), strength)).mean())
    low, high = np.quantile(rates, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]) if rates else (nan, nan)
    rate = float(_predict(at_equal_lengths, coefficients).mean())
    return Controlled(rate, float(low), float(high), dict(zip(terms, map(float, coefficients), strict=True)))


def read_difficulties(path: Path) -> Difficulties:
    """A CSV file with the columns index and instruction_difficulty; `df_gamed.csv` of the package has more of them.

    Raises RecipeError where they are missing or hold no numbers.
    """
    import numpy as np

    with path.open(encoding="utf-8", newline="") as file:
        rows: list[dict[str, Any]] = list(csv.DictReader(file))
    more = ("preference", "std_delta_len")
    try:
        values = {int(float(row["index"])): float(row["instruction_difficulty"]) for row in rows}
        found = [[float(row[name]) for name in (*more, "instruction_difficulty")] for row in rows if more[0] in row]
    except (KeyError, ValueError, TypeError) as error:
        hint = "it needs the columns index and instruction_difficulty, with a number in each row"
        raise RecipeError(f"{path}: no instruction difficulties: {error!r}", hint) from error
    return Difficulties(values, Gamed(*np.array(found, dtype=np.float64).T) if found else None)


def _standard(gap: "Array") -> "Array":
    """Differences of length over their standard deviation; zero where they are all the same: they explain nothing."""
    import numpy as np

    deviation = np.std(gap, ddof=1)
    return gap / deviation if deviation > 0 else np.zeros(len(gap))


def _features(length: "Array", difficulty: "Array", model: float, with_difficulty: bool) -> "Array":
    import numpy as np

    columns = [np.tanh(length), *([difficulty] if with_difficulty else []), np.full(len(length), model)]
    return np.column_stack(columns)


def _gamed_rows(gamed: Gamed | None, columns: int) -> _Rows:
    """The regularising rows; none where there are none."""
    import numpy as np

    if gamed is None:
        return _Rows(np.zeros((0, columns)), np.zeros(0), np.zeros(0))
    features = _features(gamed.lengths, gamed.difficulties, 0.0, True)
    return _Rows(features, gamed.preferences, np.full(len(features), LAMBDA / 2))


def _joined(extra: _Rows, own: _Rows) -> _Rows:
    import numpy as np

    return _Rows(*(np.concatenate(pair) for pair in zip(extra, own, strict=True)))


def _chosen(rows: _Rows) -> float:
    """The inverse strength of the penalty with the least log loss over folds of instructions."""
    import numpy as np
    from sklearn.model_selection import GroupKFold

    strengths = np.logspace(*STRENGTHS)
    losses = np.zeros(len(strengths))
    for learn, test in GroupKFold(FOLDS).split(rows.features, groups=np.arange(len(rows.features))):
        random = np.random.RandomState(SEED)  # one for all strengths, as scikit-learn's own search has it
        unseen = rows.of(test)
        for n, strength in enumerate(strengths):
            said = np.clip(_predict(unseen.features, _fit(rows.of(learn), strength, random)), 1e-15, 1 - 1e-15)
            likelihood = unseen.targets * np.log(said) + (1 - unseen.targets) * np.log(1 - said)
            losses[n] -= np.mean(unseen.weights * likelihood)
    return float(strengths[int(np.argmin(losses))])


def _fit(rows: _Rows, strength: float, random: Any = SEED) -> "Array":
    """The weights of the regression. A target between 0 and 1 is a row of each class, weighed accordingly."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=strength, l1_ratio=1.0, solver="liblinear", fit_intercept=False, random_state=random)
    weights = np.concatenate([rows.targets, 1 - rows.targets]) * np.tile(rows.weights, 2)
    model.fit(np.concatenate([rows.features] * 2), np.repeat([1, 0], len(rows.features)), sample_weight=weights)
    coefficients: Array = model.coef_[0]
    return coefficients


def _predict(features: "Array", coefficients: "Array") -> "Array":
    import numpy as np

    share: Array = np.exp(-np.logaddexp(0, -features @ coefficients))
    return share
