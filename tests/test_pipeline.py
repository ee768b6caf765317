"""Whole runs of stages that need no model: what they leave, who may write, what is demanded and when."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from csi_train import check, pipeline
from csi_train.errors import RunError
from csi_train.run import Run

ROOT = Path(__file__).parents[1]

HOLD = """
import sys
from pathlib import Path
from csi_train.run import Run
with Run.at(Path(sys.argv[1])).lock():
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    """Rows that exist go through one filter."""
    path = tmp_path / "recipe.yaml"
    path.write_text(
        f"name: small\nruns: {tmp_path}/runs\n"
        f"data: {{path: {ROOT}/seeds/word_problems.jsonl, fields: {{solution: solution}}}}\n"
        "filter: [{type: well_formed}]\n"
    )
    return path


def run(recipe: Path, *overrides: str, resume: bool = False, until: str | None = None) -> Path:
    checked = check.load(recipe, overrides)
    return pipeline.run(checked.recipe, resume=resume, until=until, quiet=True, lacking=checked.lacking)


@pytest.fixture
def held(recipe: Path) -> Iterator[Path]:
    """The folder of a run that another process holds."""
    folder = Path(run(recipe)).parent
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    yield folder
    holder.communicate(timeout=30)


def test_a_run_leaves_its_rows_and_its_recipe(recipe: Path) -> None:
    report = run(recipe)
    assert report.is_file()
    assert len((report.parent / "filter/examples.jsonl").read_text().splitlines()) == 72
    assert Run.at(report.parent).recipe == check.load(recipe).recipe


def test_a_refused_process_changes_nothing_of_a_live_run(recipe: Path, held: Path) -> None:
    before = {file: file.read_bytes() for file in held.rglob("*") if file.is_file()}
    for resume in (True, False):
        with pytest.raises(RunError, match=r"small is in use by process \d+"):
            run(recipe, "filter=[{type: dedup}]", resume=resume)
    assert {file: file.read_bytes() for file in held.rglob("*") if file.is_file()} == before


def test_a_run_that_exists_is_taken_up_only_when_told(recipe: Path) -> None:
    folder = run(recipe).parent
    before = (folder / "recipe.yaml").read_text()
    with pytest.raises(RunError, match="exists already"):
        run(recipe, "filter=[{type: dedup}]")
    assert (folder / "recipe.yaml").read_text() == before
    run(recipe, "filter=[{type: dedup}]", resume=True)
    assert [step["filter"] for step in json.loads((folder / "filter/funnel.json").read_text())] == ["dedup", "label"]


def test_what_a_later_stage_lacks_is_demanded_when_that_is_due(recipe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    served = ["sample={k: 2, engine: {type: server, url: 'https://models.example/v1'}, model: m}", "seeds=null"]
    with pytest.raises(RunError, match=r"sample is due[\s\S]*OPENAI_API_KEY is not set[\s\S]*--resume"):
        run(recipe, *served)
    assert not (recipe.parent / "runs").exists()
    judge = (
        "judge=[{type: arena_hard, task: csi_word_problems, baseline: base, model: m, "
        "engine: {type: server, url: 'https://models.example/v1'}}]"
    )
    scored = [
        f"evaluate={{tasks: [csi_word_problems], include_path: {ROOT}/evals}}",
        "model=embedded/smollm2-135m-instruct",
    ]
    trained = [f"train=[{{type: sft, launch: {ROOT}/launch/cpu.yaml}}]"]
    assert run(recipe, *scored, *trained, judge, until="filter").is_file()


@pytest.mark.parametrize("until", ["pair", "nonsense"])
def test_an_attempt_that_does_nothing_leaves_nothing(recipe: Path, until: str) -> None:
    with pytest.raises(RunError, match=f"no stage '{until}'"):
        run(recipe, until=until)
    assert not (recipe.parent / "runs").exists()
