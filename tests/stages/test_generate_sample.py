"""Generation and sampling on a scripted engine: the same problems in any order, and no answer that cannot matter."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from csi_train import recipe_file
from csi_train.engines.contract import Request
from csi_train.errors import RecipeError, RunError
from csi_train.filters import Context, answer_consistency
from csi_train.methods import short_cot
from csi_train.progress import Progress, Snapshot
from csi_train.recipe import Recipe
from csi_train.records import Problem, Samples, Seed, read_rows
from csi_train.run import Run
from csi_train.stages import sample as sampling
from csi_train.stages.generate import Writer, shown
from csi_train.stages.sample import Sampler
from tests.scripted import ScriptedEngine, stored

SEEDS = [Seed(id=f"s{n}", question=f"What is {n}?", answer=str(n), solution=rf"\boxed{{{n}}}") for n in range(9)]


def recipe(folder: Path, **sections: Any) -> Recipe:
    """A small recipe in a folder, with these keys of generate and sample."""
    seeds = folder / "seeds.jsonl"
    seeds.write_text("".join(json.dumps({"question": s.question, "answer": s.answer}) + "\n" for s in SEEDS))
    generate = {"model": "m", "problems": 12, "shots": 2, "max_calls_per_problem": 3} | sections.get("generate", {})
    sample = {"k": 8, "shots": 2, "early_stop": "exact"} | sections.get("sample", {})
    body = {
        "name": "r",
        "runs": str(folder / "runs"),
        "seeds": {"path": str(seeds)},
        "generate": generate,
        "sample": sample,
        "filter": [{"type": "answer_consistency"}],
    }
    (folder / "recipe.yaml").write_text(json.dumps(body))
    return recipe_file.load(folder / "recipe.yaml")


def reply(request: Request) -> str:
    """Every third call does not parse; answers depend on the problem and the index alone."""
    if request.purpose == "generate":
        n = request.index
        return " no box here and none at all" if n % 3 == 0 else f" What is {n} + 1?\nAnswer: \\boxed{{{n + 1}}}"
    number = sum(map(ord, request.row)) % 5
    return f" \\boxed{{{request.row.count('a') if (request.index * 7 + number) % 4 else number}}}"


def generate(folder: Path, order: int, dies_after: int | None = None, **sections: Any) -> tuple[Run, ScriptedEngine]:
    """Generate and sample in one engine that finishes requests in an order of its own."""
    run = Run(folder / "runs" / "r", recipe(folder, **sections))
    scripted = ScriptedEngine(reply, order, dies_after)
    engine = stored(folder, scripted)
    sampler = Sampler(run.recipe, SEEDS[:2], engine, sampling.progress(run.folder, run.recipe, 12))
    writer = Writer(run.recipe, SEEDS, engine, Progress(run.folder / "generate", 12, "problems"))
    writer.start(sampler.add)
    engine.drive({"generate": writer.receive, "sample": sampler.receive})
    writer.write(run)
    sampler.write(run, writer.problems)
    return run, scripted


def rows(run: Run) -> list[tuple[Problem, Samples | None]]:
    problems = read_rows(run.folder / "generate" / "problems.jsonl", Problem)
    return list(zip(problems, read_rows(run.folder / "sample" / "samples.jsonl", Samples), strict=True))


def verdicts(run: Run) -> dict[str, bool]:
    judged = answer_consistency.judge(rows(run), answer_consistency.Params(), Context([], {}))
    return {verdict.problem: verdict.keep for verdict in judged}


def test_the_same_problems_whatever_the_order_of_replies(tmp_path: Path) -> None:
    found = []
    for order in range(4):
        (folder := tmp_path / str(order)).mkdir()
        found.append([problem for problem, _ in rows(generate(folder, order)[0])])
    assert len(found[0]) == 12
    assert found[1:] == found[:1] * 3
    assert [p.call for p in found[0]] == [n for n in range(18) if n % 3]


def test_exact_early_stop_decides_as_all_k_samples_do_with_fewer(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    full, asked_in_full = generate(tmp_path / "full", 0, sample={"early_stop": "off"})
    assert all(s is not None and len(s.responses) == 8 for _, s in rows(full))
    for order in range(4):
        (folder := tmp_path / str(order)).mkdir()
        early, asked = generate(folder, order)
        assert verdicts(early) == verdicts(full)
        assert len(asked.asked) < len(asked_in_full.asked)


def test_confidence_counts_answers_by_index_not_by_arrival(tmp_path: Path) -> None:
    seen = []
    for order in range(4):
        (folder := tmp_path / str(order)).mkdir()
        run, _ = generate(folder, order, sample={"k": 16, "early_stop": {"confidence": 0.9}})
        seen.append(rows(run))
    for _, samples in seen[0]:
        assert samples is not None
        assert [r.index for r in samples.responses] == list(range(len(samples.responses)))
    assert [[(p.id, s) for p, s in found] for found in seen[1:]] == [[(p.id, s) for p, s in seen[0]]] * 3


@pytest.mark.parametrize("after", [1, 5, 20, 60])
def test_a_killed_run_asks_again_for_nothing_it_had(tmp_path: Path, after: int) -> None:
    with pytest.raises(KeyboardInterrupt):
        generate(tmp_path, 0, dies_after=after, sample={"early_stop": "off"})
    run, scripted = generate(tmp_path, 1, sample={"early_stop": "off"})
    assert len(scripted.asked) == 18 + 12 * 8 - after
    assert len(rows(run)) == 12


@pytest.mark.parametrize("rule", ["off", "exact", {"confidence": 0.9}])
def test_progress_counts_responses_and_expects_fewer_as_problems_are_settled(tmp_path: Path, rule: Any) -> None:
    run, scripted = generate(tmp_path, 0, sample={"early_stop": rule})
    found, written = (Snapshot.read(run.folder / name) for name in ("sample", "generate"))
    assert found is not None
    assert written is not None
    asked = {request.id for request in scripted.asked if request.purpose == "sample"}
    assert found.done == found.of == len(asked - set(scripted.cancelled))
    assert (found.of == 12 * 8) == (rule == "off")
    assert (found.unit, found.at_most, found.note) == ("responses", rule != "off", "12 problems settled")
    assert (written.done, written.of, written.note) == (12, 12, "6 replies did not parse")


def test_what_the_store_has_is_no_work_of_a_resumed_run(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        generate(tmp_path, 0, dies_after=60, sample={"early_stop": "off"})
    run, scripted = generate(tmp_path, 1, sample={"early_stop": "off"})
    found, written = (Snapshot.read(run.folder / name) for name in ("sample", "generate"))
    assert found is not None
    assert written is not None
    own = [request.purpose for request in scripted.asked].count("sample")
    assert (found.done - found.before, found.done) == (own, 12 * 8)
    assert 0 < written.before <= 12


KINDS = ["verse"] * 6 + ["letters"] * 3 + ["maps"] + [None] * 2


def sorted_seeds(kinds: list[str | None]) -> list[Seed]:
    return [replace(SEEDS[0], id=f"s{n}", category=kind) for n, kind in enumerate(kinds)]


def written(folder: Path, seeds: list[Seed], order: int = 0, **section: Any) -> tuple[list[Problem], dict[str, Any]]:
    """The problems written from seeds, and the figures."""
    run = Run(folder / "runs" / "r", recipe(folder, generate={"shots": 0, "method": "no_cot", **section}))
    engine = stored(folder, ScriptedEngine(lambda r: f"<begin>Write a text, number {r.index}.</end>", order))
    writer = Writer(run.recipe, seeds, engine, Progress(run.folder / "generate", 1, "problems"))
    writer.start(lambda problem: None)
    engine.drive({"generate": writer.receive})
    return writer.problems, writer.write(run)


def test_the_seeds_of_a_call_are_of_one_category(tmp_path: Path) -> None:
    seeds = sorted_seeds(KINDS)
    kind = {seed.id: seed.category for seed in seeds}
    problems, figures = written(tmp_path, seeds, problems=400)
    assert all({kind[seed] for seed in problem.seeds} == {problem.category} for problem in problems)
    assert all(len(set(problem.seeds)) == 2 for problem in problems)
    counts = Counter(problem.category for problem in problems)
    told = {"verse": counts["verse"], "letters": counts["letters"], "no category": counts[None]}
    assert figures["categories"] == told
    assert figures["left_out"] == {"maps": 1}
    for category, seeds_of in (("verse", 6), ("letters", 3), (None, 2)):
        assert counts[category] / 400 == pytest.approx(seeds_of / 11, abs=0.08), "in proportion to its seeds"
    assert written(tmp_path, seeds, order=3, problems=400)[0] == problems


def test_without_categories_the_draws_are_as_ever(tmp_path: Path) -> None:
    problems, figures = written(tmp_path, SEEDS)
    drawn = [tuple(s.id for s in Random(f"0:{call}").sample(SEEDS, 2)) for call in range(12)]
    assert [problem.seeds for problem in problems] == drawn
    assert not {"categories", "left_out"} & set(figures)
    of_one = [replace(seed, category="verse") for seed in SEEDS]
    assert [problem.seeds for problem in written(tmp_path, of_one)[0]] == drawn


def test_a_methods_own_demonstrations_are_shown_and_no_seeds(tmp_path: Path) -> None:
    run = Run(tmp_path, recipe(tmp_path, generate={"shots": 3, "method": "short_cot", "problems": 60}))
    scripted = ScriptedEngine(lambda r: f"<begin>Write a text, number {r.index}.</end>")
    engine = stored(tmp_path, scripted)
    writer = Writer(run.recipe, SEEDS, engine, Progress(run.folder / "generate", 1, "problems"))
    writer.start(lambda problem: None)
    engine.drive({"generate": writer.receive})
    assert {seed for problem in writer.problems for seed in problem.seeds} == {seed.id for seed in SEEDS}
    turns = {request.prompt[:6] for request in scripted.asked}
    assert turns == {short_cot.prompt(SEEDS[:2], short_cot.DEMONSTRATIONS[:3])[:6]}
    with pytest.raises(RecipeError, match=r"short_cot has 8 demonstrations to show, not 9\n.*lower generate.shots"):
        shown(SEEDS, run.recipe.generate.model_copy(update={"shots": 9}))


@pytest.mark.parametrize(
    ("kinds", "message"),
    [
        (["a", "b", "c"], "3 seeds beside 0 shots: not 2 of one category to draw"),
        (["a"], "1 seeds beside 0 shots: not 2 to draw"),
        ([], "0 seeds"),
    ],
)
def test_no_category_with_enough_seeds(tmp_path: Path, kinds: list[str | None], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        written(tmp_path, sorted_seeds(kinds))


def test_an_instruction_is_asked_as_it_is_and_has_no_answer(tmp_path: Path) -> None:
    sections = {"generate": {"shots": 0, "method": "no_cot"}, "sample": {"k": 3, "shots": 0, "early_stop": "off"}}
    run = Run(tmp_path, recipe(tmp_path, **sections).model_copy(update={"verifiable": False}))
    scripted = ScriptedEngine(lambda request: r"Of course: \boxed{7}.")
    engine = stored(tmp_path, scripted)
    sampler = Sampler(run.recipe, [], engine, sampling.progress(run.folder, run.recipe, 1))
    task = Problem(id="p", question="Box a 7.", answer=None, method="no_cot", seeds=(), call=0, completion="")
    sampler.add(task)
    engine.drive({"sample": sampler.receive})
    assert {request.prompt for request in scripted.asked} == {(("user", "Box a 7."),)}
    figures = sampler.write(run, [task])
    assert (figures["sampled"], "no_answer" in figures) == (3, False)
    (row,) = read_rows(run.folder / "sample/samples.jsonl", Samples)
    assert [response.answer for response in row.responses] == [None] * 3


def test_too_few_problems_is_an_error_that_keeps_the_replies(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"8/12 problems in 12 calls; 4x no .boxed") as error:
        generate(tmp_path, 0, generate={"max_calls_per_problem": 1})
    assert "rejected.jsonl" in str(error.value)
    assert len((tmp_path / "runs/r/generate/rejected.jsonl").read_text().splitlines()) == 4
    assert not (tmp_path / "runs/r/generate/problems.jsonl").exists()
