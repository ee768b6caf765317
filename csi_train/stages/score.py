"""Score every sampled response with the recipe's reward: the rewards that filters, labels and pairs go by."""

import contextlib
import dataclasses
import itertools
import json
import logging
import math
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from csi_train import parts, rewards
from csi_train.progress import Progress
from csi_train.prompts import ask
from csi_train.recipe import Asks
from csi_train.records import Response, Samples, Scores, write_rows
from csi_train.run import Run, write_text
from csi_train.stages import sample
from csi_train.store import Store, digest

log = logging.getLogger(__name__)

Answer = tuple[str, str]
"""A prompt as it was asked in chat, and a response to it."""


def main(run: Run) -> dict[str, Any]:
    """Write scores.jsonl, in the order of the problems, and stats.json; what the store has is not scored again."""
    problems = sample.written(run)
    samples = sample.of(run, problems)
    rows = [
        [(ask(problem.question, run.recipe.verifiable), response.text) for response in row.responses]
        for problem, row in zip(problems, samples, strict=True)
    ]
    with contextlib.closing(run.store()) as store:
        found, cost = scored(store, run.recipe.reward, itertools.chain(*rows), run.folder / "score")
    scores = [
        Scores(problem=row.problem, rewards=tuple(found[answer] for answer in answers))
        for row, answers in zip(samples, rows, strict=True)
    ]
    figures = _figures([reward for row in scores for reward in row.rewards]) | cost
    if figures["no_number"]:
        log.warning("%d of %d scores are no finite numbers", figures["no_number"], figures["responses"])
    write_rows(run.folder / "score" / "scores.jsonl", scores)
    write_text(run.folder / "score" / "stats.json", json.dumps(figures, indent=1))
    return figures


def scored(
    store: Store, params: Any, answers: Iterable[Answer], folder: Path
) -> tuple[dict[Answer, float | None], dict[str, int]]:
    """The score of each answer, from the store or else from the reward, which is loaded where one is missing; its cost.

    `folder`: the stage's, where it shows how far it is. A reward that asks a language model is gone through again: the
    store has its replies, and each of them counts in the cost. Raises EngineError as `rewards.given` does.
    """
    reward = parts.load("rewards", params.type)
    name, asks = reward.fingerprint(params), isinstance(params, Asks)
    hashes = {answer: digest(name, *answer) for answer in answers}
    known = {} if asks else store.scores(hashes.values())
    missing = [answer for answer, hash in hashes.items() if hash not in known]
    progress, cost = Progress(folder, len(hashes), "responses"), {}
    progress.advance(len(hashes) - len(missing), before=True)
    if missing:
        with contextlib.closing(reward.open(params, store)) as scorer:
            for number, score in rewards.given(scorer, missing):
                hash = hashes[missing[number]]
                known[hash] = score
                store.put_scores([(hash, score)])
                progress.advance()
            cost = scorer.cost
    return {answer: known[hash] for answer, hash in hashes.items()}, cost


def rewarded(run: Run, samples: Sequence[Samples]) -> list[Samples]:
    """The samples, each response with its reward; raises RunError where the scores are of other responses."""
    scores = {row.problem: row.rewards for row in run.rows("score", "scores.jsonl", Scores)}
    for row in samples:
        if len(scores.get(row.problem, ())) != len(row.responses):
            raise run.lacks("score", f"the responses to {row.problem} are not those that were scored")
    return [
        dataclasses.replace(
            row,
            responses=tuple(
                dataclasses.replace(response, reward=reward)
                for response, reward in zip(row.responses, scores[row.problem], strict=True)
            ),
        )
        for row in samples
    ]


def by_reward(responses: Iterable[Response]) -> list[Response]:
    """The best first, equal ones as they were sampled; then those without a reward, the longest first."""
    return sorted(responses, key=lambda r: (math.inf, -r.tokens, r.index) if r.reward is None else (-r.reward, r.index))


def _figures(rewards: Sequence[float | None]) -> dict[str, Any]:
    scores = [reward for reward in rewards if reward is not None]
    figures: dict[str, Any] = {"responses": len(rewards), "no_number": len(rewards) - len(scores)}
    if scores:
        figures |= {"mean": round(statistics.fmean(scores), 4), "lowest": min(scores), "highest": max(scores)}
    return figures
