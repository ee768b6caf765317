"""The command line: check | plan | run | stage | judge | compare | report | doctor."""

import contextlib
import json
import shlex
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from csi_train import recipe_file
from csi_train.errors import CsiError, RecipeError

app = typer.Typer(
    help="CoT-Self-Instruct, end to end: seeds → generate → sample → filter → train → evaluate → compare.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)

RecipePath = Annotated[Path, typer.Argument(metavar="RECIPE", help="A recipe, such as recipes/quickstart.yaml.")]
Overrides = Annotated[list[str] | None, typer.Argument(metavar="[KEY.PATH=VALUE]…", help="Recipe keys to change.")]
RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="A run folder, such as runs/quickstart.")]
StageName = Annotated[str, typer.Argument(metavar="NAME", help="A stage, such as train/sft.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for a machine to read.")]


@app.command()
def check(recipe: RecipePath, overrides: Overrides = None, as_json: Json = False) -> None:
    """Find what is wrong with a recipe before anything is loaded.

    Example: `csi-train check recipes/quickstart.yaml generate.problems=64`
    """
    from csi_train import check as checks

    try:
        notes = checks.load(recipe, overrides or ()).notes
    except RecipeError as error:
        if not as_json:
            raise
        problems = error.problems if isinstance(error, recipe_file.ProblemsError) else [{"message": str(error)}]
        _print_json({"ok": False, "problems": problems, "notes": []})
        raise typer.Exit(1) from None
    if as_json:
        _print_json({"ok": True, "problems": [], "notes": notes})
    else:
        print(f"{recipe}: nothing wrong")
        _print_notes(notes)


@app.command()
def plan(recipe: RecipePath, overrides: Overrides = None, as_json: Json = False) -> None:
    """Show what a run would do and need: stages, requests, tokens, memory, disk.

    Example: `csi-train plan recipes/quickstart.yaml`
    """
    from csi_train import check as checks
    from csi_train import plan as planning
    from csi_train.plan.show import show

    checked = checks.load(recipe, overrides or ())
    found = planning.plan(checked.recipe)
    if as_json:
        _print_json(found.plain)
    else:
        show(found)
        _print_notes(checked.notes)


@app.command()
def run(
    recipe: RecipePath,
    overrides: Overrides = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that exists.")] = False,
    until: Annotated[str | None, typer.Option(metavar="STAGE", help="Stop after this stage.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print errors and the result only.")] = False,
) -> None:
    """Run a recipe from seeds to a scored model.

    Example: `csi-train run recipes/quickstart.yaml generate.problems=64 train.sft=null --resume`
    """
    from csi_train import check as checks
    from csi_train import pipeline

    checked = checks.load(recipe, overrides or ())
    _print_notes(checked.notes)
    with _interruptible("run", str(recipe), *(overrides or ()), "--resume"):
        report = pipeline.run(checked.recipe, resume=resume, until=until, quiet=quiet, lacking=checked.lacking)
    if checked.recipe.evaluate and until in (None, "evaluate", "judge"):
        from rich.console import Console

        from csi_train.reporting import comparison, tables
        from csi_train.run import Run

        tables.show(comparison.of_run(Run.at(checked.recipe.folder)), Console())
    print(report)


@app.command()
def stage(name: StageName, run: RunFolder) -> None:
    """Do one stage of a run, whether it is done or not.

    A training that was cut off goes on, one that is done starts anew.

    Example: `csi-train stage filter runs/quickstart`
    """
    from csi_train import pipeline
    from csi_train.run import Run

    with _interruptible("stage", name, str(run)):
        pipeline.stage(name, Run.at(run))


@app.command()
def judge(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN…", help="Folders of runs that are evaluated.")],
) -> None:
    """Have the answers of evaluated models judged, as the recipe of each run says; nothing is judged twice.

    Example: `csi-train judge runs/quickstart_preference`
    """
    from rich.console import Console

    from csi_train import pipeline
    from csi_train.reporting import comparison, tables
    from csi_train.run import Run

    for folder in runs:
        run = Run.at(folder)
        with _interruptible("judge", *map(str, runs)):
            report = pipeline.judge(run)
        tables.show(comparison.of_run(run), Console())
        print(report)


@app.command()
def compare(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN…", help="Run folders; the first is compared with.")],
    as_json: Json = False,
) -> None:
    """Set the results of runs side by side, each difference with its interval.

    Example: `csi-train compare runs/table1_s1k runs/table1_cot_self_instruct`
    """
    from rich.console import Console

    from csi_train.reporting import comparison, tables

    found = comparison.compare(runs)
    if as_json:
        _print_json(found.plain)
    else:
        tables.show(found, Console())


@app.command()
def report(run: RunFolder) -> None:
    """Write the report of a run, as far as it got: HTML, table, data card.

    Example: `csi-train report runs/quickstart`
    """
    from csi_train import pipeline
    from csi_train.run import Run

    print(pipeline.report(Run.at(run)))


@app.command()
def doctor(as_json: Json = False) -> None:
    """Look at this machine: versions, accelerators, memory, and what is missing.

    Example: `csi-train doctor`
    """
    from csi_train import doctor as examine

    findings = examine.findings()
    if as_json:
        _print_json([finding.plain for finding in findings])
    else:
        examine.show(findings)
    raise typer.Exit(int(any(finding.state == "missing" for finding in findings)))


def main() -> None:
    """The console script: an error that is the user's to mend is printed without a traceback; exit code 1."""
    try:
        app(prog_name="csi-train")
    except CsiError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)


@contextlib.contextmanager
def _interruptible(*command: str) -> Iterator[None]:
    """Ctrl-C is no error, nor are SIGTERM and SIGHUP: say what is kept and the command to go on with."""
    from csi_train import process

    try:
        with process.stoppable():
            yield
    except KeyboardInterrupt as stop:
        again = shlex.join(["csi-train", *command])
        print(f"interrupted: everything finished is kept\n  → go on with `{again}`", file=sys.stderr)
        raise typer.Exit(128 + (stop.args[0] if stop.args else signal.SIGINT)) from None


def _print_notes(notes: Sequence[str]) -> None:
    for note in notes:
        print(f"note: {note}", file=sys.stderr)


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))
