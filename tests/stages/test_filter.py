"""The filter stage on small run folders: what is kept, with which label and response, and the reason of every loss."""

import itertools
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from csi_train.errors import RecipeError, RunError
from csi_train.filters.stopping import further
from csi_train.filters.votes import Votes
from csi_train.recipe import Evaluate, Fields, Generate, Recipe, Sample, Source
from csi_train.records import Example, Problem, Response, Samples, Scores, Verdict, read_rows, write_rows
from csi_train.run import Run
from csi_train.stages import filter as stage
from csi_train.stages import train
from csi_train.trainers import sft

ROOT = Path(__file__).parents[2]
SEEDS = Source(path=str(ROOT / "seeds/word_problems.jsonl"), fields=Fields(solution="solution"))
HELD_OUT = ROOT / "evals/data/word_problems_test.jsonl"

ALL_FILTERS = [
    {"type": "well_formed"},
    {"type": "novelty"},
    {"type": "dedup"},
    {"type": "decontaminate"},
    {"type": "self_consistency"},
    {"type": "answer_consistency"},
    {"type": "pass_rate", "min": 0.2, "max": 0.9},
]

COPPER = "A coppersmith makes 6 kettles a day and mends 5 pots a week. How many kettles does he make in 9 days?"
LIGHTHOUSE = "A lighthouse blinks 4 times a minute. How often does it blink in a quarter of an hour?"
MARKET = "At a market stall, 18 melons cost 54 dollars. What is the price of 7 melons, in dollars?"
GLUE = "Each of 13 model planes takes 3 drops of glue, and 8 drops are spilled. How many drops is that?"

Cast = Sequence[str | None]
Row = tuple[str, str | None, Cast]


def problem(question: str, answer: str | None, call: int) -> Problem:
    return Problem(
        id=f"problem-{call}",
        question=question,
        answer=answer,
        method="cot_self_instruct",
        seeds=("seed-1", "seed-2"),
        call=call,
        completion=f"hash:{call}",
    )


def response(index: int, answer: str | None, finish: str = "stop", tokens: int = 12) -> Response:
    text = f"Answer {index}: the answer is \\boxed{{{answer}}}."
    return Response(index=index, text=text, answer=answer, tokens=tokens, finish=finish, completion=f"hash:{index}")


def run_of(folder: Path, rows: Sequence[Row], k: int = 4, **keys: Any) -> Run:
    """A run folder as the stages before leave it."""
    problems = [problem(question, answer, call) for call, (question, answer, _) in enumerate(rows)]
    samples = [
        Samples(problem=p.id, k=k, responses=tuple(response(i, a) for i, a in enumerate(cast)))
        for p, (_, _, cast) in zip(problems, rows, strict=True)
    ]
    write_rows(folder / "generate/problems.jsonl", problems)
    write_rows(folder / "sample/samples.jsonl", samples)
    defaults = {"seeds": SEEDS, "generate": Generate(model="m"), "sample": Sample(k=k)}
    return Run(folder, Recipe(name="t", **(defaults | keys)))


def read(run: Run, name: str, kind: Any) -> list[Any]:
    return read_rows(run.folder / "filter" / name, kind)


def funnel(run: Run) -> list[dict[str, Any]]:
    return list(json.loads((run.folder / "filter/funnel.json").read_text(encoding="utf-8")))


