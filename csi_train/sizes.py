"""How large a model is, told from its files without loading it: parameters, context, bytes of KV cache."""

import json
import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csi_train.adapters import models


@dataclass(frozen=True)
class Size:
    """`parameters` are counted once where embeddings are tied; `kv_bytes` is the KV cache of one token in bfloat16."""

    parameters: int
    context: int
    kv_bytes: int


SMOLLM2 = Size(parameters=134_515_008, context=8192, kv_bytes=23_040)


def of(name: str) -> Size | None:
    """The size of a model by name; None where it lies on the hub only, or its config.json tells too little."""
    if name == models.EMBEDDED:
        return SMOLLM2
    folder = Path(name) if Path(name).is_dir() else _cached(name)
    if folder is None or not (folder / "config.json").is_file():
        return None
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config = config.get("text_config", config)
    parameters = sum(_parameters(folder))
    try:
        heads = config["num_attention_heads"]
        width = config.get("head_dim") or config["hidden_size"] // heads
        values = config["num_hidden_layers"] * (config.get("num_key_value_heads") or heads) * width
        return Size(parameters, config["max_position_embeddings"], 2 * 2 * values) if parameters else None
    except KeyError:
        return None


def _parameters(folder: Path) -> Iterator[int]:
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
