"""How far and how fast a stage is: what its file says, and what can be known of the time left."""

import json
from pathlib import Path

import pytest

from csi_train.progress import SPAN, WINDOW, Pace, Progress, Snapshot


def seen(*looks: tuple[float, int], of: int = 100, before: int = 0, tokens: int = 0) -> Pace:
    """The pace after looks at a stage: (second, how much was done by then)."""
    pace = Pace()
    for at, done in looks:
        pace.see(Snapshot(done, of, "steps", tokens * (done - before), 0.0, at, before))
    return pace


def test_the_file_says_what_was_done_by_whom(tmp_path: Path) -> None:
    progress = Progress(tmp_path, 10, "steps")
    progress.advance(4, tokens=7, before=True)
    progress.note("all is well")
    for _ in range(6):
        progress.advance(tokens=5)
    found = Snapshot.read(tmp_path)
    assert found is not None
    assert (found.done, found.of, found.before, found.tokens) == (10, 10, 4, 30)
    assert (found.unit, found.note, found.ended) == ("steps", "all is well", True)
    assert found.started <= found.at


def test_the_end_is_written_whichever_way_it_comes(tmp_path: Path) -> None:
    progress = Progress(tmp_path, 8, "responses", at_most=True)
    for _ in range(5):
        progress.advance()
    progress.expect(-3)
    found = Snapshot.read(tmp_path)
    assert found is not None
    assert (found.done, found.of, found.at_most, found.ended) == (5, 5, True, True)


def test_a_file_that_is_missing_or_torn_says_nothing(tmp_path: Path) -> None:
    assert Snapshot.read(tmp_path) is None
    for text in ("", "[1, 2", json.dumps([1, 2]), json.dumps({"done": 1})):
        (tmp_path / "progress.json").write_text(text)
        assert Snapshot.read(tmp_path) is None


def test_start_up_is_no_part_of_the_pace() -> None:
    """An hour to load the model and for the first step, 20 s for each further one."""
    pace = seen((3600, 0), (3620, 1), (3640, 2), (3660, 3))
    assert pace.rate(3660) == pytest.approx(1 / 20)
    assert pace.left(3660) == pytest.approx(97 * 20)


def test_what_was_done_before_is_no_part_of_the_pace() -> None:
    """Resumed at step 50."""
    pace = seen((0, 50), (30, 51), (50, 52), (70, 53), before=50)
    assert pace.left(70) == pytest.approx(47 * 20)


def test_only_the_last_minute_counts() -> None:
    quick = [(float(n), 10 * n) for n in range(1, 51)]
    slow = [(50.0 + 2 * n, 500 + n) for n in range(1, 60)]
    assert seen(*quick, of=1000).rate(50) == pytest.approx(10)
    assert seen(*quick, *slow, of=1000).rate(168) == pytest.approx(0.5)
    assert WINDOW < 168 - 50


def test_steps_that_take_longer_than_a_minute_have_a_pace_too() -> None:
    pace = seen((0, 0), (900, 1), (1200, 2), (1500, 3))
    assert pace.left(1500) == pytest.approx(97 * 300)


def test_time_goes_down_between_two_steps_and_up_when_one_is_overdue() -> None:
    pace = seen((0, 1), (20, 2), (40, 3))
    assert pace.left(50) == pytest.approx(97 * 20 - 10)
    assert pace.left(60) == pytest.approx(97 * 20 - 20)
    late = pace.left(100)
    assert late is not None
    assert late > 97 * 20


@pytest.mark.parametrize(
    "pace",
    [
        seen(),
        seen((0, 0)),
        seen((0, 0), (30, 1)),
        seen((0, 50), (30, 50), before=50),
        seen((30, 64), (31, 128), of=1000),
    ],
    ids=["nothing seen", "nothing done", "the first is start-up", "nothing new", "one batch, a second long"],
)
def test_what_is_not_known_is_not_guessed(pace: Pace) -> None:
    assert pace.rate(31) is None
    assert pace.left(31) is None
    assert SPAN > 1


def test_the_end_is_no_time_away() -> None:
    assert seen((0, 1), (20, 50), (40, 100)).left(400) == 0


def test_tokens_have_a_pace_of_their_own() -> None:
    """A stage may write for long and finish nothing."""
    pace = Pace()
    for at, tokens in ((10, 5), (20, 1005), (30, 2005)):
        pace.see(Snapshot(0, 9, "problems", tokens, 0.0, at))
    assert pace.tokens(30) == pytest.approx(100, rel=0.01)
    assert pace.left(30) is None