def test_the_whole_funnel(tmp_path: Path) -> None:
    held_out = json.loads(HELD_OUT.read_text(encoding="utf-8").splitlines()[0])["question"]
    rows: list[Row] = [
        (COPPER, "54", ["54", "54", "54", "9"]),
        ("Answer: a farmer has 12 cows, how many legs?", "48", ["48"] * 4),
        ("A carton holds 30 eggs. How many eggs are in 9 cartons?", "270", ["270"] * 4),
        (COPPER.replace("?", "!?"), "54", ["54", "54", "54", "9"]),
        (held_out, "13", ["13"] * 4),
        (LIGHTHOUSE, "60", ["60", "15", None, "60"]),
        (MARKET, "20", ["21", "21", "21", "20"]),
        (GLUE, "47", ["47", "47", "47", "47"]),
        ("A tailor cuts 9 yards into strips of 3 feet each. How many strips are cut?", "9", ["9", "9", "3", "9.0"]),
    ]
    evaluate = Evaluate(tasks=("csi_word_problems",), include_path=str(ROOT / "evals"))
    run = run_of(tmp_path, rows, filter=ALL_FILTERS, evaluate=evaluate)

    assert stage.main(run) == {"problems": 9, "kept": 2, "with_response": 2}
    assert [(s["filter"], s["in"], s["kept"], s["reasons"]) for s in funnel(run)] == [
        ("well_formed", 9, 8, {"leftover of a template": 1}),
        ("novelty", 8, 7, {"near-copy of a seed": 1}),
        ("dedup", 7, 6, {"copy": 1}),
        ("decontaminate", 6, 5, {"in a benchmark": 1}),
        ("self_consistency", 5, 4, {"no answer has a large enough majority": 1}),
        ("answer_consistency", 4, 3, {"the majority is not the written answer": 1}),
        ("pass_rate", 3, 2, {"too easy": 1}),
        ("label", 2, 2, {}),
    ]
    verdicts = read(run, "verdicts.jsonl", Verdict)
    assert len(verdicts) == sum(step["in"] for step in funnel(run))
    assert {v.problem: v.filter for v in verdicts if not v.keep} == {
        "problem-1": "well_formed",
        "problem-2": "novelty",
        "problem-3": "dedup",
        "problem-4": "decontaminate",
        "problem-5": "self_consistency",
        "problem-6": "answer_consistency",
        "problem-7": "pass_rate",
    }
    kept = read(run, "kept.jsonl", Problem)
    assert kept == [problem(*rows[0][:2], 0), problem(*rows[8][:2], 8)]
    assert read(run, "examples.jsonl", Example) == [
        Example(id=p.id, question=p.question, answer=p.answer, response=response(0, p.answer).text, source=p.id)
        for p in kept
    ]


def test_a_filter_sees_what_those_above_it_kept(tmp_path: Path) -> None:
    """The first of two equal problems goes for its votes; then dedup has nothing to drop."""
    rows: list[Row] = [(COPPER, "9", ["54"] * 4), (COPPER, "54", ["54"] * 4)]
    run = run_of(tmp_path, rows, filter=[{"type": "answer_consistency"}, {"type": "dedup"}])
    assert stage.main(run)["kept"] == 1
    assert [row.id for row in read(run, "kept.jsonl", Problem)] == ["problem-1"]


def test_without_filters_every_problem_with_an_answer_is_kept(tmp_path: Path) -> None:
    rows: list[Row] = [(COPPER, "54", []), (LIGHTHOUSE, None, [])]
    run = run_of(tmp_path, rows, sample=None)
    assert stage.main(run) == {"problems": 2, "kept": 1, "with_response": 0}
    assert funnel(run) == [{"filter": "label", "in": 2, "kept": 1, "reasons": {"no label": 1}}]
    assert read(run, "examples.jsonl", Example) == [
        Example(id="problem-0", question=COPPER, answer="54", response=None, source="problem-0")
    ]


def test_the_response_is_the_longest_finished_one_with_the_label(tmp_path: Path) -> None:
    run = run_of(tmp_path, [(COPPER, "54", [])])
    given = [
        response(4, "54", tokens=30),
        response(3, "54", tokens=30),
        response(5, "54", tokens=20),
        response(0, None, tokens=50),
        response(1, "9", tokens=50),
        response(2, "54", "length", tokens=50),
    ]
    write_rows(tmp_path / "sample/samples.jsonl", [Samples(problem="problem-0", k=6, responses=tuple(given))])
    stage.main(run)
    assert read(run, "examples.jsonl", Example)[0].response == response(3, "54").text


def test_majority_labels(tmp_path: Path) -> None:
    rows: list[Row] = [
        (COPPER, "9", ["54", None, "54.0", "9"]),
        (LIGHTHOUSE, None, ["60", "15", "60", "15"]),
        (MARKET, None, [None, None, None, None]),
    ]
    run = run_of(tmp_path, rows, label="majority")
    assert stage.main(run) == {"problems": 3, "kept": 1, "with_response": 1}
    (example,) = read(run, "examples.jsonl", Example)
    assert (example.answer, example.response) == ("54", response(0, "54").text)
    verdicts = read(run, "verdicts.jsonl", Verdict)
    assert [(v.reason, v.figures) for v in verdicts] == [
        ("labelled", {"label": "54"}),
        ("no label", {"label": None}),
        ("no label", {"label": None}),
    ]
    assert read(run, "kept.jsonl", Problem)[0].answer == "9", "the written answer stays on record"


