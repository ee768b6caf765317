"""Memory of the models that answer and score, worked out by hand from their published widths."""

from types import SimpleNamespace

from csi_train.plan.memory import memory
from csi_train.recipe import Recipe
from tests.plan.test_plan import ROOT, SMOLLM2, changed, recipe

__all__ = ["recipe"]


def bytes_of(found: Recipe) -> dict[str, int | None]:
    return {need.what: need.bytes for need in memory(found)}


def test_weights_and_one_sequence(recipe: Recipe) -> None:
    kv_cache = 1000 * 2 * 30 * 3 * 64 * 2  # tokens, key and value, layers, KV heads, width, bytes
    assert bytes_of(recipe)["run embedded/smollm2-135m-instruct"] == 2 * SMOLLM2 + kv_cache


def test_a_well_known_model_is_known_without_the_hub(recipe: Recipe) -> None:
    """4,022,468,096 parameters; 36 layers, 8 KV heads of 128; at 0.9 of 85 GB 65.5 are left, for 27 of 2.4 GB."""
    args = "engine.args={max_model_len: 16384, gpu_memory_utilization: 0.9}"
    on_gpu = changed(recipe, "generate.model=Qwen/Qwen3-4B", args, f"train.sft.launch={ROOT}/launch/gpu.yaml")
    (need,) = (need for need in memory(on_gpu) if "run" in need.what)
    assert need.bytes == 2 * 4_022_468_096 + 16_384 * 2 * 36 * 8 * 128 * 2
    assert need.note.endswith("80 GB hold 27 of these at once")
    split = "engine.args={max_model_len: 16384, tensor_parallel_size: 2}"
    (half,) = (need for need in memory(changed(recipe, "generate.model=Qwen/Qwen3-4B", split)) if "run" in need.what)
    assert half.bytes == need.bytes // 2
    assert half.note.startswith("on each of 2 GPUs: ")


def test_a_model_that_scores(recipe: Recipe) -> None:
    scored = recipe.model_copy(update={"reward": SimpleNamespace(model="Nexusflow/Athene-RM-8B")})
    assert bytes_of(scored)["score with Nexusflow/Athene-RM-8B"] == 2 * (8_030_261_248 - 128_256 * 4096 + 4096)
    unknown = recipe.model_copy(update={"reward": SimpleNamespace(model="org/never-downloaded")})
    assert bytes_of(unknown)["score with org/never-downloaded"] is None
