"""Every recipe that comes with csi_train is complete and passes `check`."""

import re
from pathlib import Path

import pytest

from csi_train import check, order, recipe_file

ROOT = Path(__file__).parents[1]
RECIPES = sorted(ROOT.glob("recipes/*.yaml"))


FIRST = {
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
    loaded = [recipe_file.load(path) for path in RECIPES if path.stem.startswith("table1_")]
    assert len({str(recipe.evaluate) for recipe in loaded}) == 1
    assert len({recipe.base_model for recipe in loaded}) == 1
    assert all(recipe.train == loaded[0].train for recipe in loaded)
    template = loaded[0].evaluate.chat_template if loaded[0].evaluate else None
    assert template == loaded[0].train[0].args["chat_template_kwargs"]


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