def test_random_labels_are_drawn_by_seed_and_problem(tmp_path: Path) -> None:
    cast = ["54", None, "9", "7"]
    rows: list[Row] = [(f"{COPPER} ({n})", "54", cast) for n in range(40)]
    run = run_of(tmp_path, [*rows, (MARKET, "21", [None] * 4)], label="random", seed=3)
    assert stage.main(run)["kept"] == 40
    answers = {row.id: row.answer for row in read(run, "examples.jsonl", Example)}
    assert answers == {f"problem-{n}": Random(f"3:problem-{n}").choice(["54", "9", "7"]) for n in range(40)}
    assert set(answers.values()) == {"54", "9", "7"}
    other = run_of(tmp_path, [*rows, (MARKET, "21", [None] * 4)], label="random", seed=4)
    stage.main(other)
    assert {row.id: row.answer for row in read(other, "examples.jsonl", Example)} != answers


SCRIPTED = {"type": "tests.scripted_reward", "log": ""}


def score(run: Run, rewards: Sequence[Sequence[float | None]]) -> Run:
    """The same run, its responses scored."""
    rows = [Scores(problem=f"problem-{n}", rewards=tuple(row)) for n, row in enumerate(rewards)]
    write_rows(run.folder / "score/scores.jsonl", rows)
    return run


def test_instructions_need_no_label(tmp_path: Path) -> None:
    rows: list[Row] = [("Write a limerick.", None, [None] * 4), ("Write a haiku.", None, [None] * 4)]
    generate = Generate(model="m", method="no_cot")
    keys: dict[str, Any] = {"generate": generate, "verifiable": False, "reward": SCRIPTED}
    run = score(run_of(tmp_path, rows, **keys), [[0.5, None, 2.5, 2.5], [None] * 4])
    samples = read_rows(tmp_path / "sample/samples.jsonl", Samples)
    assert stage.main(run) == {"problems": 2, "kept": 2, "with_response": 1}
    assert funnel(run) == []
    best = samples[0].responses[2].text
    assert read(run, "examples.jsonl", Example) == [
        Example(id="problem-0", question=rows[0][0], answer=None, response=best, source="problem-0", boxed=False),
        Example(id="problem-1", question=rows[1][0], answer=None, response=None, source="problem-1", boxed=False),
    ]


def test_sft_learns_from_the_best_response_to_each_kept_instruction(tmp_path: Path) -> None:
    """Of equally good responses the first; never one that was cut off or is empty."""
    rows: list[Row] = [(f"Write {n} lines.", None, [None] * 4) for n in range(4)]
    keys: dict[str, Any] = {
        "generate": Generate(model="m", method="no_cot"),
        "verifiable": False,
        "reward": SCRIPTED,
        "filter": [{"type": "rip", "min_rejected_reward": 1}],
        "train": [{"type": "sft"}],
    }
    run = run_of(tmp_path, rows, **keys)
    score(run, [[2, 5, 7, 7], [9, 0.5, 9, 9], [8, 6, 4, 3], [1, 1, None, None]])
    samples = read_rows(tmp_path / "sample/samples.jsonl", Samples)
    cut, empty = replace(samples[2].responses[0], finish="length"), replace(samples[2].responses[1], text="")
    samples[2] = replace(samples[2], responses=(cut, empty, *samples[2].responses[2:]))
    write_rows(tmp_path / "sample/samples.jsonl", samples)
    assert stage.main(run) == {"problems": 4, "kept": 3, "with_response": 3}
    learnt = [sft.row(example) for example in train.rows(run, sft.ROWS)]
    best = [samples[0].responses[2], samples[2].responses[2], samples[3].responses[0]]
    assert learnt == [
        {"prompt": [{"role": "user", "content": q}], "completion": [{"role": "assistant", "content": r.text}]}
        for q, r in zip((rows[0][0], rows[2][0], rows[3][0]), best, strict=True)
    ]


