"""Would TRL take a recipe's `args`, and what does it do where they are silent?"""

import ast
import difflib
from collections.abc import Iterator, Sequence
from typing import Any

from csi_train import parts
from csi_train.trainers import limits, trl_fields
from csi_train.trainers.trl_fields import CONFIGS, Fields

OURS = {
    "output_dir": "the run folder holds the output",
    "seed": "set `seed` at the top of the recipe",
    "data_seed": "set `seed` at the top of the recipe",
    "report_to": "set `track.wandb`",
    "run_name": "the run folder names it",
    "project": "set `track.project`",
    "resume_from_checkpoint": "training goes on from the last whole checkpoint by itself",
    "trust_remote_code": "code that comes with a model is never run",
    "use_cpu": "name a launch file for the CPU: `launch: launch/cpu.yaml`",
    "deepspeed": "name a launch file with DeepSpeed: `launch: launch/gpu_zero2.yaml`",
    "fsdp": "name a launch file of your own with FSDP under `launch`",
    "fsdp_config": "name a launch file of your own with FSDP under `launch`",
    "push_to_hub": "publish train/<type>/model yourself, once you like what it does",
    "eval_strategy": "there is no evaluation set here; the `evaluate` section scores the model",
    "do_eval": "there is no evaluation set here; the `evaluate` section scores the model",
    "load_best_model_at_end": "there is no evaluation set here; the `evaluate` section scores the model",
    "completion_only_loss": "the loss is on the response only",
    "reward_model_path": "the entry's own `reward` names it",
    "logging_nan_inf_filter": "a loss that is not finite ends the training",
    "log_completions_hub_repo": "nothing is uploaded while a run goes on",
}
"""TRL arguments that are not the recipe's to set, and where to set them instead."""

WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "GRPOConfig": {
        "loss_type": ("grpo", "dr_grpo", "dapo", "bnpo", "cispo", "sapo", "luspo", "vespo"),
        "scale_rewards": ("group", "batch", "none"),
        "importance_sampling_level": ("token", "sequence"),
        "vllm_mode": ("colocate", "server"),
        "vllm_importance_sampling_mode": ("token_truncate", "token_mask", "sequence_truncate", "sequence_mask"),
    },
    "DPOConfig": {
        "loss_type": (
            *("sigmoid", "hinge", "ipo", "exo_pair", "nca_pair", "robust", "bco_pair", "sppo_hard"),
            *("aot", "aot_unpaired", "apo_zero", "apo_down", "discopop", "sft", "sigmoid_norm"),
        ),
        "f_divergence_type": ("reverse_kl", "forward_kl", "js_divergence", "alpha_divergence"),
    },
    "OnlineDPOConfig": {"vllm_mode": ("colocate", "server")},
}
"""Words that a trainer refuses only once it trains, GRPO after its first generation."""
LISTS = {"DPOConfig": ("loss_type",), "OnlineDPOConfig": ("beta",)}
"""Lists of which TRL also takes one element alone."""
DIVERGENCE = ("sigmoid", "sigmoid_norm", "hinge", "ipo", "exo_pair", "robust", "discopop", "sft")
"""DPO losses that take an f_divergence_type."""
SIMPLE = {"int": (int,), "float": (int, float), "str": (str,), "bool": (bool,), "dict": (dict,), "list": (list, tuple)}


def check(kind: str, args: dict[str, Any], processes: int) -> list[str]:
    """What is wrong with the TRL arguments of a train entry, one sentence each; empty where nothing is.

    `kind` is the entry's type, `processes` how many are started. A trainer that is not ours is not checked.
    """
    return names(kind, args) or rules(kind, args, processes)


def names(kind: str, args: dict[str, Any]) -> list[str]:
    """Arguments that TRL does not have, or whose values are not of their type."""
    if kind not in CONFIGS:
        return []
    try:
        fields, enums = trl_fields.read(kind)
    except FileNotFoundError as error:
        return [f"{error} is not installed, so its arguments cannot be checked; `make setup` installs it"]
    return [p for name, value in args.items() for p in _argument(name, value, fields, enums, CONFIGS[kind][1])]


