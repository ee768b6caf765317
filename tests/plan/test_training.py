"""What a training process holds: parts that can be worked out by hand, and an estimate held against autograd."""

from pathlib import Path

import pytest

from csi_train import parts, sizes
from csi_train.plan.figures import Need
from csi_train.plan.training import layer_bytes, needs

ROOT = Path(__file__).parents[2]
LLAMA, ATHENE, QWEN = 8_030_261_248, 8_030_261_248 - 128_256 * 4096 + 4096, 4_022_468_096
REWARD = {"type": "athene", "model": "Nexusflow/Athene-RM-8B"}


def parts_of(model: str, type: str, launch: str = "gpu", processes: int = 1, **more: object) -> dict[str, Need]:
    entry = {"type": type, "launch": f"{ROOT}/launch/{launch}.yaml", "processes": processes, **more}
    found = list(needs(parts.read("trainers", entry), sizes.of(model)))
    assert found[-1].what == f"train/{type}"
    return {need.what.partition(": ")[2] or "peak": need for need in found}


def llama(type: str, launch: str = "gpu", processes: int = 1, **more: object) -> dict[str, Need]:
    return parts_of("meta-llama/Llama-3.1-8B-Instruct", type, launch, processes, **more)


@pytest.mark.parametrize(
    ("launch", "processes", "each"),
    [
        ("gpu", 1, 16),  # float32: weights, gradients, two moments
        ("gpu_ddp", 8, 20),  # and DistributedDataParallel's copy of the gradients
        ("gpu_zero2", 8, 2 + 14 / 8),  # bfloat16 weights whole; gradients and float32 AdamW shared out
        ("gpu_zero3", 8, 16 / 8),
        ("cpu_zero2", 2, 2 + 14 / 2),
    ],
)
def test_weights_gradients_and_optimizer(launch: str, processes: int, each: float) -> None:
    assert llama("sft", launch, processes)["states"].bytes == each * LLAMA


def test_adapters_on_every_linear_layer() -> None:
    """41,943,040 and 33,030,144 trainable parameters at rank 16 are what peft prints for these two models."""
    found = llama("dpo", lora={"r": 16})
    assert found["states"].bytes == 2 * LLAMA + 16 * 41_943_040
    assert parts_of("Qwen/Qwen3-4B-Base", "sft", lora={"r": 16})["states"].bytes == 2 * QWEN + 16 * 33_030_144
    some = llama("dpo", lora={"target_modules": ["q_proj"]})["states"]
    assert (some.bytes, some.note) == (2 * LLAMA, "frozen weights in bfloat16; adapters and their optimizer besides")


@pytest.mark.parametrize(
    ("type", "more", "held"),
    [
        ("dpo", {}, None),  # what the reference thinks is worked out before the first step
        ("dpo", {"args": {"precompute_ref_log_probs": False}}, 2 * LLAMA),
        ("grpo", {}, None),
        ("grpo", {"args": {"beta": 0.04}}, 2 * LLAMA),
        ("grpo", {"args": {"beta": 0.04}, "lora": {"r": 8}}, None),
        ("online_dpo", {"reward": REWARD}, 2 * LLAMA),
        ("online_dpo", {"reward": REWARD, "launch": "gpu_zero3"}, 2 * LLAMA / 8),
        ("online_dpo", {"reward": REWARD, "lora": {"r": 8}}, None),
    ],
)
def test_a_reference_model_is_held_where_something_is_compared_with_it(
    type: str, more: dict[str, object], held: float | None
) -> None:
    found = llama(type, **{"launch": "gpu_zero2", "processes": 8} | more)  # type: ignore[arg-type]
    need = found.get("reference model")
    assert (need and need.bytes) == (held and round(held))


def test_a_reward_model_is_held_by_each_process() -> None:
    assert llama("online_dpo", reward=REWARD, lora={"r": 8})["reward model"].bytes == 2 * ATHENE
    reward, few = {"type": "classifier", "model": "org/never-downloaded"}, {"per_device_train_batch_size": 1}
    unknown = llama("online_dpo", reward=reward, lora={"r": 8}, args=few)
    assert unknown["reward model"].bytes is None
    assert unknown["peak"].note.endswith("not counted: the reward model")
    assert unknown["peak"].fits is None


VLLM = {
    "use_vllm": True,
    "vllm_mode": "colocate",
    "vllm_gpu_memory_utilization": 0.3,
    "vllm_max_model_length": 5120,
    "max_completion_length": 4096,
    "num_generations": 16,
}