def test_no_instructions_at_all(tmp_path: Path) -> None:
    keys: dict[str, Any] = {"generate": Generate(model="m", method="no_cot"), "verifiable": False, "sample": None}
    with pytest.raises(RunError, match="there are no problems to filter"):
        stage.main(run_of(tmp_path, [], **keys))


def test_the_best_scored_finished_response_that_is_not_empty(tmp_path: Path) -> None:
    empty = Response(index=2, text="", answer=None, tokens=1, finish="stop", completion="", reward=9)
    cut = replace(response(1, None, "length"), reward=8)
    given = Samples(problem="p", k=5, responses=(empty, cut, replace(response(0, None), reward=-3), response(3, None)))
    found = stage.example(problem("Write a limerick.", None, 0), given, None, "its own solution")
    assert (found.response, found.boxed) == (response(0, None).text, False)
    unscored = Samples(problem="p", k=5, responses=(empty, cut, response(3, None)))
    given = replace(unscored, responses=unscored.responses[1:])
    assert stage.example(problem("Write a limerick.", None, 0), given, None, "own").response == "own"


def test_reward_labels(tmp_path: Path) -> None:
    """The label is the answer of the best-scored response that has one, the response the best that gives it."""
    rows: list[Row] = [
        (COPPER, None, ["9", "54", None, "54.0"]),
        (LIGHTHOUSE, "60", ["15", "60", "60", "60"]),
        (MARKET, None, ["21", None, None, None]),
    ]
    run = run_of(tmp_path, rows, label="reward", reward=SCRIPTED)
    score(run, [[0.1, 0.3, 7.0, 0.5], [-1.0, -2.0, None, -4.0], [None, 1.0, 1.0, 1.0]])
    assert stage.main(run)["kept"] == 2
    first, second = read(run, "examples.jsonl", Example)
    assert (first.answer, first.response) == ("54.0", response(3, "54.0").text)
    assert (second.answer, second.response, second.boxed) == ("15", response(0, "15").text, True)


def test_a_written_label_takes_the_best_scored_response(tmp_path: Path) -> None:
    run = run_of(tmp_path, [(COPPER, "54", ["54", "54", "9", "54"])], reward=SCRIPTED)
    stage.main(score(run, [[None, 0.5, 0.9, 0.7]]))
    assert read(run, "examples.jsonl", Example)[0].response == response(3, "54").text


def test_scores_that_are_missing(tmp_path: Path) -> None:
    run = run_of(tmp_path, [(COPPER, "54", ["54"] * 4)], reward=SCRIPTED)
    with pytest.raises(RunError, match=r"scores.jsonl is not there\n.*csi-train stage score"):
        stage.main(run)


