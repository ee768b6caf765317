"""The stage `classify`: what it leaves, who goes by it, what it says where categories are missing; and bad servers."""

import json
import logging
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from csi_train import order, pipeline
from csi_train.engines import server
from csi_train.errors import RecipeError, RunError
from csi_train.records import Classified, Problem, Samples, Scores, read_rows, write_rows
from csi_train.run import Run
from csi_train.stages import classify, generate, sample
from csi_train.stages import filter as filtering
from tests.bad_server import BadServer, reply, serving

SCRIPTED = {"type": "tests.scripted_classifier"}
WRITES = {"type": "tests.scripted_judge", "says": "<begin>\nPaint a cow.\n</end>"}
QUESTIONS = [*(f"Draw map {n}." for n in range(4)), *(f"Sing song {n}." for n in range(3)), "Count to 9.", "and so on"]


def make(
    root: Path,
    section: dict[str, Any] | None = SCRIPTED,
    questions: list[str] = QUESTIONS,
    id: str | None = None,
    **keys: Any,
) -> Run:
    """A run that sorts these questions as seeds; with `data`, as rows that are answered, scored and filtered."""
    (root / "rows.jsonl").write_text("".join(json.dumps({"question": q, "group": "one"}) + "\n" for q in questions))
    source = {"path": str(root / "rows.jsonl"), "fields": {"answer": None, "id": id}, "verifiable_only": False}
    given = {"seeds": source, "generate": {"model": "m", "method": "no_cot", "problems": 40}}
    body = {"name": "r", "runs": str(root / "runs"), "verifiable": False, "classify": section, **given, **keys}
    if "data" in keys:
        body = {k: v for k, v in body.items() if k not in given} | {"data": source}
    folder = root / "runs/r"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "recipe.yaml").write_text(json.dumps(body))
    return Run.at(folder)


