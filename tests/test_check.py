"""What `check` finds before anything is loaded: files, models, other libraries' keys, sections that need each other."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from csi_train import check
from csi_train.errors import RecipeError

ROOT = Path(__file__).parents[1]

GOOD = f"""\
name: good
model: org/base
seeds:
  path: {ROOT}/seeds/word_problems.jsonl
  fields: {{solution: solution}}
generate:
  model: embedded/smollm2-135m-instruct
  method: cot_self_instruct
  problems: 8
  shots: 5
sample:
  k: 4
  early_stop: exact
engine:
  args:
    max_model_len: 4200
    max_num_seqs: 64
filter:
  - type: answer_consistency
  - type: decontaminate
label: written
train:
  - type: sft
    launch: {ROOT}/launch/cpu.yaml
    args:
      learning_rate: 1e-4
  - type: grpo
    launch: {ROOT}/launch/cpu_zero2.yaml
    args:
      learning_rate: 1e-6
      per_device_train_batch_size: 8
      num_generations: 4
evaluate:
  tasks: [csi_word_problems]
  include_path: {ROOT}/evals
"""

BAD = {
    "a seed that no generator takes": ("name: good", "name: good\nseed: -1", ":2: seed: should be greater than or"),
    "no seed file": ("word_problems.jsonl", "word_problem.jsonl", ":4: seeds.path: no such .*did you mean .*problems"),
    "not a data file": ("word_problems.jsonl", "README.md", ":4: seeds.path: cannot read .*README.md"),
    "no such column": ("{solution: solution}", "{solution: worked}", "no column 'worked'.*there is: question, "),
    "more shots than seeds": ("shots: 5", "shots: 500", r":10: generate.shots: 502 seeds .* only \d+"),
    "shots without solutions": ("{solution: solution}", "{solution: null}", ":10: .*has no solution to show"),
    "shots without a form": ("cot_self_instruct", "cot_no_solve", ":10: generate.shots: .*no few-shot form"),
    "no template": ("problems: 8", "template: mine.md", ":9: generate.template: no such file"),
    "template without a place": ("shots: 5", f"template: {ROOT}/pyproject.toml", "template: .*no {seeds}"),
    "no model folder": ("org/base", "./models/base", ":2: model: no model folder './models/base'; .*embedded/smollm2"),
    "a folder that is no model": ("org/base", f"{ROOT}/seeds", ":2: model: .*no config.json"),
    "vLLM argument": ("max_num_seqs", "max_num_seq", ":17: .*no argument 'max_num_seq'; .*'max_num_seqs'?"),
    "another argument like it": (
        "learning_rate: 1e-4", "learning_rate: 1e-4\n      learning_rte: 1", ":27: train.0..args.learning_rte: ",
    ),
    "replicas in one process": (
        "max_num_seqs: 64", "data_parallel_size: 2", ":17: engine.args.data_parallel_size: .* start a server",
    ),
    "remote code": ("max_num_seqs: 64", "trust_remote_code: true", ":17: engine.args.trust_remote_code: "),
    "no room for a prompt": ("4200", "4096", "sample.sampling.max_tokens: 4096 leaves no room .* 4096 tokens"),
    "a vote without samples": ("sample:\n  k: 4\n  early_stop: exact\n", "", ":16: filter.0.: .* votes over sampled"),
    "nothing to stop early": ("  - type: answer_consistency\n", "", ":13: sample.early_stop: nothing votes"),
    "no written answers": ("cot_self_instruct", "self_instruct", "drops every problem without a written answer"),
    "labels of its own": ("label: written", "label: random", ":19: filter.0.: .* checks the written answers"),
    "no band": ("answer_consistency", "pass_rate\n    min: 0.3\n    max: 0.4", ":19: filter.0.: no 4 votes can pass"),
    "TRL argument": ("learning_rate: 1e-4", "learning_rat: 1e-4", ":26: .*no argument 'learning_rat'; did you mean"),
    "TRL type": ("1e-6", "fast", ":30: .*learning_rate: 'fast' is not"),
    "TRL divisibility": ("num_generations: 4", "num_generations: 3", "= 16 .* not a multiple of num_generations 3"),
    "no launch file": ("cpu_zero2.yaml", "cpu_zero9.yaml", ":28: train.1..launch: no launch file"),
    "batch and processes": ("num_generations: 4", "num_generations: 4\n    batch: 3", "batch 3 × 4 .* 8 × 2 processes"),
    "no such task": ("csi_word_problems", "csi_word_problem", "no task 'csi_word_problem' .*did you mean"),
    "no task folder": (f"{ROOT}/evals", "no/such", ":35: evaluate.include_path: no such folder"),
    "a task of lm-eval": ("[csi_word_problems]", "[gsm8k]", "no task 'gsm8k' .*lm-eval's own tasks score one sample"),
    "data file of no task": ("[csi_word_problems]", "[csi_amc23]\n  data_files: {csi_amc24: x}", "csi_amc24: not"),
}  # fmt: skip


def load(folder: Path, text: str, *overrides: str) -> check.Checked:
    path = folder / "recipe.yaml"
    path.write_text(text, encoding="utf-8")
    return check.load(path, overrides)


def test_a_good_recipe_passes(tmp_path: Path) -> None:
    load(tmp_path, GOOD)


@pytest.mark.parametrize(("old", "new", "message"), BAD.values(), ids=BAD)
def test_a_bad_recipe_is_named_by_line_key_and_remedy(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in GOOD
    with pytest.raises(RecipeError, match=message):
        load(tmp_path, GOOD.replace(old, new, 1))


def test_the_number_of_processes_is_the_recipes(tmp_path: Path) -> None:
    load(tmp_path, GOOD, f"train.grpo.launch={ROOT}/launch/gpu_zero2.yaml", "train.grpo.processes=8")
    with pytest.raises(RecipeError, match=r"train\[1\].launch: .*gpu_zero2.yaml leaves the number of processes"):
        load(tmp_path, GOOD, f"train.grpo.launch={ROOT}/launch/gpu_zero2.yaml")
    with pytest.raises(RecipeError, match=r"train\[1\].processes: .*gpu.yaml starts 1 process, and processes is 8"):
        load(tmp_path, GOOD, f"train.grpo.launch={ROOT}/launch/gpu.yaml", "train.grpo.processes=8")


def test_a_batch_that_changes_with_the_processes_is_worth_a_note(tmp_path: Path) -> None:
    """Two processes, eight completions on each, four to a prompt; the SFT entry has one process."""
    (note,) = load(tmp_path, GOOD).notes
    assert "train[1].batch: an optimizer step of 2 processes learns from 4 rows" in note
    assert "`batch: 4` keeps it" in note
    assert not load(tmp_path, GOOD, "train.grpo.batch=4").notes


def test_rules_of_trl_are_told_the_steps_that_a_batch_makes(tmp_path: Path) -> None:
    """Two completions at once and process are no group of 8; twice as many steps are."""
    few = ["train.grpo.args.per_device_train_batch_size=2", "train.grpo.args.num_generations=8"]
    with pytest.raises(RecipeError, match="not a multiple of num_generations 8"):
        load(tmp_path, GOOD, *few)
    load(tmp_path, GOOD, *few, "train.grpo.batch=1")


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["generate.method=self_instruct", "filter=[]", "sample=null"], "label: there are no written answers"),
        (["label=majority", "filter=[]", "sample=null"], "label: 'majority' is chosen from sampled answers"),
        (["sample=null", "filter=[]"], r"train\[0\]: sft learns from worked answers"),
        (
            ["engine.args={}", "sample.sampling.max_tokens=9000"],
            "sample.sampling.max_tokens: 9000 leaves .* 8192 tokens",
        ),
        (["evaluate=null"], r"filter\[1\]: filter decontaminate has no benchmark"),
        (["generate=null", "data.path={seeds}"], "sample.model: is required where no generate"),
        (["generate=null", "data.path={seeds}", "data.fields.answer=null"], "data.path: .*no row to use"),
        (["train=[{type: reward_model}, {type: sft}]"], r"train\[1\]: sft would start from the reward model before it"),
        (["train=[{type: dpo}]"], r"train\[0\]: dpo learns from pairs; add a pair section"),
        (
            ["train=[{type: online_dpo, reward: {type: classifier, model: ./nowhere}}]"],
            r"train\[0\].reward.model: no model folder './nowhere'",
        ),
    ],
)
def test_sections_that_need_each_other(tmp_path: Path, overrides: list[str], message: str) -> None:
    seeds = str(ROOT / "seeds/word_problems.jsonl")
    with pytest.raises(RecipeError, match=message):
        load(tmp_path, GOOD, *(o.replace("{seeds}", seeds) for o in overrides))


SERVED = ["engine={type: server, url: 'https://models.example/v1'}", "generate.model=gpt 4", "evaluate=null"]
HUB = "generate.model=org/writes"
SERVED += ["sample.model=any/name/will do", "sample.sampling.max_tokens=100000", "filter=[{type: answer_consistency}]"]


def test_a_served_model_is_its_servers_to_know(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    load(tmp_path, GOOD, *SERVED)
    load(tmp_path, GOOD, *SERVED, "model=null", "train=[]", "evaluate={tasks: [csi_word_problems]}")


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["engine.url=http://localhost/v1", "model=null"], "model: no model folder 'gpt 4'"),
        (["engine.url=http://localhost/v1", "train.sft.model=./none"], r"train\[0\].model: no model folder './none'"),
        (["engine.url=http://[::1]/v1", "evaluate={tasks: [csi_word_problems]}"], "evaluate: the server does not have"),
        (["engine.url=localhost/v1"], "engine.url: give the whole address"),
        (["engine.urls=x"], "no key 'urls'; did you mean 'url'"),
        (["engine.extra={top_p: 1}"], "engine.extra: top_p comes from the recipe's other keys"),
    ],
)
def test_what_is_wrong_with_a_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, overrides: list[str], message: str
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(RecipeError, match=message):
        load(tmp_path, GOOD, *SERVED, *overrides)


@pytest.mark.parametrize(
    ("overrides", "lacking"),
    [
        ([], {"generate": "engine", "sample": "engine"}),
        (["engine={type: vllm}", "sample.engine={type: server, url: 'https://models.example/v1'}", HUB],
         {"sample": "sample.engine"}),
        (["engine.url=http://localhost/v1"], {}),
        (["engine.api_key_env=null"], {}),
    ],
)  # fmt: skip
def test_a_key_is_needed_by_the_stage_that_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, overrides: list[str], lacking: dict[str, str]
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    checked = load(tmp_path, GOOD, *SERVED, "sample.sampling.max_tokens=100", *overrides)
    assert set(checked.lacking) == set(lacking)
    for stage, key in lacking.items():
        assert f"{key}.api_key_env: OPENAI_API_KEY is not set, and https://models.example/v1" in checked.lacking[stage]


def test_a_served_generator_with_training_and_evaluation_here(tmp_path: Path) -> None:
    server = "generate.engine={type: server, url: http://localhost:8000/v1}"
    checked = load(tmp_path, GOOD, server, "generate.model=gpt 4", "sample.model=org/answers")
    assert [asked.section.engine.type for asked in checked.recipe.asked] == ["server", "vllm", "vllm"]
    assert checked.recipe.asked[1].section.engine == checked.recipe.engine
    with pytest.raises(RecipeError, match=r"generate.engine.args.max_num_seq: vLLM has no argument"):
        load(tmp_path, GOOD, "generate.engine={args: {max_num_seq: 1}}")


def test_a_key_for_tracking_is_needed_once_something_is_tracked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    checked = load(tmp_path, GOOD, "track.wandb=online", "train.grpo=null")
    assert set(checked.lacking) == {"train/sft", "evaluate/base", "evaluate/sft"}
    (note,) = checked.notes
    assert note.endswith("(needed by train/sft, evaluate/base, evaluate/sft)")
    assert "track.wandb: WANDB_API_KEY is not set" in note
    monkeypatch.setenv("WANDB_API_KEY", "key")
    assert not [note for note in load(tmp_path, GOOD, "track.wandb=online").notes if "track.wandb" in note]


INSTRUCTIONS = f"""\
name: good
verifiable: false
seeds: {{path: {ROOT}/seeds/word_problems.jsonl, fields: {{answer: null, category: null}}, verifiable_only: false}}
generate:
  model: embedded/smollm2-135m-instruct
  method: long_cot
  problems: 8
