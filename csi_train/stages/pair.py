"""Choose two responses to each kept prompt, one to prefer and one to reject: the rows of preference training."""

import itertools
import json
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from csi_train import recipe, sources
from csi_train.errors import RunError
from csi_train.records import Pair, Problem, Response, Verdict, write_rows
from csi_train.run import Run, write_text
from csi_train.stages import sample, score

Choice = Pair | Verdict
"""A pair, or the verdict with the reason why a problem makes none."""


def main(run: Run) -> dict[str, Any]:
    """Write pairs.jsonl, dropped.jsonl and stats.json; returns the figures.

    Raises RunError, after writing all the same, where there are fewer pairs than `pair.pairs`, or none.
    """
    section, data = run.recipe.pair, run.recipe.data
    assert section is not None
    problems = run.rows("filter", "kept.jsonl", Problem)
    choose = _from_columns(run) if data and data.fields.chosen else _from_samples(run, section, problems)
    made = [choose(problem) for problem in problems]
    found = [row for row in made if isinstance(row, Pair)]
    dropped = [row for row in made if isinstance(row, Verdict)]
    pairs = draw(found, section.pairs, run.recipe.seed)
    drawn = {pair.id for pair in pairs}
    dropped += [_dropped(pair.id, "not drawn") for pair in found if pair.id not in drawn]
    figures = _figures(pairs, dropped)
    write_rows(run.folder / "pair" / "pairs.jsonl", pairs)
    write_rows(run.folder / "pair" / "dropped.jsonl", dropped)
    write_text(run.folder / "pair" / "stats.json", json.dumps(figures, indent=1))
    if len(pairs) < (section.pairs or 1):
        raise RunError(
            f"{len(pairs)} pairs can be made of {len(problems)} problems, and {section.pairs or 1} are needed",
            f"{run.folder / 'pair/dropped.jsonl'} says why of each; lower pair.pairs, loosen the filters, or raise "
            "generate.problems or sample.k, and run with --resume",
        )
    return figures


def best_and_worst(responses: Sequence[Response], rho: float) -> tuple[Response, Response]:
    """The shortest response within `rho` of the range of rewards from the top, the longest within it from the bottom.

    Of equally long ones the better is chosen, the worse rejected. Whatever `rho` is, the chosen one scores more than
    the rejected one: the lowest reward is never chosen, and what is rejected lies below what is chosen. The rewards,
    of which none is None, are not all equal.
    """
    rewards = {r.index: r.reward for r in responses if r.reward is not None}
    high, low = max(rewards.values()), min(rewards.values())
    reach = rho * (high - low)
    good = [r for r in responses if low < rewards[r.index] >= high - reach]
    chosen = min(good, key=lambda r: (len(r.text), -rewards[r.index], r.index))
    bad = [r for r in responses if rewards[chosen.index] > rewards[r.index] <= low + reach]
    return chosen, max(bad, key=lambda r: (len(r.text), -rewards[r.index], -r.index))


def at_random(responses: Sequence[Response], random: Random) -> tuple[Response, Response]:
    """Two responses of different reward, all such pairs equally likely; the better one first."""
    pairs = [(a, b) for a, b in itertools.combinations(responses, 2) if a.reward != b.reward]
    better, worse = score.by_reward(random.choice(pairs))
    return better, worse


def draw(pairs: Sequence[Pair], number: int | None, seed: int) -> list[Pair]:
    """So many of the pairs at random, in their order; all where no number is given, or there are no more."""
    if number is None or number >= len(pairs):
        return list(pairs)
    return [pairs[n] for n in sorted(Random(f"{seed}:pairs").sample(range(len(pairs)), number))]


def _from_samples(run: Run, section: recipe.Pair, problems: Sequence[Problem]) -> Callable[[Problem], Choice]:
    """How a problem's scored responses make a pair. One that was cut off or is empty is neither chosen nor rejected."""
    samples = score.rewarded(run, sample.of(run, problems))
    usable = {
        row.problem: [r for r in row.responses if r.finish == "stop" and r.text and r.reward is not None]
        for row in samples
    }

    def choose(problem: Problem) -> Choice:
        responses = usable[problem.id]
        if len(responses) < 2:
            return _dropped(problem.id, "fewer than two finished, scored responses")
        if len({r.text for r in responses}) == 1:
            return _dropped(problem.id, "equal texts")
        if len({r.reward for r in responses}) == 1:
            return _dropped(problem.id, "a tie: all rewards are equal")
        if section.rule == "random":
            chosen, rejected = at_random(responses, Random(f"{run.recipe.seed}:{problem.id}"))
        else:
            chosen, rejected = best_and_worst(responses, section.rho)
        rewards = {"chosen_reward": chosen.reward, "rejected_reward": rejected.reward}
        return _pair(run, problem, chosen.text, rejected.text, **rewards)

    return choose


def _from_columns(run: Run) -> Callable[[Problem], Choice]:
    """How the columns of a recipe's `data:` make a pair."""
    assert run.recipe.data is not None
    rows = sources.read(run.recipe.data, run.recipe.seed)
    by_id = {sources.problem(number, row).id: row for number, row in enumerate(rows, 1)}

    def choose(problem: Problem) -> Choice:
        row = by_id[problem.id]
        if row.chosen is None or row.rejected is None:
            return _dropped(problem.id, "no text to choose, or none to reject")
        if row.chosen == row.rejected:
            return _dropped(problem.id, "equal texts")
        return _pair(run, problem, row.chosen, row.rejected)

    return choose


def _pair(run: Run, problem: Problem, chosen: str, rejected: str, **rewards: float | None) -> Pair:
    return Pair(
        id=problem.id,
        question=problem.question,
        chosen=chosen,
        rejected=rejected,
        source=problem.id,
        boxed=run.recipe.verifiable,
        **rewards,
    )


def _dropped(problem: str, reason: str) -> Verdict:
    return Verdict(problem=problem, filter="pair", keep=False, reason=reason)


def _figures(pairs: Sequence[Pair], dropped: Sequence[Verdict]) -> dict[str, Any]:
    """How many pairs there are, why the others are none, and the means of rewards and of lengths in characters."""
    figures: dict[str, Any] = {
        "pairs": len(pairs),
        "dropped": dict(Counter(verdict.reason for verdict in dropped).most_common()),
    }
    for name in ("chosen", "rejected"):
        rewards = [reward for pair in pairs if (reward := getattr(pair, f"{name}_reward")) is not None]
        lengths = [len(getattr(pair, name)) for pair in pairs]
        means = {f"{name}_reward": rewards, f"{name}_chars": lengths}
        figures |= {key: round(statistics.fmean(values), 4) for key, values in means.items() if values}
    return figures
