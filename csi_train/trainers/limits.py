"""Where a number among TRL's arguments makes sense: TRL and transformers take any, and fail or learn nothing later."""

from typing import Any

ABOVE_0 = (
    *("per_device_train_batch_size", "gradient_accumulation_steps", "num_train_epochs", "logging_steps", "save_steps"),
    *("steps_per_generation", "generation_batch_size", "num_iterations", "max_completion_length", "max_new_tokens"),
    *("max_length", "temperature", "adam_epsilon", "save_total_limit", "vllm_max_model_length"),
)
AT_LEAST_0 = (
    *("warmup_steps", "max_grad_norm", "beta", "top_k", "epsilon", "epsilon_high", "ref_model_sync_steps"),
    *("vllm_importance_sampling_clip_min", "vllm_importance_sampling_clip_max"),
)
SHARES = (
    *("adam_beta1", "adam_beta2", "weight_decay", "label_smoothing", "label_smoothing_factor"),
    *("top_p", "min_p", "vllm_gpu_memory_utilization", "ref_model_mixup_alpha"),
)


def problem(name: str, value: Any) -> str | None:
    """What is wrong with the number of an argument, or the numbers of a list; None where nothing is."""
    for number in value if isinstance(value, list) else [value]:
        if isinstance(number, bool) or not isinstance(number, int | float):
            continue
        if name in ABOVE_0 and number <= 0:
            return f"{name}: {value!r} is not above 0"
        if name in AT_LEAST_0 and number < 0:
            return f"{name}: {value!r} is below 0"
        if name in SHARES and not 0 <= number <= 1:
            return f"{name}: {value!r} is not from 0 to 1"
        if name == "learning_rate" and not 0 < number <= 1:
            return f"learning_rate: {value!r} is not above 0 and at most 1; 1e-6 to 1e-3 is usual"
        if name == "max_steps" and number <= 0 and number != -1:
            return f"max_steps: {value!r} is no number of steps; leave it out to train num_train_epochs"
    return None
