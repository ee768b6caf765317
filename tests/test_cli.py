"""The command line as a user types it: what it prints, where, and its exit codes."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from typer.testing import CliRunner

from csi_train import cli
from tests.bad_server import serving
from tests.terminal import processes_in

ROOT = Path(__file__).parents[1]
COMMANDS = ("check", "plan", "run", "stage", "judge", "compare", "report", "doctor")


def csi_train(*args: object, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "csi_train", *map(str, args)]
    env = {**os.environ, "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "100"}
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=env, timeout=280)


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "recipe.yaml"
    path.write_text(
        f"name: small\nruns: {tmp_path}/runs\n"
        f"seeds: {{path: {ROOT}/seeds/word_problems.jsonl, fields: {{solution: solution}}}}\n"
        "generate: {model: embedded/smollm2-135m-instruct, problems: 4, shots: 3}\n"
    )
    return path


def test_help_names_every_command_and_loads_none_of_them() -> None:
    script = """
import sys
from csi_train import cli
try:
    cli.app(["--help"])
finally:
    print(sorted(name for name in sys.modules if name.startswith("csi_train")))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert all(command in done.stdout for command in COMMANDS)
    loaded = {name.split(".")[1] for name in re.findall(r"'(csi_train\.[\w.]+)'", done.stdout)}
    assert {"cli", "errors"} <= loaded
    assert not loaded & {"pipeline", "check", "plan", "doctor", "reporting", "stages", "watch"}


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_an_example(command: str) -> None:
    shown = CliRunner().invoke(cli.app, [command, "--help"])
    assert shown.exit_code == 0
    assert f"Example: csi-train {command}" in shown.output


def test_check(recipe: Path) -> None:
    done = csi_train("check", recipe)
    assert (done.returncode, done.stderr) == (0, "")
    assert "nothing wrong" in done.stdout


def test_check_refuses_without_a_traceback(recipe: Path) -> None:
    done = csi_train("check", recipe, "generate.problms=3")
    assert done.returncode == 1
    assert "did you mean 'problems'?" in done.stderr
    assert "Traceback" not in done.stderr


def test_check_as_json(recipe: Path) -> None:
    assert json.loads(csi_train("check", recipe, "--json").stdout) == {"ok": True, "problems": [], "notes": []}
    done = csi_train("check", recipe, "generate.shots=900", "--json")
    (problem,) = json.loads(done.stdout)["problems"]
    assert (done.returncode, problem["key"], problem["place"]) == (1, "generate.shots", "override 'generate.shots=900'")
    broken = csi_train("check", recipe.parent / "none.yaml", "--json")
    assert "cannot read" in json.loads(broken.stdout)["problems"][0]["message"]


@pytest.mark.parametrize("args", [["check"], ["nonsense"], ["run", "x.yaml", "--untill", "sample"], ["compare"]])
def test_wrong_usage_exits_with_2(args: list[str]) -> None:
    assert CliRunner().invoke(cli.app, args).exit_code == 2


def test_no_command_shows_the_help() -> None:
    assert "Commands" in csi_train().stdout


def test_plan_as_json(recipe: Path) -> None:
    found = json.loads(csi_train("plan", recipe, "--json").stdout)
    assert [step["name"] for step in found["steps"]] == ["generate", "filter"]
    assert found["steps"][0]["requests"] == 16
    assert "generate" in csi_train("plan", recipe).stdout


def test_doctor_as_json() -> None:
    done = csi_train("doctor", "--json")
    findings = json.loads(done.stdout)
    assert done.returncode == int(any(finding["state"] == "missing" for finding in findings))


def test_a_bad_recipe_never_starts(recipe: Path) -> None:
    done = csi_train("run", recipe, "filter=[{type: answer_consistency}]")
    assert (done.returncode, done.stdout) == (1, "")
    assert "add a sample section" in done.stderr
    assert not (recipe.parent / "runs").exists()


@pytest.mark.parametrize("args", [["stage", "filter"], ["report"], ["compare"]])
def test_a_folder_that_is_no_run(tmp_path: Path, args: list[str]) -> None:
    done = csi_train(*args, tmp_path)
    assert done.returncode == 1
    assert "is not a run folder" in done.stderr


def test_an_unknown_stage_is_named(recipe: Path) -> None:
    done = csi_train("run", recipe, "--until", "pair")
    assert done.returncode == 1
    assert "no stage 'pair'" in done.stderr
    assert "generate" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ctrl_c_says_how_to_go_on(number: signal.Signals) -> None:
    script = f"""
import signal
import typer
from csi_train import cli
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored, where this is the background job of a script
try:
    with cli._interruptible("run", "x.yaml", "filter=[{{type: dedup}}]", "--resume"):
        signal.raise_signal({number})
except typer.Exit as end:
    raise SystemExit(end.exit_code)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 128 + number
    if number != signal.SIGHUP:  # whose terminal is gone
        assert "everything finished is kept" in done.stderr
        assert "`csi-train run x.yaml 'filter=[{type: dedup}]' --resume`" in done.stderr


def test_a_background_job_of_a_script_heeds_sigterm_and_no_ctrl_c(tmp_path: Path) -> None:
    held, asked = threading.Event(), threading.Event()
    (tmp_path / "rows.jsonl").write_text('{"question": "What is 1 + 1?", "answer": "2"}\n')
    with serving() as server:
        server.answer = lambda body, before: asked.set() or (held.wait(60) and 0.0)
        recipe = {
            "name": "held",
            "runs": "runs",
            "engine": {"type": "server", "url": server.url},
            "data": {"path": str(tmp_path / "rows.jsonl")},
            "sample": {"model": "m", "k": 2},
        }
        (tmp_path / "recipe.yaml").write_text(json.dumps(recipe))
        command = [sys.executable, "-m", "csi_train", "run", "recipe.yaml"]
        ignoring = ["sh", "-c", "trap '' INT; exec \"$@\"", "sh", *command]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        with subprocess.Popen(ignoring, cwd=tmp_path, env=env, stderr=subprocess.PIPE, text=True) as job:
            assert asked.wait(60)
            job.send_signal(signal.SIGINT)
            with pytest.raises(subprocess.TimeoutExpired):
                job.wait(1)
            job.send_signal(signal.SIGTERM)
            _, said = job.communicate(timeout=60)
        held.set()
    assert job.returncode == 143
    assert said.splitlines()[-2:] == [
        "interrupted: everything finished is kept",
        "  → go on with `csi-train run recipe.yaml --resume`",
    ]
    assert processes_in(tmp_path) == []
