r"""How right and how fast the grader is, beside math-verify and TRL's `accuracy_reward`, in one process on the same
data.

    python -m benchmarks.grading [correct|voting|reward|memory ...] [--json FILE]

Speeds are medians over repeats that alternate between the graders; our cache is emptied before each.
"""

import argparse
import json
import logging
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psutil
from math_verify import parse, verify
from math_verify.errors import TimeoutException
from trl.rewards import accuracy_reward

from benchmarks.answers import completions, votes
from csi_train.answers import equivalent, grade, reading, vote

PAIRS = Path(__file__).parents[1] / "tests/data/answer_pairs.jsonl"
REPEATS = 3
PROBLEMS, SAMPLES = 5000, 16
SUBSET = 60  # problems that math-verify votes on as well
COMPLETIONS, CHARACTERS = 1024, 1000

Figures = dict[str, Any]
Same = Callable[[str, str], bool]


def plain(a: str, b: str) -> bool:
    """math-verify as its README shows it."""
    return _verify(parse(a), parse(b))


def boxed(a: str, b: str) -> bool:
    """math-verify with both answers in a box, which it reads better."""
    return _verify(parse(f"\\boxed{{{a}}}"), parse(f"\\boxed{{{b}}}"))


def _verify(gold: list[Any], answer: list[Any]) -> bool:
    try:
        return bool(verify(gold, answer))
    except TimeoutException:  # a BaseException
        return False


def trl(a: str, b: str) -> bool:
    """TRL's reward for a completion that boxes b, where the solution is a; None (not parsed) is not right."""
    (reward,) = accuracy_reward([[{"role": "assistant", "content": f"The answer is $\\boxed{{{b}}}$."}]], [f"${a}$"])
    return bool(reward)


def correct() -> Figures:
    """Errors of each grader on the labelled pairs."""
    rows = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    graders: dict[str, Same] = {
        "csi_train.answers": equivalent,
        "math-verify, plain": plain,
        "math-verify, boxed": boxed,
        "TRL accuracy_reward": trl,
        "string equality": lambda a, b: a.strip() == b.strip(),
    }
    return {"pairs": len(rows), "graders": {name: _errors(rows, same) for name, same in graders.items()}}


def _errors(rows: Sequence[dict[str, Any]], same: Same) -> Figures:
    verdicts = [(same(row["a"], row["b"]), row["same"]) for row in rows]
    false_positives = sum(said and not truth for said, truth in verdicts)
    false_negatives = sum(truth and not said for said, truth in verdicts)
    errors = false_positives + false_negatives
    return {
        "accuracy": 1 - errors / len(rows),
        "errors": errors,
        "false_positives": false_positives,
        "false_negatives": false_negatives,
    }


def classes_of_all(ballot: Sequence[str]) -> list[list[Any]]:
    """Parse every answer, compare it with one answer of each class so far."""
    classes: list[list[Any]] = []
    for answer in ballot:
        parsed = parse(f"\\boxed{{{answer}}}")
        for members in classes:
            if _verify(members[0], parsed):
                members.append(parsed)
                break
        else:
            classes.append([parsed])
    return classes


def classes_of_strings(ballot: Sequence[str]) -> list[list[Any]]:
    """The same over the different strings only."""
    return classes_of_all(list(dict.fromkeys(ballot)))


def voting() -> Figures:
    """Answers a second while 5,000 problems vote; math-verify votes on the first of them."""
    ballots = votes(PROBLEMS, SAMPLES)
    times = alternate(
        {
            "csi_train.answers": lambda: _each(vote, ballots),
            "csi_train.answers, subset": lambda: _each(vote, ballots[:SUBSET]),
            "math-verify, parse all": lambda: _each(classes_of_all, ballots[:SUBSET]),
            "math-verify, strings first": lambda: _each(classes_of_strings, ballots[:SUBSET]),
        }
    )
    speed = {
        name: (PROBLEMS if name == "csi_train.answers" else SUBSET) * SAMPLES / seconds
        for name, seconds in times.items()
    }
    ours = speed["csi_train.answers"]
    return {
        "answers_per_second": speed,
        "times_parse_all": ours / speed["math-verify, parse all"],
        "times_strings_first": ours / speed["math-verify, strings first"],
    }


def _each(function: Callable[[Any], object], items: Sequence[Any]) -> None:
    for item in items:
        function(item)


def reward() -> Figures:
    """Completions a second, as GRPO rewards them."""
    pairs = completions(COMPLETIONS, CHARACTERS)
    solutions = [gold for gold, _ in pairs]
    messages = [[{"role": "assistant", "content": text}] for _, text in pairs]
    times = alternate(
        {
            "csi_train.answers": lambda: [grade(gold, text) for gold, text in pairs],
            "TRL accuracy_reward": lambda: accuracy_reward(messages, solutions),
        }
    )
    return {
        "completions_per_second": {name: COMPLETIONS / seconds for name, seconds in times.items()},
        "times_trl": times["TRL accuracy_reward"] / times["csi_train.answers"],
    }


def memory() -> Figures:
    """Resident memory in MiB while a million different answers vote: after a tenth of them, and after all."""
    resident: dict[int, float] = {}
    process = psutil.Process()
    for tenth in range(1, 11):
        for ballot in votes(100_000 // SAMPLES, SAMPLES, seed=tenth):
            vote([f"{answer} + {index * tenth}" for index, answer in enumerate(ballot)])
        resident[tenth * 100_000] = process.memory_info().rss / 2**20
    return {"resident_mib": resident, "growth_mib": resident[1_000_000] - resident[100_000]}


def alternate(runs: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Median seconds of each run, in turns, from an empty cache."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(REPEATS):
        for name, run in runs.items():
            reading.forget()
            start = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in seconds.items()}


def show(figures: Figures, indent: str = "  ") -> None:
    """Print figures as indented lines."""
    for name, value in figures.items():
        if isinstance(value, dict):
            print(f"{indent}{name}")
            show(value, indent + "  ")
        else:
            print(
                f"{indent}{name!s:<32}{value:>14,.4g}"
                if isinstance(value, float)
                else f"{indent}{name!s:<32}{value:>14,}"
            )


def main() -> None:
    """Run the benchmarks named, or all."""
    benchmarks = {run.__name__: run for run in (correct, voting, reward, memory)}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("benchmarks", nargs="*", metavar="|".join(benchmarks), help="default: all")
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    given = parser.parse_args()
    if unknown := set(given.benchmarks) - set(benchmarks):
        parser.error(f"no benchmark named {', '.join(unknown)}")
    for name in ("math_verify.parser", "math_verify.grader", "latex2sympy2_extended"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    results: Figures = {
        "machine": f"{platform.machine()}, {psutil.cpu_count()} cores, Python {platform.python_version()}"
    }
    for name in given.benchmarks or benchmarks:
        print(name, flush=True)
        results[name] = benchmarks[name]()
        show(results[name])
    if given.json:
        given.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
