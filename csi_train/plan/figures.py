"""What a plan is made of: a need in bytes, and figures as people read them."""

from dataclasses import dataclass

BFLOAT16, FLOAT32 = 2, 4

CARD = 85e9
"""Bytes of a GPU that is sold with 80 GB (PyTorch sees 79.1 GiB); vLLM takes its share of these."""
USABLE = 80e9
"""What may be filled: the rest is for CUDA, NCCL, DeepSpeed's buckets and what the allocator cannot use."""


@dataclass(frozen=True)
class Need:
    """The memory or disk that one thing takes, in bytes; `fits`: whether a GPU of 80 GB holds it, where that is asked.

    Need("train/dpo", 44_000_000_000, "each process, at most; fits 80 GB", fits=True)
    """

    what: str
    bytes: int | None
    note: str
    fits: bool | None = None


def count(number: float | None) -> str:
    """12345678 as `12 M`; up to 9,999 in full."""
    if number is None:
        return "unknown"
    for unit, size in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if number >= max(size, 10**4):
            return f"{number / size:.{0 if number >= 10 * size else 1}f} {unit}"
    return f"{number:,.0f}"


def volume(number: float | None) -> str:
    """Bytes as `269 MB` or `2.2 GB`, in powers of ten."""
    if number is None:
        return "unknown"
    return f"{number / 10**9:.1f} GB" if number >= 10**9 else f"{number / 10**6:.0f} MB"
