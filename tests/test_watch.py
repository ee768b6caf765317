"""What is said of stages: in a picture as wide as the window, and in lines of a log."""

import io
from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.console import Console

from csi_train import watch
from csi_train.progress import Pace, Progress, Snapshot
from csi_train.recipe import Recipe
from csi_train.run import Run
from csi_train.watch import Picture, Row, Watch, duration, plain, row

SHORT = Row("sample", 0.5, "896/1,792 responses", "at most 12 min left", "431 tokens/s", "11 min so far", "98 settled")
LONG = Row("judge/arena_hard_v2_creative", None, "waiting")


def drawn(rows: Sequence[Row], columns: int) -> list[str]:
    console = Console(file=io.StringIO(), width=columns, force_terminal=True, color_system=None)
    console.print(Picture(rows))
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined,no-any-return]


def known(looks: Sequence[tuple[float, int, int]], of: int = 200, at_most: bool = False, note: str = "") -> str:
    """The plain line of a stage after looks at it: (second, done, tokens)."""
    pace = Pace()
    for at, done, tokens in looks:
        snapshot = Snapshot(done, of, "responses", tokens, 0.0, at, at_most=at_most, note=note)
        pace.see(snapshot)
    return plain(row("sample", snapshot, pace, snapshot.at))


@pytest.mark.parametrize("columns", [32, 40, 60, 80, 100, 120, 200])
@pytest.mark.parametrize("rows", [[SHORT], [SHORT, LONG], [LONG]])
def test_no_line_is_wider_than_the_window_and_none_is_cut(rows: list[Row], columns: int) -> None:
    lines = drawn(rows, columns)
    assert max(map(len, lines)) <= columns - len("^C") - 1
    assert len(lines) in (len(rows), 2 * len(rows))
    assert not any("…" in line for line in lines)
    assert all(any(line.startswith(row.name) for line in lines) for row in rows)


def test_what_matters_least_gives_way_first() -> None:
    there = {columns: " ".join(drawn([SHORT], columns)) for columns in (130, 100, 80, 60, 50, 40)}
    pieces = ["98 settled", "11 min so far", "━", "431 tokens/s", "at most 12 min left", "896/1,792 responses"]
    counts = [sum(piece in text for piece in pieces) for text in there.values()]
    assert counts == sorted(counts, reverse=True)
    for text in there.values():
        shown = [piece in text for piece in pieces]
        assert shown == sorted(shown), "none is left out while one that matters less is there"
    assert {columns for columns, text in there.items() if "12 min left" in text} == {130, 100, 80, 60, 50}
    assert there[130].count("━") > there[80].count("━")


def test_bars_and_figures_of_several_stages_stand_below_each_other() -> None:
    first, second = drawn([SHORT, SHORT._replace(name="generate", amount="1/2 problems", left="finished")], 120)
    assert first.index("━") == second.index("━")
    assert first.index("896") == second.index("1/2")


@pytest.mark.parametrize(
    ("looks", "line"),
    [
        ([(5, 0, 0)], "sample: 0/200 responses, time left unknown"),
        ([(5, 3, 30), (8, 9, 90)], "sample: 9/200 responses, time left unknown"),
        ([(5, 0, 0), (15, 10, 100), (35, 50, 900)], "sample: 50/200 responses, 40 tokens/s, 75 s left"),
        ([(15, 10, 0), (35, 20, 0)], "sample: 20/200 responses, 2 s each, 6 min left"),
        ([(15, 10, 0), (35, 110, 0)], "sample: 110/200 responses, 5.0 responses/s, 18 s left"),
        ([(15, 10, 100), (35, 200, 900)], "sample: 200/200 responses, finished"),
    ],
)
def test_a_line_of_a_log_says_what_is_known(looks: list[tuple[float, int, int]], line: str) -> None:
    assert known(looks) == line


def test_a_bound_is_said_to_be_one() -> None:
    line = known([(15, 10, 100), (35, 50, 900)], at_most=True, note="7 problems settled")
    assert line == "sample: 50/200 responses, 40 tokens/s, at most 75 s left, 7 problems settled"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "0 s"), (99, "99 s"), (100, "2 min"), (5939, "99 min"), (26822, "7 h 27 min"), (10**6, "277 h 47 min")],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize("quiet", [True, False])
def test_a_log_gets_lines_and_no_picture(
    tmp_path: Path, quiet: bool, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr(watch, "EVERY", -1)
    name = "a/stage/with/a/name/that/is/longer/than/a/line/of/eighty/columns/and/yet/is/not/broken/in/two"
    shown = Watch(Run(tmp_path, Recipe.model_construct()), quiet)
    with shown.stages([name]):
        progress = Progress(tmp_path / name, 4, "rows")
        shown.tick()
        progress.advance(4)
        shown.tick()
        shown.tick()
    told = capfd.readouterr()
    said = [f"{name}: starting", f"{name}: 4/4 rows, finished", f"{name}: done in 0 s"]
    assert (told.out, told.err.splitlines()) == ("", [] if quiet else said)


def test_what_an_earlier_process_left_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(watch, "EVERY", -1)
    Progress(tmp_path / "score", 4, "rows").advance(4)
    old = (tmp_path / "score/progress.json").read_text()
    shown = Watch(Run(tmp_path, Recipe.model_construct()), quiet=False)

    def fail() -> None:
        with shown.stages(["score"]):
            shown.tick()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert (tmp_path / "score/progress.json").read_text() == old
    assert capfd.readouterr().err.splitlines() == ["score: starting", "score: failed after 0 s"]
