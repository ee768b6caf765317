"""The lm-eval tasks of this folder: where their rows come from, how they are asked, how k samples become a score.

They run under `csi-train` and, in the root of the repository, under the stock command:

    lm_eval run --include_path evals --tasks csi_math500 --apply_chat_template --model … --model_args …

Two things travel as lm-eval metadata, `TaskManager(include_path=…, metadata={…})` or `--metadata '{…}'` as JSON:

    "k": 64                                       samples a document, in place of `repeats` in the YAML
    "data_files": {"csi_math500": "test.jsonl"}   a local file (JSONL, JSON, CSV, Parquet) in place of the hub dataset

A row needs a question (or problem) and an answer; a multiple-choice row has the fields of GPQA; an instruction (or
prompt) needs no answer. A task with a `category` beside its data_files reads only the rows of that category.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from datasets import Dataset, load_dataset
from lm_eval.api.task import ConfigurableTask

from csi_train.answers import equivalent, extract, grade, vote
from csi_train.errors import CsiError
from csi_train.sources import rows

HERE = Path(__file__).parent
READERS = {".jsonl": "json", ".json": "json", ".csv": "csv", ".parquet": "parquet"}

Row = dict[str, Any]
Doc = dict[str, str]


class SampledTask(ConfigurableTask):
    """A task that samples k answers to each question and boxes them."""

    def __init__(self, config: dict[str, Any]) -> None:
        own = {name: value for name, value in config.items() if name != "class"}
        super().__init__(config=own | {"repeats": own["metadata"].get("k", own["repeats"])})

    def download(self, dataset_kwargs: dict[str, Any] | None = None, **_: Any) -> None:
        """Read every split: from the file given for this task, else from the task's own files, else from the hub."""
        test = self.config.test_split
        named = dict((dataset_kwargs or {}).get("data_files", {}))
        if given := self.config.metadata.get("data_files", {}).get(self.config.task):
            named[test] = str(Path(given).absolute())
        files = {split: located(name) for split, name in named.items()}
        self.dataset = {split: self._docs(str(path), file_rows(path)) for split, path in files.items()}
        if test not in files:
            hub = self.config.dataset_path
            self.dataset[test] = self._docs(hub, hub_rows(hub, self.config.dataset_name, test))

    def _docs(self, source: str, found: Iterable[Row]) -> Dataset:
        docs, category = [], (self.config.dataset_kwargs or {}).get("category")
        for number, row in enumerate(found, 1):
            try:
                if category in (None, row.get("category")):
                    docs.append(self.doc(row))
            except LookupError as error:
                hint = "rename the field in the file, or write a task of your own beside this one"
                raise CsiError(f"{self.config.task}: {source}, row {number}: {error.args[0]}", hint) from error
        if category and not docs:
            hint = "is it the file of this task? its rows need that word in a field `category`"
            raise CsiError(f"{self.config.task}: no row of {source} is of the category {category}", hint)
        return Dataset.from_list(docs)

    def doc(self, row: Row) -> Doc:
        """What lm-eval sees of a row."""
        return {
            "question": take(row, "question", "problem"),
            "answer": take(row, "answer"),
            "solution": str(row.get("solution") or ""),
        }

    def doc_to_text(self, doc: Doc, doc_to_text: Any = None) -> str:
        """Ask in the form of the few-shot examples where there are any, else with the boxed instruction."""
        form = self.fewshot_cfg.doc_to_text if self.config.num_fewshot else self.config.doc_to_text
        return super().doc_to_text(doc, form)


class ChoiceTask(SampledTask):
    """A multiple-choice task whose gold is a letter."""

    def doc(self, row: Row) -> Doc:
        """List the choices in an order that hangs on the texts alone: no seed and no other task can change it."""
        question = take(row, "question")
        right = take(row, "correct answer")
        wrong = [take(row, f"incorrect answer {number}") for number in (1, 2, 3)]
        choices = sorted([right, *wrong], key=lambda text: hashlib.sha256(f"{question}\n{text}".encode()).digest())
        listed = "\n".join(f"{letter}) {text}" for letter, text in zip("ABCD", choices, strict=True))
        return {"question": f"{question}\n\n{listed}", "answer": "ABCD"[choices.index(right)], "solution": ""}


class InstructionTask(SampledTask):
    """A task that samples responses to instructions, for a reward or a judge to say how good they are."""

    def doc(self, row: Row) -> Doc:
        """What lm-eval sees of a row."""
        return {"question": take(row, "question", "instruction", "prompt"), "answer": "", "solution": ""}


def located(name: str) -> Path:
    """A file by its place beside the task files, or the local copy of one on the hub."""
    return rows.fetched(name) if name.startswith(rows.HUB_FILE) else HERE / name


def take(row: Row, *names: str) -> str:
    """The first of these fields that the row has, as text; upper and lower case are the same."""
    fields = {name.lower(): str(value).strip() for name, value in row.items() if value not in (None, "")}
    for name in names:
        if name in fields:
            return fields[name]
    raise LookupError(f"no {' or '.join(map(repr, names))}, only {', '.join(sorted(fields))}")


def file_rows(path: Path) -> Iterable[Row]:
    """The rows of a local file, streamed: no copy of a test set is left in the datasets cache."""
    if not path.is_file():
        raise CsiError(f"no such file: {path.absolute()}", "name an existing file as data_files")
    if path.suffix not in READERS:
        raise CsiError(f"cannot read {path}", f"data_files end in {', '.join(READERS)}")
    return load_dataset(READERS[path.suffix], data_files=str(path), split="train", streaming=True)


def hub_rows(path: str, name: str | None, split: str) -> Iterable[Row]:
    """The rows of a hub dataset; a gated one says how to get access."""
    try:
        return load_dataset(path, name, split=split)
    except OSError as error:
        access = f"ask for access on the hub page of {path} and log in with `hf auth login`"
        hint = access if "gated" in str(error) else "check the connection to the hub"
        raise CsiError(f"cannot load {path}: {error}", f"{hint}, or name a local file as data_files") from error


def lengths(doc: Doc, results: list[list[str]]) -> dict[str, float]:
    """What can be said of responses that nobody has judged: their mean length, the share of empty ones."""
    (samples,) = results
    return {
        "chars": sum(map(len, samples)) / len(samples),
        "empty": sum(not sample.strip() for sample in samples) / len(samples),
    }


def score(doc: Doc, results: list[list[str]]) -> dict[str, float]:
    """Grade the k samples of one document; lm-eval averages over documents and adds the standard error."""
    (samples,) = results
    right = [grade(doc["answer"], sample) for sample in samples]
    answers = [extract(sample) for sample in samples]
    winner = vote(answers).winner
    return {
        "avg_at_k": sum(right) / len(samples),
        "maj_at_k": float(winner is not None and equivalent(doc["answer"], winner)),
        "pass_at_k": float(any(right)),
        "no_answer": answers.count(None) / len(samples),
        "chars": sum(map(len, samples)) / len(samples),
    }