def rules(kind: str, args: dict[str, Any], processes: int) -> list[str]:
    """What TRL refuses only when it starts, and what this project adds; names and types are right by now."""
    return list(_rules(kind, values(kind, args), processes)) if kind in CONFIGS else []


def values(kind: str, args: dict[str, Any]) -> dict[str, Any]:
    """Every argument of a trainer with its value: TRL's defaults, ours over them, the recipe's `args` over both.

    Of a trainer that is not ours, the defaults are those of transformers' TrainingArguments.
    """
    fields, _ = trl_fields.read(kind)
    library = {name: trl_fields.default(field) for name, field in fields.items()}
    ours: dict[str, Any] = parts.load("trainers", kind).Params.defaults(args)
    return library | ours | args


def _argument(name: str, value: Any, fields: Fields, enums: dict[str, list[str]], config: str) -> Iterator[str]:
    if name in OURS or name.startswith("hub_"):
        yield f"{name} is not set here: {OURS.get(name, OURS['push_to_hub'])}"
    elif name not in fields:
        near = difflib.get_close_matches(name, fields, 1)
        yield f"{config} has no argument {name!r}" + (f"; did you mean {near[0]!r}?" if near else "")
    elif not _fits(_listed(value) if name in LISTS.get(config, ()) else value, fields[name].annotation, enums):
        yield f"{name}: {value!r} is not {_spoken(fields[name].annotation, enums)}"
    elif (choices := _choices(name, fields[name], config)) and any(word not in choices for word in _listed(value)):
        yield f"{name}: {value!r} is not one of {', '.join(map(str, choices))}"
    elif wrong := limits.problem(name, value):
        yield wrong
    elif name == "model_init_kwargs" and "trust_remote_code" in (value or {}):
        yield f"model_init_kwargs: no trust_remote_code: {OURS['trust_remote_code']}"


def _choices(name: str, field: ast.AnnAssign, config: str) -> Sequence[Any]:
    """The words an argument may have; empty where any will do."""
    return trl_fields.choices(field) or WORDS.get(config, {}).get(name, ())


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _fits(value: Any, annotation: ast.expr, enums: dict[str, list[str]]) -> bool:
    """Whether a YAML value is of an annotated type: `int | None`, `dict[str, Any] | str`, an enum by its word."""
    if isinstance(annotation, ast.BinOp):
        return _fits(value, annotation.left, enums) or (
            _fits(value, annotation.right, enums) and not _enum(annotation.left, enums)
        )
    if isinstance(annotation, ast.Constant):
        return value is annotation.value
    if isinstance(annotation, ast.Subscript):
        if getattr(annotation.value, "id", "") == "Literal":
            return value in ast.literal_eval(annotation.slice)
        if isinstance(value, list) and isinstance(annotation.slice, ast.Name):
            return all(_fits(element, annotation.slice, enums) for element in value)
        annotation = annotation.value
    word = getattr(annotation, "id", "")
    if word in enums:
        return value in enums[word]
    return word not in SIMPLE or (isinstance(value, SIMPLE[word]) and (word == "bool" or not isinstance(value, bool)))


def _enum(annotation: ast.expr, enums: dict[str, list[str]]) -> bool:
    """`SchedulerType | str` means a word of the enum: any other text is refused when TRL starts."""
    return getattr(annotation, "id", "") in enums


def _spoken(annotation: ast.expr, enums: dict[str, list[str]]) -> str:
    if isinstance(annotation, ast.BinOp) and _enum(annotation.left, enums):
        annotation = annotation.left
    if _enum(annotation, enums):
        return "one of " + ", ".join(enums[ast.unparse(annotation)])
    return f"of type {ast.unparse(annotation)}"


def _rules(kind: str, a: dict[str, Any], processes: int) -> Iterator[str]:
    """What TRL says only when it starts, and what this project adds; `a` holds every argument."""
    match kind:
        case "grpo":
            yield from _grpo(a, processes)
        case "dpo":
            yield from _dpo(a, _listed(a["loss_type"]))
        case "online_dpo":
            yield from _online_dpo(a)


