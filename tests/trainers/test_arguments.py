"""The check of TRL's arguments: what a recipe may say, and that the check itself imports neither TRL nor torch."""

import subprocess
import sys

import pytest

from csi_train.trainers import arguments, limits, trl_fields

BAD = [
    ("sft", {"lerning_rate": 1e-4}, "did you mean 'learning_rate'?"),
    ("grpo", {"max_prompt_length": 512}, "GRPOConfig has no argument 'max_prompt_length'"),
    ("sft", {"num_generations": 4}, "SFTConfig has no argument 'num_generations'"),
    ("sft", {"learning_rate": "1e-6"}, "learning_rate: '1e-6' is not of type float"),
    ("sft", {"max_steps": 2.5}, "max_steps: 2.5 is not of type int"),
    ("sft", {"max_steps": True}, "max_steps: True is not of type int"),
    ("sft", {"packing": "yes"}, "packing: 'yes' is not of type bool"),
    ("sft", {"lr_scheduler_type": "cosin"}, "is not one of linear, cosine"),
    ("sft", {"optim": "adam"}, "is not one of adamw_torch"),
    ("sft", {"packing_strategy": "best"}, "is not one of bfd, bfd_split, wrapped"),
    ("grpo", {"loss_type": "ppo"}, "is not one of grpo, dr_grpo, dapo"),
    ("sft", {"per_device_train_batch_size": 0}, "is not above 0"),
    ("sft", {"output_dir": "x"}, "the run folder holds the output"),
    ("sft", {"seed": 3}, "set `seed` at the top of the recipe"),
    ("sft", {"report_to": "wandb"}, "set `track.wandb`"),
    ("sft", {"hub_token": "x"}, "hub_token is not set here"),
    ("sft", {"trust_remote_code": True}, "never run"),
    ("sft", {"model_init_kwargs": {"trust_remote_code": True}}, "never run"),
    ("grpo", {"num_generations": 1}, "at least 2 completions"),
    (
        "grpo",
        {"per_device_train_batch_size": 6, "num_generations": 4},
        "6 × 1 processes × gradient_accumulation_steps 1 = 6",
    ),
    (
        "grpo",
        {"steps_per_generation": 3, "num_generations": 16},
        "steps_per_generation 3 = 24 completions: not a multiple",
    ),
    (
        "grpo",
        {"generation_batch_size": 12},
        "generation_batch_size 12 is not a multiple of per_device_train_batch_size 8",
    ),
    ("grpo", {"generation_batch_size": 16, "steps_per_generation": 2}, "give one of them"),
    ("grpo", {"generation_batch_size": 24, "num_generations": 16}, "not a multiple of num_generations 16"),
    ("grpo", {"use_vllm": True, "top_p": 0.95}, "bias the importance-sampling correction"),
    ("grpo", {"auto_find_batch_size": True}, "would break the groups"),
    (
        "grpo",
        {"use_vllm": True, "vllm_tensor_parallel_size": 2},
        "vllm_tensor_parallel_size 2 does not divide 1 processes",
    ),
    ("grpo", {"vllm_importance_sampling_clip_max": None}, "token_truncate needs vllm_importance_sampling_clip_min or"),
    ("dpo", {"max_prompt_length": 512}, "DPOConfig has no argument 'max_prompt_length'"),
    ("dpo", {"loss_type": ["sigmoid", "kto"]}, "['sigmoid', 'kto'] is not one of sigmoid, hinge"),
    ("dpo", {"loss_type": "kto"}, "'kto' is not one of sigmoid, hinge"),
    ("dpo", {"loss_type": [1]}, "loss_type: [1] is not of type list[str]"),
    ("dpo", {"f_divergence_type": "kl"}, "is not one of reverse_kl"),
    ("dpo", {"loss_weights": [1.0, 0.5]}, "2 weights for 1 loss_type"),
    ("dpo", {"sync_ref_model": True}, "set precompute_ref_log_probs: false"),
    ("dpo", {"loss_type": ["exo_pair"]}, "needs a label_smoothing above 0"),
    ("dpo", {"loss_type": "aot", "f_divergence_type": "forward_kl"}, "not with loss_type aot"),
    ("dpo", {"loss_type": "aot", "use_weighting": True}, "use_weighting: not with"),
    ("reward_model", {"num_labels": 2}, "RewardConfig has no argument 'num_labels'"),
    ("reward_model", {"max_length": "long"}, "max_length: 'long' is not of type int | None"),
    ("online_dpo", {"reward_model_path": "x"}, "the entry's own `reward`"),
    ("online_dpo", {"loss_type": "hinge"}, "is not one of sigmoid, ipo"),
    ("online_dpo", {"beta": [0.1, 0.05]}, "fails on a list of several"),
    ("online_dpo", {"beta": "low"}, "beta: 'low' is not of type list[float]"),
    ("sft", {"learning_rate": 1e30}, "learning_rate: 1e+30 is not above 0 and at most 1"),
    ("dpo", {"learning_rate": 0}, "is not above 0 and at most 1"),
    ("sft", {"max_steps": 0}, "max_steps: 0 is no number of steps"),
    ("sft", {"num_train_epochs": -1}, "num_train_epochs: -1 is not above 0"),
    ("sft", {"max_grad_norm": -0.5}, "max_grad_norm: -0.5 is below 0"),
    ("sft", {"adam_beta2": 1.5}, "adam_beta2: 1.5 is not from 0 to 1"),
    ("grpo", {"beta": -1}, "beta: -1 is below 0"),
    ("online_dpo", {"beta": [-0.1]}, "beta: [-0.1] is below 0"),
    ("sft", {"logging_nan_inf_filter": True}, "a loss that is not finite ends the training"),
    ("online_dpo", {"max_new_tokens": 1024}, "leaves no room for a prompt in max_length 1024"),
    (
        "online_dpo",
        {"use_vllm": True, "vllm_enable_sleep_mode": True, "gradient_accumulation_steps": 2},
        "later ones would draw from no weights",
    ),
]


