"""What a run of instructions shows: rewards in place of votes, pairs as the last step, none of what has no meaning."""

import json
import math
import re
from collections.abc import Callable

import pytest
import yaml

from csi_train.records import Pair, Problem, Scores, Verdict, read_rows, write_rows
from csi_train.reporting import card, examples, html, judged, results
from csi_train.reporting.judged import Judged, JudgedRow
from csi_train.run import Run

REWARD = "reward: {type: tests.scripted_reward, log: log}"


@pytest.fixture
def scored(make_run: Callable[..., Run]) -> Run:
    """The finished run as one of instructions: responses scored, pairs chosen."""
    run = make_run()
    recipe = run.folder / "recipe.yaml"
    recipe.write_text(recipe.read_text() + f"verifiable: false\n{REWARD}\npair: {{pairs: 12}}\n")
    problems = read_rows(run.folder / "generate/problems.jsonl", Problem)
    rewards = [None, *(n / 10 for n in range(7))]
    write_rows(run.folder / "score/scores.jsonl", [Scores(problem=p.id, rewards=tuple(rewards)) for p in problems])
    kept = read_rows(run.folder / "filter/kept.jsonl", Problem)
    pairs = [
        Pair(
            id=p.id, question=p.question, chosen="Yes & <b>gladly</b>.", rejected="No.", source=p.id, boxed=False,
            chosen_reward=0.6, rejected_reward=0.0,
        )
        for p in kept[:12]
    ]  # fmt: skip
    write_rows(run.folder / "pair/pairs.jsonl", pairs)
    reasons = ["not drawn"] * 4 + ["equal texts"] * 2
    dropped = [
        Verdict(problem=p.id, filter="pair", keep=False, reason=r) for p, r in zip(kept[12:], reasons, strict=True)
    ]
    write_rows(run.folder / "pair/dropped.jsonl", dropped)
    return Run.at(run.folder)


def test_pairs_are_the_last_step_of_the_funnel(scored: Run) -> None:
    *_, rows, pairs = results.funnel(scored)
    assert (rows["name"], rows["count"]) == ("rows to train on", 18)
    assert pairs == {
        "name": "pairs to train on",
        "count": 12,
        "reasons": {"not drawn": 4, "equal texts": 2},
        "categories": {},
    }


def test_before_there_are_pairs(scored: Run) -> None:
    for file in (scored.folder / "pair").iterdir():
        file.unlink()
    assert results.funnel(scored)[-1] == {"name": "pairs to train on", "count": 0, "reasons": {}, "categories": {}}
    assert "0 pairs to train on" in card.card(scored)


def test_the_lineage_has_rewards_and_the_pair(scored: Run) -> None:
    verdicts = read_rows(scored.folder / "filter/verdicts.jsonl", Verdict)
    one = examples.lineages(scored, verdicts)[0]
    assert one.rewards[:3] == [None, 0, 0.1]
    assert one.pair is not None
    assert one.pair.rejected == "No."
    assert one.votes == []


def test_the_page(scored: Run) -> None:
    text = html.write(scored).read_text(encoding="utf-8")
    assert "Rewards of the responses" in text
    assert "Pair trained on: chosen" in text
    assert "Yes &amp; &lt;b&gt;gladly" in text
    assert "pairs to train on" in text
    problems = text.partition('id="problems"')[2].partition('id="answers"')[0]
    assert not re.search(r"answer as written|label: <b>|<h4>Votes", problems)


def test_the_card(scored: Run) -> None:
    text = card.card(scored)
    front = yaml.safe_load(text.split("---\n")[1])
    assert front["configs"] == [{"config_name": "default", "data_files": "pair/pairs.jsonl"}]
    assert front["tags"] == ["synthetic", "instructions", "csi_train"]
    assert "12 pairs to train on" in text
    assert 'data_files="pair/pairs.jsonl"' in text
    assert "| pairs | {'rule': 'reward', 'rho': 0.2, 'pairs': 12} |" in text
    assert "score/scores.jsonl" in text
    assert not re.search(r"\| label \||what\s+the generator wrote", text)
    first = json.loads((scored.folder / "pair/pairs.jsonl").read_text().splitlines()[0])
    assert all(f"`{field}`" in card.FIELDS["pair/pairs.jsonl"] for field in first)


def test_a_run_without_any_filter(scored: Run) -> None:
    (scored.folder / "filter/funnel.json").write_text("[]")
    assert [step["name"] for step in results.funnel(scored)][-2:] == ["rows to train on", "pairs to train on"]
    html.write(scored)


def test_responses_before_and_after_are_those_that_gained_and_lost_most(scored: Run) -> None:
    texts = {"base": "Well <b>now</b>.", "dpo": "Done."}
    for row, text in texts.items():
        documents = [{"doc": f"d{n}", "question": f"Ask {n}", "texts": [text]} for n in range(6)]
        write_rows(scored.folder / "evaluate" / row / "documents_csi_instructions.jsonl", documents)
    scores = [{f"d{n}#1": 1.0 for n in range(6)}, {**{f"d{n}#1": float(n) for n in range(5)}, "d5#1": math.nan}]
    rows = [JudgedRow(row, {}, score) for row, score in zip(texts, scores, strict=True)]
    recipe = scored.folder / "recipe.yaml"
    recipe.write_text(recipe.read_text() + "judge: [{type: reward}]\n")
    judge = Judged("reward", "reward", {}, None, {}, rows, False)
    found = examples.responded(Run.at(scored.folder), [judge])
    assert [(one.question, one.way) for one in found] == [
        ("Ask 4", "better"), ("Ask 3", "better"), ("Ask 1", "alike"), ("Ask 0", "worse"),
    ]  # fmt: skip
    assert (found[0].before, found[0].after) == ((1.0, texts["base"]), (4.0, texts["dpo"]))
    assert examples.responded(Run.at(scored.folder), [Judged("reward", "reward", {}, None, {}, rows[:1], False)]) == []


@pytest.mark.parametrize(
    ("means", "best"),
    [
        ({"base": 9.0, "base_fewshot": 8.0, "sft": 2.0, "dpo": 1.0}, "sft"),
        ({"base": 0.0, "sft": 1.0, "dpo": 2.0}, "dpo"),
        ({"sft": 2.0, "dpo": 1.0}, "sft"),
        ({"base": 1.0}, "base"),
    ],
)
def test_a_judge_is_quoted_on_the_model_that_it_likes_best(means: dict[str, float], best: str) -> None:
    """A base model is none of them, and what was not judged counts for nothing."""
    figures = {row: {"reward": {"mean": mean, "stderr": 0.1}} for row, mean in means.items()}
    rows = [
        JudgedRow(row, {"figures": figures[row]}, {**{f"d{n}": mean for n in range(4)}, "d4": math.nan})
        for row, mean in means.items()
    ]
    found = Judged("reward", "reward", {"model": "m", "engine": "e"}, None, {}, rows, False)
    assert judged.best(found).label == best
    rivals = sum(not row.startswith("base") for row in means)
    told = f"{best}, the best of {rivals}," if rivals > 1 else best
    assert judged.sentence(found).startswith(f"{told} by reward, judged by m: mean reward {means[best]:.3g} ± 0.1")
