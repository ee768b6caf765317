"""Base against trained, and runs side by side: the right differences, and none where there is nothing to compare."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from csi_train import statistics
from csi_train.errors import RowError, RunError
from csi_train.reporting import comparison
from csi_train.reporting.comparison import AVERAGE, Comparison
from csi_train.run import Run
from csi_train.statistics import Difference, estimate

from .conftest import DOCUMENTS, evaluate

Make = Callable[..., Run]


def scores(run: Run, row: str, task: str = "words") -> list[float]:
    text = (run.folder / "evaluate" / row / f"documents_{task}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line)["avg_at_k"] for line in text.splitlines()]


def test_rows_figures_and_differences_are_those_of_the_documents(run: Run) -> None:
    lines = comparison.of_run(run).sections["words"]
    assert [line.row.name for line in lines] == ["base", "base_fewshot", "sft", "grpo"]
    assert [line.row.trained_on for line in lines] == [None, None, 18, 18]
    assert lines[1].row.label == "base, 5-shot (the generator's own level)"
    for line in lines:
        assert line.k == "4"
        assert line.metrics["avg_at_k"] == estimate(scores(run, line.row.name))
    base, sft, grpo = (dict(enumerate(scores(run, row))) for row in ("base", "sft", "grpo"))
    assert lines[0].against_first is None
    assert lines[3].against_first == statistics.difference(base, grpo)
    assert lines[3].against_previous == statistics.difference(sft, grpo)


def test_headline_says_what_the_interval_says(run: Run) -> None:
    found = comparison.of_run(run)
    gap = found.sections["words"][3].against_first
    assert isinstance(gap, Difference)
    assert found.headline.startswith(
        "grpo, the best of 2 trained models, scores 43.4 % on words, against 0.4 % for base: higher (+43.0 points"
    )
    assert f"{100 * gap.low:+.1f} to {100 * gap.high:+.1f}, 64 problems" in found.headline
    assert any("99.6 % of the samples of base on words hold no readable answer" in text for text in found.details)


def test_the_headline_is_about_the_best_model_not_the_last(make_run: Make) -> None:
    found = comparison.of_run(make_run(rates={"base": 0.1, "base_fewshot": 0.6, "sft": 0.5, "grpo": 0.3}))
    lines = {line.row.name: line.metrics["avg_at_k"].mean for line in found.sections["words"]}
    assert lines["base_fewshot"] > lines["sft"] > lines["grpo"], "and not about a base model, however good"
    assert found.best == "sft"
    assert found.headline.startswith("sft, the best of 2 trained models, scores ")
    assert f"against {100 * lines['base']:.1f} % for base: higher (" in found.headline
    last, few_shot, *_ = found.details
    assert last.startswith("grpo scores ")
    assert f"against {100 * lines['sft']:.1f} % for sft: lower (" in last
    assert few_shot.startswith(f"sft scores {100 * lines['sft']:.1f} % on words, against ")
    assert "for base, 5-shot (the generator's own level): " in few_shot
    assert any("choice by score favours it" in note for note in found.notes)


def test_one_trained_model_is_not_called_the_best(make_run: Make) -> None:
    found = comparison.of_run(make_run(rates={"base": 0.1, "sft": 0.5}))
    assert found.headline.startswith("sft scores ")
    assert not any("choice by score" in note for note in found.notes)


def test_noise_is_not_called_a_gain(make_run: Make) -> None:
    run = make_run(rates={"base": 0.42, "base_fewshot": 0.44, "sft": 0.43, "grpo": 0.45})
    found = comparison.of_run(run)
    assert found.headline.startswith("No gain that stands out of the noise: ")
    assert "of 2 trained models, scores " in found.headline
    assert "higher" not in " ".join([found.headline, *found.details])


def test_a_loss_is_called_lower(make_run: Make) -> None:
    run = make_run(rates={"base": 0.6, "base_fewshot": 0.6, "sft": 0.2, "grpo": 0.2})
    assert ": lower (" in comparison.of_run(run).headline


def test_several_tasks_get_an_average_in_which_each_counts_the_same(make_run: Make) -> None:
    found = comparison.of_run(make_run(tasks=("words", "letters")))
    assert list(found.sections) == ["words", "letters", AVERAGE]
    words, letters, both = ([line.metrics["avg_at_k"].mean for line in lines] for lines in found.sections.values())
    assert both == pytest.approx([(a + b) / 2 for a, b in zip(words, letters, strict=True)])
    assert "on the average of 2 tasks" in found.headline
    assert "128 problems" in found.headline


def test_rows_that_were_not_run_are_there_and_empty(make_run: Make) -> None:
    found = comparison.of_run(make_run(rates={"base": 0.1, "grpo": 0.5}))
    lines = found.sections["words"]
    assert [bool(line.metrics) for line in lines] == [True, False, False, True]
    assert lines[1].against_first is None
    assert lines[3].against_previous == lines[3].against_first


def test_a_run_without_results(make_run: Make) -> None:
    run = make_run(rates={})
    assert comparison.of_run(run).headline.startswith("Nothing to compare")
    with pytest.raises(RunError, match="has no evaluated model"):
        comparison.compare([run.folder])


def test_a_changed_recipe_makes_rows_stale(run: Run) -> None:
    assert not any("Stale" in note for note in comparison.of_run(run).notes)
    path = run.folder / "evaluate/sft/done.json"
    path.write_text(path.read_text().replace('"key": "', '"key": "old'))
    assert any(note.startswith("Stale: sft.") for note in comparison.of_run(run).notes)


def test_damaged_results_name_the_file_and_the_way_out(run: Run) -> None:
    path = run.folder / "evaluate/sft/documents_words.jsonl"
    path.write_text(path.read_text()[:-20])
    with pytest.raises(RowError, match=r"documents_words\.jsonl:64: not JSON"):
        comparison.of_run(run)
    (path.parent / "results.json").write_text("{}")
    with pytest.raises(RunError, match=r"sft/results\.json[\s\S]*done\.json and run again with --resume"):
        comparison.of_run(run)


def test_runs_side_by_side(make_run: Make) -> None:
    folders = [make_run(name="one").folder, make_run(name="two", rates={"base": 0.01, "grpo": 0.9}).folder]
    found = comparison.compare(folders)
    first, second = found.sections["words"]
    assert (first.row.label, second.row.label) == ("one (grpo)", "two (grpo)")
    assert second.row.trained_on == 18
    assert isinstance(second.against_first, Difference)
    assert second.against_first.verdict == "higher"
    assert found.headline.startswith("two (grpo) scores")


def test_the_best_of_several_runs_may_be_one_that_trains_nothing(make_run: Make) -> None:
    rates = {"one": {"base": 0.3}, "two": {"base": 0.6}, "three": {"base": 0.3, "grpo": 0.4}}
    folders = [make_run(name=name, rates=of).folder for name, of in rates.items()]
    found = comparison.compare(folders)
    assert found.best == "two (base)"
    assert found.headline.startswith("two (base), the best of 2 runs, scores ")
    assert found.details[0].startswith("three (grpo) scores ")


def test_other_documents_are_not_compared_and_it_says_so(make_run: Make) -> None:
    first, second = make_run(name="one"), make_run(name="two")
    evaluate(second, "grpo", 0.9, ("words",), 4, documents=DOCUMENTS - 10)
    found = comparison.compare([first.folder, second.folder])
    why = found.sections["words"][1].against_first
    assert isinstance(why, str)
    assert why.startswith("not compared: not the same documents: 10 only in the first: d-")
    assert "higher" not in found.headline
    assert "10 only in the first" in found.headline


def test_another_k_is_told(make_run: Make) -> None:
    first, second = make_run(name="one", k=4), make_run(name="two", k=8)
    found = comparison.compare([first.folder, second.folder])
    assert [line.k for line in found.sections["words"]] == ["4", "8"]
    assert any(note.startswith("k differs") for note in found.notes)
    assert isinstance(found.sections["words"][1].against_first, Difference)


def test_json_has_every_figure_and_no_nan(make_run: Make) -> None:
    run: Run = make_run()
    for row in ("base", "base_fewshot", "sft", "grpo"):
        evaluate(run, row, 0.5, ("words",), 4, documents=1)
    plain = comparison.of_run(run).plain
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    line = plain["sections"]["words"][3]
    assert line["metrics"]["avg_at_k"]["stderr"] is None
    assert line["against_first"]["verdict"] == "no difference that stands out of the noise"
    assert line["row"]["name"] == "grpo"
    assert plain["best"] in ("sft", "grpo")


def test_a_question_that_a_task_asks_twice_counts_twice(run: Run) -> None:
    for row in ("base", "base_fewshot", "sft", "grpo"):
        path = run.folder / "evaluate" / row / "documents_words.jsonl"
        path.write_text(path.read_text() * 2)
    found: Comparison = comparison.of_run(run)
    assert "128 problems" in found.headline


def test_compare_needs_run_folders(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="not a run folder"):
        comparison.compare([tmp_path])


@pytest.mark.parametrize("change", [{"chat_template": {"enable_thinking": False}}, {"sampling": {}}, {"shots": 5}])
def test_rows_that_were_asked_in_different_ways_are_not_compared(make_run: Make, change: dict[str, Any]) -> None:
    runs = [make_run(name=name) for name in ("one", "two")]
    assert comparison.compare([run.folder for run in runs]).sections
    path = runs[1].folder / "evaluate/grpo/results.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(told | {"asked": told["asked"] | change}), encoding="utf-8")
    with pytest.raises(
        RunError, match=rf"one \(grpo\) and two \(grpo\) were asked in different ways: {next(iter(change))}: "
    ):
        comparison.compare([run.folder for run in runs])
