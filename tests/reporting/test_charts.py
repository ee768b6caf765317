"""The geometry of the charts."""

import math
import re
from itertools import pairwise

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


def test_a_schedule_has_no_running_mean_and_its_highest_value_above_it() -> None:
    rows = [{"step": n, "x": 1e-4 * n / 60} for n in range(60)]
    smooth, plain = charts.curve("x", "x", rows), charts.curve("x", "x", rows, noisy=False)
    assert smooth is not None
    assert plain is not None
    assert (bool(smooth.smooth), bool(plain.smooth)) == (True, False)
    assert plain.path == smooth.path
    assert plain.figure == (plain.high, "highest")
    assert smooth.figure == (smooth.last, "last")


@pytest.mark.parametrize("count", [1, 2, 7, 20_000])
def test_each_value_drawn_has_the_stripe_that_is_nearest_to_it(count: int) -> None:
    found = curve([n % 13 for n in range(count)])
    drawn = {point.step: point for point in found.points}
    assert all(drawn[step].value == (step - 1) % 13 for step in drawn)
    assert [x for x, _ in points(found.path)] == pytest.approx(
        [charts.place(point.step, *found.steps) for point in found.points], abs=0.01
    )
    assert found.points[0].left == 0
    for one, other in pairwise(found.points):
        assert other.left == pytest.approx(one.left + one.width)
        assert other.left == pytest.approx(charts.place((one.step + other.step) / 2, *found.steps))
    assert found.points[-1].left + found.points[-1].width == pytest.approx(100)


@pytest.mark.parametrize(
    ("low", "high", "values"),
    [
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (0, 0.5, [0, 0.1, 0.2, 0.3, 0.4, 0.5]),
        (0, 0.1, [0, 0.02, 0.04, 0.06, 0.08, 0.1]),
        (-0.131, 0.178, [-0.1, -0.05, 0, 0.05, 0.1, 0.15]),
        (-0.003, 0.46, [0, 0.1, 0.2, 0.3, 0.4]),
        (2, 2, [2]),
    ],
)
def test_an_axis_shows_round_values(low: float, high: float, values: list[float]) -> None:
    assert charts.ticks(low, high) == pytest.approx(values)


def test_rounding_errors_are_no_figures() -> None:
    assert charts.number(-1.49e-08, 0.3) == "0"
    assert charts.number(3e-6, 1e-5) == "3e−06"
    assert charts.number(-0.01234, 1) == "−0.0123"