def _dpo(a: dict[str, Any], losses: list[str]) -> Iterator[str]:
    """The rules of DPOTrainer.__init__."""
    if a["loss_weights"] is not None and len(a["loss_weights"]) != len(losses):
        yield f"loss_weights: {len(a['loss_weights'])} weights for {len(losses)} loss_type"
    if a["sync_ref_model"] and a["precompute_ref_log_probs"]:
        yield "sync_ref_model moves the reference while training; set precompute_ref_log_probs: false"
    if "exo_pair" in losses and not a["label_smoothing"]:
        yield "loss_type exo_pair needs a label_smoothing above 0, such as 0.001"
    if a["f_divergence_type"] != "reverse_kl" and (other := [loss for loss in losses if loss not in DIVERGENCE]):
        yield f"f_divergence_type: not with loss_type {other[0]}"
    if a["use_weighting"] and {"aot", "aot_unpaired"} & set(losses):
        yield "use_weighting: not with loss_type aot or aot_unpaired"


def _online_dpo(a: dict[str, Any]) -> Iterator[str]:
    if len(_listed(a["beta"])) > 1:
        yield f"beta: {a['beta']!r}: TRL {CONFIGS['online_dpo'][1]} fails on a list of several; give one number"
    if a["max_new_tokens"] >= a["max_length"]:
        yield f"max_new_tokens {a['max_new_tokens']} leaves no room for a prompt in max_length {a['max_length']}"
    if a["use_vllm"] and a["vllm_enable_sleep_mode"] and a["gradient_accumulation_steps"] > 1:
        # vLLM wakes without weights (sleep level 2), and TRL 1.16 loads them once an optimizer step
        yield "vllm_enable_sleep_mode needs gradient_accumulation_steps 1: later ones would draw from no weights"


def _grpo(a: dict[str, Any], processes: int) -> Iterator[str]:
    """The rules of GRPOConfig.__post_init__."""
    together = a["per_device_train_batch_size"] * processes
    steps, batch, group = a["steps_per_generation"], a["generation_batch_size"], a["num_generations"]
    product = f"per_device_train_batch_size {a['per_device_train_batch_size']} × {processes} processes"
    if group < 2:
        yield f"num_generations {group}: a group needs at least 2 completions to compare"
    elif steps is not None and batch is not None:
        yield "steps_per_generation and generation_batch_size say the same thing: give one of them"
    elif batch is not None and batch % together:
        yield f"generation_batch_size {batch} is not a multiple of {product} = {together}"
    elif batch is not None and batch % group:
        yield f"generation_batch_size {batch} is not a multiple of num_generations {group}"
    elif batch is None:
        name = "gradient_accumulation_steps" if steps is None else "steps_per_generation"
        if (batch := together * a[name]) % group:
            yield f"{product} × {name} {a[name]} = {batch} completions: not a multiple of num_generations {group}"
    if a["auto_find_batch_size"]:
        yield "auto_find_batch_size would break the groups; lower per_device_train_batch_size instead"
    if (
        a["use_vllm"]
        and a["vllm_importance_sampling_correction"]
        and (a["top_p"] != 1 or a["top_k"] != 0 or a["min_p"])
    ):
        yield "top_p, top_k, min_p other than 1, 0, none bias the importance-sampling correction (TRL issue 6789)"
    if a["use_vllm"] and a["vllm_mode"] == "colocate" and processes % a["vllm_tensor_parallel_size"]:
        yield f"vllm_tensor_parallel_size {a['vllm_tensor_parallel_size']} does not divide {processes} processes"
    yield from _clip(a)


def _clip(a: dict[str, Any]) -> Iterator[str]:
    low, high = a["vllm_importance_sampling_clip_min"], a["vllm_importance_sampling_clip_max"]
    if low is not None and high is not None and low >= high:
        yield f"vllm_importance_sampling_clip_min {low} is not below vllm_importance_sampling_clip_max {high}"
    if low is None and high is None and a["vllm_importance_sampling_mode"].endswith("truncate"):
        yield f"{a['vllm_importance_sampling_mode']} needs vllm_importance_sampling_clip_min or clip_max"
