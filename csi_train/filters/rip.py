"""RIP: a prompt is as good as the worst response to it (arXiv 2501.18578).

Of the K responses to a prompt let y_w score best and y_l worst. Kept are prompts whose y_l scores high, is long, and is
not far below y_w. CoT-Self-Instruct (arXiv 2507.23751) goes by the first alone: `min_rejected_reward: {quantile: 0.5}`.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import Field, PositiveInt, model_validator

from csi_train.errors import RecipeError
from csi_train.filters import Context, Rows
from csi_train.parts import Strict
from csi_train.records import Problem, Samples, Verdict


class Quantile(Strict):
    """A bound that lies at this quantile of the problems judged: `quantile: 0.25` has a quarter of them below it.

    Exactly: of n problems, floor(quantile × n) lie below the lower bound in order, so `quantile: 0.5` drops half, or
    fewer where others are equal to the bound: those stay, all of them. For `max_gap`, floor((1 - quantile) × n) above.
    """

    quantile: Annotated[float, Field(gt=0, lt=1)]


class Params(Strict):
    """Bounds, inclusive, each a value or a quantile: of the worst response its reward and its length in characters, and
    of the best and the worst the difference of rewards. `per_category`: quantiles within each category."""

    type: Literal["rip"] = "rip"
    min_rejected_reward: float | Quantile | None = None
    min_rejected_length: PositiveInt | Quantile | None = None
    max_gap: Annotated[float, Field(ge=0)] | Quantile | None = None
    per_category: bool = False

    @property
    def bounds(self) -> dict[str, float | Quantile]:
        """The bounds that are set, by name."""
        return {name: bound for name in REASONS if (bound := getattr(self, name)) is not None}

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.bounds:
            raise ValueError(f"give at least one of {', '.join(REASONS)}")
        if self.per_category and not any(isinstance(bound, Quantile) for bound in self.bounds.values()):
            raise ValueError("per_category is for quantiles, and no bound is one")
        return self


REASONS = {
    "min_rejected_reward": "the worst response scores too low",
    "min_rejected_length": "the worst response is too short",
    "max_gap": "the best and the worst response are too far apart",
}


@dataclass(frozen=True)
class Metrics:
    """The three numbers of a problem."""

    rejected_reward: float
    rejected_length: int
    gap: float

    def of(self, bound: str) -> float:
        """The number that a bound of this name is about."""
        return float(getattr(self, bound.partition("_")[2]))


def judge(rows: Rows, params: Params, context: Context) -> list[Verdict]:
    """Keep the prompts within the bounds; one with fewer than two scored responses goes, and counts in no quantile.

    Raises RecipeError where nothing is scored.
    """
    if not context.scored:
        raise RecipeError("filter rip goes by rewards, and there are none", "give the recipe a `reward:` section")
    found = [metrics(samples) for _, samples in rows]
    names = [problem.category if params.per_category else None for problem, _ in rows]
    groups: dict[str | None, list[Metrics]] = {}
    for name, measured in zip(names, found, strict=True):
        if measured:
            groups.setdefault(name, []).append(measured)
    bounds = {name: _values(params, group) for name, group in groups.items()}
    return [
        _verdict(problem, measured, bounds.get(name, {}))
        for (problem, _), measured, name in zip(rows, found, names, strict=True)
    ]


def metrics(samples: Samples | None) -> Metrics | None:
    """The three numbers; None with fewer than two scored responses. Of equally bad responses the first is y_l."""
    scored = [(r.reward, r.index, len(r.text)) for r in (samples.responses if samples else ()) if r.reward is not None]
    if len(scored) < 2:
        return None
    worst, _, length = min(scored)
    return Metrics(worst, length, max(scored)[0] - worst)


def threshold(values: Sequence[float], quantile: float, highest: bool = False) -> float:
    """The lowest value to keep so that floor(quantile × n) lie below it in order; or the highest one to keep."""
    share = Fraction(str(quantile))
    return sorted(values, reverse=highest)[int((1 - share if highest else share) * len(values))]


def _values(params: Params, group: Sequence[Metrics]) -> dict[str, float]:
    """The bounds as values: those that are quantiles are taken of this group."""
    return {
        name: threshold([m.of(name) for m in group], bound.quantile, name == "max_gap")
        if isinstance(bound, Quantile)
        else bound
        for name, bound in params.bounds.items()
    }


def _verdict(problem: Problem, found: Metrics | None, bounds: dict[str, float]) -> Verdict:
    if found is None:
        return Verdict(problem=problem.id, filter="rip", keep=False, reason="fewer than two scored responses")
    broken = (
        REASONS[name]
        for name, bound in bounds.items()
        if (found.of(name) > bound if name == "max_gap" else found.of(name) < bound)
    )
    reason = next(broken, None)
    return Verdict(
        problem=problem.id,
        filter="rip",
        keep=reason is None,
        reason=reason or "good to its worst",
        figures={**asdict(found), **bounds},
    )
