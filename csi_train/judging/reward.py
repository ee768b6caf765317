"""The recipe's reward as judge: mean reward and length of a model's responses, and the margin over the row `base`.

The reward that chose the pairs to train on is not evidence of quality: it says whether training did what it was to do.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from csi_train.judging.params import Name
from csi_train.parts import Strict
from csi_train.records import Rewarded
from csi_train.statistics import difference, estimate

FIGURES = {"reward": "mean reward", "margin": "margin over base"}
VALUE = "reward"
SHARES = False
BASE = "base"


class Params(Strict):
    """`task`: whose responses. `name`: the folder of the results under judge/."""

    type: Literal["reward"] = "reward"
    name: Name | None = None
    task: str = "csi_instructions"


def rewarded(document: Mapping[str, Any], rewards: Sequence[float | None]) -> Rewarded:
    """One document with the rewards of its responses; its own is their mean, None where none is a number."""
    told, texts = [reward for reward in rewards if reward is not None], document["texts"]
    return Rewarded(
        doc=document["doc"],
        question=document["question"],
        reward=sum(told) / len(told) if told else None,
        rewards=tuple(rewards),
        chars=sum(map(len, texts)) / len(texts),
    )


def figures(rows: Sequence[Rewarded], base: Sequence[Rewarded] | None) -> dict[str, Any]:
    """The mean with its standard error, and the paired margin over the base with its 95 % interval; None where unknown.

    The margin is over the documents that have a reward in both rows.
    """
    told = [row.reward for row in rows if row.reward is not None]
    mean = estimate(told) if told else None
    pairs = [
        (first.reward, second.reward)
        for first, second in zip(base or (), rows, strict=base is not None)
        if first.reward is not None and second.reward is not None
    ]
    gap = difference(*({str(n): pair[side] for n, pair in enumerate(pairs)} for side in (0, 1))) if pairs else None
    return {
        "reward": mean and {"mean": mean.mean, "stderr": mean.stderr},
        "margin": gap and {"mean": gap.mean, "low": gap.low, "high": gap.high},
    }
