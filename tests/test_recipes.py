"""Every recipe that comes with csi_train is complete and passes `check`."""

from pathlib import Path

import pytest

from csi_train import check, recipe_file
from csi_train.errors import RecipeError
from csi_train.records import Problem, write_rows

ROOT = Path(__file__).parents[1]
RECIPES = sorted(ROOT.glob("recipes/*.yaml"))


FIRST = {
    "quickstart": ("quickstart_writer", "generate.model"),
    "quickstart_grpo_only": ("quickstart_writer", "generate.model"),
    "quickstart_preference": ("quickstart_reward", "reward.model"),
    "llama31_8b_self_rip": ("llama31_8b_wildchat_rip", "seeds.path"),
}
"""Recipes that start from what another one leaves, and where they name it."""


@pytest.fixture(autouse=True)
def _in_a_clone_without_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("recipes", "seeds", "evals", "launch"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "asked for by the judges")


def test_there_are_recipes() -> None:
    assert len(RECIPES) >= 5


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_passes_check_and_survives_dump(path: Path, tmp_path: Path) -> None:
    leave_what_comes_first(tmp_path / "runs")
    recipe = check.load(path)
    (tmp_path / "copy.yaml").write_text(recipe_file.dump(recipe), encoding="utf-8")
    assert recipe_file.load(tmp_path / "copy.yaml") == recipe


@pytest.mark.parametrize("name", FIRST)
def test_a_recipe_that_starts_from_another_run_says_which(name: str) -> None:
    first, key = FIRST[name]
    with pytest.raises(RecipeError, match=f"1 problem\n.*: {key}: no such .* `csi-train run recipes/{first}.yaml`"):
        check.load(ROOT / "recipes" / f"{name}.yaml")


def leave_what_comes_first(runs: Path) -> None:
    """A writer, a reward model, and prompts that RIP kept."""
    for trained in ("quickstart_writer/train/sft", "quickstart_reward/train/reward_model"):
        model = runs / trained / "model"
        model.mkdir(parents=True)
        (model / "config.json").write_text("{}")
        (model / "model.safetensors").touch()
    kept = [
        Problem(id=f"p{n}", question=f"Write {n}.", answer=None, method="data", seeds=(), call=n, completion="")
        for n in range(8)
    ]
    write_rows(runs / "llama31_8b_wildchat_rip/filter/kept.jsonl", kept)


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_is_named_like_its_file(path: Path) -> None:
    assert recipe_file.load(path).name == path.stem


def test_the_rows_of_table_1_differ_in_nothing_but_the_data() -> None:
    loaded = [recipe_file.load(path) for path in RECIPES if path.stem.startswith("table1_")]
    assert len({str(recipe.evaluate) for recipe in loaded}) == 1
    assert len({recipe.base_model for recipe in loaded}) == 1
    args = [{k: v for k, v in recipe.train[0].args.items() if k != "chat_template_kwargs"} for recipe in loaded]
    assert all(each == args[0] for each in args)
    for recipe in loaded:
        assert recipe.train[0].args["chat_template_kwargs"] == recipe.engine.chat_template


def test_random_labels_of_table_1_are_an_override() -> None:
    check.load(ROOT / "recipes/table1_self_instruct.yaml", ["filter=[]", "label=random", "sample.early_stop=off"])
    check.load(ROOT / "recipes/table1_cot_no_solve.yaml", ["filter=[]"])


def test_the_rows_of_llama_are_judged_alike_and_differ_in_prompts_filter_and_trainer() -> None:
    loaded = {path.stem: recipe_file.load(path) for path in RECIPES if path.stem.startswith("llama31_8b_")}
    assert len(loaded) == 12
    for part in ("model", "engine", "evaluate", "judge"):
        assert len({str(getattr(recipe, part)) for recipe in loaded.values()}) == 1
    for recipe in loaded.values():
        rip = [params for params in recipe.filter if params.type == "rip"]
        assert bool(rip) == ("rip" in recipe.name or recipe.name == "llama31_8b_online_long_cot")
    offline = [recipe for recipe in loaded.values() if recipe.train[0].type == "dpo"]
    assert len({str(recipe.train) for recipe in offline}) == 1
    assert len({str((recipe.sample, recipe.reward)) for recipe in offline}) == 1
