"""A comparison as text: tables on a terminal, Markdown in a file or a pipe."""

import math
from collections.abc import Sequence
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from csi_train.reporting import judged as judging
from csi_train.reporting.comparison import Comparison, Gap, Line, of_run
from csi_train.reporting.results import METRICS
from csi_train.run import Run, write_text
from csi_train.statistics import Difference, Estimate, signed

NOT_RUN = "not run"
WORDS = 14
"""Columns that a name or a difference needs, to be read with ease."""


def markdown(comparison: Comparison) -> str:
    """The comparison as GitHub Markdown."""
    parts = [f"**{comparison.headline}**", *comparison.details]
    for title, lines in comparison.sections.items():
        headings, *cells = [[cell.replace("|", "\\|") for cell in line] for line in grid(lines)]
        rows = [headings, ["---", "---:", "---:", *["---:"] * len(METRICS), "---", "---"], *cells]
        parts += [f"### {title}", "\n".join(f"| {' | '.join(row)} |" for row in rows)]
    for judged in comparison.judged:
        headings, *cells = [[cell.replace("|", "\\|") for cell in line] for line in judging.grid(judged)]
        rows = [headings, ["---", *["---:"] * (len(headings) - 2), "---"], *cells]
        parts += [f"### {judged.title}", "\n".join(f"| {' | '.join(row)} |" for row in rows)]
    return "\n\n".join([*parts, *comparison.notes]) + "\n"


def write_table(run: Run) -> Path:
    """Write evaluate/table.md of a run."""
    path = run.folder / "evaluate/table.md"
    write_text(path, markdown(of_run(run)))
    return path


def show(comparison: Comparison, console: Console) -> None:
    """Print the comparison: tables on a terminal, Markdown where the output goes to a file or a pipe."""
    if not console.is_terminal:
        console.print(markdown(comparison), markup=False, highlight=False, soft_wrap=True)
        return
    found = [(title, grid(lines), 3 + len(METRICS)) for title, lines in comparison.sections.items()]
    found += [(judged.title, cells := judging.grid(judged), len(cells[0]) - 1) for judged in comparison.judged]
    for title, (headings, *cells), texts in found:
        table = Table(title=Text(title), title_justify="left", title_style="bold")
        for number, heading in enumerate(headings):
            if 0 < number < texts:
                table.add_column(Text(heading), justify="right", no_wrap=True)
            else:
                table.add_column(Text(heading), min_width=WORDS)
        for row in cells:
            table.add_row(*map(Text, row))
        console.print(fitting(table, console))
    console.print(comparison.headline, style="bold", markup=False, highlight=False)
    for text in [*comparison.details, *comparison.notes]:
        console.print(text, markup=False, highlight=False)


def fitting(table: Table, console: Console) -> RenderableType:
    """The table, or where the window is too narrow for it, its rows one below the other, each cell with its heading."""
    if Measurement.get(console, console.options.update(max_width=10_000), table).minimum <= console.width:
        return table
    first, *headings = (str(column.header) for column in table.columns)
    parts: list[RenderableType] = [Text(str(table.title or first), "bold")]
    for name, *cells in zip(*(column.cells for column in table.columns), strict=True):
        told = [
            f"{heading} {cell}".strip()
            for heading, cell in zip(headings, map(str, cells), strict=True)
            if cell not in ("", "–")
        ]
        parts.append(Text(str(name)))
        parts += [Padding(Text(line), (0, 0, 0, 4)) for line in _lines(told, console.width - 4)]
    return Group(*parts)


def _lines(pieces: Sequence[str], width: int) -> list[str]:
    """The pieces in as few lines as hold them, each piece in one."""
    lines = [""]
    for piece in pieces:
        longer = f"{lines[-1]}   {piece}" if lines[-1] else piece
        if cell_len(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(piece)
    return lines


def grid(lines: Sequence[Line]) -> list[list[str]]:
    """A section as text: the headings, then one list of cells a row."""
    headings = ["model", "trained on", "k", "avg@k", "maj@k", "pass@k", "no answer"]
    return [[*headings, f"against {lines[0].row.label}", "against the row above"], *map(_cells, lines)]


def _cells(line: Line) -> list[str]:
    trained_on = "–" if line.row.trained_on is None else f"{line.row.trained_on:,}"
    figures = [percent(line.metrics[m]) for m in METRICS] if line.metrics else [NOT_RUN] + ["–"] * (len(METRICS) - 1)
    return [line.row.label, trained_on, line.k, *figures, points(line.against_first), points(line.against_previous)]


def percent(figure: Estimate) -> str:
    """0.4567 ± 0.012 as `45.7 ± 1.2`."""
    error = "?" if math.isnan(figure.stderr) else f"{100 * figure.stderr:.1f}"
    return f"{100 * figure.mean:.1f} ± {error}"


def points(gap: Gap) -> str:
    """A difference as `+3.1 [+0.4, +5.8] higher`."""
    if not isinstance(gap, Difference):
        return gap or "–"
    return f"{signed(gap.mean)} [{signed(gap.low)}, {signed(gap.high)}] {gap.verdict}"
