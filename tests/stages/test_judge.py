"""The stage `judge` on a scripted judge: what it asks and leaves, what it says of bad input, and who may compare."""

import json
from pathlib import Path
from typing import Any

import pytest

from csi_train import order, pipeline, plan, recipe_file
from csi_train.errors import RecipeError, RowError, RunError
from csi_train.judging import bradley_terry
from csi_train.records import Judged, Rewarded, content_id, read_rows
from csi_train.reporting import comparison, html, judged, tables
from csi_train.run import Run
from csi_train.stages import judge
from csi_train.store import Store

QUESTIONS = [f"Tell me of bird {n}." for n in range(12)]
LENGTHS = {"base": 20, "sft": 40}
ALPACA = {"type": "alpaca_eval", "baseline": "base", "task": "csi_instructions"}
ARENA = {"type": "arena_hard", "baseline": "base", "task": "csi_instructions"}
V2 = ARENA | {"type": "arena_hard_v2"}
CREATIVE = ARENA | {"type": "arena_hard_v2_creative"}
REWARD = {"type": "reward"}
SCRIPTED = {"type": "tests.scripted_judge"}


def make(
    root: Path, *judges: dict[str, Any], name: str = "run", reward: dict[str, Any] = SCRIPTED, **lengths: int
) -> Run:
    """A run whose rows are evaluated on csi_instructions, each with answers of its own length."""
    body = {
        "name": name,
        "runs": str(root / "runs"),
        "model": "org/base",
        "data": {"path": "pairs.jsonl"},
        "reward": reward,
        "train": [{"type": "sft"}],
        "evaluate": {"tasks": ["csi_instructions"], "repeats": 2},
        "judge": [{"model": "judge", "engine": SCRIPTED} | j if j["type"] != "reward" else j for j in judges],
    }
    folder = root / "runs" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "recipe.yaml").write_text(json.dumps(body))
    run = Run(folder, recipe_file.load(folder / "recipe.yaml"))
    for row, length in (LENGTHS | lengths).items():
        answer(run, row, {q: ["x" * (length + n), "y"] for n, q in enumerate(QUESTIONS)})
    return run


def answer(run: Run, row: str, texts: dict[str, list[str]]) -> None:
    """What `evaluate` leaves of a row: documents and results."""
    folder = run.folder / "evaluate" / row
    folder.mkdir(parents=True, exist_ok=True)
    found = [{"doc": content_id("doc", q), "question": q, "texts": t, "chars": len(t[0])} for q, t in texts.items()]
    (folder / "documents_csi_instructions.jsonl").write_text("".join(json.dumps(d) + "\n" for d in found))
    told = {"k": 2, "documents": len(found), "metrics": {"chars": {"mean": 1, "stderr": 0}}}
    (folder / "results.json").write_text(
        json.dumps({"fingerprint": "f", "asked": {}, "tasks": {"csi_instructions": told}})
    )
    run.finish(f"evaluate/{row}", 1, {})


def results(run: Run, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run.folder / "judge" / name / "results.json").read_text())
    return found


def done(run: Run, *names: str) -> Run:
    for name in names:
        run.finish(f"judge/{name}", 1, judge.main(run, name))
    return run


def test_arena_hard_leaves_verdicts_of_both_orders_and_results(tmp_path: Path) -> None:
    run = make(tmp_path, ARENA)
    figures = judge.main(run, "arena_hard")
    rows = read_rows(run.folder / "judge/arena_hard/verdicts_sft.jsonl", Judged)
    assert [row.question for row in rows] == QUESTIONS
    assert {tuple(j.verdict for j in row.judgements) for row in rows} == {("B>A", "A>>B")}
    assert [row.chars for row in rows] == [40 + n for n in range(12)]
    found = results(run, "arena_hard")
    assert list(found["rows"]) == ["sft"]
    assert found["rows"]["sft"]["figures"]["score"] == {"mean": 1, "low": 1, "high": 1}
    assert found["judge"]["model"] == "judge"
    assert len(found["judge"]["prompt"]) == 12
    assert found["cost"]["requests"] == 24
    assert found["cost"]["reply_tokens"] == 72
    assert found["cost"]["prompt_chars"] > 24 * 1000
    assert figures["sft/score"] == 1
    assert not (run.folder / "judge/arena_hard/verdicts_base.jsonl").exists()


