"""The geometry of the report's charts: numbers for the template to draw in boxes that stretch with the page."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

POINTS = 300
"""Points of a drawn curve; a longer one is thinned to the extremes of each stretch, so that no spike is lost."""
SMOOTHED = 20
"""From so many values on, a running mean over a tenth of them is drawn too."""
TICKS = 6
"""Values that an axis shows at most."""

Points = Sequence[tuple[int, float]]
"""(step, value) in order of steps."""


@dataclass(frozen=True)
class Curve:
    """One metric over steps. `path`, and `smooth` where there is one, are SVG path data in a box of 100 × 100.

    `points`: the values drawn, each with the stripe of the box that is nearest to it.
    """

    name: str
    path: str
    smooth: str
    points: list["Point"]
    steps: tuple[int, int]
    low: float
    high: float
    first: float
    last: float
    values: int
    broken: int
    noisy: bool

    @property
    def figure(self) -> tuple[float, str]:
        """The value to show above it, and which it is: the last one of what is measured, the highest of a schedule."""
        return (self.last, "last") if self.noisy else (self.high, "highest")

    @property
    def told(self) -> str:
        """The curve in words, for who cannot see it."""
        return (
            f"{self.name}: from {self.first:.4g} at step {self.steps[0]} to {self.last:.4g} at step {self.steps[1]}, "
            f"between {self.low:.4g} and {self.high:.4g}, {self.values} values"
        )


@dataclass(frozen=True)
class Point:
    """A value of a curve, and its stripe: where that begins and how wide it is, in percent."""

    step: int
    value: float
    left: float
    width: float


@dataclass(frozen=True)
class Whisker:
    """An interval in percent of the chart's width, left to right: from `low` to `high` with a mark at `middle`."""

    low: float
    middle: float
    high: float


def curve(key: str, name: str, rows: Iterable[dict[str, Any]], noisy: bool = True) -> Curve | None:
    """The curve of the metric `key`, called `name`, over the `step` of the rows; None where no row has a finite value.

    A step logged twice (training was resumed) counts as logged last. Only what is `noisy` gets a running mean.
    """
    found = {row["step"]: row[key] for row in rows if key in row}
    points = sorted((step, float(value)) for step, value in found.items() if _finite(value))
    if not points:
        return None
    values = [value for _, value in points]
    steps = (points[0][0], points[-1][0])
    low, high = min(values), max(values)
    smooth = _path(_smoothed(points), steps, (low, high)) if noisy and len(points) >= SMOOTHED else ""
    drawn = _thinned(points)
    return Curve(
        name=name,
        path=_path(drawn, steps, (low, high)),
        smooth=smooth,
        points=list(_stripes(drawn, steps)),
        steps=steps,
        low=low,
        high=high,
        first=values[0],
        last=values[-1],
        values=len(points),
        broken=len(found) - len(points),
        noisy=noisy,
    )


def _finite(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def whisker(low: float, middle: float, high: float, scale: tuple[float, float]) -> Whisker:
    """An interval on a scale, clipped to it."""
    return Whisker(*(100 * min(max(_part(value, *scale), 0), 1) for value in (low, middle, high)))


def ticks(low: float, high: float) -> list[float]:
    """Round values from low to high for an axis to show: 1, 2 or 5 times a power of ten apart, TICKS at most."""
    if high <= low:
        return [low]
    size = 10 ** math.floor(math.log10((high - low) / TICKS))
    for step in (size, 2 * size, 5 * size, 10 * size, 20 * size):
        numbers = range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
        if len(numbers) <= TICKS:
            return [number * step for number in numbers]
    raise AssertionError((low, high))


def place(value: float, low: float, high: float) -> float:
    """Where a value lies on a scale, in percent."""
    return 100 * _part(value, low, high)


def number(value: float, largest: float) -> str:
    """A value in three digits; what is below a millionth of the largest beside it is rounding, and shown as 0."""
    return "0" if abs(value) < 1e-6 * largest else f"{value:.3g}".replace("-", "−")


def _part(value: float, low: float, high: float) -> float:
    """Where a value lies between low and high: 0 to 1; in the middle where they are one."""
    return (value - low) / (high - low) if high > low else 0.5


def _path(points: Points, steps: tuple[float, float], values: tuple[float, float]) -> str:
    """Points as SVG path data in a box of 100 × 100; a single one is a line of no length: its caps make a dot."""
    drawn = [f"{100 * _part(step, *steps):.2f} {100 - 100 * _part(value, *values):.2f}" for step, value in points]
    return "M" + "L".join(drawn) + ("h0" if len(drawn) == 1 else "")


def _stripes(points: Points, steps: tuple[int, int]) -> Iterator[Point]:
    """The points, each with what of the box is nearer to it than to its neighbours."""
    places = [place(step, *steps) for step, _ in points]
    edges = [0.0, *((a + b) / 2 for a, b in pairwise(places)), 100.0]
    for (step, value), (left, right) in zip(points, pairwise(edges), strict=True):
        yield Point(step, value, left, right - left)


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
