"""AlpacaEval by hand: what a reply says, in which order it is asked, what the figures are."""

import math
from pathlib import Path
from typing import Any

import pytest

from csi_train.engines.contract import Completion, Request
from csi_train.errors import RecipeError
from csi_train.judging import alpaca_eval, length_control
from csi_train.recipe import Sampling
from csi_train.records import Judged

PARAMS = alpaca_eval.Params(model="judge", baseline="base")


def reply(text: str = "m", **first: float) -> Completion:
    tokens = {token: math.log(p) for token, p in first.items()} or None
    return Completion(Request("judge", "r/0/model", 0, "", Sampling()), text, 1, "length", first=tokens)


def test_probabilities_of_the_two_names_weigh_the_preference() -> None:
    found = alpaca_eval.read(reply("M", m=0.3, M=0.6, Both=0.1))
    assert found is not None
    assert found.second == pytest.approx(2 / 3)
    assert found.verdict == "M"


def test_a_name_that_is_not_among_the_tokens_has_no_probability() -> None:
    assert alpaca_eval.read(reply("m", m=0.7, The=0.2)) == ("m", 0, 1)
    assert alpaca_eval.read(reply("M", M=0.7, The=0.2)) == ("M", 1, 1)


def test_a_space_before_a_name_is_the_name() -> None:
    found = alpaca_eval.read(reply("m", **{" m": 0.25, "m": 0.25, " M": 0.5}))
    assert found is not None
    assert found.second == pytest.approx(0.5)


@pytest.mark.parametrize("completion", [reply("The", The=0.9, Both=0.1), reply("x"), reply(""), reply("m or M")])
def test_neither_name_is_no_verdict(completion: Completion) -> None:
    assert alpaca_eval.read(completion) is None


def test_without_log_probabilities_the_name_is_the_verdict() -> None:
    assert alpaca_eval.read(reply(" M\n")) == ("M", 1, 1)
    assert alpaca_eval.read(reply("m")) == ("m", 0, 1)


def test_log_probabilities_that_are_no_numbers_are_no_verdict() -> None:
    completion = reply("m")
    for value in (math.nan, -math.inf):
        broken = Completion(completion.request, "m", 1, "length", first={"m": value, "M": value})
        assert alpaca_eval.read(broken) is None


def test_the_order_is_one_drawn_from_the_question() -> None:
    orders = [alpaca_eval.first(f"question {n}") for n in range(400)]
    assert orders == [alpaca_eval.first(f"question {n}") for n in range(400)]
    assert 160 < orders.count(("model",)) < 240
    assert set(orders) == {("model",), ("baseline",)}


def judged(preference: float | None, chars: int = 100, baseline_chars: int = 100) -> Judged:
    none = (0, 0, 0)
    return Judged(
        doc="d", question="q", preference=preference, chars=chars, baseline_chars=baseline_chars, style=none,
        baseline_style=none, judgements=(),
    )  # fmt: skip


def test_figures() -> None:
    rows = [judged(n % 10 / 15, 100 + n, 150) for n in range(60)] + [judged(None)]
    figures = alpaca_eval.figures(rows, PARAMS)
    assert figures["win_rate"]["mean"] == pytest.approx(0.3)
    controlled = length_control.length_controlled(
        [row.preference for row in rows], [row.baseline_chars for row in rows], [row.chars for row in rows]
    )
    assert controlled is not None
    assert figures["length_controlled"] == {
        "mean": controlled.rate,
        "low": controlled.low,
        "high": controlled.high,
        "weights": controlled.weights,
    }


def test_too_few_to_tell_is_a_half_without_an_interval() -> None:
    rows = [judged(p, 100 + n) for n, p in enumerate([0.0, 0.0, 0.7, 1.0, 0.0, 1.0, 0.0, 1.0])]
    figures = alpaca_eval.figures(rows, PARAMS)
    assert figures["win_rate"]["mean"] == pytest.approx(3.7 / 8)
    nothing = {"length": 0, "model": 0}
    assert figures["length_controlled"] == {"mean": 0.5, "low": None, "high": None, "weights": nothing}


def test_all_alike_is_the_raw_rate_without_an_interval() -> None:
    assert alpaca_eval.figures([judged(1.0, n) for n in range(20)], PARAMS)["length_controlled"] == {"mean": 1.0}


@pytest.mark.parametrize("rows", [[judged(None)] * 9, []])
def test_nothing_judged_has_no_figures(rows: list[Judged]) -> None:
    figures = alpaca_eval.figures(rows, PARAMS)
    assert figures["win_rate"] is figures["length_controlled"] is None


def with_file(folder: Path, text: str) -> Any:
    (folder / "difficulty.csv").write_text(text)
    return PARAMS.model_copy(update={"instruction_difficulty": str(folder / "difficulty.csv")})


def test_difficulties_are_taken_by_number(tmp_path: Path) -> None:
    lines = "".join(f"{n},{n % 3 - 1}\n" for n in range(60))
    params = with_file(tmp_path, "index,instruction_difficulty\n" + lines)
    rows = [judged((n * 7) % 10 / 10, 100 + n, 150) for n in range(60)]
    assert "difficulty" in alpaca_eval.figures(rows, params)["length_controlled"]["weights"]
    assert "difficulty" not in alpaca_eval.figures(rows, PARAMS)["length_controlled"]["weights"]


def test_difficulties_of_other_instructions_are_an_error(tmp_path: Path) -> None:
    params = with_file(tmp_path, "index,instruction_difficulty\n0,1\n")
    with pytest.raises(RecipeError, match="no difficulty for instruction 1 of 9"):
        alpaca_eval.figures([judged(0.1 * n) for n in range(9)], params)


def test_a_file_that_is_not_there_is_named() -> None:
    params = PARAMS.model_copy(update={"instruction_difficulty": "none.csv"})
    with pytest.raises(RecipeError, match=r"no such file: none\.csv"):
        alpaca_eval.figures([judged(0.5)], params)
