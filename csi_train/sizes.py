"""How large a model is, told from its config.json and the headers of its weights, without loading it."""

import functools
import json
import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csi_train.adapters import models

DENSE = ("llama", "mistral", "qwen2", "qwen3")
"""Model types whose parameters the formula of `counted` knows: decoders with a gated MLP."""
SECONDS = 3
"""How long the hub may take to answer at all."""


@dataclass(frozen=True)
class Shape:
    """The widths of a dense decoder: `queries` and `keys` are heads times the width of a head."""

    layers: int
    hidden: int
    inner: int
    queries: int
    keys: int
    vocabulary: int

    def adapters(self, rank: int) -> int:
        """The parameters of LoRA adapters on every linear layer of the decoder ("all-linear")."""
        attention = 2 * (self.hidden + self.queries) + 2 * (self.hidden + self.keys)
        return self.layers * rank * (attention + 3 * (self.hidden + self.inner))


@dataclass(frozen=True)
class Size:
    """`parameters` are counted once where embeddings are tied; `kv_bytes` is the KV cache of one token in bfloat16;
    `shape` is None where the model is no dense decoder."""

    parameters: int
    context: int
    kv_bytes: int
    shape: Shape | None = None


LLAMA_3_8B: dict[str, Any] = {
    "model_type": "llama",
    "architectures": ["LlamaForCausalLM"],
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "vocab_size": 128256,
    "max_position_embeddings": 8192,
    "tie_word_embeddings": False,
}
QWEN3_4B: dict[str, Any] = {
    "model_type": "qwen3",
    "architectures": ["Qwen3ForCausalLM"],
    "hidden_size": 2560,
    "intermediate_size": 9728,
    "num_hidden_layers": 36,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "vocab_size": 151936,
    "max_position_embeddings": 40960,
    "tie_word_embeddings": True,
}
KNOWN = {
    models.EMBEDDED: {
        "model_type": "llama",
        "architectures": ["LlamaForCausalLM"],
        "hidden_size": 576,
        "intermediate_size": 1536,
        "num_hidden_layers": 30,
        "num_attention_heads": 9,
        "num_key_value_heads": 3,
        "vocab_size": 49152,
        "max_position_embeddings": 8192,
        "tie_word_embeddings": True,
    },
    "Qwen/Qwen3-4B": QWEN3_4B,
    "Qwen/Qwen3-4B-Base": QWEN3_4B | {"max_position_embeddings": 32768},
    "meta-llama/Llama-3.1-8B-Instruct": LLAMA_3_8B | {"max_position_embeddings": 131072},
    "Nexusflow/Athene-RM-8B": LLAMA_3_8B | {"architectures": ["AtheneForSequenceClassification"]},
    "RLHFlow/ArmoRM-Llama3-8B-v0.1": LLAMA_3_8B | {"architectures": ["LlamaForRewardModelWithGating"]},
}
"""What the config.json of the models says that our recipes name, for a machine without the hub."""


def of(name: str) -> Size | None:
    """The size of a model, as far as files here and the table of well-known models tell it; None where they do not."""
    folder = Path(name) if Path(name).is_dir() else _cached(name)
    if folder is not None and (folder / "config.json").is_file():
        return _size(json.loads((folder / "config.json").read_text(encoding="utf-8")), folder)
    known = KNOWN.get(name.partition("@")[0])
    return _size(known) if known else None


def asked(name: str) -> Size | None:
    """Like `of`, and of a model that is only on the hub what its config.json there says; it is cached."""
    return of(name) or (_size(config) if (config := _on_hub(name)) else None)


