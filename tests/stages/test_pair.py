"""Pairs: the better response chosen, whatever the rule; the same number for every method; a reason for every loss."""

import itertools
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest

from csi_train.errors import RunError
from csi_train.recipe import Generate, Recipe, Sample, Source
from csi_train.records import Pair, Problem, Response, Samples, Scores, Verdict, read_rows, write_rows
from csi_train.run import Run
from csi_train.stages import filter as filtering
from csi_train.stages import pair as stage

Said = Sequence[tuple[str, float | None]]
"""The text and the reward of each response; a text that ends in … was cut off."""

GOOD: Said = [("long and good", 3.0), ("good", 2.9), ("bad", 0.1), ("long and bad", 0.0)]


def response(index: int, text: str, reward: float | None = None) -> Response:
    finish = "length" if text.endswith("…") else "stop"
    return Response(index=index, text=text, answer=None, tokens=1, finish=finish, completion="", reward=reward)


def run_of(folder: Path, said: Sequence[Said], verifiable: bool = False, **pair: Any) -> Run:
    """A run folder as the stages before leave it; the first problem was not kept."""
    problems = [
        Problem(id=f"p{n}", question=f"Write {n} words.", answer="1", method="", seeds=(), call=n, completion="")
        for n in range(len(said) + 1)
    ]
    rows = [[("a", 1.0), ("b", 2.0)], *said]
    samples = [
        Samples(problem=p.id, k=9, responses=tuple(response(i, text) for i, (text, _) in enumerate(row)))
        for p, row in zip(problems, rows, strict=True)
    ]
    scores = [
        Scores(problem=p.id, rewards=tuple(reward for _, reward in row)) for p, row in zip(problems, rows, strict=True)
    ]
    write_rows(folder / "filter/kept.jsonl", problems[1:])
    write_rows(folder / "sample/samples.jsonl", samples)
    write_rows(folder / "score/scores.jsonl", scores)
    recipe = Recipe(
        name="t",
        verifiable=verifiable,
        seeds=Source(path="seeds.jsonl"),
        generate=Generate(model="m", method="no_cot"),
        sample=Sample(k=9),
        reward={"type": "tests.scripted_reward", "log": ""},
        pair=pair,
    )
    return Run(folder, recipe)


def pairs(run: Run) -> list[Pair]:
    return read_rows(run.folder / "pair/pairs.jsonl", Pair)


def dropped(run: Run) -> dict[str, str]:
    return {row.problem: row.reason for row in read_rows(run.folder / "pair/dropped.jsonl", Verdict)}


def test_the_rows_and_the_figures(tmp_path: Path) -> None:
    figures = stage.main(run := run_of(tmp_path, [GOOD], rho=0.1))
    assert pairs(run) == [
        Pair(
            id="p1",
            question="Write 1 words.",
            chosen="good",
            rejected="long and bad",
            source="p1",
            boxed=False,
            chosen_reward=2.9,
            rejected_reward=0.0,
        )
    ]
    means = {"chosen_reward": 2.9, "chosen_chars": 4, "rejected_reward": 0, "rejected_chars": 12}
    assert figures == {"pairs": 1, "dropped": {}, **means}
    assert json.loads((tmp_path / "pair/stats.json").read_text()) == figures


def test_pairs_of_verifiable_questions_are_asked_for_a_box(tmp_path: Path) -> None:
    stage.main(run := run_of(tmp_path, [GOOD], verifiable=True))
    assert pairs(run)[0].boxed


def test_best_against_worst_without_a_tolerance(tmp_path: Path) -> None:
    stage.main(run := run_of(tmp_path, [GOOD], rho=0))
    assert (pairs(run)[0].chosen, pairs(run)[0].rejected) == ("long and good", "long and bad")


@pytest.mark.parametrize("seed", range(8))
def test_the_length_normalised_rule(seed: int) -> None:
    """On random responses, many of equal length and reward, against the rule in other words."""
    random = Random(seed)
    for _ in range(300):
        draw = random.choice([lambda: random.gauss(0, 3), lambda: float(random.randint(1, 4))])
        said = [response(i, "x" * random.randint(1, 6), draw()) for i in range(random.randint(2, 9))]
        rewards = [r.reward or 0 for r in said]
        if len(set(rewards)) == 1:
            continue
        high, low = max(rewards), min(rewards)
        for rho in (0, 0.1, 0.2, 0.5, 0.9, 1):
            chosen, rejected = stage.best_and_worst(random.sample(said, len(said)), rho)
            assert (chosen.reward or 0) > (rejected.reward or 0)
            near_top = [r for r in said if (high - (r.reward or 0)) <= rho * (high - low) + 1e-12 and r.reward != low]
            assert chosen in near_top
            assert len(chosen.text) == min(len(r.text) for r in near_top)
            if rho == 0:
                assert (chosen.reward, rejected.reward) == (high, low)
            if rho < 0.5:  # what is near the bottom is below all that is near the top
                near_bottom = [r for r in said if ((r.reward or 0) - low) <= rho * (high - low) + 1e-12]
                assert len(rejected.text) == max(len(r.text) for r in near_bottom)


