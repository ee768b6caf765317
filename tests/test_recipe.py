"""The schema: defaults are the paper's, sections need each other, derived names."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from csi_train import parts
from csi_train.errors import RecipeError
from csi_train.recipe import Recipe, Sampling, Source

SEEDS = {"path": "seeds.jsonl"}
GENERATE = {"model": "org/generator"}


def recipe(**keys: Any) -> Recipe:
    return Recipe.model_validate({"name": "r", "seeds": SEEDS, "generate": GENERATE, **keys})


def test_defaults_are_the_papers() -> None:
    r = recipe(sample={})
    assert r.generate is not None
    assert r.sample is not None
    assert (r.generate.method, r.generate.problems, r.generate.seeds_per_prompt) == ("cot_self_instruct", 5000, 2)
    assert (r.sample.k, r.sample.early_stop, r.label) == (16, "off", "written")
    assert (Sampling().temperature, Sampling().top_p) == (0.6, 0.95)


def test_an_engine_without_a_type_is_vllm() -> None:
    assert recipe().engine.type == "vllm"
    assert recipe(engine={"args": {"max_num_seqs": 3}}).engine.args == {"max_num_seqs": 3}


def test_a_recipe_does_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        recipe().seed = 3  # type: ignore[misc]


def test_the_run_folder() -> None:
    assert recipe(runs="elsewhere").folder == Path("elsewhere/r")


def test_which_model_answers_and_which_is_trained() -> None:
    assert recipe().sample_model == "org/generator"
    assert recipe(sample={"model": "org/other"}).sample_model == "org/other"
    assert recipe().base_model == "org/generator"
    assert recipe(model="org/base").base_model == "org/base"
    data = {"name": "r", "data": SEEDS, "model": "org/base"}
    assert Recipe.model_validate(data).sample_model is None


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"data": SEEDS}, "either generate .* or data"),
        ({"generate": None}, "either generate .* or data"),
        ({"seeds": None}, "generate needs seeds"),
        ({"generate": None, "data": SEEDS, "train": [{"type": "sft"}]}, "give model"),
        ({"train": [{"type": "grpo"}, {"type": "grpo"}]}, "two entries of type 'grpo'"),
        ({"name": "../up"}, "pattern"),
        ({"generate": {**GENERATE, "method": "cot"}}, "no module 'cot' in csi_train/methods/"),
    ],
)
def test_sections_that_contradict_each_other(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        recipe(**keys)


@pytest.mark.parametrize("keys", [{}, {"path": "a", "hub": "b"}, {"gym": "leg_counting"}])
def test_a_source_is_in_one_place(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Source(**keys)


def test_early_stop_takes_a_word_or_a_confidence() -> None:
    r = recipe(sample={"early_stop": {"confidence": 0.99}})
    assert r.sample is not None
    assert r.sample.early_stop.confidence == 0.99  # type: ignore[union-attr]


def test_parts_are_the_modules_there_are() -> None:
    assert {"cot_self_instruct", "self_instruct", "long_cot", "no_cot"} <= set(parts.names("methods"))
    assert parts.names("trainers") == ["dpo", "grpo", "online_dpo", "reward_model", "sft"]
    assert {"classifier", "armorm", "athene"} <= set(parts.names("rewards"))
    assert {"novelty", "dedup", "answer_consistency"} <= set(parts.names("filters"))
    for package in ("engines", "filters", "methods", "rewards", "trainers"):
        assert all(hasattr(parts.load(package, name), "Params") for name in parts.names(package))


def test_a_part_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/short_ones.py").write_text(
        "from typing import Literal\nfrom csi_train.parts import Strict\n"
        "class Params(Strict):\n    type: Literal['short_ones'] = 'short_ones'\n    most: int = 9\n"
    )
    (filter_,) = recipe(filter=[{"type": "mine.short_ones", "most": 4}]).filter
    assert (filter_.type, filter_.most) == ("mine.short_ones", 4)
    with pytest.raises(ValidationError, match=r"no module 'mine\.long_ones' [\s\S]*beside the recipe"):
        recipe(filter=[{"type": "mine.long_ones"}])


def test_a_module_that_is_no_part() -> None:
    with pytest.raises(RecipeError, match="has no Params class"):
        parts.load("filters", "json.decoder")


@pytest.mark.parametrize("text", ["import not_installed_here\n", "from json import no_such\n", "def broken(:\n"])
def test_a_part_that_cannot_be_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / f"broken_{len(text)}").mkdir()
    (tmp_path / f"broken_{len(text)}/part.py").write_text(text)
    with pytest.raises(RecipeError, match=r"cannot import 'broken_.*(not_installed_here|no_such|invalid syntax)"):
        parts.load("filters", f"broken_{len(text)}.part")