sample: {{k: 4}}
reward: {{type: tests.scripted_reward, log: log}}
filter:
  - type: dedup
pair: {{rho: 0.2}}
train:
  - type: sft
    launch: {ROOT}/launch/cpu.yaml
"""

DATA = [
    "generate=null",
    "seeds=null",
    "model=org/base",
    f"data.path={ROOT}/seeds/word_problems.jsonl",
    "data.fields.answer=null",
    "data.verifiable_only=false",
    "data.fields.solution=solution",
]


@pytest.mark.parametrize("changes", [[], ["sample.early_stop=off", "label=written"], ["pair=null"]])
def test_a_recipe_of_instructions_passes(tmp_path: Path, changes: list[str]) -> None:
    load(tmp_path, INSTRUCTIONS, *changes)


def test_demonstrations_are_shown_in_place_of_seeds(tmp_path: Path) -> None:
    (tmp_path / "two.jsonl").write_text('{"question": "Write."}\n' * 2)
    few = [f"seeds.path={tmp_path}/two.jsonl", "generate.shots=8"]
    load(tmp_path, INSTRUCTIONS, *few)
    load(tmp_path, INSTRUCTIONS, *few, "generate.method=short_cot")
    with pytest.raises(RecipeError, match=r"1 problem\n.*generate.shots: long_cot has 8 demonstrations to show, not 9"):
        load(tmp_path, INSTRUCTIONS, *few, "generate.shots=9")


@pytest.mark.parametrize("changes", [["data.fields.chosen=question", "data.fields.rejected=solution"], ["pair=null"]])
def test_data_of_instructions_passes(tmp_path: Path, changes: list[str]) -> None:
    load(tmp_path, INSTRUCTIONS, *DATA, "reward=null", "sample=null", *changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (["generate.method=cot_no_solve"], "generate.method: cot_no_solve writes questions .* long_cot"),
        (["verifiable=true"], "generate.method: long_cot writes instructions.* say verifiable: false"),
        (["filter=[{type: self_consistency}]"], r"filter\[0\]: self_consistency votes .* take it out"),
        (["label=majority"], "label: with verifiable: false nothing is labelled; take out label: majority"),
        (["sample.early_stop=exact"], "sample.early_stop: with verifiable: false .* say off"),
        (["train=[{type: grpo}]"], r"train\[0\]: grpo rewards right answers.* dpo"),
        (["reward=null"], "pair: pairs are chosen by the rewards .* add a reward"),
        (["reward=null", "pair=null"], r"train\[0\]: sft learns from worked answers; add a reward"),
        (["sample=null"], "reward: scores sampled responses; add a sample section"),
        ([*DATA, "sample.model=org/m", "data.fields.chosen=question"], "data.fields: a pair has two columns"),
        (DATA, "sample.model: is required where no generate"),
    ],
)
def test_instructions_without_what_they_need(tmp_path: Path, changes: list[str], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        load(tmp_path, INSTRUCTIONS, *changes)


def test_rewards_in_a_verifiable_recipe(tmp_path: Path) -> None:
    reward = ["reward.type=tests.scripted_reward", "reward.log=log", "filter=[]"]
    load(tmp_path, GOOD, *reward, "sample.early_stop=off", "label=reward")
    with pytest.raises(RecipeError, match=r"sample.early_stop: the reward is to see all k responses"):
        load(tmp_path, GOOD, *reward, "label=majority")
    with pytest.raises(RecipeError, match=r"label: label: reward takes .* add a reward section"):
        load(tmp_path, GOOD, "label=reward", "filter=[]", "sample.early_stop=off")


LLM_JUDGE = "{type: llm_judge, model: org/judge, engine: {type: vllm}}"
SERVER = "{type: server, url: 'https://judge.example/v1', api_key_env: null}"


def test_a_language_model_as_reward_passes(tmp_path: Path) -> None:
    load(tmp_path, INSTRUCTIONS, f"reward={LLM_JUDGE}")
    load(tmp_path, INSTRUCTIONS, f"reward={LLM_JUDGE}", f"reward.engine={SERVER}", "reward.model=gpt 4")
    online = f"train=[{{type: online_dpo, reward: {LLM_JUDGE}}}]"
    load(
        tmp_path,
        INSTRUCTIONS,
        online,
        f"train.online_dpo.reward.engine={SERVER}",
        "train.online_dpo.reward.model=gpt 4",
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (["reward.model=./judge"], "reward.model: no model folder './judge'"),
        (["reward.engine.args={max_num_seq: 1}"], "reward.engine.args.max_num_seq: vLLM has no argument"),
        (["reward.engine.args={max_model_len: 4096}"], "reward.sampling.max_tokens: 4096 leaves no room"),
        (["reward.samples=0"], "reward.samples: "),
        (["reward.sample=2"], "no key 'sample'; did you mean 'sampl"),
        (
            [f"train=[{{type: online_dpo, reward: {LLM_JUDGE}}}]"],
            r"train\[0\].reward.engine: each training process would load the judge .* engine: {type: server",
        ),
    ],
)
def test_what_is_wrong_with_a_language_model_as_reward(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: list[str], message: str
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(RecipeError, match=message):
        load(tmp_path, INSTRUCTIONS, f"reward={LLM_JUDGE}", *changes)


def test_what_another_recipe_makes_is_named_with_that_recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes/first.yaml").touch()
    seeds, model = "runs/first/filter/kept.jsonl", "runs/first/train/reward_model/model"
    checked = load(tmp_path, INSTRUCTIONS, f"seeds.path={seeds}", f"reward={{type: classifier, model: {model}}}")
    made = "`csi-train run recipes/first.yaml` makes it"
    assert checked.lacking["generate"].endswith(f"seeds.path: no such file yet: {seeds}; {made}")
    assert checked.lacking["score"].endswith(f"reward.model: no such model yet: {model}; {made}")
    assert [note.rpartition(" (")[2] for note in checked.notes] == ["needed by generate)", "needed by score)"]


JUDGE = "{type: arena_hard, model: org/judge, baseline: base, task: csi_word_problems}"


def judged(text: str) -> str:
    return GOOD + f"judge:\n  - {text}\n"


def test_a_judge_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    load(tmp_path, judged(JUDGE))
    server = "engine: {type: server, url: https://judge.example/v1, api_key_env: null}, baseline"
    load(tmp_path, judged(JUDGE.replace("baseline", server)))
    load(tmp_path, judged(JUDGE.replace("base,", "hf://datasets/org/name/outputs.json,")))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("csi_word_problems", "csi_arena_hard", r":\d+: judge.0..task: .*responses to csi_arena_hard; add that"),
        (
            "base,",
            "bass.json,",
            r":\d+: judge.0..baseline: no such file: bass.json; .*a row of this run: base, sft, grpo",
        ),
        ("org/judge", "./judge", r":\d+: judge.0..model: no model folder './judge'"),
        ("baseline", "engine: {type: vllm, args: {max_num_seq: 1}}, baseline", "judge.0..engine.args.max_num_seq: "),
        ("baseline", "engine: {type: vlm}, baseline", r"judge.0..engine: .*no module 'vlm'"),
        ("arena_hard", "arena_hart", r"judge.0.: no module 'arena_hart' .*'arena_hard'"),
        ("baseline: base, ", "", "judge.0..baseline: is required"),
        ("base,", "base, styl_control: true,", r"no key 'styl_control'; did you mean 'style_control'"),
        ("arena_hard, model", "alpaca_eval, instruction_difficulty: no.csv, model", "difficulty: no such file: no.csv"),
        ("arena_hard, model: org/judge, baseline: base", "reward", "judge.0.: scores with the recipe's reward; add"),
    ],
)
def test_a_judge_that_cannot_work_is_named(
    old: str, new: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert old in JUDGE
    with pytest.raises(RecipeError, match=message):
        load(tmp_path, judged(JUDGE.replace(old, new, 1)))


def test_a_judge_needs_more_than_the_row_it_compares_with(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="base is the only row of this run"):
        load(tmp_path, judged(JUDGE), "train=[]")


def test_data_in_place_of_generation(tmp_path: Path) -> None:
    seeds = ROOT / "seeds/word_problems.jsonl"
    load(tmp_path, GOOD, "generate=null", f"data.path={seeds}", "sample.model=org/answers")


def test_categories_need_seeds_enough(tmp_path: Path) -> None:
    lines = [json.dumps({"question": f"{n} + 1?", "answer": "2", "solution": "2", "kind": str(n)}) for n in range(9)]
    (tmp_path / "seeds.jsonl").write_text("\n".join(lines))
    changes = [f"seeds.path={tmp_path}/seeds.jsonl", "seeds.fields.category=kind"]
    with pytest.raises(RecipeError, match=r"generate.seeds_per_prompt: 4 seeds .* not 2 of one category to draw"):
        load(tmp_path, GOOD, *changes)
    load(tmp_path, GOOD, *changes, "generate.seeds_per_prompt=1")


@pytest.mark.parametrize("section", ["{type: llm}", "{type: kmeans, model: org/embeds, clusters: 2}"])
def test_a_classifier_passes(tmp_path: Path, section: str) -> None:
    load(tmp_path, INSTRUCTIONS, f"classify={section}")
    load(tmp_path, INSTRUCTIONS, *DATA, "reward=null", "sample=null", "pair=null", f"classify={section}")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (["seeds.fields.category=question"], "classify: seeds.fields.category names a column .* take out classify, or"),
        (["classify.model=./nowhere"], "classify.model: no model folder './nowhere'"),
        (["classify.sampling.max_tokens=9000"], "classify.sampling.max_tokens: 9000 leaves no room .* 8192 tokens"),
        (["classify.categories=[verse]"], "classify.categories: .*at least 2"),
        (["classify.categories=[verse, Verse]"], "classify.categories: 'verse' is there twice"),
        (["classify.kinds=[a, b]"], "classify.kinds: no key 'kinds'"),
        (["classify={type: lm}"], "classify: no module 'lm' .*'llm'"),
        (["classify={type: kmeans}"], "classify.model: is required"),
        (["classify={type: kmeans, model: org/m, clusters: 1}"], "classify.clusters: .*greater than or equal to 2"),
        (["classify={type: kmeans, model: org/m, clusters: 73}"], "classify.clusters: there are only 72 rows; lower"),
        ([*SERVED[:2], "classify={type: kmeans, model: gpt 4}"], "classify.model: no model folder 'gpt 4'"),
        ([*DATA, "model=null", "sample=null", "reward=null", "pair=null", "train=[]"], "classify.model: is required"),
    ],
)
def test_a_classifier_that_cannot_work_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: list[str], message: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    with pytest.raises(RecipeError, match=message):
        load(tmp_path, INSTRUCTIONS, "classify.type=llm", *changes)


def test_a_served_classifier_is_its_servers_to_know(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    load(tmp_path, INSTRUCTIONS, *SERVED[:2], "model=org/base", "classify={type: llm, model: gpt 5}")


def test_paths_start_at_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.jsonl").write_text('{"question": "1 + 1?", "answer": "2", "solution": "2"}\n' * 6)
    load(tmp_path, GOOD, "seeds.path=mine.jsonl", "generate.seeds_per_prompt=1")


def test_check_imports_nothing_heavy(tmp_path: Path) -> None:
    load(tmp_path, GOOD)
    heavy = ("torch", "transformers", "trl", "vllm", "lm_eval", "datasets", "wandb", "math_verify", "sympy")
    script = f"""
import json, sys
from csi_train import check
check.load({str(tmp_path / "recipe.yaml")!r})
print(json.dumps([name for name in {heavy} if name in sys.modules]))
"""
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert json.loads(found.stdout) == []