def test_a_tolerance_makes_chosen_shorter_and_rejected_longer(tmp_path: Path) -> None:
    random = Random(0)
    said = [[("x" * random.randint(1, 99), random.gauss(0, 1)) for _ in range(9)] for _ in range(50)]
    found = [stage.main(run_of(tmp_path / str(rho), said, rho=rho)) for rho in (0, 0.2, 0.4)]
    for less, more in itertools.pairwise(found):
        assert more["chosen_chars"] < less["chosen_chars"]
        assert more["rejected_chars"] > less["rejected_chars"]


def test_what_makes_no_pair_has_a_reason(tmp_path: Path) -> None:
    said: list[Said] = [
        [("a", 1.0), ("b", 1.0), ("c", 1.0)],
        [("a", 1.0), ("a", 1.0)],
        [("a", 1.0)],
        [("a", 1.0), ("b", None)],
        [("a", 1.0), ("cut off…", 2.0)],
        [("a", 1.0), ("", -2.0)],
        [],
        GOOD,
    ]
    for rule in ("reward", "random"):
        figures = stage.main(run := run_of(tmp_path / rule, said, rule=rule))
        few = "fewer than two finished, scored responses"
        tie = "a tie: all rewards are equal"
        reasons = [tie, "equal texts", few, few, few, few, few]
        assert dropped(run) == {f"p{n}": reason for n, reason in enumerate(reasons, 1)}
        assert figures["dropped"] == {few: 5, tie: 1, "equal texts": 1}
        assert [pair.id for pair in pairs(run)] == ["p8"]


def test_random_pairs(tmp_path: Path) -> None:
    """Any two of different reward, the better chosen; the same ones again for the same seed."""
    said: Said = [("a", 1.0), ("b", 1.0), ("c", 2.0), ("d", 3.0)]
    stage.main(run := run_of(tmp_path, [said] * 500, rule="random"))
    found = Counter((pair.chosen, pair.rejected) for pair in pairs(run))
    assert set(found) == {("c", "a"), ("c", "b"), ("d", "a"), ("d", "b"), ("d", "c")}
    assert min(found.values()) > 60, "each about 100 times"
    first = pairs(run)
    stage.main(run)
    assert pairs(run) == first


def test_so_many_pairs_and_no_more(tmp_path: Path) -> None:
    stage.main(run := run_of(tmp_path, [GOOD] * 50, pairs=20))
    found = [int(pair.id[1:]) for pair in pairs(run)]
    assert (len(found), found) == (20, sorted(found))
    assert found != list(range(1, 21)), "drawn, not the first"
    assert Counter(dropped(run).values()) == {"not drawn": 30}
    assert not set(dropped(run)) & {pair.id for pair in pairs(run)}
    other = Run(run.folder, run.recipe.model_copy(update={"seed": 1}))
    stage.main(other)
    assert [int(pair.id[1:]) for pair in pairs(other)] != found


def test_too_few_pairs(tmp_path: Path) -> None:
    run = run_of(tmp_path, [GOOD, GOOD, [("a", 1.0)]], pairs=3)
    with pytest.raises(RunError, match=r"2 pairs can be made of 3 problems, and 3 are needed\n.*dropped.jsonl.*lower"):
        stage.main(run)
    assert len(pairs(run)) == 2
    assert list(dropped(run)) == ["p3"]


def test_no_pair_at_all(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="0 pairs can be made of 1 problems, and 1 are needed"):
        stage.main(run_of(tmp_path, [[]]))


def test_pairs_from_columns(tmp_path: Path) -> None:
    """They go through the filters like anything else; a row stands for itself, even where its prompt comes twice."""
    rows = [
        {"task": "Write a limerick.", "good": "There was …", "bad": "No."},
        {"task": "Write a limerick.", "good": "A man …", "bad": ""},
        {"task": "Write a haiku.", "good": "Same.", "bad": "Same."},
        {"task": "Write a limerick.", "good": "A man …", "bad": "Never."},
    ]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    fields = {"question": "task", "answer": None, "chosen": "good", "rejected": "bad"}
    data = {"path": str(tmp_path / "rows.jsonl"), "fields": fields, "verifiable_only": False}
    recipe = Recipe.model_validate({"name": "t", "verifiable": False, "data": data, "pair": {}})
    run = Run(tmp_path, recipe)
    filtering.main(run)
    assert stage.main(run)["dropped"] == {"no text to choose, or none to reject": 1, "equal texts": 1}
    found = [(p.question, p.chosen, p.rejected, p.boxed, p.chosen_reward) for p in pairs(run)]
    assert found == [
        ("Write a limerick.", "There was …", "No.", False, None),
        ("Write a limerick.", "A man …", "Never.", False, None),
    ]
