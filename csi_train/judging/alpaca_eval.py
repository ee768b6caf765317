"""AlpacaEval 2: a judge names the better of two outputs in one token, whose probability is the preference.

As in the weighted evaluator of alpaca_eval (0.6.6, arXiv 2404.04475) each instruction is judged once, in an order
drawn from its text: whatever the judge makes of a position, it makes of every model that is compared. Figures are the
win rate and the length-controlled win rate against the baseline.
"""

import hashlib
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from csi_train.engines.contract import Completion
from csi_train.errors import RecipeError
from csi_train.judge_prompts import template
from csi_train.judging import length_control
from csi_train.judging.pairwise import Reading
from csi_train.judging.params import JudgeParams
from csi_train.recipe import Sampling
from csi_train.records import Judged
from csi_train.sources import rows as sources
from csi_train.statistics import estimate

TEMPLATE = template(__file__)
FIGURES = {"win_rate": "win rate", "length_controlled": "length-controlled"}
VALUE = "preference"
SHARES = True
SETTINGS = ("instruction_difficulty",)
LOGPROBS = 5
"""Alternatives of the first token, as many as the published evaluator asks for; hosted endpoints give up to 20."""
NAMES = ("m", "M")
"""What the judge calls the output shown first, and second."""
HUB = "hf://datasets/tatsu-lab/alpaca_eval/df_gamed.csv"


class Params(JudgeParams):
    """`task`: whose responses. `instruction_difficulty`: a CSV file (index, instruction_difficulty) for the task's
    instructions in their order, or `hub` for the official one, which regularises as well; null leaves that term out,
    as for any instructions but AlpacaEval's it must be."""

    type: Literal["alpaca_eval"] = "alpaca_eval"
    task: str = "csi_alpaca_eval"
    instruction_difficulty: str | None = None
    sampling: Sampling = Sampling(temperature=1.0, top_p=1.0, max_tokens=1)


def first(question: str) -> tuple[str, ...]:
    """One order, by chance, the same for every model."""
    return (("baseline", "model")[hashlib.sha256(question.encode()).digest()[0] % 2],)


def read(completion: Completion) -> Reading | None:
    """The probability of the second name among the two; of a reply without log-probabilities, the name itself.

    A name that is not among the likeliest tokens has no probability; None where neither is.
    """
    if completion.first is None:
        name = completion.text.strip()
        return Reading(name, float(name == NAMES[1])) if name in NAMES else None
    shares = [sum(math.exp(p) for token, p in completion.first.items() if token.strip() == name) for name in NAMES]
    if not 0 < sum(shares) < math.inf:
        return None
    second = shares[1] / sum(shares)
    return Reading(NAMES[second > 0.5], second)


def figures(rows: Sequence[Judged], params: Params) -> dict[str, Any]:
    """Win rate with its standard error, length-controlled with its interval and weights; shares, None where unknown."""
    preferences = [row.preference for row in rows]
    judged = [p for p in preferences if p is not None]
    given = difficulties(params)
    controlled = length_control.length_controlled(
        preferences,
        [row.baseline_chars for row in rows],
        [row.chars for row in rows],
        _of(rows, given, params) if given else None,
        given.gamed if given else None,
    )
    rate = estimate(judged) if judged else None
    told: dict[str, Any] | None = None
    if controlled:
        told = {"mean": controlled.rate, "low": controlled.low, "high": controlled.high, "weights": controlled.weights}
        if not any(controlled.weights.values()):  # the penalty left nothing: so would it of what is drawn anew
            told |= {"low": None, "high": None}
    elif rate and len(judged) >= length_control.FOLDS:  # all alike: length explains nothing, and there is no interval
        told = {"mean": rate.mean}
    return {
        "win_rate": rate and {"mean": rate.mean, "stderr": rate.stderr},
        "length_controlled": told,
    }


def difficulties(params: Params) -> length_control.Difficulties | None:
    """The instruction difficulties that the recipe names; raises RecipeError where they cannot be read."""
    if params.instruction_difficulty is None:
        return None
    place = HUB if params.instruction_difficulty == "hub" else params.instruction_difficulty
    path = sources.fetched(place) if place.startswith(sources.HUB_FILE) else Path(place)
    if not path.is_file():
        raise RecipeError(f"no such file: {path}", "judge.instruction_difficulty names a CSV file, or `hub`")
    return length_control.read_difficulties(path)


def _of(rows: Sequence[Judged], given: length_control.Difficulties, params: Params) -> list[float]:
    """The difficulty of each instruction, by its number in the task."""
    if missing := [n for n in range(len(rows)) if n not in given.values]:
        raise RecipeError(
            f"{params.instruction_difficulty} has no difficulty for instruction {missing[0]} of {len(rows)}",
            "it belongs to other instructions: AlpacaEval's has 805; leave judge.instruction_difficulty out for others",
        )
    return [given.values[n] for n in range(len(rows))]
