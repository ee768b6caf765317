"""Sizes read from a model's files: real safetensors, written by the library."""

import json
import re
from pathlib import Path

import pytest

from csi_train import sizes
from csi_train.adapters import models

CONFIG = {
    "hidden_size": 8,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "num_hidden_layers": 3,
    "max_position_embeddings": 64,
}


def write(folder: Path, config: dict[str, object]) -> Path:
    import numpy as np
    from safetensors.numpy import save_file

    (folder / "config.json").write_text(json.dumps(config))
    save_file(
        {"a": np.zeros((10, 8), np.float16), "b": np.zeros(5, np.float32)}, folder / "one.safetensors", {"format": "pt"}
    )
    save_file({"c": np.zeros((2, 3), np.float16)}, folder / "two.safetensors")
    return folder


def test_parameters_context_and_kv_cache(tmp_path: Path) -> None:
    size = sizes.of(str(write(tmp_path, CONFIG)))
    assert size == sizes.Size(parameters=80 + 5 + 6, context=64, kv_bytes=2 * 2 * 3 * 2 * (8 // 4))


@pytest.mark.parametrize(
    ("name", "parameters", "context"),
    [
        ("Qwen/Qwen3-4B", 4_022_468_096, 40_960),
        ("Qwen/Qwen3-4B-Base", 4_022_468_096, 32_768),
        ("meta-llama/Llama-3.1-8B-Instruct", 8_030_261_248, 131_072),
        ("meta-llama/Llama-3.1-8B-Instruct@main", 8_030_261_248, 131_072),
        ("Nexusflow/Athene-RM-8B", 7_504_928_768, 8192),  # Llama 3 without its LM head, and a value head
        ("RLHFlow/ArmoRM-Llama3-8B-v0.1", 7_504_928_768, 8192),
        ("embedded/smollm2-135m-instruct", 134_515_008, 8192),
    ],
)
def test_the_models_of_our_recipes_are_known_without_the_hub(name: str, parameters: int, context: int) -> None:
    """The published numbers of parameters; a reward model's own small layers are not counted but for one row."""
    size = sizes.of(name)
    assert size is not None
    assert (size.parameters, size.context) == (parameters, context)


def test_every_hub_model_that_a_recipe_names_is_known() -> None:
    named = {
        model
        for path in (Path(__file__).parents[1] / "recipes").glob("*.yaml")
        for model in re.findall(r"model: ((?!runs)[\w-]+/[\w.-]+)", path.read_text())
    }
    assert len(named) >= 4
    assert named <= set(sizes.KNOWN)


TINY = {**CONFIG, "intermediate_size": 24, "vocab_size": 100}


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("llama", {}),
        ("llama", {"tie_word_embeddings": True, "attention_bias": True, "mlp_bias": True}),
        ("mistral", {"head_dim": 4}),
        ("qwen2", {"tie_word_embeddings": True}),
        ("qwen3", {"head_dim": 16}),
        ("qwen3", {"head_dim": 2, "attention_bias": True}),
    ],
)
def test_the_formula_counts_what_transformers_builds(kind: str, more: dict[str, object]) -> None:
    from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSequenceClassification

    stated = {**TINY, "model_type": kind, **more}
    config = AutoConfig.for_model(**stated, num_labels=1)
    writes = AutoModelForCausalLM.from_config(config).num_parameters()
    assert sizes.counted({**stated, "architectures": ["XForCausalLM"]}) == writes
    scores = AutoModelForSequenceClassification.from_config(config).num_parameters()
    assert sizes.counted({**stated, "architectures": ["XForSequenceClassification"]}) == scores


def test_adapters_are_as_many_as_peft_makes() -> None:
    from peft import LoraConfig, get_peft_model
    from transformers import AutoConfig, AutoModelForCausalLM

    config = AutoConfig.for_model(**TINY, model_type="qwen3", head_dim=4)
    model = get_peft_model(AutoModelForCausalLM.from_config(config), LoraConfig(r=3, target_modules="all-linear"))
    shape = sizes.Shape(layers=3, hidden=8, inner=24, queries=16, keys=8, vocabulary=100)
    assert shape.adapters(3) == model.get_nb_trainable_parameters()[0]