def test_arena_hard_v2_has_a_score_a_prompt_and_a_baseline_for_each_category(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(bradley_terry.RESAMPLES, True, 20)
    path = tmp_path / "outputs.jsonl"
    path.write_text("".join(json.dumps({"prompt": q, "output": "z" * 30}) + "\n" for q in QUESTIONS))
    run = make(tmp_path, V2, CREATIVE | {"baseline": str(path)})
    done(run, "arena_hard_v2", "arena_hard_v2_creative")
    hard, creative = (results(run, name) for name in ("arena_hard_v2", "arena_hard_v2_creative"))
    assert set(hard["rows"]["sft"]["figures"]) == {"score", "style_controlled"}
    assert set(creative["rows"]["sft"]["figures"]) == {"score"}
    assert hard["judge"]["prompt"] != creative["judge"]["prompt"]
    assert (hard["baseline"]["name"], creative["baseline"]["name"]) == ("base", str(path))
    text = tables.markdown(comparison.of_run(run))
    assert "### arena_hard_v2, judged by judge, against base" in text
    assert "### arena_hard_v2_creative, judged by judge, against outputs.jsonl" in text
    who = f"judge (tests.scripted_judge), prompt {creative['judge']['prompt']}, against {path}"
    assert f"arena_hard_v2_creative: judged by {who}; 48 requests" in text
    assert "sft by arena_hard_v2_creative, judged by judge, against outputs.jsonl: score 100.0" in text
    assert "%; against base: +" in text


def test_alpaca_eval_judges_the_first_response_once(tmp_path: Path) -> None:
    run = make(tmp_path, ALPACA)
    judge.main(run, "alpaca_eval")
    rows = read_rows(run.folder / "judge/alpaca_eval/verdicts_sft.jsonl", Judged)
    assert all(len(row.judgements) == 1 and row.preference == 1 for row in rows)
    assert results(run, "alpaca_eval")["rows"]["sft"]["figures"]["win_rate"]["mean"] == 1


def test_alpaca_eval_controls_for_length_where_preferences_differ(tmp_path: Path) -> None:
    run = make(tmp_path, ALPACA)
    answer(run, "sft", {q: ["x" * (10 if n % 3 else 60), "y"] for n, q in enumerate(QUESTIONS)})
    figures = done(run, "alpaca_eval").record("judge/alpaca_eval")["figures"]
    assert figures["sft/win_rate"] == pytest.approx(1 / 3)
    told = results(run, "alpaca_eval")["rows"]["sft"]["figures"]["length_controlled"]
    assert figures["sft/length_controlled"] == told["mean"]
    assert set(told["weights"]) == {"length", "model"}
    assert "length-controlled" in tables.markdown(comparison.of_run(run))


def test_a_file_of_outputs_as_baseline_judges_every_row(tmp_path: Path) -> None:
    path = tmp_path / "outputs.jsonl"
    path.write_text("".join(json.dumps({"instruction": q, "output": "z" * 30}) + "\n" for q in reversed(QUESTIONS)))
    run = done(make(tmp_path, ARENA | {"baseline": str(path)}), "arena_hard")
    scores = {row: told["figures"]["score"]["mean"] for row, told in results(run, "arena_hard")["rows"].items()}
    assert scores["base"] < 0.2
    assert scores["sft"] == 1
    text = tables.markdown(comparison.of_run(run))
    assert "| model | score | characters | judged | unparsed | against base |" in text
    assert "| sft | 100.0 [100.0, 100.0] | 46 | 12 of 12 | 0 | +" in text


def test_reward_reports_means_and_the_paired_margin(tmp_path: Path) -> None:
    run = done(make(tmp_path, REWARD), "reward")
    rows = read_rows(run.folder / "judge/reward/verdicts_sft.jsonl", Rewarded)
    assert [row.rewards for row in rows] == [(40 + n, 1) for n in range(12)]
    told = results(run, "reward")["rows"]
    assert told["base"]["figures"]["reward"]["mean"] == pytest.approx((20 + 5.5 + 1) / 2)
    assert told["base"]["figures"]["margin"] is None
    assert told["sft"]["figures"]["margin"] == {"mean": 10, "low": 10, "high": 10}
    assert told["sft"]["chars"] == pytest.approx((40 + 5.5 + 1) / 2)
    assert "| sft | 23.2 ± 0.52 | 10 [10, 10] | 23 | 12 of 12 | 0 | +10 [+10, +10] higher |" in tables.markdown(
        comparison.of_run(run)
    )


def test_no_response_is_scored_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = make(tmp_path, REWARD)
    judge.main(run, "reward")
    first = results(run, "reward")
    monkeypatch.setattr("tests.scripted_judge.Scorer.score", lambda *_: pytest.fail("scored again"))
    judge.main(run, "reward")
    assert results(run, "reward") == first


def test_a_reward_that_is_no_number_counts_for_nothing(tmp_path: Path) -> None:
    run = make(tmp_path, REWARD)
    answer(run, "sft", {q: ["nan" if n < 3 else "x" * 30, "y"] for n, q in enumerate(QUESTIONS)})
    judge.main(run, "reward")
    told = results(run, "reward")["rows"]["sft"]
    assert told["unparsed"] == 3
    rows = read_rows(run.folder / "judge/reward/verdicts_sft.jsonl", Rewarded)
    assert [row.reward for row in rows] == [1] * 3 + [15.5] * 9
    answer(run, "sft", {q: ["nan", "nan"] for q in QUESTIONS})
    judge.main(run, "reward")
    told = results(run, "reward")["rows"]["sft"]
    assert (told["judged"], told["figures"]) == (0, {"reward": None, "margin": None})


def test_a_language_model_as_reward_is_a_judge_too(tmp_path: Path) -> None:
    scorer = {"type": "llm_judge", "model": "judge", "engine": SCRIPTED, "samples": 2}
    run = done(make(tmp_path, REWARD, reward=scorer), "reward")
    found = results(run, "reward")
    assert found["rows"]["sft"]["figures"]["reward"]["mean"] == 5.5, "10 for the long, 1 for the one letter"
    assert found["cost"]["responses"] == 2 * 12 + 12, "the one letter to each question is the same"
    assert (found["cost"]["requests"], found["cost"]["reply_tokens"]) == (36 * 2, 36 * 2 * 3)
    assert judged.of_run(run)[0].who == f"judge (llm_judge), prompt {found['judge']['prompt']}"


def test_replies_that_never_parse_are_counted_and_no_tie(tmp_path: Path) -> None:
    run = done(make(tmp_path, ARENA | {"engine": SCRIPTED | {"says": "hm"}, "attempts": 2}), "arena_hard")
    found = results(run, "arena_hard")
    assert found["rows"]["sft"]["figures"]["score"] is None
    assert (found["rows"]["sft"]["judged"], found["rows"]["sft"]["unparsed"]) == (0, 24)
    assert found["cost"]["requests"] == 48
    text = tables.markdown(comparison.of_run(run))
    assert "24 judgements did not parse; their documents count for nothing" in text
    assert "nothing was judged" in text


def test_what_was_judged_is_not_asked_again(tmp_path: Path) -> None:
    run = make(tmp_path, ARENA)
    judge.main(run, "arena_hard")
    first = results(run, "arena_hard")
    size = Store(tmp_path / "runs/store.sqlite").size()
    answer(run, "sft", {q: ["x" * (40 + n) if n else "new", "y"] for n, q in enumerate(QUESTIONS)})
    judge.main(run, "arena_hard")
    assert size == 24
    assert Store(tmp_path / "runs/store.sqlite").size() == 26
    assert results(run, "arena_hard")["cost"]["requests"] == first["cost"]["requests"]


def test_empty_responses_lose_and_are_counted(tmp_path: Path) -> None:
    run = make(tmp_path, ARENA)
    answer(run, "sft", {q: ["" if n < 4 else "x" * 60, "y"] for n, q in enumerate(QUESTIONS)})
    judge.main(run, "arena_hard")
    told = results(run, "arena_hard")["rows"]["sft"]
    assert told["empty"] == 4
    assert told["figures"]["score"]["mean"] == pytest.approx(8 * 4 / (8 * 4 + 8))


def test_what_a_model_thinks_is_not_judged(tmp_path: Path) -> None:
    run = make(tmp_path, ARENA)
    thought = {n: f"<think>{'hm ' * 99}" + ("</think>\n" + "x" * 10 if n else "") for n in range(12)}
    answer(run, "sft", {q: [thought[n], "y"] for n, q in enumerate(QUESTIONS)})
    judge.main(run, "arena_hard")
    rows = read_rows(run.folder / "judge/arena_hard/verdicts_sft.jsonl", Judged)
    assert [row.chars for row in rows] == [0] + [10] * 11
    assert [row.preference for row in rows] == [0] * 12
    assert results(run, "arena_hard")["rows"]["sft"]["empty"] == 1


# ------------------------------------------------------------------------------------------------ bad input


@pytest.mark.parametrize(("text", "figure", "empty"), [("", 0, 12), (" \n", 0, 12), ("y" * 20, 0.5, 0)])
def test_responses_that_are_all_empty_or_all_the_baselines_ask_no_judge(
    text: str, figure: float, empty: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(bradley_terry.RESAMPLES, True, 20)
    run = make(tmp_path, ARENA | {"style_control": True}, ALPACA)
    answer(run, "base", {q: ["y" * 20] for q in QUESTIONS})
    answer(run, "sft", {q: [text] for q in QUESTIONS})
    done(run, "arena_hard", "alpaca_eval")
    for name in ("arena_hard", "alpaca_eval"):
        told = results(run, name)
        assert [value["mean"] for value in told["rows"]["sft"]["figures"].values()] == [figure, figure]
        assert (told["rows"]["sft"]["judged"], told["rows"]["sft"]["empty"]) == (12, empty)
        assert told["cost"]["requests"] == 0
    assert f"{100 * figure:.1f}" in tables.markdown(comparison.of_run(run))


def test_no_responses_is_an_error_that_says_what_makes_them(tmp_path: Path) -> None:
    run = make(tmp_path, ARENA | {"task": "csi_arena_hard"})
    with pytest.raises(
        RunError, match=r"no responses to judge: .*documents_csi_arena_hard\.jsonl[\s\S]*evaluate\.tasks"
    ):
        judge.main(run, "arena_hard")


def test_a_row_without_documents_is_the_same_error(tmp_path: Path) -> None:
    run = make(tmp_path, ARENA)
    answer(run, "sft", {})
    with pytest.raises(RunError, match="no responses to judge"):
        judge.main(run, "arena_hard")


def test_separators_of_lines_inside_a_text_end_no_line(tmp_path: Path) -> None:
    run = make(tmp_path, ARENA)
    path = run.folder / "evaluate/sft/documents_csi_instructions.jsonl"
    path.write_text(path.read_text().replace("xxxx", "x\u2028x\x85"), encoding="utf-8")
    judge.main(run, "arena_hard")
    assert results(run, "arena_hard")["rows"]["sft"]["judged"] == 12


def test_a_baseline_of_other_instructions_names_the_first(tmp_path: Path) -> None:
    path = tmp_path / "outputs.jsonl"
    path.write_text(json.dumps({"instruction": QUESTIONS[0], "output": "z"}) + "\n")
    with pytest.raises(RecipeError, match=r"no response to 11 of 12 instructions, first: 'Tell me of bird 1\.'"):
        judge.main(make(tmp_path, ARENA | {"baseline": str(path)}), "arena_hard")


def test_a_broken_document_is_named_by_line(tmp_path: Path) -> None:
    run = make(tmp_path, ARENA)
    path = run.folder / "evaluate/sft/documents_csi_instructions.jsonl"
    path.write_text(path.read_text()[:-20])
    with pytest.raises(RowError, match=r"documents_csi_instructions\.jsonl:12: not an evaluated document"):
        judge.main(run, "arena_hard")


def test_two_judges_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"two entries named 'arena_hard'.* give one a name"):
        make(tmp_path, ARENA, ARENA)
    named = make(tmp_path, ARENA, ARENA | {"name": "arena_other"})
    assert list(order.judges(named.recipe)) == ["arena_hard", "arena_other"]


# ------------------------------------------------------------------------------------------------ the run


def test_the_stage_comes_last_and_hangs_on_its_own_section(tmp_path: Path) -> None:
    run = make(tmp_path, ARENA, REWARD)
    stages = {stage.name: stage for stage in order.stages(run.recipe)}
    assert list(stages)[-2:] == ["judge/arena_hard", "judge/reward"]
    assert stages["judge/reward"].after == ("evaluate/base", "evaluate/sft")
    changed = make(tmp_path, ARENA | {"attempts": 9}, REWARD)
    others = {stage.name: stage.key for stage in order.stages(changed.recipe)}
    assert {name for name in stages if stages[name].key != others[name]} == {"judge/arena_hard"}


def test_another_prompt_makes_it_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = done(make(tmp_path, ARENA), "arena_hard")
    assert not judged.of_run(run)[0].stale
    monkeypatch.setattr("csi_train.judging.arena_hard.TEMPLATE", "other\n---\n{question}")
    assert judged.of_run(run)[0].stale
    assert any(note.startswith("Stale: arena_hard.") for note in comparison.of_run(run).notes)


def test_judging_a_run_that_was_not_evaluated_is_an_error(tmp_path: Path) -> None:
    run = make(tmp_path, ARENA)
    (run.folder / "evaluate/sft/done.json").unlink()
    with pytest.raises(RunError, match="must be done before judging"):
        pipeline.judge(run)
    with pytest.raises(RunError, match="has no judge"):
        pipeline.judge(make(tmp_path, name="none"))


def test_plan_counts_the_replies(tmp_path: Path) -> None:
    run = make(tmp_path, ARENA, ALPACA, REWARD)
    steps = {step.name: step for step in plan.plan(run.recipe).steps}
    assert steps["judge/arena_hard"].requests == 64 * 2
    assert steps["judge/arena_hard"].tokens == 64 * 2 * 4096
    assert steps["judge/alpaca_eval"].requests == steps["judge/alpaca_eval"].tokens == 64
    assert steps["judge/reward"].requests == 0


# ------------------------------------------------------------------------------------------------ reports


def test_a_run_that_is_only_judged_has_a_headline_and_a_report(tmp_path: Path) -> None:
    run = done(make(tmp_path, ALPACA, REWARD), "alpaca_eval", "reward")
    found = comparison.of_run(run)
    assert found.sections == {}
    assert found.headline.startswith("sft by alpaca_eval, judged by judge, against base: win rate ")
    assert "win rate 100.0 ± 0.0 %" in found.headline
    page = html.write(run).read_text(encoding="utf-8")
    assert "Judged by judge (tests.scripted_judge)" in page
    assert "10 [10, 10]" in page
    plain = found.plain
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain


def test_runs_are_compared_document_by_document(tmp_path: Path) -> None:
    one = done(make(tmp_path, ARENA, REWARD, name="one"), "arena_hard", "reward")
    two = done(make(tmp_path, ARENA, REWARD, name="two", sft=10), "arena_hard", "reward")
    by = {found.name: found for found in comparison.compare([one.folder, two.folder]).judged}
    headings, first, second = judged.grid(by["arena_hard"])
    assert headings[-1] == "against one (sft)"
    assert (first[0], second[0]) == ("one (sft)", "two (sft)")
    assert second[-1] == "−100.0 [−100.0, −100.0] lower"
    assert judged.grid(by["reward"])[2][-1] == "−15 [−15, −15] lower"


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"engine": SCRIPTED | {"taste": "short"}}, "fingerprint differ"),
        ({"model": "another"}, "fingerprint differ"),
        ({"sampling": {"temperature": 0.5, "max_tokens": 64}}, "sampling differ"),
        ({"type": "arena_hard_v2", "name": "arena_hard", "sampling": {"temperature": 0, "top_p": 1}}, "type differ"),
    ],
)
def test_scores_of_different_judges_are_not_compared(change: dict[str, Any], what: str, tmp_path: Path) -> None:
    one = done(make(tmp_path, ARENA, name="one"), "arena_hard")
    two = done(make(tmp_path, ARENA | change, name="two"), "arena_hard")
    with pytest.raises(
        RunError, match=rf"arena_hard of .*one and of .*two cannot be compared: {what}\n.*one: .*\n.*two: "
    ):
        comparison.compare([one.folder, two.folder])


def test_nor_those_of_different_prompts_and_baselines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = done(make(tmp_path, ARENA, name="one"), "arena_hard")
    other_base = done(make(tmp_path, ARENA, name="base", base=15), "arena_hard")
    with pytest.raises(RunError, match="baseline differ"):
        comparison.compare([one.folder, other_base.folder])
    monkeypatch.setattr(
        "csi_train.judging.arena_hard.TEMPLATE",
        "judge\n---\n{question}\n<answer>\n{first}\n</answer>\n<answer>\n{second}\n</answer>",
    )
    other_prompt = done(make(tmp_path, ARENA, name="prompt"), "arena_hard")
    with pytest.raises(RunError, match=r"prompt differ\n.*prompt [0-9a-f]{12}, against base\n.*prompt [0-9a-f]{12}"):
        comparison.compare([one.folder, other_prompt.folder])


def test_hostile_replies_stay_text(tmp_path: Path) -> None:
    run = done(make(tmp_path, ARENA | {"model": "<script>x</script>|[b]"}), "arena_hard")
    assert "<script>" not in html.write(run).read_text(encoding="utf-8")
    assert "| sft |" in tables.markdown(comparison.of_run(run))
