"""What all trainers share, as far as it needs no training: TRL's arguments, precision, rows that fit."""

import logging

import pytest

from csi_train.adapters import models
from csi_train.errors import RunError
from csi_train.trainers import fit
from csi_train.trainers.params import Lora, TrainerParams


class Words:
    """A tokenizer whose tokens are words."""

    def apply_chat_template(self, turns, **_):
        return {"input_ids": [" ".join(m["content"] for m in chat).split() for chat in turns]}


def rows(*questions):
    return [
        {"prompt": [{"role": "user", "content": q}], "completion": [{"role": "assistant", "content": "a"}]}
        for q in questions
    ]


def test_rows_that_are_too_long_are_left_out_and_counted(caplog):
    with caplog.at_level(logging.WARNING):
        kept = fit.fitting(rows("one", "one two three"), Words(), 2)
    assert kept == rows("one")
    assert "1 of 2 examples are longer than 2 tokens" in caplog.text
    assert fit.fitting(rows("one two three"), Words(), None) == rows("one two three")


def test_a_pair_is_as_long_as_the_longer_of_its_two():
    turn = [{"role": "assistant", "content": "a b c"}]
    both = [{**row, "chosen": row.pop("completion"), "rejected": turn} for row in rows("one")]
    assert fit.fitting(both, Words(), 4) == both
    with pytest.raises(RunError, match="at most 3 tokens"):
        fit.fitting(both, Words(), 3)
    assert fit.fitting([*both, *both], Words(), 4) == [*both, *both]


def test_a_prompt_alone_has_a_length_too():
    prompts = [{"prompt": row["prompt"]} for row in rows("one", "one two three")]
    assert fit.fitting(prompts, Words(), 2) == prompts[:1]


def test_nothing_to_train_on():
    with pytest.raises(RunError, match="of 1 examples none has at most 2 tokens"):
        fit.fitting(rows("one two three"), Words(), 2)
    with pytest.raises(RunError, match="sft needs examples with a response"):
        fit.fitting([], Words(), None)


@pytest.mark.parametrize(
    ("hardware", "lora", "deepspeed", "args", "weights", "bf16"),
    [
        ("bfloat16", False, False, {}, "float32", True),
        ("bfloat16", True, False, {}, "bfloat16", True),
        ("bfloat16", False, True, {}, "bfloat16", True),
        ("bfloat16", True, False, {"fp16": True}, "float32", False),
        ("bfloat16", True, False, {"bf16": False}, "float32", False),
        ("float32", True, True, {}, "float32", False),
    ],
)
def test_weights_that_are_trained_keep_their_precision(monkeypatch, hardware, lora, deepspeed, args, weights, bf16):
    monkeypatch.setattr(models, "dtype", lambda: hardware)
    monkeypatch.setenv("ACCELERATE_USE_DEEPSPEED", str(deepspeed).lower())
    dtype, flags = fit.precision(TrainerParams(lora=Lora() if lora else None, args=args))
    assert (dtype, flags["bf16"]) == (weights, bf16)


def test_recipe_arguments_go_over_defaults_but_not_over_ours(tmp_path, monkeypatch):
    monkeypatch.setattr(models, "dtype", lambda: "float32")
    params = TrainerParams(args={"beta": 0.1, "seed": 9, "model_init_kwargs": {"attn_implementation": "sdpa"}})
    args = fit.arguments(params, tmp_path / "run/train/grpo", [], 3, beta=0.0, top_p=1.0)
    assert (args["beta"], args["top_p"], args["seed"]) == (0.1, 1.0, 3)
    assert args["model_init_kwargs"] == {"dtype": "float32", "attn_implementation": "sdpa"}
    assert args["run_name"] == "run/train/grpo"


def test_the_switch_that_saves_prompt_positions_is_still_in_trl():
    """A new TRL may rename it: then `prepare` would do nothing, and say nothing."""
    import trl.trainer.utils

    assert callable(trl.trainer.utils._use_triton)


def test_dtype_follows_the_cpu(monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    for flags, expected in (("avx512f avx512_bf16", "bfloat16"), ("amx_bf16", "bfloat16"), ("avx2", "float32")):
        monkeypatch.setattr(models.Path, "read_text", lambda self, text=f"flags\t: fpu {flags} sse": text)
        assert models.dtype() == expected


def test_rows_on_disk_are_read_again_not_written_again(tmp_path):
    """TRL keeps what it works out under the dataset's fingerprint: a resumed run must come to the same one."""
    first = fit.on_disk(fit.dataset(rows("one", "two"), tmp_path), tmp_path)
    again = fit.on_disk(fit.dataset(rows("one", "two"), tmp_path), tmp_path)
    assert list(again) == rows("one", "two")
    assert first._fingerprint == again._fingerprint
    assert first.cache_files == again.cache_files != []
