"""Stages that ask a real HTTP server which misbehaves, or dies: nothing that was answered is asked for again."""

import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from csi_train import recipe_file
from csi_train.engines import server
from csi_train.errors import EngineError
from csi_train.records import Judged, Problem, Samples, content_id, read_rows
from csi_train.run import Run
from csi_train.stages import evaluate, generate, judge
from tests.bad_server import RESET, Answer, BadServer, reply, serving
from tests.scripted_judge import verdict

ROOT = Path(__file__).parents[2]
TROUBLES: list[Answer] = [
    (429, {}, b'{"error": {"message": "slow down"}}'),
    (429, {"Retry-After": "0.02"}, b""),
    (500, {}, b"<h1>oh no</h1>"),
    (503, {}, b'{"detail": "loading"}'),
    RESET,
    60.0,
    b'{"choices": [{"te',
    b'{"choices": [], "usage": {"completion_tokens": 1}}',
]
DEAD: Answer = (500, {}, b"dead")
NUMBERS = itertools.count(1)
"""Of the texts: each is another, whichever thread writes it."""


class Model:
    """Answers each second request with another trouble, as long as there are more, and after `lives` replies no more.

    `replies` are those that it gave; it writes instructions, answers them, and judges by length.
    """

    def __init__(self, troubles: list[Answer], lives: int | None = None, says: str | None = None) -> None:
        self.replies: list[dict[str, Any]] = []
        self._troubles = [trouble for each in troubles for trouble in (each, None)]
        self._lives, self._says = lives, says

    def __call__(self, body: dict[str, Any], before: int) -> Answer:
        trouble = self._troubles.pop(0) if self._troubles else None
        if trouble is None and len(self.replies) == self._lives:
            trouble = DEAD
        if trouble is None:
            self.replies.append(body)
        return reply(self._says or self._said(body["messages"][-1]["content"])) if trouble is None else trouble

    def _said(self, asked: str) -> str:
        if "<answer>" in asked:
            return verdict(asked)
        return f"<begin>Write a text, number {next(NUMBERS)}.</end>" if "<begin>" in asked else "Here it is."


