"""Every recipe that comes with csi_train is complete and passes `check`."""

import re
from pathlib import Path

import pytest

from csi_train import check, order, recipe_file, sizes
from csi_train.errors import RecipeError
from csi_train.plan import training
from csi_train.recipe import Recipe
from csi_train.trainers import launch

ROOT = Path(__file__).parents[1]
RECIPES = sorted(ROOT.glob("recipes/*.yaml"))
ONE_GPU = [path for path in RECIPES if path.stem.endswith("_1gpu")]
ON_GPUS = [path for path in RECIPES if path.stem.startswith(("table1_", "llama31_8b_"))]


def rows_of(table: str) -> list[Recipe]:
    """The recipes of a table's rows, without the variants for one GPU."""
    return [recipe_file.load(path) for path in ON_GPUS if path.stem.startswith(table) and path not in ONE_GPU]


FIRST = {
    "quickstart": ("quickstart_writer", "generate.model", "generate"),
    "quickstart_grpo_only": ("quickstart_writer", "generate.model", "generate"),
    "quickstart_preference": ("quickstart_reward", "reward.model", "score"),
    "llama31_8b_self_rip": ("llama31_8b_wildchat_rip", "seeds.path", "generate"),
}
"""Recipes that start from what another one leaves, where they name it, and the stage that reads it."""


@pytest.fixture(autouse=True)
def _in_a_clone_without_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("recipes", "seeds", "evals", "launch"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def test_there_are_recipes() -> None:
    assert len(RECIPES) >= 5


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_passes_check_and_survives_dump(path: Path, tmp_path: Path) -> None:
    recipe = check.load(path).recipe
    (tmp_path / "copy.yaml").write_text(recipe_file.dump(recipe), encoding="utf-8")
    assert recipe_file.load(tmp_path / "copy.yaml") == recipe


@pytest.mark.parametrize("name", FIRST)
def test_a_recipe_that_starts_from_another_run_says_which(name: str) -> None:
    first, key, stage = FIRST[name]
    checked = check.load(ROOT / "recipes" / f"{name}.yaml")
    assert any(
        re.search(rf": {re.escape(key)}: no such .* `csi-train run recipes/{first}.yaml`.* \(needed by {stage}\)", note)
        for note in checked.notes
    )
    assert f"recipes/{first}.yaml" in checked.lacking[stage]


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_what_a_fresh_machine_lacks_is_a_note(path: Path) -> None:
    checked = check.load(path)
    judges = {f"judge/{name}" for name, judge in order.judges(checked.recipe).items() if judge.type != "reward"}
    assert {stage for stage, lack in checked.lacking.items() if "OPENAI_API_KEY is not set" in lack} == judges
    assert set(checked.lacking) - judges == ({FIRST[path.stem][2]} if path.stem in FIRST else set())


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_is_named_like_its_file(path: Path) -> None:
    assert recipe_file.load(path).name == path.stem


def test_the_rows_of_table_1_differ_in_nothing_but_the_data() -> None:
    loaded = rows_of("table1_")
    assert len(loaded) == 5
    assert len({str(recipe.evaluate) for recipe in loaded}) == 1
    assert len({recipe.base_model for recipe in loaded}) == 1
    assert all(recipe.train == loaded[0].train for recipe in loaded)
    template = loaded[0].evaluate.chat_template if loaded[0].evaluate else None
    assert template == loaded[0].train[0].args["chat_template_kwargs"]


def test_random_labels_of_table_1_are_an_override() -> None:
    check.load(ROOT / "recipes/table1_self_instruct.yaml", ["filter=[]", "label=random", "sample.early_stop=off"])
    check.load(ROOT / "recipes/table1_cot_no_solve.yaml", ["filter=[]"])


def test_the_rows_of_llama_are_judged_alike_and_differ_in_prompts_filter_and_trainer() -> None:
    loaded = rows_of("llama31_8b_")
    assert len(loaded) == 12
    for part in ("model", "engine", "evaluate", "judge"):
        assert len({str(getattr(recipe, part)) for recipe in loaded}) == 1
    for recipe in loaded:
        rip = [params for params in recipe.filter if params.type == "rip"]
        assert bool(rip) == ("rip" in recipe.name or recipe.name == "llama31_8b_online_long_cot")
    offline = [recipe for recipe in loaded if recipe.train[0].type == "dpo"]
    assert len({str(recipe.train) for recipe in offline}) == 1
    assert len({str((recipe.sample, recipe.reward)) for recipe in offline}) == 1


PAPER = {"grpo": 128, "dpo": 64, "online_dpo": 32, "sft": 64}
"""Prompts, pairs or examples an optimizer step: the paper's, its sister's for online DPO; SFT's is ours."""


@pytest.mark.parametrize("path", ON_GPUS, ids=lambda path: path.stem)
def test_an_optimizer_step_learns_from_as_much_as_the_papers(path: Path) -> None:
    (entry,) = recipe_file.load(path).train
    assert entry.batch == launch.batch(entry) == PAPER[entry.type]


@pytest.mark.parametrize("path", ON_GPUS, ids=lambda path: path.stem)
def test_a_training_fits_gpus_of_80_gb(path: Path) -> None:
    recipe = recipe_file.load(path)
    for entry in recipe.train:
        *_, peak = training.needs(entry, sizes.of(entry.model or recipe.base_model))
        assert peak.fits, peak


@pytest.mark.parametrize("path", ON_GPUS, ids=lambda path: path.stem)
def test_fewer_gpus_keep_the_batch(path: Path) -> None:
    """Two processes of eight, or one and the launch file for it; and one alone without that file is refused or told."""
    (kind,) = (entry.type for entry in recipe_file.load(path).train)
    one = [f"train.{kind}.launch=launch/gpu.yaml", f"train.{kind}.processes=1"]
    two = [f"train.{kind}.launch=launch/gpu_zero2.yaml", f"train.{kind}.processes=2"]
    for changes in (one, two):
        (entry,) = check.load(path, changes).recipe.train
        assert launch.batch(entry) == PAPER[kind]
    if path not in ONE_GPU:
        with pytest.raises(RecipeError, match=r"launch/gpu.yaml starts 1 process, and processes is 8"):
            check.load(path, one[:1])


def test_rollouts_are_corrected_a_token_at_a_time_and_vllm_sleeps_while_the_policy_learns() -> None:
    for recipe in map(recipe_file.load, ON_GPUS):
        if recipe.train[0].type == "grpo":
            args = recipe.train[0].args
            assert args["vllm_importance_sampling_mode"] == "token_truncate"
            assert args["vllm_enable_sleep_mode"]
        if recipe.train[0].type in ("grpo", "online_dpo"):
            assert recipe.train[0].args["use_vllm"]


def test_a_variant_for_one_gpu_differs_from_its_row_in_the_training_alone() -> None:
    assert {path.stem for path in ONE_GPU} == {
        "table1_cot_self_instruct_1gpu",
        "llama31_8b_long_cot_rip_1gpu",
        "llama31_8b_online_long_cot_1gpu",
    }
    for path in ONE_GPU:
        alone, row = recipe_file.load(path), recipe_file.load(path.with_stem(path.stem.removesuffix("_1gpu")))
        same = {"name": row.name, "train": row.train}
        assert alone.model_copy(update=same) == row
        assert launch.processes(alone.train[0]) == 1
        assert alone.train[0].lora
        assert alone.train[0].type == row.train[0].type
