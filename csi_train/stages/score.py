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

from csi_train import parts
from csi_train.errors import EngineError
from csi_train.progress import Progress
from csi_train.prompts import ask
from csi_train.records import Response, Samples, Scores, write_rows
from csi_train.rewards import Scorer
from csi_train.run import Run, write_text
from csi_train.stages import sample
from csi_train.store import Store, digest

log = logging.getLogger(__name__)

BATCH = 64
"""How many responses are scored between two writes to the store: what a kill can lose."""

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
        found = scored(store, run.recipe.reward, itertools.chain(*rows), run.folder / "score")
    scores = [
        Scores(problem=row.problem, rewards=tuple(found[answer] for answer in answers))
        for row, answers in zip(samples, rows, strict=True)
    ]
    figures = _figures([reward for row in scores for reward in row.rewards])
    if figures["no_number"]:
        log.warning("%d of %d scores are no finite numbers", figures["no_number"], figures["responses"])
    write_rows(run.folder / "score" / "scores.jsonl", scores)
    write_text(run.folder / "score" / "stats.json", json.dumps(figures, indent=1))
    return figures


def scored(store: Store, params: Any, answers: Iterable[Answer], folder: Path) -> dict[Answer, float | None]:
    """The score of each answer, from the store or else from the reward, which is loaded where one is missing.

    `folder`: the stage's, where it shows how far it is.

    Raises EngineError where the reward does not give one score an answer.
    """
    reward = parts.load("rewards", params.type)
    name = reward.fingerprint(params)
    hashes = {answer: digest(name, *answer) for answer in answers}
    known = store.scores(hashes.values())
    missing = [answer for answer, hash in hashes.items() if hash not in known]
    progress = Progress(folder, len(hashes), "responses")
    progress.advance(len(hashes) - len(missing))
    if missing:
        with contextlib.closing(reward.open(params)) as scorer:
            for start in range(0, len(missing), BATCH):
                batch = missing[start : start + BATCH]
                found = {hashes[answer]: score for answer, score in zip(batch, _score(scorer, batch), strict=True)}
                store.put_scores(found.items())
                known |= found
                progress.advance(len(batch))
    return {answer: known[hash] for answer, hash in hashes.items()}


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
    """The best first, those without a reward last; equal ones by length, the longest first."""
    return sorted(responses, key=lambda r: (math.inf if r.reward is None else -r.reward, -r.tokens, r.index))


def _score(scorer: Scorer, batch: Sequence[Answer]) -> list[float | None]:
    """The scores of a batch; None for what is no finite number."""
    found = scorer.score(batch)
    if len(found) != len(batch):
        raise EngineError(
            f"the reward gave {len(found)} scores for {len(batch)} responses",
            "a reward's `score` returns one number for each row, in order: mend it",
        )
    return [float(score) if score is not None and math.isfinite(score) else None for score in found]


def _figures(rewards: Sequence[float | None]) -> dict[str, Any]:
    scores = [reward for reward in rewards if reward is not None]
    figures: dict[str, Any] = {"responses": len(rewards), "no_number": len(rewards) - len(scores)}
    if scores:
        figures |= {"mean": round(statistics.fmean(scores), 4), "lowest": min(scores), "highest": max(scores)}
    return figures
