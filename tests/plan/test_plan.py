"""The plan: figures that can be worked out by hand, states, and honesty about what is unknown."""

import json
from pathlib import Path

import pytest

from csi_train import plan, recipe_file
from csi_train.plan import figures
from csi_train.plan.show import show
from csi_train.recipe import Recipe
from csi_train.records import Pair
from csi_train.run import Run
from csi_train.store import Address, Store, Stored
from csi_train.trainers import sft

ROOT = Path(__file__).parents[2]
SMOLLM2 = 134_515_008

TEXT = f"""\
name: planned
seeds: {{path: {ROOT}/seeds/word_problems.jsonl}}
generate:
  model: embedded/smollm2-135m-instruct
  problems: 60
  max_calls_per_problem: 1.5
  sampling: {{max_tokens: 200}}
sample: {{k: 8, sampling: {{max_tokens: 100}}}}
engine: {{args: {{max_model_len: 1000}}}}
train:
  - type: sft
    launch: {ROOT}/launch/cpu.yaml
    args: {{num_train_epochs: 2, per_device_train_batch_size: 4, gradient_accumulation_steps: 2}}
  - type: grpo
    launch: {ROOT}/launch/cpu_zero2.yaml
    args: {{num_train_epochs: 1, per_device_train_batch_size: 8, num_generations: 4, max_completion_length: 50}}
evaluate: {{tasks: [csi_word_problems], repeats: 4, include_path: {ROOT}/evals, sampling: {{max_tokens: 30}}}}
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    (tmp_path / "recipe.yaml").write_text(TEXT)
    return recipe_file.load(tmp_path / "recipe.yaml", [f"runs={tmp_path / 'runs'}"])


def changed(recipe: Recipe, *overrides: str) -> Recipe:
    file = Path(recipe.runs).parent / "recipe.yaml"
    return recipe_file.load(file, [f"runs={recipe.runs}", *overrides])


def test_requests_and_tokens_at_most(recipe: Recipe) -> None:
    steps = {step.name: (step.requests, step.tokens, step.note) for step in plan.plan(recipe).steps}
    documents = len((ROOT / "evals/data/word_problems_test.jsonl").read_text().splitlines())
    assert steps["generate"] == (90, 90 * 200, "at least 60 requests")
    assert steps["sample"] == (60 * 8, 60 * 8 * 100, "")
    assert steps["filter"] == (0, 0, "")
    assert steps["train/sft"] == (0, 0, "15 steps of 8")  # 2 epochs of 60 rows by 4 × 2 × 1 process
    assert steps["train/grpo"] == (240, 240 * 50, "15 steps of 16 rollouts")  # 60 prompts × 4 by 8 × 1 × 2 processes
    assert steps["evaluate/base"] == (documents * 4, documents * 4 * 30, "4 a document")
    assert list(steps)[-3:] == ["evaluate/base", "evaluate/sft", "evaluate/grpo"]


def test_scoring_and_pairs(recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sft, "ROWS", Pair, raising=False)
    reward = ["reward.type=tests.scripted_reward", "reward.log=log"]
    steps = {step.name: step for step in plan.plan(changed(recipe, *reward, "pair.pairs=40")).steps}
    assert list(steps)[1:5] == ["sample", "score", "filter", "pair"]
    assert (steps["score"].requests, steps["score"].note) == (0, "480 responses")
    assert (steps["pair"].requests, steps["pair"].note) == (0, "40 pairs")
    assert steps["train/sft"].note == "10 steps of 8", "2 epochs of 40 pairs"
    steps = {step.name: step for step in plan.plan(changed(recipe, *reward, "pair.rho=0")).steps}
    assert steps["pair"].note == "60 pairs"


LLM_JUDGE = "{type: llm_judge, model: embedded/smollm2-135m-instruct, samples: 2, sampling: {max_tokens: 300}}"


def test_a_language_model_that_scores(recipe: Recipe) -> None:
    changes = ["evaluate.tasks=[csi_instructions]", "judge=[{type: reward}]", "train=[]"]
    steps = {step.name: step for step in plan.plan(changed(recipe, f"reward={LLM_JUDGE}", *changes)).steps}
    assert (steps["score"].requests, steps["score"].tokens) == (480 * 2, 480 * 2 * 300)
    assert steps["score"].note == "480 responses × 2; more where a reply is no score"
    documents = len((ROOT / "evals/data/instructions_test.jsonl").read_text().splitlines())
    assert steps["judge/reward"].requests == documents * 4 * 2
    served = changed(recipe, "reward={type: tests.scripted_reward, log: log}", *changes)
    (step,) = (step for step in plan.plan(served).steps if step.name == "judge/reward")
    assert (step.requests, step.note) == (0, f"{documents * 4} responses")


def test_memory_of_a_language_model_that_scores(recipe: Recipe) -> None:
    alone = changed(recipe, f"reward={LLM_JUDGE}", "generate.model=org/m", "model=org/m")
    memory = {need.what: need.bytes for need in plan.plan(alone).memory}
    assert memory["run embedded/smollm2-135m-instruct"] == 2 * SMOLLM2 + 1000 * 23_040  # as the recipe's engine says
    served = "reward.engine={type: server, url: 'http://localhost/v1'}"
    alone = changed(recipe, f"reward={LLM_JUDGE}", "generate.model=org/m", "model=org/m", served)
    assert "run embedded/smollm2-135m-instruct" not in {need.what for need in plan.plan(alone).memory}


def test_sorting_the_seeds(recipe: Recipe) -> None:
    seeds = len((ROOT / "seeds/word_problems.jsonl").read_text().splitlines())
    llm = plan.plan(changed(recipe, "classify={type: llm, model: org/sorts, sampling: {max_tokens: 30}}"))
    assert (llm.steps[0].name, llm.steps[0].requests, llm.steps[0].tokens) == ("classify", seeds, seeds * 30)
    assert llm.memory[0].what == "run org/sorts"
    kmeans = plan.plan(changed(recipe, "classify={type: kmeans, model: embedded/smollm2-135m-instruct}"))
    assert (kmeans.steps[0].requests, kmeans.steps[0].note) == (0, f"{seeds} seeds")
    assert [(n.what, n.bytes) for n in kmeans.memory][1] == (
        "embed with embedded/smollm2-135m-instruct", 2 * SMOLLM2,
    )  # fmt: skip


def test_max_steps_limits_training(recipe: Recipe) -> None:
    found = plan.plan(changed(recipe, "train.grpo.args.max_steps=3", "evaluate.limit=10"))
    steps = {step.name: step for step in found.steps}
    assert steps["train/grpo"].requests == 3 * 16
    assert steps["evaluate/base"].requests == 10 * 4


def test_a_served_model_takes_no_memory_here(recipe: Recipe) -> None:
    served = ("engine={type: server, url: 'http://localhost:8000/v1'}", "generate.model=gpt 4", "model=org/base")
    assert [need.what for need in plan.plan(changed(recipe, *served)).memory] == ["train/sft", "train/grpo"]


def test_a_plan_leaves_no_trace(recipe: Recipe) -> None:
    plan.plan(recipe)
    assert not Path(recipe.runs).exists()


def test_states(recipe: Recipe) -> None:
    run = Run.of(recipe)
    run.finish("generate", 1.0, {})
    run.finish("sample", 1.0, {})
    states = {step.name: step.state for step in plan.plan(recipe).steps}
    assert (states["generate"], states["sample"], states["filter"]) == ("done", "done", "to do")
    states = {step.name: step.state for step in plan.plan(changed(recipe, "sample.k=9")).steps}
    assert (states["generate"], states["sample"]) == ("done", "stale")


def test_the_store_tells_what_to_expect(recipe: Recipe) -> None:
    store = Store(Path(recipe.runs) / "store.sqlite")
    rows = [
        (Address("a" * 32, n, 200), "generate", Stored("text", tokens, "stop")) for n, tokens in enumerate((40, 60))
    ]
    store.put(rows, [])
    store.close()
    expected = {step.name: step.expected for step in plan.plan(recipe).steps}
    assert expected["generate"] == 90 * 50
    assert expected["sample"] is None


def test_what_early_stopping_will_save_is_told_by_what_it_saved(recipe: Recipe) -> None:
    """Three answers to one prompt and five to another were enough: four of eight at 10 tokens each, for 60 problems."""
    store = Store(Path(recipe.runs) / "store.sqlite")
    asked = [("a", n) for n in range(3)] + [("b", n) for n in range(5)]
    store.put([(Address(hash, n, 100), "sample", Stored("text", 10, "stop")) for hash, n in asked], [])
    store.close()
    voting = ("sample.early_stop=exact", "label=majority")
    (early,) = (step for step in plan.plan(changed(recipe, *voting)).steps if step.name == "sample")
    assert (early.expected, early.full) == (60 * 4 * 10, 60 * 8 * 10)
    (full,) = (step for step in plan.plan(recipe).steps if step.name == "sample")
    assert (full.expected, full.full) == (60 * 8 * 10, None)


def test_online_dpo_writes_two_responses_a_prompt(recipe: Recipe) -> None:
    entry = "{type: online_dpo, reward: {type: classifier, model: m}, args: {max_steps: 5, max_new_tokens: 100}}"
    (step,) = (s for s in plan.plan(changed(recipe, f"train=[{entry}]")).steps if s.name == "train/online_dpo")
    assert (step.requests, step.tokens) == (5 * 8 * 2, 5 * 8 * 2 * 100)


def test_online_dpo_with_a_judge_says_so(recipe: Recipe) -> None:
    entry = f"{{type: online_dpo, reward: {LLM_JUDGE}, args: {{max_steps: 5}}}}"
    (step,) = (s for s in plan.plan(changed(recipe, f"train=[{entry}]")).steps if s.name == "train/online_dpo")
    assert step.note == "5 steps of 8 prompts, two rollouts each, and 2 × the judge's reply to each"


def test_what_is_downloaded_is_counted_once(recipe: Recipe) -> None:
    llama = changed(recipe, "generate.model=meta-llama/Llama-3.1-8B-Instruct", "model=Qwen/Qwen3-4B")
    (need,) = (need for need in plan.plan(llama).disk if need.what == "models of the hub")
    assert need.bytes == 2 * (8_030_261_248 + 4_022_468_096)
    assert not [need for need in plan.plan(recipe).disk if need.what == "models of the hub"]


def test_disk(recipe: Recipe) -> None:
    disk = {need.what: need.bytes for need in plan.plan(recipe).disk}
    assert disk["train/sft"] == (2 + 2 * 12) * SMOLLM2  # the model and two checkpoints
    assert disk["train/grpo"] == (2 + 2 * 16) * SMOLLM2  # under DeepSpeed
    lean = plan.plan(changed(recipe, "train.sft.args.save_strategy=no", "train.grpo.lora={r: 8}"))
    assert {need.bytes for need in lean.disk if need.what.startswith("train/")} == {2 * SMOLLM2}


def test_what_is_not_known_is_said_to_be_unknown(recipe: Recipe) -> None:
    hub = changed(
        recipe,
        "generate=null",
        "data.hub=org/set",
        "sample=null",
        "model=org/never-downloaded",
        "evaluate.tasks=[csi_math500]",
    )
    found = plan.plan(hub)
    steps = {step.name: step for step in found.steps}
    assert steps["train/grpo"].requests is None
    assert steps["train/sft"].note == "steps unknown"
    assert steps["train/grpo"].gpu_hours is None
    assert found.gpu_hours is None
    assert all(need.bytes is None for need in found.memory)
    assert all(need.bytes is None for need in found.disk if need.what != "completions")


def test_a_task_file_states_how_many_documents_are_on_the_hub(recipe: Recipe, tmp_path: Path) -> None:
    hub = changed(recipe, "evaluate.tasks=[csi_math500, csi_aime24]")
    assert {step.name: step.requests for step in plan.plan(hub).steps}["evaluate/base"] == (500 + 30) * 4
    (tmp_path / "silent.yaml").write_text("task: silent\ndataset_path: org/set\n")
    silent = changed(recipe, "evaluate.tasks=[silent]", f"evaluate.include_path={tmp_path}")
    assert {step.name: step.requests for step in plan.plan(silent).steps}["evaluate/base"] is None


def test_data_rows_are_counted(recipe: Recipe, tmp_path: Path) -> None:
    rows = [{"question": f"{n} + 1?", "answer": str(n + 1)} for n in range(7)]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    local = changed(
        recipe, "generate=null", f"data.path={tmp_path / 'rows.jsonl'}", "sample.model=org/a", "model=org/b"
    )
    assert {step.name: step.requests for step in plan.plan(local).steps}["sample"] == 7 * 8


def test_show(recipe: Recipe, capsys: pytest.CaptureFixture[str]) -> None:
    show(plan.plan(recipe))
    text = capsys.readouterr().out
    assert "train/grpo" in text
    assert "of disk are free" in text
    assert "GPU-hours" not in text, "a quickstart takes seconds of a GPU"


def test_hours_are_shown_as_an_estimate(recipe: Recipe, capsys: pytest.CaptureFixture[str]) -> None:
    large = changed(recipe, "generate.model=meta-llama/Llama-3.1-8B-Instruct", "generate.problems=100000")
    show(plan.plan(large))
    text = " ".join(capsys.readouterr().out.split())
    assert "GPU-hours are an estimate, not measured: an H100 of 989 TFLOP/s" in text
    assert "In all: " in text


def test_a_plan_is_plain_json(recipe: Recipe) -> None:
    plain = json.loads(json.dumps(plan.plan(recipe).plain))
    assert {"steps", "memory", "disk", "gpu_hours", "assumed"} <= set(plain)
    assert plain["memory"][-1]["what"] == "train/grpo"


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (9999, "9,999"), (12_345, "12 k"), (1_234_567, "1.2 M"), (10**10, "10 G"), (None, "unknown")],
)
def test_count(number: int | None, text: str) -> None:
    assert figures.count(number) == text
