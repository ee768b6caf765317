"""Sizes read from a model's files: real safetensors, written by the library."""

import json
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
