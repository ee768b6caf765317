"""The geometry of the charts."""

import math
import re

import pytest

from csi_train.reporting import charts
from csi_train.reporting.charts import POINTS, Curve


def curve(values: list[float | None]) -> Curve:
    found = charts.curve("x", "the x", [{"step": n + 1, "x": value} for n, value in enumerate(values)])
    assert found is not None
    return found


def points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](\S+) ([\d.]+)", path)]


def test_two_points_span_the_box() -> None:
    found = curve([3.0, 1.0])
    assert points(found.path) == [(0, 0), (100, 100)]
    assert (found.first, found.last, found.low, found.high, found.steps) == (3.0, 1.0, 1.0, 3.0, (1, 2))
    assert found.smooth == ""
    assert found.told == "the x: from 3 at step 1 to 1 at step 2, between 1 and 3, 2 values"


def test_one_point_is_a_dot_in_the_middle() -> None:
    assert curve([5.0]).path == "M50.00 50.00h0"


def test_a_flat_curve_runs_through_the_middle() -> None:
    assert {y for _, y in points(curve([2.0] * 9).path)} == {50.0}


def test_a_long_curve_is_thinned_and_keeps_its_spike() -> None:
    values: list[float | None] = [0.5] * 20_000
    values[777] = 9.0
    found = curve(values)
    drawn = points(found.path)
    assert len(drawn) <= POINTS
    assert drawn == sorted(drawn, key=lambda point: point[0])
    assert min(y for _, y in drawn) == 0
    assert found.values == 20_000


@pytest.mark.parametrize("count", [20, 300, 301, 2000])
def test_the_smooth_curve_follows_a_trend_through_noise(count: int) -> None:
    found = curve([n / count + (0.5 if n % 2 else -0.5) for n in range(count)])
    drawn = points(found.smooth)
    assert len(drawn) <= POINTS
    assert drawn[0][1] - drawn[-1][1] == pytest.approx(100 * 0.9 / (1 + 1), abs=8)


def test_what_is_no_number_is_counted_and_left_out() -> None:
    found = curve([1.0, None, math.nan, math.inf, 2.0])
    assert (found.values, found.broken) == (2, 3)
    assert charts.curve("x", "x", [{"step": 1, "x": None}, {"step": 2}]) is None


def test_a_step_logged_twice_counts_as_logged_last() -> None:
    found = charts.curve("x", "x", [{"step": s, "x": v} for s, v in ((1, 1.0), (2, 9.0), (3, 9.0), (2, 2.0), (3, 3.0))])
    assert found is not None
    assert points(found.path) == [(0, 100), (50, 50), (100, 0)]


def test_whisker_lies_on_the_scale_and_is_clipped() -> None:
    found = charts.whisker(-0.5, 0.25, 1.5, (0, 1))
    assert (found.low, found.middle, found.high) == (0, 25, 100)


def test_histogram_puts_the_ends_in_the_right_tenth() -> None:
    assert charts.histogram([0, 0.1, 0.3, 0.7, 0.99, 1, 1]) == [1, 1, 0, 1, 0, 0, 0, 1, 0, 3]
