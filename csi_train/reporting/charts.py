"""The geometry of the report's charts: numbers for the template to draw in boxes that stretch with the page."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

POINTS = 300
"""Points of a drawn curve; a longer one is thinned to the extremes of each stretch, so that no spike is lost."""
SMOOTHED = 20
"""From so many values on, a running mean over a tenth of them is drawn too."""
BINS = 10

Points = Sequence[tuple[int, float]]
"""(step, value) in order of steps."""


@dataclass(frozen=True)
class Curve:
    """One metric over steps. `path`, and `smooth` where there is one, are SVG path data in a box of 100 × 100."""

    name: str
    path: str
    smooth: str
    steps: tuple[int, int]
    low: float
    high: float
    first: float
    last: float
    values: int
    broken: int

    @property
    def told(self) -> str:
        """The curve in words, for who cannot see it."""
        return (
            f"{self.name}: from {self.first:.4g} at step {self.steps[0]} to {self.last:.4g} at step {self.steps[1]}, "
            f"between {self.low:.4g} and {self.high:.4g}, {self.values} values"
        )


@dataclass(frozen=True)
class Whisker:
    """An interval in percent of the chart's width, left to right: from `low` to `high` with a mark at `middle`."""

    low: float
    middle: float
    high: float


def curve(key: str, name: str, rows: Iterable[dict[str, Any]]) -> Curve | None:
    """The curve of the metric `key`, called `name`, over the `step` of the rows; None where no row has a finite value.

    A step logged twice (training was resumed) counts as logged last.
    """
    found = {row["step"]: row[key] for row in rows if key in row}
    points = sorted((step, float(value)) for step, value in found.items() if _finite(value))
    if not points:
        return None
    values = [value for _, value in points]
    steps = (points[0][0], points[-1][0])
    low, high = min(values), max(values)
    smooth = _path(_smoothed(points), steps, (low, high)) if len(points) >= SMOOTHED else ""
    path = _path(_thinned(points), steps, (low, high))
    return Curve(name, path, smooth, steps, low, high, values[0], values[-1], len(points), len(found) - len(points))


def _finite(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def whisker(low: float, middle: float, high: float, scale: tuple[float, float]) -> Whisker:
    """An interval on a scale, clipped to it."""
    return Whisker(*(100 * min(max(_part(value, *scale), 0), 1) for value in (low, middle, high)))


def histogram(shares: Sequence[float]) -> list[int]:
    """How many shares (0 to 1) fall in each tenth; 1 is in the last."""
    counts = [0] * BINS
    for share in shares:
        counts[min(int(share * BINS + 1e-9), BINS - 1)] += 1
    return counts


def _part(value: float, low: float, high: float) -> float:
    """Where a value lies between low and high: 0 to 1; in the middle where they are one."""
    return (value - low) / (high - low) if high > low else 0.5


def _path(points: Points, steps: tuple[float, float], values: tuple[float, float]) -> str:
    """Points as SVG path data in a box of 100 × 100; a single one is a line of no length: its caps make a dot."""
    drawn = [f"{100 * _part(step, *steps):.2f} {100 - 100 * _part(value, *values):.2f}" for step, value in points]
    return "M" + "L".join(drawn) + ("h0" if len(drawn) == 1 else "")


def _smoothed(points: Points) -> Points:
    """The running mean over a tenth of the points, at POINTS of them or fewer."""
    sums = [0.0, *accumulate(value for _, value in points)]
    reach, n = len(points) // 20, len(points)
    near = ((at, max(0, at - reach), min(n, at + reach + 1)) for at in range(0, n, math.ceil(n / POINTS)))
    return [(points[at][0], (sums[end] - sums[start]) / (end - start)) for at, start, end in near]


def _thinned(points: Points) -> Points:
    """At most POINTS points: the lowest and the highest of each stretch, in order."""
    if len(points) <= POINTS:
        return points
    size = math.ceil(2 * len(points) / POINTS)
    stretches = (range(at, min(at + size, len(points))) for at in range(0, len(points), size))
    kept = (sorted({min(s, key=lambda n: points[n][1]), max(s, key=lambda n: points[n][1])}) for s in stretches)
    return [points[n] for stretch in kept for n in stretch]
