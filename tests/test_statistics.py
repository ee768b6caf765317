"""Estimates against analytic cases; the interval and the verdict against simulation."""

import math

import numpy as np
import pytest

from csi_train import statistics
from csi_train.statistics import Difference, Estimate, MismatchError

RNG = np.random.default_rng


def score(values: np.ndarray) -> dict[str, float]:
    return {f"q{number}": float(value) for number, value in enumerate(values)}


def answered(rng: np.random.Generator, rates: np.ndarray, k: int) -> dict[str, float]:
    """avg@k of one model whose chance on each document is given."""
    return score(rng.binomial(k, rates) / k)


def test_estimate_of_rights_and_wrongs_is_the_binomial_error() -> None:
    got = statistics.estimate([1.0] * 30 + [0.0] * 70)
    assert got.mean == pytest.approx(0.3)
    assert got.stderr == pytest.approx(math.sqrt(0.3 * 0.7 / 99))


def test_estimate_of_few_documents() -> None:
    assert math.isnan(statistics.estimate([1.0]).stderr)
    with pytest.raises(ValueError, match="no documents"):
        statistics.estimate([])


def test_average_counts_tasks_alike_and_adds_variances() -> None:
    got = statistics.average([Estimate(0.8, 0.03), Estimate(0.2, 0.04)])
    assert got == Estimate(pytest.approx(0.5), pytest.approx(0.025))


def test_interval_matches_students_t_on_smooth_differences() -> None:
    gaps = RNG(3).normal(0.1, 0.2, size=30)
    got = statistics.difference(score(np.zeros(30)), score(gaps))
    half = 2.0452 * gaps.std(ddof=1) / math.sqrt(30)
    assert got.mean == pytest.approx(gaps.mean())
    assert (got.low, got.high) == (
        pytest.approx(gaps.mean() - half, abs=0.006),
        pytest.approx(gaps.mean() + half, abs=0.006),
    )


def test_pairing_sees_what_the_two_errors_hide() -> None:
    """Both models vary by 30 points over documents, but one is 3 points better on each: paired, that is certain."""
    first = RNG(4).random(100) * 0.9
    got = statistics.difference(score(first), score(first + 0.03))
    assert statistics.estimate(first).stderr > 0.02
    assert got.verdict == "higher"
    assert (got.low, got.high) == (pytest.approx(0.03), pytest.approx(0.03))


@pytest.mark.parametrize(("share", "words"), [(0.0434, "+4.3"), (-0.05, "−5.0"), (0.0, "+0.0"), (-0.0002, "+0.0")])
def test_signed_points(share: float, words: str) -> None:
    assert statistics.signed(share) == words


def test_equal_scores_do_not_differ() -> None:
    same = score(RNG(5).random(50))
    assert statistics.difference(same, same) == Difference(0.0, 0.0, 0.0, 1.0, 50)


def test_difference_is_the_same_each_time_and_turns_with_its_sides() -> None:
    rng = RNG(6)
    first, second = answered(rng, np.full(64, 0.3), 4), answered(rng, np.full(64, 0.6), 4)
    there, back = statistics.difference(first, second), statistics.difference(second, first)
    assert there == statistics.difference(first, second)
    assert (there.verdict, back.verdict) == ("higher", "lower")
    assert (there.low, there.high) == (pytest.approx(-back.high, abs=0.01), pytest.approx(-back.low, abs=0.01))


@pytest.mark.parametrize(("right", "verdict"), [(5, "no difference that stands out of the noise"), (6, "higher")])
def test_a_handful_of_documents_is_not_a_gain(right: int, verdict: str) -> None:
    """Five of 128 documents gained and none lost: the exact test gives p = 2 / 2^5 = 0.0625, six give 0.031."""
    got = statistics.difference(score(np.zeros(128)), score(np.arange(128) < right))
    assert got.low > 0 or right < 6
    assert got.p == pytest.approx(2 / 2**right, abs=0.01)
    assert got.verdict == verdict


@pytest.mark.parametrize("documents", [1, 2, 5])
def test_too_few_documents_never_stand_out(documents: int) -> None:
    got = statistics.difference(score(np.zeros(documents)), score(np.ones(documents)))
    assert got.verdict == "no difference that stands out of the noise"


def test_documents_of_one_side_are_named() -> None:
    first, second = dict.fromkeys("abc", 0.5), dict.fromkeys("cdefgh", 0.5)
    with pytest.raises(MismatchError) as error:
        statistics.difference(first, second)
    assert "2 only in the first: a b, 5 only in the second: d e f …" in str(error.value)
    with pytest.raises(ValueError, match="no documents"):
        statistics.difference({}, {})


def test_average_difference_weighs_tasks_alike() -> None:
    rng = RNG(7)
    small = (answered(rng, np.full(30, 0.2), 16), answered(rng, np.full(30, 0.4), 16))
    large = (answered(rng, np.full(500, 0.6), 16), answered(rng, np.full(500, 0.6), 16))
    parts = [statistics.difference(*small), statistics.difference(*large)]
    got = statistics.average_difference([small, large])
    assert got.mean == pytest.approx((parts[0].mean + parts[1].mean) / 2)
    assert got.high - got.low == pytest.approx(math.hypot(*(p.high - p.low for p in parts)) / 2, rel=0.05)
    assert got.documents == 530


def test_work_is_cut_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistics, "CELLS", 1000)
    got = statistics.difference(score(np.zeros(300)), score(RNG(8).normal(0.1, 0.5, size=300)))
    assert got.high - got.low == pytest.approx(2 * 1.968 * 0.5 / math.sqrt(300), rel=0.1)


@pytest.mark.parametrize(("documents", "k"), [(30, 4), (128, 1)])
def test_interval_covers_the_truth_and_noise_is_no_gain(
    documents: int, k: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1,000 pairs of equally good models: 95 % of the intervals hold 0, at most 5 % of the pairs stand out."""
    monkeypatch.setattr(statistics, "RESAMPLES", 1000)
    rng, trials = RNG(9), 1000
    rates = [rng.beta(1, 1, size=documents) for _ in range(trials)]
    got = [statistics.difference(answered(rng, r, k), answered(rng, r, k)) for r in rates]
    assert 0.93 <= np.mean([g.low <= 0 <= g.high for g in got]) <= 0.97
    assert np.mean([g.stands_out for g in got]) <= 0.07


def test_interval_covers_a_true_gain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistics, "RESAMPLES", 2000)
    rng, trials = RNG(10), 400
    rates = [rng.uniform(0.1, 0.7, size=60) for _ in range(trials)]
    got = [statistics.difference(answered(rng, r, 4), answered(rng, r + 0.2, 4)) for r in rates]
    assert 0.92 <= np.mean([g.low <= 0.2 <= g.high for g in got]) <= 0.98
    assert np.mean([g.verdict == "higher" for g in got]) > 0.9
