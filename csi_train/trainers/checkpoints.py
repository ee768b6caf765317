"""Which checkpoint to go on from: the last one that was written to its end."""

import json
import zipfile
from pathlib import Path


def latest(folder: Path) -> Path | None:
    """The whole checkpoint of the highest step under `folder`; None where there is none."""
    found = {int(f.name.split("-")[1]): f for f in folder.glob("checkpoint-*") if f.name.split("-")[1].isdigit()}
    return next((found[step] for step in sorted(found, reverse=True) if whole(found[step])), None)


def whole(checkpoint: Path) -> bool:
    """Whether a checkpoint was written to its end.

    transformers writes trainer_state.json after the weights, the optimizer and the main process's RNG state; the other
    files are tested one by one, since another process may have been killed in the middle of its own.
    """
    try:
        json.loads((checkpoint / "trainer_state.json").read_bytes())
    except (OSError, ValueError):
        return False
    weights = list(checkpoint.glob("*.safetensors"))
    pickled = [f for pattern in ("*.pt", "*.pth", "*.bin") for f in checkpoint.rglob(pattern)]
    return bool(weights) and all(map(_whole_safetensors, weights)) and all(map(zipfile.is_zipfile, pickled))


def _whole_safetensors(file: Path) -> bool:
    """A safetensors file states in its header where its last tensor ends."""
    with file.open("rb") as data:
        length = int.from_bytes(data.read(8), "little")
        try:
            header = json.loads(data.read(length))
        except ValueError:
            return False
    ends = [tensor["data_offsets"][1] for name, tensor in header.items() if name != "__metadata__"]
    return file.stat().st_size == 8 + length + max(ends, default=0)