def test_it_leaves_a_row_per_seed_and_counts(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    run = make(tmp_path)
    with caplog.at_level(logging.WARNING):
        figures = classify.main(run)
    assert figures == {"seeds": 9, "categories": {"Draw": 4, "Sing": 3, "Count": 1}, "unclassified": 1}
    assert json.loads((run.folder / "classify/stats.json").read_text()) == figures
    rows = read_rows(run.folder / "classify/categories.jsonl", Classified)
    assert [row.question for row in rows] == QUESTIONS
    assert (rows[-1].category, rows[-1].how) == (None, {"word": "and"})
    assert "1 of 9 seeds have no category: see" in caplog.text


def test_seeds_are_drawn_by_what_it_found_and_the_unclassified_never(tmp_path: Path) -> None:
    run = make(tmp_path, engine=WRITES)
    classify.main(run)
    figures = generate.main(run)["generate"]
    problems = read_rows(run.folder / "generate/problems.jsonl", Problem)
    kinds = {row.seed: row.category for row in read_rows(run.folder / "classify/categories.jsonl", Classified)}
    assert all({kinds[seed] for seed in problem.seeds} == {problem.category} for problem in problems)
    counts = Counter(problem.category for problem in problems)
    assert set(counts) == {"Draw", "Sing"}
    assert figures["categories"] == {"Draw": counts["Draw"], "Sing": counts["Sing"]}
    assert figures["left_out"] == {"Count": 1}


def test_rows_that_share_an_id_have_each_its_own_category(tmp_path: Path) -> None:
    run = make(tmp_path, id="group")
    classify.main(run)
    assert [(seed.id, seed.category) for seed in classify.rows(run)][3:] == [
        ("one", "Draw"), *[("one", "Sing")] * 3, ("one", "Count"), ("one", None),
    ]  # fmt: skip


def test_no_category_with_enough_seeds(tmp_path: Path) -> None:
    run = make(tmp_path, questions=["Draw a.", "Sing b.", "Count c."], engine=WRITES)
    classify.main(run)
    with pytest.raises(RecipeError, match=r"3 seeds .* not 2 of one category to draw\n.*or fewer categories"):
        generate.main(run)


def test_nothing_classified_is_an_error_that_keeps_the_rows(tmp_path: Path) -> None:
    run = make(tmp_path, SCRIPTED | {"only": "Weave"})
    with pytest.raises(RunError, match=r"9 of 9 seeds have no category: see .*categories.jsonl\n"):
        classify.main(run)
    assert len(read_rows(run.folder / "classify/categories.jsonl", Classified)) == 9


def test_generation_before_it_or_of_other_seeds(tmp_path: Path) -> None:
    run = make(tmp_path)
    with pytest.raises(RunError, match=r"categories.jsonl is not there\n.*csi-train stage classify"):
        generate.main(run)
    classify.main(run)
    run = make(tmp_path, questions=[*QUESTIONS, "Draw one more."])
    with pytest.raises(RunError, match=r"1 of 10 seeds are not sorted, such as seed-\w+\n.*csi-train stage classify"):
        generate.main(run)


def test_rows_of_data_are_filtered_by_category(tmp_path: Path) -> None:
    """RIP per category: of each, the half whose worst response scores lower goes; rows without one are a group too."""
    rip = {"type": "rip", "min_rejected_reward": {"quantile": 0.5}, "per_category": True}
    reward = {"type": "tests.scripted_reward", "log": str(tmp_path / "log")}
    run = make(tmp_path, data=True, sample={"model": "m", "k": 2}, reward=reward, filter=[rip])
    classify.main(run)
    problems = sample.written(run)
    answers = {"text": "t", "answer": None, "tokens": 1, "finish": "stop", "completion": "c"}
    both = tuple({"index": index, **answers} for index in range(2))
    write_rows(run.folder / "sample/samples.jsonl", [Samples(problem=p.id, k=2, responses=both) for p in problems])
    scores = [Scores(problem=p.id, rewards=(float(n), 50.0)) for n, p in enumerate(problems)]
    write_rows(run.folder / "score/scores.jsonl", scores)
    figures = filtering.main(run)
    kept = read_rows(run.folder / "filter/kept.jsonl", Problem)
    assert [problem.question for problem in kept] == [QUESTIONS[n] for n in (2, 3, 5, 6, 7, 8)]
    counts = {"Draw": 2, "Sing": 2, "Count": 1, "no category": 1}
    assert figures == {"problems": 9, "kept": 6, "with_response": 6, "categories": counts}
    assert json.loads((run.folder / "filter/funnel.json").read_text())[0]["categories"] == counts


def test_without_the_section_nothing_is_sorted(tmp_path: Path) -> None:
    run = make(tmp_path, None)
    assert "classify" not in [stage.name for stage in order.stages(run.recipe)]
    assert {seed.category for seed in classify.rows(run)} == {None}


def test_it_runs_before_generation_in_a_process_of_its_own(tmp_path: Path) -> None:
    run = make(tmp_path, sample={"k": 1})
    stages = order.stages(run.recipe)
    assert [stage.name for stage in stages] == ["classify", "generate", "sample", "filter"]
    assert stages[1].after == ("classify",)
    assert [[s.name for s in group] for group in pipeline.groups(run.recipe, stages)] == [
        ["classify"], ["generate", "sample"], ["filter"],
    ]  # fmt: skip


@pytest.fixture
def bad(monkeypatch: pytest.MonkeyPatch) -> Iterator[BadServer]:
    monkeypatch.setattr(server, "FIRST_PAUSE", 0.01)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with serving() as served:
        yield served


def served(root: Path, bad: BadServer, **section: Any) -> Run:
    llm = {"type": "llm", "categories": ["Maps", "Songs"], **section}
    return make(root, llm, engine={"type": "server", "url": bad.url, "retries": 2})


def test_a_server_is_asked_for_one_of_the_list(tmp_path: Path, bad: BadServer) -> None:
    bad.script(reply(json.dumps({"choice": "Songs"})))
    assert classify.main(served(tmp_path, bad))["categories"] == {"Songs": 9}
    assert len(bad.seen) == 9
    schema = bad.seen[0][1]["response_format"]["json_schema"]["schema"]
    assert schema["properties"] == {"choice": {"type": "string", "enum": ["Maps", "Songs"]}}


def test_a_server_that_heeds_no_schema_is_read_all_the_same(tmp_path: Path, bad: BadServer) -> None:
    """Each kind of reply to one seed, over and over; a broken connection is the engine's to sit out."""
    said = ["Maps", "<think>Songs?</think>\nMaps\n", '{"choice": "Maps"}', '{"choice": "Plans"}', "Maps, I think."]
    said += ['{"category": "Maps"}', '{"choice": ["Maps"]}', "[" * 10**5, ""]
    texts = dict(zip(QUESTIONS, said, strict=True))

    def answer(body: dict[str, Any], before: int) -> Any:
        text = next(t for q, t in texts.items() if f"<request>\n{q}\n" in body["messages"][0]["content"])
        return reply(text) if before or body["temperature"] else (503, {}, b"busy")

    bad.answer = answer
    run = served(tmp_path, bad)
    assert classify.main(run) == {"seeds": 9, "categories": {"Maps": 3}, "unclassified": 6}
    rows = read_rows(run.folder / "classify/categories.jsonl", Classified)
    assert [row.category for row in rows] == ["Maps"] * 3 + [None] * 6
    assert [row.how["asked"] for row in rows] == [1] * 3 + [3] * 6
    assert max(len(row.how.get("reply", "")) for row in rows) == 200
    assert len(bad.seen) == 9 * 2 + 6 * 2
    assert classify.main(run)["unclassified"] == 6
    assert len(bad.seen) == 9 * 2 + 6 * 2, "what the store has is not asked for again, good or bad"