@pytest.mark.parametrize(("kind", "args", "said"), BAD, ids=lambda value: str(value)[:40])
def test_says_what_is_wrong(kind, args, said):
    problems = arguments.check(kind, args, 1)
    assert len(problems) == 1
    assert said in problems[0]


def test_takes_what_trl_takes():
    sft = {
        "learning_rate": 1,
        "lr_scheduler_type": "cosine",
        "max_length": None,
        "model_init_kwargs": {"dtype": "float32"},
    }
    grpo = {"scale_rewards": "none", "reward_weights": [1.0], "top_p": 0.95, "use_vllm": True}
    assert arguments.check("sft", sft, 1) == []
    assert arguments.check("grpo", {**grpo, "vllm_importance_sampling_correction": False}, 1) == []
    both = {"loss_type": ["sigmoid", "sft"], "loss_weights": [1.0, 0.2]}
    for dpo in (both, {"loss_type": "ipo"}, {"sync_ref_model": True, "precompute_ref_log_probs": False}):
        assert arguments.check("dpo", dpo, 1) == []
    assert arguments.check("reward_model", {"center_rewards_coefficient": 0.01, "max_length": None}, 1) == []
    for beta in (0.01, [0.01], 1):
        assert arguments.check("online_dpo", {"beta": beta, "use_vllm": True}, 1) == []


def test_where_the_recipe_is_silent_ours_goes_over_the_libraries():
    """TRL's own: sequence_mask for GRPO, checkpointing for all; online DPO without vLLM generates without it."""
    grpo = arguments.values("grpo", {"max_steps": 7})
    assert (grpo["vllm_importance_sampling_mode"], grpo["max_steps"]) == ("token_truncate", 7)
    assert (grpo["num_train_epochs"], arguments.values("sft", {})["max_steps"]) == (3.0, -1)
    checkpointing = [
        arguments.values("online_dpo", args)["gradient_checkpointing"] for args in ({}, {"use_vllm": True})
    ]
    assert checkpointing == [False, True]


def test_a_trainer_of_ones_own_has_the_defaults_of_transformers(tmp_path, monkeypatch):
    source = (
        "from csi_train.trainers.params import TrainerParams\nclass Params(TrainerParams):\n    type: str = 'own'\n"
    )
    (tmp_path / "my_trainers").mkdir()
    (tmp_path / "my_trainers/own.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    values = arguments.values("my_trainers.own", {"mine": 1})
    assert (values["mine"], values["per_device_train_batch_size"], values["max_steps"]) == (1, 8, -1)
    assert "num_generations" not in values


def test_more_processes_make_a_bigger_generation():
    args = {"per_device_train_batch_size": 4, "num_generations": 8}
    assert arguments.check("grpo", args, 2) == []
    assert "4 × 1 processes" in arguments.check("grpo", args, 1)[0]


def test_a_trainer_of_ones_own_is_not_checked():
    assert arguments.check("my_package.my_trainer", {"anything": 1}, 1) == []


def test_says_that_trl_is_not_installed(monkeypatch):
    trl_fields.read.cache_clear()
    monkeypatch.setattr(trl_fields.importlib.util, "find_spec", lambda name: None)
    (problem,) = arguments.check("sft", {"max_steps": 1}, 1)
    assert "is not installed" in problem
    trl_fields.read.cache_clear()


def test_imports_neither_trl_nor_torch_and_is_quick():
    program = """
import sys, time
began = time.perf_counter()
from csi_train.trainers import arguments, limits
assert arguments.check("grpo", {"max_step": 1}, 1)
print(time.perf_counter() - began, [m for m in ("torch", "trl", "transformers") if m in sys.modules])
"""
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    seconds, _, imported = out.partition(" ")
    assert imported.strip() == "[]"
    assert float(seconds) < 2  # 0.05 s on an idle machine


def test_knows_every_field_of_the_installed_classes():
    """The source text and the classes agree: nothing a user may set is taken for unknown."""
    import dataclasses
    from importlib import import_module

    foreign = {"log_completions_hub_repo", "completion_only_loss", "reward_model_path"}  # each in one class only
    for kind, (file, name) in trl_fields.CONFIGS.items():
        config = getattr(import_module(f"trl.{file.removesuffix('.py').replace('/', '.')}"), name)
        fields, _ = trl_fields.read(kind)
        assert {f.name for f in dataclasses.fields(config) if f.init} <= set(fields)
        assert set(arguments.OURS) - foreign <= set(fields)


def test_every_argument_with_a_limit_is_one_of_trls():
    known = {name for kind in trl_fields.CONFIGS for name in trl_fields.read(kind)[0]}
    assert {*limits.ABOVE_0, *limits.AT_LEAST_0, *limits.SHARES} <= known
