"""A plan as tables."""

from rich.console import Console
from rich.table import Table

from csi_train.plan import Plan
from csi_train.plan.figures import count, volume
from csi_train.plan.work import Step
from csi_train.reporting import tables

WORTH_SAYING = 0.1
"""GPU-hours of a whole run below which they are not shown: those of a quickstart on a CPU."""


def show(found: Plan) -> None:
    """Print a plan as three tables."""
    console = Console(highlight=False)
    timed = sum(step.gpu_hours or 0 for step in found.steps) >= WORTH_SAYING
    console.print(f"{found.folder}, at most:\n", style="bold", markup=False)
    stages = _table("stage", "state", "requests", "tokens", "expected", *(["GPU-hours"] if timed else []), "")
    for step in found.steps:
        figures = ["–" if step.requests == 0 else count(number) for number in (step.requests, step.tokens)]
        expected = [count(number) for number in (step.expected, step.full) if number]
        hours = [_hours(step)] if timed else []
        stages.add_row(step.name, step.state, *figures, " of ".join(expected), *hours, step.note)
    console.print(tables.fitting(stages, console))
    for title, listed in (("memory", found.memory), ("disk", found.disk)):
        table = _table(title, "bytes", "")
        for need in listed:
            table.add_row(need.what, volume(need.bytes), need.note)
        console.print("", tables.fitting(table, console))
    if timed:
        known = count(sum(step.gpu_hours or 0 for step in found.steps))
        more = ", and what is unknown" if found.gpu_hours is None else ""
        console.print(f"\n{found.assumed} In all: {known}{more}.", markup=False)
    console.print(f"\n{volume(found.disk_free)} of disk are free. What is unknown is not counted.")


def _hours(step: Step) -> str:
    if step.gpu_hours is None:
        return "unknown"
    return "–" if step.gpu_hours == 0 else f"{step.gpu_hours:.1f}" if step.gpu_hours < 10 else count(step.gpu_hours)


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns:
        right = column in ("requests", "tokens", "expected", "GPU-hours", "bytes")
        table.add_column(column, justify="right" if right else "left", no_wrap=column != "")
    return table