def test_experts_and_other_architectures_are_not_counted() -> None:
    assert sizes.counted({**TINY, "model_type": "qwen3_moe"}) is None
    assert sizes.counted({**TINY, "model_type": "llama", "num_local_experts": 8}) is None
    assert sizes.counted({"model_type": "llama"}) is None


def test_weights_that_are_here_go_before_the_formula(tmp_path: Path) -> None:
    size = sizes.of(str(write(tmp_path, {**TINY, "model_type": "llama"})))
    assert size is not None
    assert size.parameters == 80 + 5 + 6
    for file in tmp_path.glob("*.safetensors"):
        file.unlink()
    alone = sizes.of(str(tmp_path))
    assert alone is not None
    assert alone.parameters == sizes.counted({**TINY, "model_type": "llama"})


def test_the_hub_is_asked_for_what_is_not_known_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.json").write_text(json.dumps({**TINY, "model_type": "llama"}))
    asked: list[tuple[str, str | None]] = []

    def download(repository: str, file: str, revision: str | None, etag_timeout: float) -> str:
        asked.append((repository, revision))
        if "gated" in repository:
            raise OSError("403")
        return str(tmp_path / file)

    monkeypatch.setattr("huggingface_hub.hf_hub_download", download)
    monkeypatch.setattr(sizes, "hub_answers", lambda: True)
    size = sizes.asked("org/new@v2")
    assert size is not None
    assert size.parameters == sizes.counted({**TINY, "model_type": "llama"})
    assert sizes.asked("org/gated") is None
    assert sizes.asked("Qwen/Qwen3-4B") == sizes.of("Qwen/Qwen3-4B")
    assert asked == [("org/new", "v2"), ("org/gated", None)]
    monkeypatch.setattr(sizes, "hub_answers", lambda: False)
    assert sizes.asked("org/new") is None, "a hub that does not answer is not waited for"
    assert len(asked) == 2


class Session:
    """Counts how often the hub is asked, and answers or does not."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.asked = error, 0

    def head(self, url: str, timeout: float) -> None:
        self.asked += 1
        assert timeout <= 5
        if self.error:
            raise self.error


@pytest.mark.parametrize("error", [None, ConnectionError("no network"), RuntimeError("offline mode is enabled")])
def test_whether_there_is_a_hub_is_asked_once(monkeypatch: pytest.MonkeyPatch, error: Exception | None) -> None:
    session = Session(error)
    monkeypatch.setattr("huggingface_hub.get_session", lambda: session)
    sizes.hub_answers.cache_clear()
    assert [sizes.hub_answers(), sizes.hub_answers()] == [error is None] * 2
    assert session.asked == 1
    sizes.hub_answers.cache_clear()


def test_head_dim_goes_before_the_quotient(tmp_path: Path) -> None:
    size = sizes.of(str(write(tmp_path, {**CONFIG, "head_dim": 16})))
    assert size is not None
    assert size.kv_bytes == 2 * 2 * 3 * 2 * 16


def test_the_text_part_of_a_larger_model(tmp_path: Path) -> None:
    assert sizes.of(str(write(tmp_path, {"text_config": CONFIG}))) is not None


def test_unknown(tmp_path: Path) -> None:
    assert sizes.of(str(tmp_path)) is None
    assert sizes.of(str(write(tmp_path, {"model_type": "odd"}))) is None
    assert sizes.of("org/never-downloaded") is None


@pytest.mark.e2e
def test_the_embedded_model_is_as_large_as_stated() -> None:
    assert sizes.of(str(models.resolve(models.EMBEDDED))) == sizes.of(models.EMBEDDED)
