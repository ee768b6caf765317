"""The data card: README.md of a run folder, in the form the hugging face hub reads."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml

from csi_train import __version__
from csi_train.reporting import comparison, results
from csi_train.reporting.untrusted import shown
from csi_train.run import Run, write_text

SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
EXAMPLES = "filter/examples.jsonl"
PAIRS = "pair/pairs.jsonl"

FIELDS = {
    EXAMPLES: """\
`id`, `question`, `answer` (the label; none for an instruction), `response` (a worked answer that gives the label, where
one was sampled; to an instruction, the response that scores best), `source` (the problem it comes from) and `boxed`
(whether it is asked for an answer in a box).""",
    PAIRS: """\
`id`, `question`, `chosen` and `rejected` (two responses, the better one first), `source` (the problem it comes from),
`boxed` (whether it is asked for an answer in a box), `chosen_reward` and `rejected_reward` (where the responses were
sampled and scored).""",
}

LOAD = """\
`{file}` holds one row a line: {fields}

```python
from datasets import load_dataset

rows = load_dataset("json", data_files="{file}", split="train")
```"""

LINEAGE = """\
Every row can be walked back: its `source` is the `id` of a problem in `filter/kept.jsonl`. That problem names its
`seeds` (ids, made of the question's text where their file has none) and its `completion`, the address of the raw reply
in the store.
`sample/samples.jsonl` holds the answers sampled for it, `filter/verdicts.jsonl` what each filter decided and why,
`generate/rejected.jsonl` the replies that did not parse. `recipe.yaml` and `manifest.json` say how and with what."""
SCORES = "`score/scores.jsonl` holds the rewards of the responses, in their order."

LABELLED = """\
A model wrote these questions and answers. The filters make wrong answers rarer, they prove none right: a label is what
the generator wrote or what most of its own samples say."""
PREFERRED = """\
Which of two responses is better was said by a model or by people, and either may have liked length, form or flattery
more than what is right."""
TERMS = "Terms of the seeds and of the models apply to what is made of them."


def write_card(run: Run) -> Path:
    """Write README.md of a run, from the files that are there."""
    path = run.folder / "README.md"
    write_text(path, card(run))
    return path


def card(run: Run) -> str:
    """The data card as Markdown with YAML front matter."""
    manifest = results.read_json(run.folder / "manifest.json") or {}
    files: dict[str, dict[str, Any]] = manifest.get("files", {})
    file = PAIRS if run.recipe.pair else EXAMPLES
    rows = sum(1 for _ in results.lines(run.folder / file))
    steps = results.funnel(run)
    what, version = "pairs" if run.recipe.pair else "rows", manifest.get("versions", {}).get("csi_train", __version__)
    parts = [
        _front(run, file, rows, [said.get("licence") for said in files.values()]),
        f"# {run.recipe.name}",
        f"{rows:,} {what} to train on, made with csi_train {version}.",
        "## What they are made of",
        _table(("file", "sha256", "licence", "source"), _sources(run, files)),
        "## How they were made",
        _table(("what", "value"), _method(run, manifest.get("models", {}))),
        "## What each step left",
        _table(("step", "rows", "why the rest went"), _steps(steps)),
        *_categories(steps),
        "## How to load them",
        LOAD.format(file=file, fields=FIELDS[file]),
        "## Lineage",
        " ".join([LINEAGE, *([SCORES] if run.recipe.reward else [])]),
        "## What training on them did",
        comparison.of_run(run).headline,
        "## Mind",
        "\n".join([LABELLED if run.recipe.verifiable else PREFERRED, TERMS]),
    ]
    return "\n\n".join(parts) + "\n"


def _front(run: Run, file: str, rows: int, licences: Sequence[str | None]) -> str:
    """The YAML that the hub reads; a licence only where all sources state the same one, by its short name."""
    known = {str(licence).lower() for licence in licences}
    named = len(known) == 1 and None not in licences and re.fullmatch(r"[\w.+-]+", min(known))
    facts = {
        "license": min(known) if named else "unknown",
        "task_categories": ["text-generation"],
        "size_categories": [next((size for limit, size in SIZES if rows < limit), "n>1M")],
        "pretty_name": run.recipe.name,
        "tags": ["synthetic", "reasoning" if run.recipe.verifiable else "instructions", "csi_train"],
        "configs": [{"config_name": "default", "data_files": file}],
    }
    return f"---\n{yaml.safe_dump(facts, sort_keys=False, allow_unicode=True)}---"


def _sources(run: Run, files: dict[str, dict[str, Any]]) -> list[list[Any]]:
    """The seed and data files as the manifest tells them; what it does not tell, by name."""
    told = [[path, said.get("sha256"), said.get("licence"), said.get("source")] for path, said in files.items()]
    named = [s for s in (run.recipe.seeds, run.recipe.data) if s and s.path not in files]
    return [*told, *([s.path or s.hub or f"reasoning-gym {s.gym}", s.revision, None, None] for s in named)]


def _method(run: Run, models: dict[str, str]) -> Iterable[tuple[str, Any]]:
    recipe = run.recipe
    yield from ((f"model ({role})", name) for role, name in models.items())
    base = results.read_json(run.folder / "evaluate/base/results.json")
    if base:
        yield "fingerprint of the base model", base["fingerprint"]
    if recipe.classify:
        yield "categories by", recipe.classify.model_dump()
    if recipe.generate:
        yield "method", recipe.generate.method
        yield (
            "seeds in a prompt, worked examples before it",
            f"{recipe.generate.seeds_per_prompt}, {recipe.generate.shots}",
        )
        yield "sampling", recipe.generate.sampling.model_dump()
    if recipe.sample:
        yield "answers sampled for each problem (K)", recipe.sample.k
    if recipe.reward:
        yield "reward", recipe.reward.model_dump()
    yield "filters", ", ".join(params.type for params in recipe.filter) or "none"
    if recipe.verifiable:
        yield "label", recipe.label
    if recipe.pair:
        yield "pairs", recipe.pair.model_dump()


def _categories(steps: Sequence[dict[str, Any]]) -> list[str]:
    """What each step left of each category: a title and a table, or nothing where there are no categories."""
    steps = [step for step in steps if step["categories"]]
    names = dict.fromkeys(name for step in steps for name in step["categories"])
    counts = [[name, *(f"{step['categories'].get(name, 0):,}" for step in steps)] for name in names]
    table = _table(("category", *(step["name"] for step in steps)), counts)
    return ["## What each step left of each category", table] if steps else []


def _steps(steps: Iterable[dict[str, Any]]) -> Iterable[tuple[str, ...]]:
    for step in steps:
        yield (
            step["name"],
            f"{step['count']:,}",
            ", ".join(f"{why}: {count:,}" for why, count in step["reasons"].items()),
        )


def _table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = [headings, ["---"] * len(headings), *([_cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: Any) -> str:
    """A value that cannot break out of its table cell."""
    text = "not stated" if value is None else shown(" ".join(str(value).split()), 400)
    return "".join(f"\\{c}" if c in "|<[`\\" else c for c in text)
