"""The geometry of the report's charts: numbers for the template to draw in boxes that stretch with the page."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

POINTS = 300
"""Points of a drawn curve; a longer one is thinned to the extremes of each stretch, so that no spike is lost."""
BINS = 10


@dataclass(frozen=True)
class Curve:
    """One metric over steps. `path` is SVG path data in a box of 100 × 100."""

    name: str
    path: str
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
    low, high = min(values), max(values)
    start, end = points[0][0], points[-1][0]
    drawn = [(100 * _part(s, start, end), 100 - 100 * _part(v, low, high)) for s, v in _thinned(points)]
    path = "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in drawn) + ("h0" if len(drawn) == 1 else "")
    return Curve(name, path, (start, end), low, high, values[0], values[-1], len(points), len(found) - len(points))


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


def _thinned(points: Sequence[tuple[int, float]]) -> Sequence[tuple[int, float]]:
    """At most POINTS points: the lowest and the highest of each stretch, in order."""
    if len(points) <= POINTS:
        return points
    size = math.ceil(2 * len(points) / POINTS)
    stretches = (range(at, min(at + size, len(points))) for at in range(0, len(points), size))
    kept = (sorted({min(s, key=lambda n: points[n][1]), max(s, key=lambda n: points[n][1])}) for s in stretches)
    return [points[n] for stretch in kept for n in stretch]
