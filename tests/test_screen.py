"""What a person sees: every command that draws, in a real terminal, with stages that ask a real HTTP server."""

import json
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bad_server import Answer, BadServer, reply, serving
from tests.reporting.conftest import build
from tests.stages.test_bad_server import to_evaluate
from tests.stages.test_judge import ARENA, REWARD, make
from tests.terminal import LIMIT, Terminal, processes_in, terminal

WIDTHS = (40, 80, 120)


@pytest.fixture
def server() -> Iterator[BadServer]:
    with serving() as served:
        yield served


def instructions(folder: Path, server: BadServer, problems: int = 12, **engine: Any) -> Path:
    """A recipe that writes instructions and answers each twice."""
    (folder / "seeds.jsonl").write_text("".join(json.dumps({"question": f"Name bird {n}."}) + "\n" for n in range(4)))
    body = {
        "name": "birds",
        "runs": "runs",
        "verifiable": False,
        "engine": {"type": "server", "url": server.url, "concurrency": 4, **engine},
        "seeds": {"path": "seeds.jsonl", "fields": {"answer": None}, "verifiable_only": False},
        "generate": {"model": "m", "method": "no_cot", "problems": problems},
        "sample": {"k": 2},
    }
    return written(folder, body)


def questions(folder: Path, server: BadServer, rows: int = 10) -> Path:
    """A recipe that answers given questions up to 8 times, until the vote is certain."""
    lines = [json.dumps({"question": f"What is {n} + 1?", "answer": str(n + 1)}) + "\n" for n in range(rows)]
    (folder / "rows.jsonl").write_text("".join(lines))
    body = {
        "name": "sums",
        "runs": "runs",
        "engine": {"type": "server", "url": server.url, "concurrency": 4},
        "data": {"path": "rows.jsonl"},
        "sample": {"model": "m", "k": 8, "early_stop": "exact"},
        "filter": [{"type": "answer_consistency"}],
    }
    return written(folder, body)


def written(folder: Path, body: dict[str, Any]) -> Path:
    (folder / "recipe.yaml").write_text(json.dumps(body))
    return Path("recipe.yaml")


def writer(seconds: float = 0.1) -> Callable[[dict[str, Any], int], Answer]:
    """Writes instructions, every fourth of which does not parse, and answers them."""
    numbers = iter(range(10**6))
    lock = threading.Lock()

    def answer(body: dict[str, Any], before: int) -> Answer:
        time.sleep(seconds)
        with lock:
            number = next(numbers)
        if "<begin>" not in body["messages"][-1]["content"]:
            return reply("Here it is.")
        return reply(f"<begin>Write a text, number {number}.</end>" if number % 4 else "no")

    return answer


def sums(body: dict[str, Any], before: int) -> Answer:
    """The right answer to a sum, after a while."""
    time.sleep(0.1)
    found = re.search(r"What is (\d+) \+ 1", body["messages"][-1]["content"])
    assert found
    return reply(rf"\boxed{{{int(found[1]) + 1}}}")


def whole(window: Terminal, *begin: str) -> None:
    """Fails where any line that was ever shown begins with something else: it would be the end of a wrapped one."""
    for seen in window.seen:
        wrapped = [line for line in seen.splitlines() if line and not line.startswith(begin)]
        assert not wrapped, f"{wrapped} in\n{seen}"


def clean(window: Terminal) -> bool:
    """Whether nothing of a picture is left, and the cursor is there again."""
    return not window.cursor_hidden and not re.search(r"[━╸╺]|time left unknown|working|waiting", window.text)


@pytest.mark.parametrize("columns", WIDTHS)
def test_a_run_draws_its_stages_and_leaves_a_line_for_each(server: BadServer, tmp_path: Path, columns: int) -> None:
    server.answer = writer()
    with terminal("run", instructions(tmp_path, server), columns=columns, cwd=tmp_path) as window:
        assert window.ends() == 0, window.text
    whole(window, "generate", "sample", "filter", "  ", "runs")
    said = ["generate + sample: done in", "filter: done in", "runs/birds/report.html"]
    assert [window.text.count(words) for words in said] == [1, 1, 1], window.text
    assert clean(window), window.text
    figures = [line for seen in window.seen for line in seen.splitlines() if "/12 problems" in line]
    assert len(figures) > 3, "it moved"
    assert any("━" in line for line in figures) == (columns > 40), "the bar gives way on a narrow window"
    assert any("did not parse" in line for line in figures) == (columns > 80)
    assert all(re.search(r"left|unknown|finished", line) for line in figures), "the time left does not"


def test_a_total_that_changes_is_drawn_as_it_changes(server: BadServer, tmp_path: Path) -> None:
    server.answer = sums
    with terminal("run", questions(tmp_path, server), columns=100, cwd=tmp_path) as window:
        assert window.ends() == 0, window.text
    whole(window, "sample", "filter", "runs")
    drawn = [(int(a), int(b)) for seen in window.seen for a, b in re.findall(r"(\d+)/(\d+) responses", seen)]
    assert drawn[0] == (0, 80), "8 for each, before anything is settled"
    assert drawn == sorted(drawn, key=lambda counts: (counts[0], -counts[1]))
    assert drawn[-1][1] < 80