def test_data_that_exists_already(tmp_path: Path) -> None:
    """A baseline: rows of a file, filtered like any others; their own solutions are the responses."""
    lines = [
        {"q": COPPER, "a": "6 * 9 = 54 kettles\n#### 54"},
        {"q": COPPER, "a": "6 * 9 = 54 kettles\n#### 54"},
        {"q": LIGHTHOUSE, "a": "60"},
        {"q": "Prove that 54 is even.", "a": "#### 54"},
    ]
    (tmp_path / "data.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    data = Source(path=str(tmp_path / "data.jsonl"), fields=Fields(question="q", answer="a"))
    run = Run(tmp_path, Recipe(name="t", data=data, filter=[{"type": "well_formed"}, {"type": "dedup"}]))
    assert stage.main(run) == {"problems": 3, "kept": 2, "with_response": 1}
    assert [(e.question, e.answer, e.response) for e in read(run, "examples.jsonl", Example)] == [
        (COPPER, "54", "6 * 9 = 54 kettles\n#### 54"),
        (LIGHTHOUSE, "60", None),
    ]


@pytest.mark.parametrize("label", ["written", "majority", "random"])
def test_an_exact_early_stop_changes_nothing(label: str, tmp_path: Path) -> None:
    """Cut each vote where the sampler would: all but the figures of the votes is as with all of them."""
    rng, k = Random(11), 8
    votes = [tuple(rng.choices(["54", "9", "7", None], [rng.random() for _ in range(4)], k=k)) for _ in range(120)]
    filters = [{"type": "self_consistency", "min_share": 0.3}, {"type": "answer_consistency"}, {"type": "dedup"}]
    filters += [{"type": "pass_rate", "min": 0.3, "max": 0.8}]
    recipe: dict[str, Any] = {"filter": filters, "label": label}
    rows: list[Row] = [(f"{COPPER} {'again ' * (n % 9)}{n % 40}", "54", vote) for n, vote in enumerate(votes)]
    full = run_of(tmp_path / "full", rows, k, **recipe)
    params, cut = full.recipe.filter, list[Row]()
    for question, answer, vote in rows:
        seen = next(n for n in itertools.count() if not further(params, label, Votes.of(vote[:n], k, answer)))
        cut.append((question, answer, vote[:seen]))
    short = run_of(tmp_path / "short", cut, k, **recipe)

    assert stage.main(full) == stage.main(short)
    assert sum(len(vote) for _, _, vote in cut) < 0.95 * k * len(cut)
    assert funnel(full) == funnel(short)
    for name, kind in (("kept.jsonl", Problem), ("examples.jsonl", Example)):
        assert read(full, name, kind) == read(short, name, kind)
    decided = [
        [(v.problem, v.filter, v.keep, v.reason) for v in read(run, "verdicts.jsonl", Verdict)] for run in (full, short)
    ]
    assert decided[0] == decided[1]


def test_nothing_kept_names_the_step_that_dropped_the_most(tmp_path: Path) -> None:
    rows: list[Row] = [
        ("Too short?", "1", ["1"] * 4),
        (COPPER, "9", ["54"] * 4),
        (LIGHTHOUSE, None, ["60"] * 4),
    ]
    run = run_of(tmp_path, rows, filter=[{"type": "well_formed"}, {"type": "answer_consistency"}])
    message = (
        r"nothing is kept: of 3 problems, answer_consistency dropped 2 \(1 'the majority is not the written answer', "
        r"1 'no written answer'\)\n.*filter/verdicts.jsonl.*--resume"
    )
    with pytest.raises(RunError, match=message):
        stage.main(run)
    assert len(read(run, "verdicts.jsonl", Verdict)) == 5
    assert funnel(run)[1]["kept"] == 0
    assert read(run, "examples.jsonl", Example) == read(run, "kept.jsonl", Problem) == []


def test_no_problems_at_all(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="there are no problems to filter"):
        stage.main(run_of(tmp_path, [], filter=[{"type": "dedup"}]))


def test_files_of_earlier_stages_that_are_missing(tmp_path: Path) -> None:
    run = run_of(tmp_path, [(COPPER, "54", ["54"] * 4), (GLUE, "47", ["47"] * 4)])
    half = read_rows(tmp_path / "sample/samples.jsonl", Samples)[:1]
    write_rows(tmp_path / "sample/samples.jsonl", half)
    with pytest.raises(RunError, match=r"1 of 2 problems have no samples, such as problem-1\n.*csi-train stage sample"):
        stage.main(run)
    (tmp_path / "sample/samples.jsonl").unlink()
    with pytest.raises(RunError, match=r"samples.jsonl is not there\n.*csi-train stage sample"):
        stage.main(run)
    (tmp_path / "generate/problems.jsonl").unlink()
    with pytest.raises(RunError, match=r"problems.jsonl is not there\n.*csi-train stage generate"):
        stage.main(run)


@pytest.mark.parametrize("keys", [{"label": "majority"}, {"filter": [{"type": "answer_consistency"}]}])
def test_votes_without_samples(keys: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="`sample:` section"):
        stage.main(run_of(tmp_path, [(COPPER, "54", [])], sample=None, **keys))


def test_a_stage_run_again_replaces_what_it_wrote(tmp_path: Path) -> None:
    rows: list[Row] = [(COPPER, "54", ["54"] * 4), (LIGHTHOUSE, "60", ["15"] * 4)]
    stage.main(run_of(tmp_path, rows))
    run = run_of(tmp_path, rows, filter=[{"type": "answer_consistency"}])
    stage.main(run)
    assert [row.id for row in read(run, "kept.jsonl", Problem)] == ["problem-0"]
    assert sorted(path.name for path in (tmp_path / "filter").iterdir()) == [
        "examples.jsonl",
        "funnel.json",
        "kept.jsonl",
        "verdicts.jsonl",
    ]
