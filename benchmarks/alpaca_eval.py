"""Do our AlpacaEval 2 win rates equal the published ones? For models whose annotations are public, model by model.

    python -m benchmarks.alpaca_eval FOLDER

FOLDER holds annotations_29_models.csv.gz (model, index, preference in [1, 2], len_1 of the baseline, len_2 of the
model), instruction_difficulty.csv, weighted_alpaca_eval_gpt4_turbo_leaderboard.csv and
lc_v1_weights_baseline_gpt4_1106_preview.csv, the last two as tatsu-lab/alpaca_eval publishes them.

The length-controlled rate is worked out three times: with nothing but those annotations and difficulties (`LC alone`);
with regularising rows as well (`LC`); and, where the alpaca_eval package can be imported, by the package from the same
two inputs. The true regularising rows (df_gamed.csv, the baseline asked to be verbose and to be concise) are on the hub
only. The rows here stand in for them: the published weights of those two baselines say what the judge prefers, and
their published mean lengths say how long they are.
"""

import argparse
import csv
import gzip
import importlib.util
import tempfile
from collections import defaultdict
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

import numpy as np

from csi_train.judging.length_control import Difficulties, Gamed, length_controlled, raw, read_difficulties

BASELINE = "gpt4_1106_preview"
GAMED = (f"{BASELINE}_verbose", f"{BASELINE}_concise")


class Annotations(NamedTuple):
    """What the judge said of one model: preferences in [0, 1], lengths in characters."""

    index: list[int]
    preferences: list[float]
    baseline_chars: list[int]
    chars: list[int]


def annotations(path: Path) -> dict[str, Annotations]:
    """The annotations of each model."""
    found: dict[str, Annotations] = defaultdict(lambda: Annotations([], [], [], []))
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            numbers = (int(row["index"]), float(row["preference"]) - 1, int(row["len_1"]), int(row["len_2"]))
            for column, number in zip(found[row["model"]], numbers, strict=True):
                column.append(number)
    return found


def table(path: Path) -> dict[str, dict[str, str]]:
    """A CSV file by the first cell of its rows."""
    with path.open(encoding="utf-8", newline="") as file:
        headings, *rows = csv.reader(file)
    return {row[0]: dict(zip(headings[1:], row[1:], strict=True)) for row in rows}


def stand_in(folder: Path, chars: dict[int, int], difficulty: dict[int, float]) -> Gamed:
    """Rows for the verbose and the concise baseline, made from what is published of them."""
    weights = table(folder / f"lc_v1_weights_baseline_{BASELINE}.csv")
    leaderboard = table(folder / "weighted_alpaca_eval_gpt4_turbo_leaderboard.csv")
    length = np.array([chars[n] for n in sorted(difficulty)], dtype=float)
    hard = np.array([difficulty[n] for n in sorted(difficulty)])
    rows = []
    for name in GAMED:
        times = float(leaderboard[name]["avg_length"]) / float(leaderboard[BASELINE]["avg_length"])
        gap = length - times * length
        gap /= gap.std(ddof=1)
        by_length, by_difficulty, _ = map(float, weights[name].values())
        rows.append((1 / (1 + np.exp(-by_length * np.tanh(gap) - by_difficulty * hard)), gap, hard))
    return Gamed(*(np.concatenate(column) for column in zip(*rows, strict=True)))


def package(found: dict[str, Annotations], given: Difficulties, gamed: Gamed | None) -> dict[str, float]:
    """The length-controlled rates of the alpaca_eval package, its hub file replaced by ours."""
    import pandas as pd
    from alpaca_eval.metrics import glm_winrate

    numbers = sorted(given.values)
    columns: dict[str, Any] = {"index": numbers, "instruction_difficulty": [given.values[n] for n in numbers]}
    columns |= {"preference": 0.5, "std_delta_len": 0.0}
    if gamed:
        columns = {"index": numbers * 2, "instruction_difficulty": gamed.difficulties}
        columns |= {"preference": gamed.preferences, "std_delta_len": gamed.lengths}
    rates = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "df_gamed.csv"
        pd.DataFrame({"model": "gamed", **columns, "not_gamed_baseline": False}).to_csv(path, index=False)
        glm_winrate.hf_hub_download = lambda **_: str(path)
        for model, of in found.items():
            texts = {"output_1": ["x" * n for n in of.baseline_chars], "output_2": ["x" * n for n in of.chars]}
            names = {"generator_1": BASELINE, "generator_2": model, "annotator": "judge"}
            frame = pd.DataFrame({"preference": [p + 1 for p in of.preferences], "index": of.index, **texts, **names})
            glm = "length_controlled_v1" if gamed else "length_controlled_noreg"
            told = glm_winrate.get_length_controlled_winrate(
                frame, glm_name=glm, save_weights_dir=None, is_warn_extreme_changes=False
            )
            rates[model] = float(told["length_controlled_winrate"])
    return rates


def main() -> None:
    """Print the table and the deviations."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    found = annotations(folder / "annotations_29_models.csv.gz")
    leaderboard = table(folder / "weighted_alpaca_eval_gpt4_turbo_leaderboard.csv")
    given = read_difficulties(folder / "instruction_difficulty.csv")
    chars = {n: length for of in found.values() for n, length in zip(of.index, of.baseline_chars, strict=True)}
    gamed = stand_in(folder, chars, given.values)
    ours: dict[str, dict[str, float]] = {"raw": {}, "LC alone": {}, "LC": {}}
    for model, of in found.items():
        difficulties = [given.values[n] for n in of.index]
        ours["raw"][model] = 100 * raw(of.preferences)
        for name, rows in (("LC alone", None), ("LC", gamed)):
            told = length_controlled(of.preferences, of.baseline_chars, of.chars, difficulties, rows, resamples=0)
            assert told is not None
            ours[name][model] = 100 * told.rate
    published = {
        "raw": {model: float(leaderboard[model]["win_rate"]) for model in found},
        "LC": {model: float(leaderboard[model]["length_controlled_winrate"]) for model in found},
    }
    print(f"{'model':<32}{'raw':>8}{'board':>8}{'LC alone':>10}{'LC':>8}{'board':>8}{'LC − board':>12}")
    for model in sorted(found, key=lambda m: -published["LC"][m]):
        figures = (ours["raw"][model], published["raw"][model], ours["LC alone"][model], ours["LC"][model])
        print(f"{model:<32}{figures[0]:>8.2f}{figures[1]:>8.2f}{figures[2]:>10.2f}{figures[3]:>8.2f}", end="")
        print(f"{published['LC'][model]:>8.2f}{ours['LC'][model] - published['LC'][model]:>+12.2f}")
    _deviation("raw against the leaderboard", ours["raw"], published["raw"])
    _deviation("LC alone against the leaderboard", ours["LC alone"], published["LC"])
    _deviation("LC against the leaderboard", ours["LC"], published["LC"])
    if importlib.util.find_spec("alpaca_eval"):
        _deviation("LC alone against the alpaca_eval package", ours["LC alone"], package(found, given, None))
        _deviation("LC against the alpaca_eval package", ours["LC"], package(found, given, gamed))
    else:
        print("the alpaca_eval package is not installed here: not compared with it")


def _deviation(what: str, ours: dict[str, float], theirs: dict[str, float]) -> None:
    gaps = {model: abs(ours[model] - theirs[model]) for model in ours}
    worst = max(gaps, key=lambda model: gaps[model])
    print(f"{what}: {fmean(gaps.values()):.4f} points on average, at most {gaps[worst]:.4f} ({worst})")


if __name__ == "__main__":
    main()