def test_a_stage_without_figures_is_drawn_too(server: BadServer, tmp_path: Path) -> None:
    server.answer = sums
    recipe = questions(tmp_path, server)
    with terminal("run", recipe, cwd=tmp_path) as window:
        window.ends()
    with terminal("stage", "filter", "runs/sums", cwd=tmp_path) as window:
        assert window.ends() == 0
    whole(window, "filter")
    assert "filter  working" in "\n".join(window.seen)
    assert re.fullmatch(r"filter: done in \d+ s", window.text)


@pytest.mark.parametrize("columns", WIDTHS)
def test_a_stage_that_fails_leaves_a_line_and_the_error(server: BadServer, tmp_path: Path, columns: int) -> None:
    write, refused = writer(), (402, {}, b"no credit")
    server.answer = lambda body, before: write(body, before) if len(server.seen) < 12 else refused
    with terminal("run", instructions(tmp_path, server), columns=columns, cwd=tmp_path) as window:
        assert window.ends() == 1
    text = window.text.replace("\n", "")
    assert re.search(r"generate \+ sample: failed after \d+ s \(generate at \d+/12 problems, sample at", text)
    assert re.search(r"error: .*refused .*HTTP 402: no credit", text)
    assert text.index("failed after") < text.index("error: ")
    assert "--resume" in text
    assert "Traceback" not in text
    assert clean(window), window.text
    assert processes_in(tmp_path) == []


@pytest.mark.parametrize("columns", WIDTHS)
def test_ctrl_c_leaves_a_clean_screen_and_the_command_to_go_on_with(
    server: BadServer, tmp_path: Path, columns: int
) -> None:
    write, held = writer(), threading.Event()
    server.answer = lambda body, before: write(body, before) if len(server.seen) < 12 else held.wait(LIMIT) and 0.0
    recipe = instructions(tmp_path, server)
    with terminal("run", recipe, columns=columns, cwd=tmp_path) as window:
        window.until(lambda: len(server.seen) >= 12 and "/12 problems" in window.screen)
        window.press("\x03")
        assert window.ends() == 130
    held.set()
    text = window.text.replace("\n", "")
    assert text.startswith("generate + sample: interrupted after")
    assert text.endswith(f"  → go on with `csi-train run {recipe} --resume`")
    assert text.count("interrupted: everything finished is kept") == 1
    assert "^C" not in text
    assert "Traceback" not in text
    assert clean(window), window.text
    assert processes_in(tmp_path) == [], "its stage has ended"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_is_told_to_end_ends_its_stage(server: BadServer, tmp_path: Path, number: int) -> None:
    held = threading.Event()
    server.answer = lambda body, before: held.wait(LIMIT) and 0.0
    with terminal("run", instructions(tmp_path, server), cwd=tmp_path) as window:
        window.until(lambda: server.seen and "/12 problems" in window.screen)
        if number == signal.SIGHUP:
            window.hang_up()
        else:
            os.kill(window.pid, number)
        assert window.ends() == 128 + number
    held.set()
    assert processes_in(tmp_path) == []
    assert number == signal.SIGHUP or "interrupted: everything finished is kept" in window.text


def test_evaluation_draws_too(server: BadServer, tmp_path: Path) -> None:
    server.answer = lambda body, before: 1.2  # a stage tells of its progress once a second
    run = to_evaluate(tmp_path, {"type": "server", "url": server.url, "concurrency": 2})
    with terminal("stage", "evaluate/base", run.folder, columns=80) as window:
        assert window.ends() == 0, window.text
    whole(window, "evaluate/base")
    pictures = "\n".join(window.seen)
    assert re.search(r"evaluate/base +working", pictures), "while lm-eval is loaded"
    assert re.search(r"evaluate/base +[━╸╺]+ +[1-5]/6 samples +time left unknown", pictures)
    assert re.fullmatch(r"evaluate/base: done in \d+ s", window.text)


def test_judge_draws_too(tmp_path: Path) -> None:
    run = make(tmp_path, ARENA, REWARD)
    for name in ("score", "filter", "train/sft"):
        run.finish(name, 1, {})
    with terminal("judge", run.folder, columns=150) as window:
        assert window.ends() == 0, window.text
    assert re.search(r"judge/arena_hard: done in \d+ s", window.text)
    assert "judge/reward: done in" in window.text
    assert "┃ model" in window.text
    assert not window.cursor_hidden


COMMANDS = {
    "plan": (
        ["plan", "recipes/quickstart.yaml"],
        ["evaluate/base_fewshot", "requests", "1 a document", "of disk are free"],
    ),
    "check": (["check", "recipes/quickstart.yaml"], ["recipes/quickstart.yaml: nothing wrong"]),
    "compare": (["compare", "{runs}/one", "{runs}/two"], ["two (grpo)", "43.4 ± 3.0", "0.0 ± 0.0", "95 % interval"]),
    "report": (["report", "{runs}/one"], []),
    "doctor": (["doctor"], ["ok math-verify 0.9.0", "requirements/cpu.txt", "memory"]),
}
"""What is typed, and what must then be there to read."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two finished runs."""
    folder = tmp_path_factory.mktemp("finished")
    for name in ("one", "two"):
        build(folder, name=name)
    return folder / "runs"


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("name", COMMANDS)
def test_what_the_other_commands_show_fits_in_the_window(runs: Path, name: str, columns: int) -> None:
    words, shown = COMMANDS[name]
    with terminal(*(word.format(runs=runs) for word in words), columns=columns, rows=100) as window:
        status = window.ends()
    assert status == 0 or name == "doctor", window.text
    assert "…" not in window.text, "nothing is cut off"
    text = " ".join(window.text.split())
    assert not [piece for piece in shown if piece not in text], window.text