def counted(config: dict[str, Any]) -> int | None:
    """The parameters that a config.json makes; None for an architecture that is not in `DENSE`.

    A reward model has no LM head. Its own, some thousands of parameters, are not counted but for one label's.
    """
    shape = _shape(config)
    if shape is None or config.get("model_type") not in DENSE:
        return None
    h, q, k = shape.hidden, shape.queries, shape.keys
    qwen2, qwen3 = config["model_type"] == "qwen2", config["model_type"] == "qwen3"
    biases = q + 2 * k if qwen2 else q + 2 * k + h if config.get("attention_bias") else 0
    norms = 2 * h + (2 * _head(config) if qwen3 else 0)
    mlp = 3 * h * shape.inner + (2 * shape.inner + h if config.get("mlp_bias") else 0)
    layer = 2 * h * q + 2 * h * k + biases + norms + mlp
    embeddings, writes = shape.vocabulary * h, _writes(config)
    last = (0 if config.get("tie_word_embeddings") else embeddings) if writes else h
    return embeddings + shape.layers * layer + h + last


def _size(config: dict[str, Any], folder: Path | None = None) -> Size | None:
    config = config.get("text_config", config)
    parameters = sum(_stored(folder)) if folder else 0
    parameters = parameters or counted(config) or 0
    try:
        heads = config.get("num_key_value_heads") or config["num_attention_heads"]
        values = config["num_hidden_layers"] * heads * _head(config)
        context = config["max_position_embeddings"]
    except KeyError:
        return None
    return Size(parameters, context, 2 * 2 * values, _shape(config)) if parameters else None


def _shape(config: dict[str, Any]) -> Shape | None:
    """The widths that a config.json names; None where it does not name them all, or has experts."""
    try:
        heads, head = config["num_attention_heads"], _head(config)
        shape = Shape(
            layers=config["num_hidden_layers"],
            hidden=config["hidden_size"],
            inner=config["intermediate_size"],
            queries=heads * head,
            keys=(config.get("num_key_value_heads") or heads) * head,
            vocabulary=config["vocab_size"],
        )
    except KeyError:
        return None
    return None if any("expert" in key for key in config) else shape


def _head(config: dict[str, Any]) -> int:
    """The width of an attention head."""
    return int(config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"])


def _writes(config: dict[str, Any]) -> bool:
    return str(config.get("architectures", ["ForCausalLM"])[0]).endswith("ForCausalLM")


def _stored(folder: Path) -> Iterator[int]:
    """The elements of each tensor, from the headers of the safetensors files."""
    for file in folder.glob("*.safetensors"):
        with file.open("rb") as data:
            (length,) = struct.unpack("<Q", data.read(8))
            header: dict[str, Any] = json.loads(data.read(length))
        yield from (math.prod(tensor["shape"]) for name, tensor in header.items() if name != "__metadata__")


def _cached(name: str) -> Path | None:
    """The snapshot of a hub model that was downloaded before."""
    from huggingface_hub import try_to_load_from_cache

    repository, _, revision = name.partition("@")
    try:
        found = try_to_load_from_cache(repository, "config.json", revision=revision or None)
    except ValueError:  # no hub id
        return None
    return Path(found).parent if isinstance(found, str) else None


def _on_hub(name: str) -> dict[str, Any] | None:
    """The config.json of a hub model; None where there is no hub or no such file."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    repository, _, revision = name.partition("@")
    if name.count("/") != 1 or not hub_answers():
        return None
    try:
        file = hf_hub_download(repository, "config.json", revision=revision or None, etag_timeout=SECONDS)
    except (HfHubHTTPError, HFValidationError, OSError):  # gated, not there, or gone in the meantime
        return None
    found: dict[str, Any] = json.loads(Path(file).read_text(encoding="utf-8"))
    return found


@functools.cache
def hub_answers() -> bool:
    """Whether the hub can be reached: asked once, since without a network huggingface_hub 1.x retries for 24 s."""
    from huggingface_hub import constants, get_session

    try:
        get_session().head(constants.ENDPOINT, timeout=SECONDS)
    except Exception:  # HF_HUB_OFFLINE, no network, a firewall: each has its own error
        return False
    return True
