"""The report of a run: one HTML file that needs nothing else. It holds no script, and all text in it is escaped."""

import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from csi_train import __version__, order
from csi_train.recipe import Confidence
from csi_train.records import Verdict
from csi_train.reporting import charts, comparison, examples, judged, results, tables
from csi_train.reporting.comparison import Comparison, Line
from csi_train.reporting.untrusted import shown
from csi_train.run import Run, write_text
from csi_train.statistics import Difference, signed

CURVES = {
    "loss": "loss",
    "reward": "reward",
    "rewards/margins": "reward margin",
    "rewards/accuracies": "pairs told apart",
    "accuracy": "pairs told apart",
    "mean_token_accuracy": "token accuracy",
    "reward_std": "reward spread within groups",
    "frac_reward_zero_std": "groups with equal rewards",
    "completions/clipped_ratio": "completions cut off",
    "completions/mean_length": "tokens per completion",
    "sampling/importance_sampling_ratio/mean": "importance ratio",
    "kl": "KL to the reference",
    "entropy": "entropy",
    "grad_norm": "gradient norm",
    "learning_rate": "learning rate",
}
"""The metrics worth a curve, in order, in words."""

SET = {"learning_rate"}
"""Those that a schedule sets: a running mean of them says nothing."""


def write(run: Run) -> Path:
    """Write report.html of a run: what has not run yet is said to be missing."""
    environment = Environment(
        loader=PackageLoader("csi_train", "reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_bounded,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "cut": shown,
        "percent": tables.percent,
        "duration": duration,
        "signed": signed,
        "flat": _flat,
        "number": charts.number,
    }
    path = run.folder / "report.html"
    write_text(path, environment.get_template("report.html").render(page(run)))
    return path


def page(run: Run) -> dict[str, Any]:
    """Everything the template shows."""
    rows, found, funnel = results.rows(run), comparison.of_run(run), results.funnel(run)
    verdicts = examples.rows_of(run.folder / "filter/verdicts.jsonl", Verdict)
    ran = [row for row in rows if row.results]
    best = next((row for row in ran if row.label == found.best), None)
    return {
        "name": run.recipe.name,
        "version": __version__,
        "verifiable": run.recipe.verifiable,
        "comparison": found,
        "sections": [_section(title, lines) for title, lines in found.sections.items()],
        "judged": [(one, grid[0], grid[1:]) for one in found.judged for grid in [judged.grid(one)]],
        "funnel": funnel,
        "votes": votes(verdicts),
        "early": _early(run),
        "training": [_training(run, entry.type) for entry in run.recipe.train],
        "lineages": examples.lineages(run, verdicts),
        "unparsed": examples.unparsed(run),
        "answered": examples.answered(run, ran[0], best) if best else [],
        "responded": examples.responded(run, found.judged),
        "before": ran[0].label if ran else "",
        "after": found.best,
        "metrics": list(zip(results.METRICS, ("avg@k", "maj@k", "pass@k", "no answer"), strict=True)),
        "tiles": _tiles(found, funnel),
        "stages": [(stage.name, run.record(stage.name)) for stage in order.stages(run.recipe)],
        "recipe": (run.folder / "recipe.yaml").read_text(encoding="utf-8"),
        "manifest": _flat(results.read_json(run.folder / "manifest.json") or {}),
    }


def votes(verdicts: list[Verdict]) -> dict[str, Any] | None:
    """What is known of the votes, over the problems that the first voting filter saw; None where no filter votes.

    Where all K votes were cast, that is how many agree on the most frequent answer. Where some verdicts were decided
    early it is how many votes were cast: 4 of 6 agree at the moment that this settles a problem, whatever the other two
    would have been.
    """
    voted = [verdict for verdict in verdicts if verdict.figures.get("seen")]
    if not voted:
        return None
    voted = [verdict for verdict in voted if verdict.filter == voted[0].filter]
    k = max(verdict.figures["k"] for verdict in voted)
    early = sum(verdict.figures["seen"] < verdict.figures["k"] for verdict in voted)
    counted = Counter((verdict.figures["seen" if early else "top"], verdict.keep) for verdict in voted)
    bars = [(number, counted[number, True], counted[number, False]) for number in range(k + 1)]
    return {
        "filter": voted[0].filter,
        "problems": len(voted),
        "k": k,
        "early": early,
        "unanimous": sum(verdict.figures["top"] == k for verdict in voted),
        "bars": bars,
        "highest": max(kept + dropped for _, kept, dropped in bars),
    }


def _early(run: Run) -> str:
    """Why sampling stopped before all votes were cast, in words."""
    rule = run.recipe.sample.early_stop if run.recipe.sample else "off"
    if isinstance(rule, Confidence):
        return f"was likely to change the verdict (confidence {rule.confidence:g})"
    return "could change the verdict"


def duration(seconds: float) -> str:
    """75.4 as `1 min 15 s`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"


def _tiles(found: Comparison, steps: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """The run in a few figures, those of the headline first: (figure, what it is)."""
    lines = [line for line in list(found.sections.values())[-1] if line.metrics] if found.sections else []
    best = next((line for line in lines[1:] if line.row.label == found.best), None)
    ends = [*lines[:1], *([best] if best else [])]
    tiles = [(f"{tables.percent(line.metrics['avg_at_k'])} %", line.row.label) for line in ends]
    if best and isinstance(gap := best.against_first, Difference):
        range_ = f"{signed(gap.low)} to {signed(gap.high)}"
        what = f"points of {best.row.label} over {lines[0].row.label}; 95 % interval {range_}"
        tiles.append((signed(gap.mean), what if gap.stands_out else f"{what}, may be noise"))
    return [*tiles, *((f"{step['count']:,}", step["name"]) for step in (steps[0], steps[-1]))]


def _section(title: str, lines: list[Line]) -> dict[str, Any]:
    """One task: its table, the scores on a scale from 0, the differences on a scale that holds them all."""
    scored = [(line.row.label, line.metrics["avg_at_k"]) for line in lines if line.metrics]
    bounds = [(label, e, 0.0 if math.isnan(e.stderr) else 1.96 * e.stderr) for label, e in scored]
    top = min(1.0, max([1, *(math.ceil(10 * (e.mean + error)) for _, e, error in bounds)]) / 10)
    gaps = list(_gaps(lines))
    low = min((gap.low for _, gap in gaps), default=0.0)
    high = max((gap.high for _, gap in gaps), default=0.0)
    room = 0.05 * (max(high, 0) - min(low, 0)) or 0.01
    scale = (min(low, 0) - room, max(high, 0) + room)
    return {
        "title": title,
        "lines": lines,
        "headings": tables.grid(lines)[0],
        "top": top,
        "score_ticks": [(f"{100 * tick:.0f} %", charts.place(tick, 0, top)) for tick in charts.ticks(0, top)],
        "gap_ticks": [(_points(tick), charts.place(tick, *scale)) for tick in charts.ticks(*scale)],
        "scores": [(label, e, charts.whisker(e.mean - x, e.mean, e.mean + x, (0, top))) for label, e, x in bounds],
        "gaps": [(label, gap, charts.whisker(gap.low, gap.mean, gap.high, scale)) for label, gap in gaps],
        "zero": charts.whisker(0, 0, 0, scale).middle,
    }


def _points(share: float) -> str:
    """A tick of an axis of differences."""
    return signed(share).removesuffix(".0") if round(share, 9) else "0"


def _gaps(lines: list[Line]) -> Iterator[tuple[str, Difference]]:
    """Each difference of a section once, by name."""
    above = lines[0]
    for line in lines:
        if isinstance(line.against_first, Difference):
            yield f"{line.row.label} − {lines[0].row.label}", line.against_first
        if isinstance(line.against_previous, Difference) and above is not lines[0]:
            yield f"{line.row.label} − {above.row.label}", line.against_previous
        above = line if line.metrics else above


def _training(run: Run, name: str) -> dict[str, Any]:
    """The curves of a training stage, and the alarms it raised."""
    rows = list(results.lines(run.folder / "train" / name / "metrics.jsonl"))
    keys = dict(CURVES)
    if any("reward" in row for row in rows):
        del keys["loss"]  # of a policy gradient it is near 0 at each step, whatever is learned
    curves = [c for key, words in keys.items() if (c := charts.curve(key, words, rows, noisy=key not in SET))]
    return {"name": name, "curves": curves, "alarms": [(r["step"], a) for r in rows for a in r.get("alarm", [])]}


def _flat(value: Any, key: str = "") -> list[tuple[str, str]]:
    """Nested JSON as (dotted key, value) pairs."""
    if isinstance(value, dict):
        return [pair for k, item in value.items() for pair in _flat(item, f"{key}.{k}" if key else k)]
    if isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        return [pair for n, item in enumerate(value) for pair in _flat(item, f"{key}[{n}]")]
    return [(key, ", ".join(map(str, value)) if isinstance(value, list) else str(value))]


def _bounded(value: Any) -> Any:
    """Applied to all that the template puts out: text is bounded, and hides nothing."""
    return value if isinstance(value, Markup) or not isinstance(value, str) else shown(value)
