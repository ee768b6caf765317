"""The length-controlled win rate: what it must give where the answer is known, and where there is nothing to fit."""

import math
from pathlib import Path

import numpy as np
import pytest

from csi_train.errors import RecipeError
from csi_train.judging.length_control import Gamed, length_controlled, raw, read_difficulties

N = 300
RNG = np.random.default_rng(5)
DIFFICULTY = RNG.normal(size=N)
BASELINE = RNG.integers(500, 3000, size=N)


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def verbose(by_length: float, model: float, hard: float = 0.0) -> tuple[list[float], list[int]]:
    """Preferences of a judge with these weights for a model that writes more than the baseline, and its lengths."""
    chars = BASELINE + RNG.integers(200, 4000, size=N)
    gap = BASELINE - chars
    said = sigmoid(by_length * np.tanh(gap / gap.std(ddof=1)) + hard * DIFFICULTY + model)
    return said.tolist(), chars.tolist()


def test_raw_is_the_mean_of_what_was_judged() -> None:
    assert raw([1.0, 0.0, 0.25]) == pytest.approx(1.25 / 3)
    assert raw([1.0, None, 0.0, math.nan]) == 0.5
    assert math.isnan(raw([None]))


def test_at_equal_lengths_nothing_is_taken_out() -> None:
    preferences = RNG.uniform(size=N).tolist()
    found = length_controlled(preferences, BASELINE.tolist(), BASELINE.tolist(), resamples=50)
    assert found is not None
    assert found.rate == pytest.approx(raw(preferences), abs=0.005)
    assert found.low < found.rate < found.high
    assert found.weights["length"] == 0


def test_what_length_alone_won_is_taken_out() -> None:
    preferences, chars = verbose(by_length=-2, model=-1)
    found = length_controlled(preferences, BASELINE.tolist(), chars, resamples=0)
    assert found is not None
    assert raw(preferences) > 0.55
    assert found.rate == pytest.approx(1 / (1 + math.e), abs=0.01)
    assert found.weights == {"length": pytest.approx(-2, abs=0.1), "model": pytest.approx(-1, abs=0.1)}


def test_difficulty_counts_where_it_is_given() -> None:
    preferences, chars = verbose(by_length=-1.5, model=-0.5, hard=1.5)
    found = length_controlled(preferences, BASELINE.tolist(), chars, DIFFICULTY.tolist(), resamples=0)
    assert found is not None
    assert found.rate == pytest.approx(sigmoid(1.5 * DIFFICULTY - 0.5).mean(), abs=0.01)
    assert found.weights["difficulty"] == pytest.approx(1.5, abs=0.1)


def test_swapping_the_models_mirrors_the_rate() -> None:
    preferences, chars = verbose(by_length=-1, model=0.3, hard=0.5)
    noisy = [float(p > u) for p, u in zip(preferences, RNG.uniform(size=N), strict=True)]
    one = length_controlled(noisy, BASELINE.tolist(), chars, DIFFICULTY.tolist(), resamples=0)
    other = length_controlled([1 - p for p in noisy], chars, BASELINE.tolist(), (-DIFFICULTY).tolist(), resamples=0)
    assert one is not None
    assert other is not None
    assert one.rate + other.rate == pytest.approx(1, abs=1e-4)


def test_regularising_rows_pull_the_weight_of_length() -> None:
    preferences, chars = verbose(by_length=-6, model=-1, hard=1)
    gaps = RNG.normal(size=2 * N)
    hard = np.concatenate([DIFFICULTY, DIFFICULTY])
    gamed = Gamed(sigmoid(-1 * np.tanh(gaps) + hard), gaps, hard)
    given = (preferences, BASELINE.tolist(), chars, DIFFICULTY.tolist())
    alone, pulled = length_controlled(*given, resamples=0), length_controlled(*given, gamed, resamples=0)
    assert alone is not None
    assert pulled is not None
    assert alone.weights["length"] < pulled.weights["length"] < -1


def test_what_was_not_judged_is_not_learned_from_and_still_counts() -> None:
    preferences, chars = verbose(by_length=-2, model=-1, hard=1)
    holes: list[float | None] = [None if n % 3 == 0 else p for n, p in enumerate(preferences)]
    whole = length_controlled(preferences, BASELINE.tolist(), chars, DIFFICULTY.tolist(), resamples=0)
    found = length_controlled(holes, BASELINE.tolist(), chars, DIFFICULTY.tolist(), resamples=0)
    assert whole is not None
    assert found is not None
    assert found.rate == pytest.approx(whole.rate, abs=0.01)


@pytest.mark.parametrize("preferences", [[0.0] * 20, [1.0] * 20, [0.5] * 20, [0.1, 0.9, 0.2, 0.8], [math.nan] * 20])
def test_nothing_to_fit_is_none_and_no_crash(preferences: list[float]) -> None:
    lengths = list(range(100, 100 + len(preferences)))
    assert length_controlled(preferences, lengths, [500] * len(preferences)) is None


def test_a_lone_loss_among_wins_is_no_crash() -> None:
    found = length_controlled([1.0] * 19 + [0.0], list(range(100, 120)), list(range(300, 280, -1)))
    assert found is not None
    assert 0.5 < found.rate < 1


def test_a_gap_that_never_varies_explains_nothing() -> None:
    preferences = RNG.uniform(0, 0.6, size=N).tolist()
    found = length_controlled(preferences, [100] * N, [900] * N, resamples=0)
    assert found is not None
    assert found.rate == pytest.approx(raw(preferences), abs=0.01)


def test_difficulties_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "difficulty.csv"
    path.write_text("index,instruction_difficulty\n0,-0.5\n1,1.25\n")
    assert read_difficulties(path).values == {0: -0.5, 1: 1.25}
    assert read_difficulties(path).gamed is None


def test_the_file_of_the_package_brings_its_regularising_rows(tmp_path: Path) -> None:
    path = tmp_path / "df_gamed.csv"
    path.write_text(
        "model,index,preference,std_delta_len,instruction_difficulty,not_gamed_baseline\n"
        "verbose,0,0.9,-1.5,-0.5,False\nconcise,0,0.2,2.0,-0.5,False\n"
    )
    found = read_difficulties(path)
    assert found.values == {0: -0.5}
    assert found.gamed is not None
    assert found.gamed.preferences.tolist() == [0.9, 0.2]
    assert found.gamed.lengths.tolist() == [-1.5, 2.0]


@pytest.mark.parametrize(
    "text", ["index\n0\n", "index,instruction_difficulty\n0,hard\n", "index,instruction_difficulty\n0\n"]
)
def test_a_file_without_difficulties_is_named(text: str, tmp_path: Path) -> None:
    path = tmp_path / "difficulty.csv"
    path.write_text(text)
    with pytest.raises(RecipeError, match=r"difficulty\.csv: no instruction difficulties"):
        read_difficulties(path)
