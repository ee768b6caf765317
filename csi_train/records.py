"""The rows that pass between stages: one frozen dataclass a kind, one JSON object a line on disk."""

import contextlib
import dataclasses
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO, TypeVar

from csi_train.errors import RowError

Row = TypeVar("Row")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """A task that a person wrote; `solution` is its worked answer, `category` its kind, `chosen` and `rejected` are the
    two responses that somebody compared, each where there is one."""

    id: str
    question: str
    answer: str | None = None
    solution: str | None = None
    category: str | None = None
    chosen: str | None = None
    rejected: str | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Classified:
    """The category that a classifier found for a seed, None where it found none, and what that rests on."""

    seed: str
    question: str
    category: str | None
    how: dict[str, Any]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A prompt the generator wrote, with the answer it gave (None where the method asks for none)."""

    id: str
    question: str
    answer: str | None
    method: str
    seeds: tuple[str, ...]
    call: int
    completion: str
    category: str | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A reply that did not parse: the raw text and why."""

    call: int
    reason: str
    reply: str
    seeds: tuple[str, ...]
    completion: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One sampled answer to a problem; `finish` is the engine's word: stop or length. `reward` is what the reward model
    says of it: None where none was asked, or where its score was no number."""

    index: int
    text: str
    answer: str | None
    tokens: int
    finish: str
    completion: str
    reward: float | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """The rewards of one problem's responses, in the order of `Samples.responses`."""

    problem: str
    rewards: tuple[float | None, ...]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """The answers sampled for one problem, of at most `k`: fewer where the vote was decided early."""

    problem: str
    k: int
    responses: tuple[Response, ...]

    def __post_init__(self) -> None:
        rows = (r if isinstance(r, Response) else Response(**r) for r in self.responses)
        object.__setattr__(self, "responses", tuple(rows))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one filter decided about one problem, and the figures it decided by."""

    problem: str
    filter: str
    keep: bool
    reason: str
    figures: dict[str, Any] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A row to train on: the prompt, its label, and a response that gives the label where one was sampled.

    An instruction has no label and is not `boxed`: it is asked as it is; its response is the one scored best.
    """

    id: str
    question: str
    answer: str | None
    response: str | None
    source: str
    boxed: bool = True


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two responses to one prompt, the better one chosen. A row to train on; `boxed` as in Example."""

    id: str
    question: str
    chosen: str
    rejected: str
    source: str
    boxed: bool = True
    chosen_reward: float | None = None
    rejected_reward: float | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a judge says of a response beside the baseline's, with `first` (baseline or model) shown first.

    `verdict` is as the judge gave it, `preference` is for the model, 0 to 1; both None where no reply of those `asked`
    for parsed. `weight`: the battles it counts for. `reply` is the last one, `tokens` are those of all.
    """

    first: str
    verdict: str | None
    preference: float | None
    weight: int = 1
    reply: str = ""
    tokens: int = 0
    asked: int = 0
    completion: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One response, judged in one order or both; `style` counts headers, list items and bold passages."""

    doc: str
    question: str
    preference: float | None
    chars: int
    baseline_chars: int
    style: tuple[int, ...]
    baseline_style: tuple[int, ...]
    judgements: tuple[Judgement, ...]

    def __post_init__(self) -> None:
        rows = (j if isinstance(j, Judgement) else Judgement(**j) for j in self.judgements)
        object.__setattr__(self, "judgements", tuple(rows))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Rewarded:
    """The responses to one document as a reward scores them: the mean, its parts, and their mean length."""

    doc: str
    question: str
    reward: float | None
    rewards: tuple[float | None, ...]
    chars: float


def content_id(prefix: str, text: str) -> str:
    """A short id that depends on the text alone, so that equal rows of two runs have equal ids."""
    return f"{prefix}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def to_json(row: Any) -> str:
    """One line of JSON; keys in field order."""
    return json.dumps(row if isinstance(row, dict) else dataclasses.asdict(row), ensure_ascii=False)


@contextlib.contextmanager
def written_whole(path: Path) -> Iterator[TextIO]:
    """A file to write that is there whole or not at all: a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(path.name + ".tmp")
    with scratch.open("w", encoding="utf-8") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)


def readable(folder: Path) -> None:
    """Give the files under a folder the mode that umask gives: safetensors 0.8 writes weights for their owner alone."""
    mask = os.umask(0o077)
    os.umask(mask)
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink() and (lacking := 0o666 & ~mask & ~path.stat().st_mode):
            path.chmod(path.stat().st_mode | lacking)


def write_rows(path: Path, rows: Iterable[Any]) -> None:
    """Write rows as JSON lines, whole or not at all."""
    with written_whole(path) as file:
        for row in rows:
            file.write(to_json(row) + "\n")


def read_rows(path: Path, kind: type[Row]) -> list[Row]:
    """Read JSON lines as rows of one kind.

    Raises RowError with file and line where a line is not JSON (a truncated last line, say) or has the wrong fields.
    """
    rows = []
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                fields = json.loads(line)
                rows.append(kind(**{k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()}))
            except (ValueError, TypeError) as error:
                raise RowError(path, number, f"not a {kind.__name__} row: {error}") from error
    return rows
