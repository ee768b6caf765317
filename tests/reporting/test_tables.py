"""The comparison as text."""

import io
from collections.abc import Callable

from rich.console import Console

from csi_train.reporting import comparison, tables
from csi_train.run import Run


def printed(run: Run, terminal: bool) -> str:
    console = Console(file=io.StringIO(), force_terminal=terminal, width=160)
    tables.show(comparison.of_run(run), console)
    return str(console.file.getvalue())  # type: ignore[attr-defined]


def test_markdown_file_is_a_table(run: Run) -> None:
    text = tables.write_table(run).read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert (run.folder / "evaluate/table.md").is_file()
    assert len(rows) == 6
    assert {row.count("|") for row in rows} == {10}
    assert rows[0].startswith("| model | trained on | k | avg@k | maj@k | pass@k | no answer | against base |")
    assert rows[5].startswith("| grpo | 18 | 4 | 43.4 ± 3.0 | ")
    assert rows[5].endswith("| +2.0 [−7.7, +11.6] no difference that stands out of the noise |")


def test_missing_rows_are_shown_as_not_run(make_run: Callable[..., Run]) -> None:
    text = tables.markdown(comparison.of_run(make_run(rates={"base": 0.1, "grpo": 0.5})))
    assert "| sft | 18 | – | not run | – | – | – | – | – |" in text


def test_plain_where_nobody_watches_and_a_table_on_a_terminal(run: Run) -> None:
    assert printed(run, terminal=False).strip() == tables.markdown(comparison.of_run(run)).strip()
    seen = printed(run, terminal=True)
    assert "┃" in seen
    assert "\x1b[" in seen
    assert "43.4 ± 3.0" in seen


def test_a_hostile_task_name_cannot_mark_up_the_terminal(run: Run) -> None:
    found = comparison.of_run(run)
    found.sections["[red]words[/red]|x"] = found.sections.pop("words")
    console = Console(file=io.StringIO(), force_terminal=True, width=160)
    tables.show(found, console)
    assert "[red]words[/red]|x" in console.file.getvalue()  # type: ignore[attr-defined]
