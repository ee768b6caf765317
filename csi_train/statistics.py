"""Means with standard errors, and whether two models differ by more than noise: paired bootstrap over documents.

A score is a mapping from document id to the document's value (avg@k, say), so that two models meet on equal documents.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum, nan, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

from csi_train.errors import CsiError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

Score = Mapping[str, float]

RESAMPLES = 10_000
LEVEL = 0.95
SEED = 20250731
CELLS = 4_000_000
"""Resampled values held at once: 32 MB."""


class MismatchError(CsiError):
    """Two scores that are not of the same documents."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean and its standard error; the error is NaN where one document cannot tell it."""

    mean: float
    stderr: float


@dataclass(frozen=True, slots=True)
class Difference:
    """Second minus first: the mean, its 95 % interval, the p value of no difference, the number of documents."""

    mean: float
    low: float
    high: float
    p: float
    documents: int

    @property
    def stands_out(self) -> bool:
        """Both tests must agree: the interval alone claims too much where only a handful of documents differ."""
        return (self.low > 0 or self.high < 0) and self.p < 1 - LEVEL

    @property
    def verdict(self) -> str:
        """The difference in plain words."""
        if not self.stands_out:
            return "no difference that stands out of the noise"
        return "higher" if self.mean > 0 else "lower"


def signed(share: float) -> str:
    """A difference of shares in points, with its sign: 0.043 as `+4.3`."""
    return f"{round(100 * share, 1) + 0.0:+.1f}".replace("-", "−")


def estimate(values: Iterable[float]) -> Estimate:
    """Mean over documents and its standard error (sample standard deviation over the root of n, as lm-eval).

    Raises ValueError where there are no values.
    """
    values = list(values)
    if not values:
        raise ValueError("no documents to average")
    mean = fsum(values) / len(values)
    if len(values) == 1:
        return Estimate(mean, nan)
    return Estimate(mean, sqrt(fsum((v - mean) ** 2 for v in values) / (len(values) - 1) / len(values)))


def average(tasks: Sequence[Estimate]) -> Estimate:
    """The mean of task means, each task counting the same (the paper's Avg); the tasks' errors are independent."""
    return Estimate(fsum(t.mean for t in tasks) / len(tasks), sqrt(fsum(t.stderr**2 for t in tasks)) / len(tasks))


def difference(first: Score, second: Score) -> Difference:
    """Second minus first on one task; raises MismatchError unless both scored the same documents."""
    return average_difference([(first, second)])


def average_difference(tasks: Sequence[tuple[Score, Score]]) -> Difference:
    """Second minus first in the mean of task means; documents are drawn anew within each task.

    The interval is the percentile bootstrap, widened for few documents; p is the paired randomisation test.
    Raises MismatchError unless both scored the same documents of each task.
    """
    import numpy as np

    gaps = [_gaps(first, second) for first, second in tasks]
    rng = np.random.default_rng(SEED)
    mean = float(np.mean([g.mean() for g in gaps]))
    drawn = np.mean([_bootstrap(g, rng) for g in gaps], axis=0)
    flipped = np.mean([_flip(g, rng) for g in gaps], axis=0)
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    as_far = np.count_nonzero(np.abs(flipped) >= abs(mean) - 1e-12)
    return Difference(mean, float(low), float(high), (1 + as_far) / (1 + RESAMPLES), sum(map(len, gaps)))


def _gaps(first: Score, second: Score) -> "Array":
    """Second minus first, document by document."""
    import numpy as np

    if not first and not second:
        raise ValueError("no documents to compare")
    if first.keys() != second.keys():
        told = f"{_named('first', first, second)}, {_named('second', second, first)}"
        raise MismatchError(f"not the same documents: {told}", "evaluate both with the same task, data file and limit")
    return np.array([second[document] - first[document] for document in first], dtype=np.float64)


def _named(side: str, score: Score, other: Score) -> str:
    """How many documents only this side has, and which."""
    ids = sorted(score.keys() - other.keys())
    return f"{len(ids)} only in the {side}{': ' if ids else ''}{' '.join(ids[:3])}{' …' if ids[3:] else ''}"


def _bootstrap(gaps: "Array", rng: "np.random.Generator") -> "Array":
    """Means of n documents drawn with replacement, RESAMPLES times, their spread widened for few documents."""
    n, centre = len(gaps), gaps.mean()
    drawn = _resampled(n, lambda times: gaps[rng.integers(n, size=(times, n))].mean(axis=1))
    wide: Array = centre + _widening(n) * (drawn - centre)
    return wide


def _flip(gaps: "Array", rng: "np.random.Generator") -> "Array":
    """Means when it is chance which model is first: each document's sign drawn anew, RESAMPLES times."""
    n = len(gaps)
    return _resampled(n, lambda times: (1 - 2 * rng.integers(2, size=(times, n))) @ gaps / n)


def _resampled(n: int, draw: Callable[[int], "Array"]) -> "Array":
    """RESAMPLES draws over n documents, in pieces that fit in memory."""
    import numpy as np

    piece = max(1, CELLS // n)
    pieces: list[Array] = [draw(min(piece, RESAMPLES - done)) for done in range(0, RESAMPLES, piece)]
    return np.concatenate(pieces)


def _widening(n: int) -> float:
    """How much too short the plain percentile interval of n values is (Hesterberg 2015, arXiv 1411.5279).

    The root undoes the bias of the bootstrap's variance; the rest is Student's quantile over the normal one, by its
    expansion in 1/(n - 1) (Abramowitz and Stegun 26.7.5).
    """
    if n == 1:
        return 1.0
    z, v = NormalDist().inv_cdf((1 + LEVEL) / 2), n - 1
    student = z + (z**3 + z) / (4 * v) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
    return sqrt(n / v) * student / z