@pytest.fixture
def bad(monkeypatch: pytest.MonkeyPatch) -> Iterator[BadServer]:
    monkeypatch.setattr(server, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(server, "LONGEST_PAUSE", 0.02)
    monkeypatch.chdir(ROOT)
    with serving() as served:
        yield served


Build = Callable[..., Run]


def run_of(folder: Path, sections: dict[str, Any]) -> Run:
    run = folder / "runs" / "r"
    run.mkdir(parents=True)
    (run / "recipe.yaml").write_text(json.dumps({"name": "r", "runs": str(folder / "runs"), **sections}))
    return Run(run, recipe_file.load(run / "recipe.yaml"))


def to_generate(folder: Path, engine: dict[str, Any]) -> Run:
    """Six instructions to write, each to answer four times."""
    lines = [json.dumps({"question": f"Name bird {n}."}) + "\n" for n in range(4)]
    (folder / "seeds.jsonl").write_text("".join(lines))
    seeds = {"path": str(folder / "seeds.jsonl"), "fields": {"answer": None}, "verifiable_only": False}
    write = {"model": "m", "method": "no_cot", "problems": 6}
    return run_of(
        folder, {"verifiable": False, "engine": engine, "seeds": seeds, "generate": write, "sample": {"k": 4}}
    )


def to_evaluate(folder: Path, engine: dict[str, Any]) -> Run:
    """Six instructions to answer."""
    tasks = {"tasks": ["csi_instructions"], "repeats": 1, "limit": 6}
    return run_of(folder, {"engine": engine, "model": "m", "data": {"path": "none.jsonl"}, "evaluate": tasks})


def to_judge(folder: Path, engine: dict[str, Any]) -> Run:
    """Twelve answers to judge beside those of a baseline, in both orders."""
    questions = [f"Tell me of bird {n}." for n in range(12)]
    (folder / "outputs.jsonl").write_text(
        "".join(json.dumps({"prompt": question, "output": "z" * 30}) + "\n" for question in questions)
    )
    baseline = {"baseline": str(folder / "outputs.jsonl"), "style_control": False}
    entry = {"type": "arena_hard_v2", "model": "m", "engine": engine, **baseline}
    tasks = {"tasks": ["csi_arena_hard_v2"], "repeats": 1}
    run = run_of(folder, {"model": "org/m", "data": {"path": "none.jsonl"}, "evaluate": tasks, "judge": [entry]})
    found = [{"doc": content_id("doc", q), "question": q, "texts": ["x" * (25 + n)]} for n, q in enumerate(questions)]
    (run.folder / "evaluate" / "base").mkdir(parents=True)
    path = run.folder / "evaluate" / "base" / "documents_csi_arena_hard_v2.jsonl"
    path.write_text("".join(json.dumps(document) + "\n" for document in found))
    return run


def generated(run: Run) -> None:
    problems = read_rows(run.folder / "generate/problems.jsonl", Problem)
    samples = read_rows(run.folder / "sample/samples.jsonl", Samples)
    assert len({problem.question for problem in problems}) == 6
    assert [[r.text for r in row.responses] for row in samples] == [["Here it is."] * 4] * 6


def evaluated(run: Run) -> None:
    lines = (run.folder / "evaluate/base/documents_csi_instructions.jsonl").read_text().splitlines()
    assert [json.loads(line)["texts"] for line in lines] == [["Here it is."]] * 6


def judged(run: Run) -> None:
    rows = read_rows(run.folder / "judge/arena_hard_v2/verdicts_base.jsonl", Judged)
    assert [[j.verdict for j in row.judgements] for row in rows] == [
        ["B>A" if 25 + n > 30 else "A>>B", "B>A" if 25 + n < 30 else "A>>B"] for n in range(12)
    ]


STAGES = {
    "generate": (to_generate, lambda run: generate.main(run, sample_too=True), generated, 30),
    "evaluate": (to_evaluate, lambda run: evaluate.main(run, ["base"]), evaluated, 6),
    "judge": (to_judge, lambda run: judge.main(run, "arena_hard_v2"), judged, 24),
}


def engine(bad: BadServer, **params: Any) -> dict[str, Any]:
    return {"type": "server", "url": bad.url, "retries": len(TROUBLES), "concurrency": 4, "timeout_s": 1.0, **params}


@pytest.mark.parametrize(("build", "do", "whole", "replies"), STAGES.values(), ids=STAGES)
def test_every_trouble_that_passes_is_sat_out(
    build: Build, do: Any, whole: Any, replies: int, bad: BadServer, tmp_path: Path
) -> None:
    bad.answer = model = Model(TROUBLES if replies > 2 * len(TROUBLES) else TROUBLES[:6])
    do(run := build(tmp_path, engine(bad)))
    whole(run)
    assert len(model.replies) == replies


@pytest.mark.parametrize(("build", "do", "whole", "replies"), STAGES.values(), ids=STAGES)
def test_a_server_that_dies_half_way_is_asked_only_for_the_rest(
    build: Build, do: Any, whole: Any, replies: int, bad: BadServer, tmp_path: Path
) -> None:
    run = build(tmp_path, engine(bad))
    bad.answer = first = Model(TROUBLES[:5], lives=replies // 2)
    with pytest.raises(EngineError, match=r"at last: HTTP 500: dead") as error:
        do(run)
    assert "--resume" in error.value.hint
    assert not list(run.folder.glob("*/*/verdicts_*")), "nothing half done looks done"
    bad.answer = second = Model(TROUBLES[:5])
    do(run)
    whole(run)
    assert len(first.replies) == replies // 2
    assert len(first.replies) + len(second.replies) == replies
    if build is not to_generate:  # whose samples of one prompt look alike
        assert not [body for body in second.replies if body in first.replies]


@pytest.mark.parametrize("name", ["generate", "judge"])
def test_a_stage_that_is_killed_asks_only_for_the_rest(name: str, bad: BadServer, tmp_path: Path) -> None:
    build, do, whole, replies = STAGES[name]
    run = build(tmp_path, engine(bad, concurrency=1))
    names = ["generate", "sample"] if name == "generate" else ["judge/arena_hard_v2"]
    command = [sys.executable, "-m", "csi_train.stages", str(run.folder), *names]
    model, started = Model([]), subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(ROOT)})

    def until_half(body: dict[str, Any], before: int) -> Answer:
        if len(model.replies) < replies // 2:
            return model(body, before)
        os.kill(started.pid, signal.SIGKILL)
        return RESET

    bad.answer = until_half
    assert started.wait(60) == -signal.SIGKILL
    bad.answer = second = Model([])
    do(run)
    whole(run)
    assert len(second.replies) == replies - replies // 2


def test_replies_that_never_parse_are_counted_and_not_asked_for_again(bad: BadServer, tmp_path: Path) -> None:
    run = to_judge(tmp_path, engine(bad))
    bad.answer = model = Model([], says="Both have their merits.")
    for asked in (24 * 3, 24 * 3):
        told = judge.main(run, "arena_hard_v2")
        assert (told["unparsed"], len(model.replies)) == (24, asked)
        rows = read_rows(run.folder / "judge/arena_hard_v2/verdicts_base.jsonl", Judged)
        assert {(j.verdict, j.preference, j.asked) for row in rows for j in row.judgements} == {(None, None, 3)}


def test_a_refusal_that_is_final_stops_at_once_and_loses_nothing(bad: BadServer, tmp_path: Path) -> None:
    run = to_judge(tmp_path, engine(bad))
    model = Model([])
    bad.answer = lambda body, before: model(body, before) if len(model.replies) < 12 else (402, {}, b"no credit")
    with pytest.raises(EngineError, match=r"refused judge/base/.*: HTTP 402: no credit") as error:
        judge.main(run, "arena_hard_v2")
    assert "--resume" in error.value.hint
    assert len(bad.seen) <= 12 + 4, "those in flight, and none again"
    bad.answer = model
    judge.main(run, "arena_hard_v2")
    judged(run)
    assert len(model.replies) == 24
