"""The score stage: every response gets the reward of the question as it was asked, once, whatever happens between."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from csi_train import recipe_file
from csi_train.errors import EngineError, RunError
from csi_train.prompts import ask
from csi_train.records import Problem, Response, Samples, Scores, read_rows, write_rows
from csi_train.run import Run
from csi_train.stages import score
from tests import scripted_judge
from tests.scripted_judge import verdict

ROOT = Path(__file__).parents[2]
SCRIPTED = {"type": "tests.scripted_reward"}


def run_of(folder: Path, texts: Sequence[Sequence[str]], verifiable: bool = False, **reward: Any) -> Run:
    """A run folder with problems and their responses, as sample leaves it."""
    problems = [
        Problem(id=f"p{n}", question=f"Write {n} words.", answer=None, method="", seeds=(), call=n, completion="")
        for n in range(len(texts))
    ]
    samples = [
        Samples(
            problem=problem.id,
            k=len(said),
            responses=tuple(
                Response(index=i, text=text, answer=None, tokens=3, finish="stop", completion="")
                for i, text in enumerate(said)
            ),
        )
        for problem, said in zip(problems, texts, strict=True)
    ]
    run = folder / "runs" / "r"
    write_rows(run / "generate/problems.jsonl", problems)
    write_rows(run / "sample/samples.jsonl", samples)
    recipe = {
        "name": "r",
        "runs": str(folder / "runs"),
        "verifiable": verifiable,
        "seeds": {"path": "seeds.jsonl"},
        "generate": {"model": "org/m", "method": "no_cot"},
        "sample": {"k": 2},
        "reward": ({} if "type" in reward else SCRIPTED | {"log": str(folder / "log")}) | reward,
    }
    (run / "recipe.yaml").write_text(json.dumps(recipe))
    return Run(run, recipe_file.load(run / "recipe.yaml"))


def log(folder: Path) -> list[Any]:
    return [json.loads(line) for line in (folder / "log").read_text().splitlines()]


def rewards(run: Run) -> dict[str, tuple[float | None, ...]]:
    return {row.problem: row.rewards for row in read_rows(run.folder / "score/scores.jsonl", Scores)}


def test_scores_are_of_the_question_as_it_was_asked(tmp_path: Path) -> None:
    figures = score.main(run := run_of(tmp_path, [["a 3", "b -1.5"], ["c 7"]]))
    assert rewards(run) == {"p0": (3, -1.5), "p1": (7,)}
    asked = [["Write 0 words.", "a 3"], ["Write 0 words.", "b -1.5"], ["Write 1 words.", "c 7"]]
    assert log(tmp_path) == [*asked[::-1], "closed"]
    assert figures == {"responses": 3, "no_number": 0, "mean": 2.8333, "lowest": -1.5, "highest": 7}
    assert json.loads((run.folder / "score/stats.json").read_text()) == figures


def test_a_verifiable_question_was_asked_for_a_box(tmp_path: Path) -> None:
    score.main(run_of(tmp_path, [["a 3"]], verifiable=True))
    assert log(tmp_path)[0] == [ask("Write 0 words."), "a 3"]
    assert "boxed" in log(tmp_path)[0][0]


def test_what_is_no_finite_number_is_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    figures = score.main(run := run_of(tmp_path, [["a nan", "b inf", "c -inf", "", "d 0"]]))
    assert rewards(run) == {"p0": (None, None, None, None, 0)}
    assert figures == {"responses": 5, "no_number": 4, "mean": 0, "lowest": 0, "highest": 0}
    assert "4 of 5 scores are no finite numbers" in caplog.text
    assert "nan" not in (run.folder / "score/scores.jsonl").read_text().lower()


def test_no_score_at_all(tmp_path: Path) -> None:
    assert score.main(run_of(tmp_path, [["no", "numbers"]])) == {"responses": 2, "no_number": 2}


def test_equal_texts_are_scored_once_and_nothing_twice(tmp_path: Path) -> None:
    texts = [["a 3", "a 3", "b nan"], ["a 3"]]
    score.main(run_of(tmp_path, texts))
    first = log(tmp_path)
    assert len(first) == 3 + 1, "p0 twice the same, p1 another question, and the closing"
    score.main(run := run_of(tmp_path, texts))
    assert log(tmp_path) == first, "nothing is missing, so the reward is not even loaded"
    assert rewards(run) == {"p0": (3, 3, None), "p1": (3,)}


def test_another_reward_scores_anew(tmp_path: Path) -> None:
    score.main(run_of(tmp_path, [["a 3"]]))
    score.main(run_of(tmp_path, [["a 3"]], log=str(tmp_path / "other")))
    assert (tmp_path / "other").exists()


@pytest.mark.parametrize("scored", [0, 1, 100])
def test_a_killed_stage_scores_nothing_twice(tmp_path: Path, scored: int) -> None:
    texts = [[f"{n} and {i}" for i in range(7)] for n in range(25)]
    run = run_of(tmp_path, texts, kill_after=scored)
    done = subprocess.run(
        [sys.executable, "-m", "csi_train.stages", str(run.folder), "score"], env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == -signal.SIGKILL
    assert not (run.folder / "score/scores.jsonl").exists()
    score.main(run := run_of(tmp_path, texts))
    assert len(log(tmp_path)) == 25 * 7 + 1, "each once, and one closing"
    assert rewards(run) == {f"p{n}": tuple(range(7)) for n in range(25)}
    assert json.loads((run.folder / "score/progress.json").read_text())[:3] == [175, 175, "responses"]


def test_the_stage_is_marked_as_done_in_a_process_of_its_own(tmp_path: Path) -> None:
    run = run_of(tmp_path, [["a 3", "b 4"]])
    command = [sys.executable, "-m", "csi_train.stages", str(run.folder), "score"]
    subprocess.run(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=True)
    assert run.record("score")["figures"]["mean"] == 3.5


def test_a_reward_that_loses_count(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="gave 1 scores for 2 responses"):
        score.main(run_of(tmp_path, [["a 3", "b 4"]], missing=0))


JUDGE = {"type": "llm_judge", "model": "judge", "engine": {"type": "tests.scripted_judge"}}


def test_a_language_model_scores_and_its_cost_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [["a", "abc"], ["", "abcdefghijklmno"]]
    monkeypatch.setattr(scripted_judge, "verdict", lambda asked, *_: "no" if "abc\n" in asked else verdict(asked))
    figures = score.main(run := run_of(tmp_path, texts, **JUDGE))
    assert rewards(run) == {"p0": (1, None), "p1": (1, 10)}
    assert (figures["responses"], figures["no_number"], figures["mean"]) == (4, 1, 4)
    assert (figures["requests"], figures["reply_tokens"]) == (1 + 3 + 1, 15)
    assert figures["prompt_chars"] > 5 * 1000
    monkeypatch.setattr(scripted_judge, "open", lambda *_: pytest.fail("the store has it all"))
    assert score.main(run_of(tmp_path, texts, **JUDGE)) == figures, "what was paid once is told again"


@pytest.mark.parametrize(
    ("architecture", "labels", "message"),
    [
        ("LlamaForSequenceClassification", 3, "has 3 labels, and a reward is one number"),
        ("LlamaForCausalLM", 1, "is a LlamaForCausalLM: it has no label"),
    ],
)
def test_a_model_that_is_no_reward_model_costs_nothing_but_its_name(
    architecture: str, labels: int, message: str, tmp_path: Path
) -> None:
    """The responses stay, and so do the scores of a reward that was there before."""
    texts = [["a 3", "b -1.5"], ["c 7"]]
    score.main(run := run_of(tmp_path, texts))
    before = {path: path.read_bytes() for path in run.folder.rglob("*.jsonl")}
    (model := tmp_path / "model").mkdir()
    config = {"model_type": "llama", "architectures": [architecture], "id2label": {n: str(n) for n in range(labels)}}
    (model / "config.json").write_text(json.dumps(config))
    (model / "model.safetensors").write_bytes(b"")
    recipe = json.loads((run.folder / "recipe.yaml").read_text())
    other = recipe | {"reward": {"type": "classifier", "model": str(model)}}
    (run.folder / "recipe.yaml").write_text(json.dumps(other))
    with pytest.raises(EngineError, match=message):
        score.main(Run.at(run.folder))
    assert {path: path.read_bytes() for path in run.folder.rglob("*.jsonl")} == before
    (run.folder / "recipe.yaml").write_text(json.dumps(recipe))
    logged = log(tmp_path)
    score.main(Run.at(run.folder))
    assert log(tmp_path) == logged


def test_nothing_was_sampled_yet(tmp_path: Path) -> None:
    run = run_of(tmp_path, [["a 3"]])
    (run.folder / "sample/samples.jsonl").unlink()
    with pytest.raises(RunError, match=r"samples.jsonl is not there\n.*csi-train stage sample"):
        score.main(run)


def test_rewards_are_put_into_the_responses_they_are_of(tmp_path: Path) -> None:
    score.main(run := run_of(tmp_path, [["a 3", "b nan"], ["c 7"]]))
    samples = read_rows(run.folder / "sample/samples.jsonl", Samples)
    found = score.rewarded(run, samples)
    assert [[r.reward for r in row.responses] for row in found] == [[3, None], [7]]
    assert [[r.index for r in score.by_reward(row.responses)] for row in found] == [[0, 1], [0]]
    tie = [Response(index=i, text="", answer=None, tokens=i, finish="stop", completion="", reward=2) for i in (1, 0, 2)]
    assert [r.index for r in score.by_reward(tie)] == [0, 1, 2], "none is better for being long"
    run = run_of(tmp_path, [["a 3"], ["c 7"]])
    with pytest.raises(RunError, match=r"responses to p0 are not those that were scored\n.*csi-train stage score"):
        score.rewarded(run, read_rows(run.folder / "sample/samples.jsonl", Samples))