def test_the_sequences_that_vllm_can_run_beside_a_trainer() -> None:
    """Of Qwen3-4B a token is 147,456 bytes of KV cache, 5,120 of them 755 MB. 0.3 of 85 GB, less 8 GB of weights and
    3 GB of vLLM's own, are 14.5 GB: room for 19 of the 256 that TRL asks for (8 at once × 32 accumulation steps)."""
    entry = {"launch": "gpu_zero2", "processes": 8, "batch": 128, "args": VLLM}
    found = parts_of("Qwen/Qwen3-4B-Base", "grpo", **entry)  # type: ignore[arg-type]
    assert found["vLLM"].bytes == 0.3 * 85e9
    assert found["vLLM"].note.endswith("room for 19, TRL asks for 256 at once")
    awake = found["peak"].bytes
    asleep = parts_of("Qwen/Qwen3-4B-Base", "grpo", **entry | {"args": VLLM | {"vllm_enable_sleep_mode": True}})  # type: ignore[arg-type]
    assert awake is not None
    states, activations = found["states"].bytes, found["activations"].bytes
    assert states is not None
    assert activations is not None
    assert awake == round(states + activations + 0.3 * 85e9)
    generating = QWEN * (2 + 12 / 8) + 0.3 * 85e9  # the gradients are gone by then
    assert asleep["peak"].bytes == round(max(generating, states + activations))


def test_vllm_without_room_for_one_sequence_does_not_fit() -> None:
    args = VLLM | {"vllm_gpu_memory_utilization": 0.13}
    peak = parts_of("Qwen/Qwen3-4B-Base", "grpo", lora={"r": 8}, args=args)["peak"]
    assert peak.fits is False
    assert peak.note.endswith("vLLM has no room for one sequence")


def test_what_does_not_fit_says_so_and_on_a_cpu_nothing_is_said() -> None:
    assert llama("sft")["peak"].fits is False
    assert llama("sft")["peak"].note.endswith("does not fit 80 GB")
    fitting = llama("sft", lora={"r": 16})["peak"]
    assert (fitting.fits, fitting.note) == (True, "each process, at most; fits 80 GB")
    on_cpu = llama("sft", "cpu")["peak"]
    assert (on_cpu.fits, on_cpu.bytes) == (None, 16 * LLAMA)
    assert on_cpu.note == "each process; activations besides"


def test_only_online_dpo_holds_its_logits() -> None:
    """Two responses to each of four prompts, 1,024 tokens each, 128,256 words, four copies in bfloat16."""
    args = {"per_device_train_batch_size": 4, "gradient_checkpointing": True}
    found = llama("online_dpo", reward=REWARD, lora={"r": 8}, args=args)["activations"].bytes
    other = llama("dpo", lora={"r": 8}, args=args | {"max_length": 1024})["activations"].bytes
    assert found is not None
    assert other is not None
    assert found - other == 4 * 8 * 1024 * 128_256 * 2


def test_an_unknown_model_has_no_figures() -> None:
    (need,) = needs(parts.read("trainers", {"type": "sft"}), None)
    assert (need.bytes, need.fits) == (None, None)


@pytest.mark.parametrize("kind", ["Llama", "Qwen3"])
def test_a_layer_keeps_about_what_is_estimated(kind: str) -> None:
    """Autograd's own account of a small model: the difference of eight layers and four, a token and layer."""
    import torch
    import transformers

    def kept(layers: int, checkpointed: bool) -> int:
        config = getattr(transformers, f"{kind}Config")(
            hidden_size=256, intermediate_size=768, num_hidden_layers=layers, num_attention_heads=4,
            num_key_value_heads=2, head_dim=64, vocab_size=100, attn_implementation="sdpa",
        )  # fmt: skip
        model = getattr(transformers, f"{kind}Model")(config).to(torch.bfloat16).train()
        if checkpointed:
            model.gradient_checkpointing_enable()
        weights = {weight.untyped_storage().data_ptr() for weight in model.parameters()}
        seen: list[torch.Tensor] = []

        def keep(tensor: torch.Tensor) -> torch.Tensor:
            seen.append(tensor)
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            model(torch.zeros((4, 128), dtype=torch.long), use_cache=False)
        storages = {tensor.untyped_storage().data_ptr(): tensor.untyped_storage().nbytes() for tensor in seen}
        return sum(size for place, size in storages.items() if place not in weights)

    shape = sizes.Shape(layers=1, hidden=256, inner=768, queries=256, keys=128, vocabulary=100)
    each = (kept(8, False) - kept(4, False)) / 4 / 512
    assert layer_bytes(shape) == pytest.approx(each, rel=0.12)
    assert (kept(8, True) - kept(4, True)) / 4 / 512 == 2 * 256
