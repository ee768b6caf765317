"""Judge what `evaluate` sampled: each model's responses beside a baseline's, or by the recipe's reward."""

import contextlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from csi_train import order, parts
from csi_train.engines import stored
from csi_train.errors import RowError, RunError
from csi_train.judge_prompts import said, version
from csi_train.judging import baselines, pairwise, reward
from csi_train.judging.pairwise import Case, Pairwise
from csi_train.progress import Progress
from csi_train.records import Judged, write_rows
from csi_train.run import Run, write_text
from csi_train.stages import score

Document = dict[str, Any]
Rows = Mapping[str, Sequence[Document]]
"""What each row of the table answered to the task, document by document."""


def main(run: Run, name: str) -> dict[str, Any]:
    """Write verdicts_<row>.jsonl and results.json of one judge of the recipe; returns its figures.

    Raises RunError where a row was not evaluated on the judge's task, RecipeError where the baseline does not fit.
    """
    entry = order.judges(run.recipe)[name]
    rows = {row: documents(run, row, entry.task) for row in order.rows(run.recipe)}
    found = _rewards(run, name, entry, rows) if entry.type == "reward" else _verdicts(run, name, entry, rows)
    found = {"type": entry.type, "task": entry.task, **found}
    found = json.loads(json.dumps(found), parse_constant=lambda _: None)  # one document has no standard error
    write_text(run.folder / "judge" / name / "results.json", json.dumps(found, indent=1, ensure_ascii=False))
    figures = {
        f"{row}/{figure}": value["mean"]
        for row, told in found["rows"].items()
        for figure, value in told["figures"].items()
        if value
    }
    return figures | {"unparsed": sum(told["unparsed"] for told in found["rows"].values()), **found["cost"]}


def documents(run: Run, row: str, task: str) -> list[Document]:
    """What one row answered to a task, document by document; raises RunError where it did not."""
    path = run.folder / "evaluate" / row / f"documents_{task}.jsonl"
    if not path.is_file() or not path.stat().st_size:
        hint = f"evaluate.tasks must name {task}; `csi-train run {run.folder / 'recipe.yaml'} --resume` evaluates it"
        raise RunError(f"there are no responses to judge: {path} is not there, or empty", hint)
    found = []
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                document = json.loads(line)
                found.append({key: document[key] for key in ("doc", "question", "texts")})
            except (ValueError, LookupError, TypeError) as error:
                raise RowError(path, number, f"not an evaluated document: {error!r}") from error
    return found


def _verdicts(run: Run, name: str, entry: Any, rows: Rows) -> dict[str, Any]:
    """Every row but the baseline's beside the baseline's, by whom, and at what cost."""
    judge, folder = parts.load("judging", entry.type), run.folder / "judge" / name
    against = _responses(rows[entry.baseline]) if entry.baseline in rows else baselines.read(entry.baseline)
    cases = {row: _cases(entry.baseline, against, found) for row, found in rows.items() if row != entry.baseline}
    each = sum(len(judge.first(case.question)) for of_row in cases.values() for case in of_row)
    with stored.opened(run.store(), entry.engine, entry.model, run.recipe.seed) as engine:
        asking = Pairwise(judge, entry, engine, Progress(folder, each, "judgements"))
        for row, of_row in cases.items():
            asking.add(row, of_row)
        engine.drive({"judge": asking.receive})
    judged = {row: asking.judged(row, of_row) for row, of_row in cases.items()}
    for row, found in judged.items():
        write_rows(folder / f"verdicts_{row}.jsonl", found)
    used = json.dumps([case.baseline for case in next(iter(cases.values()), [])])
    return {
        "judge": {
            "model": entry.model,
            "engine": entry.engine.type,
            "fingerprint": stored.fingerprint(entry.engine, entry.model),
            "prompt": version(judge.TEMPLATE),
            "sampling": entry.sampling.model_dump(),
            "chat_template": entry.chat_template,
            **{key: getattr(entry, key) for key in judge.SETTINGS},
        },
        "baseline": {"name": entry.baseline, "responses": version(used)},
        "rows": {row: _told(found, judge.figures(found, entry)) for row, found in judged.items()},
        "cost": {
            "requests": asking.requests,
            "prompt_chars": asking.prompt_chars,
            "reply_tokens": sum(j.tokens for found in judged.values() for one in found for j in one.judgements),
        },
    }


def _responses(found: Sequence[Document]) -> baselines.Responses:
    """The first response to each document, without what was only thought; `repeats` may leave more of them."""
    names = baselines.numbered(document["doc"] for document in found)
    return dict(zip(names, (said(document["texts"][0]) for document in found), strict=True))


def _cases(place: str, against: baselines.Responses, found: Sequence[Document]) -> list[Case]:
    responses = _responses(found)
    questions = dict(zip(responses, (document["question"] for document in found), strict=True))
    theirs = baselines.matched(place, against, questions)
    return [
        Case(document["doc"], document["question"], response, other)
        for document, response, other in zip(found, responses.values(), theirs, strict=True)
    ]


def _told(found: Sequence[Judged], figures: dict[str, Any]) -> dict[str, Any]:
    return {
        "documents": len(found),
        "judged": sum(one.preference is not None for one in found),
        "unparsed": sum(judgement.verdict is None for one in found for judgement in one.judgements),
        "empty": sum(any(j.verdict == pairwise.EMPTY for j in one.judgements) for one in found),
        "chars": sum(one.chars for one in found) / len(found),
        "baseline_chars": sum(one.baseline_chars for one in found) / len(found),
        "figures": figures,
    }


def _rewards(run: Run, name: str, entry: Any, rows: Rows) -> dict[str, Any]:
    """Every response of every row scored by the recipe's reward."""
    folder, params = run.folder / "judge" / name, run.recipe.reward
    assert params is not None
    module = parts.load("rewards", params.type)
    prompt = {"prompt": version(module.TEMPLATE)} if hasattr(module, "TEMPLATE") else {}
    answers = [(d["question"], text) for found in rows.values() for d in found for text in d["texts"]]
    with contextlib.closing(run.store()) as store:
        scores, cost = score.scored(store, params, answers, folder)
    judged = {
        row: [reward.rewarded(d, [scores[d["question"], text] for text in d["texts"]]) for d in found]
        for row, found in rows.items()
    }
    for row, of_row in judged.items():
        write_rows(folder / f"verdicts_{row}.jsonl", of_row)
    return {
        "judge": {
            "model": getattr(params, "model", params.type),
            "engine": params.type,
            "fingerprint": module.fingerprint(params),
            **prompt,
        },
        "baseline": None,
        "rows": {
            row: {
                "documents": len(found),
                "judged": sum(one.reward is not None for one in found),
                "unparsed": sum(given is None for one in found for given in one.rewards),
                "chars": sum(one.chars for one in found) / len(found),
                "figures": reward.figures(found, None if row == reward.BASE else judged.get(reward.BASE)),
            }
            for row, found in judged.items()
        },
        "cost": {"responses": len(scores), **cost},
    }
