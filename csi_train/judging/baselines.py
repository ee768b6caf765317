"""The responses of a baseline from a file, in the forms that AlpacaEval and Arena-Hard publish theirs in."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from csi_train.errors import RecipeError
from csi_train.records import content_id
from csi_train.sources import rows

FORMS = (
    "a row needs instruction and output (AlpacaEval), prompt and output, or messages of a user and an assistant "
    "(Arena-Hard)"
)

Responses = dict[str, str]
"""By document, the n-th of the same question as `doc#n`."""


def read(place: str) -> Responses:
    """The responses in a file, here (JSON, JSONL) or on the hub; raises RecipeError where it holds none.

    A file on the hub is `hf://datasets/org/name/path/in/the/repository`.
    """
    path = rows.fetched(place) if place.startswith(rows.HUB_FILE) else Path(place)
    pairs = [_pair(where, row) for where, row in rows.file(path)]
    if not pairs:
        raise RecipeError(f"baseline {place} is empty", FORMS)
    return dict(zip(numbered(content_id("doc", question) for question, _ in pairs), (r for _, r in pairs), strict=True))


def numbered(docs: Iterable[str]) -> list[str]:
    """Document ids told apart where a question occurs more than once."""
    seen: Counter[str] = Counter()
    found = []
    for doc in docs:
        seen[doc] += 1
        found.append(f"{doc}#{seen[doc]}")
    return found


def matched(place: str, responses: Responses, questions: dict[str, str]) -> list[str]:
    """The response to each of the questions (by document); raises RecipeError naming the first without one."""
    missing = [question for doc, question in questions.items() if doc not in responses]
    if missing:
        shown = "; ".join(repr(question[:80]) for question in missing[:3])
        raise RecipeError(
            f"baseline {place} has no response to {len(missing)} of {len(questions)} instructions, first: {shown}",
            "baseline and task must be of one set of instructions, word for word: check evaluate.data_files",
        )
    return [responses[doc] for doc in questions]


def _pair(where: str, row: dict[str, Any]) -> tuple[str, str]:
    question, response = row.get("instruction") or row.get("question") or row.get("prompt"), row.get("output")
    if question is None and isinstance(row.get("messages"), list):
        said = {turn.get("role"): turn.get("content") for turn in row["messages"] if isinstance(turn, dict)}
        question, response = said.get("user"), said.get("assistant")
        response = response.get("answer") if isinstance(response, dict) else response
    if not isinstance(question, str) or not isinstance(response, str):
        raise RecipeError(f"{where}: no instruction with its response; there is: {', '.join(map(str, row))}", FORMS)
    return question.strip(), response
