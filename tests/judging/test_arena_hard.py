"""Arena-Hard v0.1 and v2.0 by hand: which replies are verdicts, what battles they are, what the score is."""

from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from csi_train.engines.contract import Completion, Request
from csi_train.judging import arena_hard, arena_hard_v2, arena_hard_v2_creative, bradley_terry
from csi_train.judging.pairwise import mean, style
from csi_train.recipe import Sampling
from csi_train.records import Judged, Judgement

PARAMS = arena_hard.Params(model="judge", baseline="base")


@pytest.fixture(autouse=True)
def _few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(bradley_terry.RESAMPLES, True, 20)


def reply(text: str, finish: str = "stop") -> Completion:
    return Completion(Request("judge", "r/0/model", 0, "", Sampling()), text, 5, finish)


@pytest.mark.parametrize(
    ("text", "verdict", "second", "weight"),
    [
        ("Mine is 4. My verdict is: [[A>>B]]", "A>>B", 0, 3),
        ("[[A>B]]", "A>B", 0, 1),
        ("So it is a tie: [[A=B]].", "A=B", 0.5, 1),
        ("[[B>A]] I say it again: [[B>A]]", "B>A", 1, 1),
        ("<think>first [[A>B]], no</think>[[B>>A]]", "B>>A", 1, 3),
    ],
)
def test_a_verdict_is_read(text: str, verdict: str, second: float, weight: int) -> None:
    assert arena_hard.read(reply(text)) == (verdict, second, weight)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A is better",
        "[A>B]",
        "[[A>>>B]]",
        "[[A<B]]",
        "[[A]]",
        "[[a>b]]",
        "[[A<B]] or rather [[A>B]]",
        "It might be [[A>B]], but in the end [[B>A]]",
        "<think>[[A>B]]",
    ],
)
def test_anything_else_is_none(text: str) -> None:
    assert arena_hard.read(reply(text)) is None


@pytest.mark.parametrize("judge", [arena_hard, arena_hard_v2, arena_hard_v2_creative])
def test_a_reply_that_was_cut_off_is_none(judge: Any) -> None:
    assert judge.read(reply("At first sight [[A>B]], yet", "length")) is None


@pytest.mark.parametrize(
    ("text", "verdict", "second", "weight"),
    [
        ("It might be [[A>B]], but in the end [[B>A]]", "B>A", 1, 1),
        ("My verdict: [B>>A]", "B>>A", 1, 3),
        ("[[A>B]], not what the answer says of itself, [B>A]", "A>B", 0, 1),
        ("[[a>>b]]", "A>>B", 0, 3),
        ("[[A<<B]]", "B>>A", 1, 3),
        ("[[B<A]]", "A>B", 0, 1),
        ("[[B=A]]", "A=B", 0.5, 1),
        ("steps[A] = steps[B], so [[A=B]]", "A=B", 0.5, 1),
        ("<think>first [[A>B]], no</think>[[B>>A]]", "B>>A", 1, 3),
    ],
)
@pytest.mark.parametrize("judge", [arena_hard_v2, arena_hard_v2_creative])
def test_in_v2_the_last_verdict_counts(judge: Any, text: str, verdict: str, second: float, weight: int) -> None:
    assert judge.read(reply(text)) == (verdict, second, weight)


@pytest.mark.parametrize("text", ["", "A is better", "steps[A]", "[[A]]", "[[A>>>B]]", "(A>B)", "<think>[[A>B]]"])
def test_in_v2_anything_else_is_none(text: str) -> None:
    assert arena_hard_v2.read(reply(text)) is None


def judged(
    *games: tuple[float | None, int], chars: tuple[int, int] = (100, 100), lists: tuple[int, int] = (0, 0)
) -> Judged:
    judgements = tuple(
        Judgement(first="model", verdict=None if p is None else "x", preference=p, weight=weight) for p, weight in games
    )
    return Judged(
        doc="d",
        question="q",
        preference=mean(judgements),
        chars=chars[0],
        baseline_chars=chars[1],
        style=(0, lists[0], 0),
        baseline_style=(0, lists[1], 0),
        judgements=judgements,
    )


def test_the_score_is_the_share_of_battles_where_a_strong_win_is_three() -> None:
    rows = [judged((1, 3), (0, 1)), judged((0.5, 1), (0.5, 1)), judged((0, 1), (0, 1))]
    for judge in (arena_hard, arena_hard_v2):
        assert judge.figures(rows, PARAMS)["score"]["mean"] == pytest.approx((3 + 0.5 + 0.5) / 8)


def test_a_question_counts_that_was_judged_in_both_orders() -> None:
    rows = [judged((1, 3), (0, 1)), judged((0, 1), (None, 1)), judged((None, 1), (1, 3))]
    assert [row.preference for row in rows] == [0.75, None, None]
    assert arena_hard.figures(rows, PARAMS)["score"]["mean"] == 0.75


def test_it_is_what_a_logistic_regression_of_the_battles_gives() -> None:
    outcomes = [1.0] * 13 + [0.0] * 7
    found = bradley_terry.strength([[(outcome, 1)] for outcome in outcomes])
    fitted = LogisticRegression(C=np.inf, fit_intercept=False).fit(np.ones((20, 1)), outcomes)
    assert found is not None
    assert found.rate == pytest.approx(1 / (1 + np.exp(-fitted.coef_[0][0])), abs=1e-4)


def test_the_interval_holds_the_score_and_shrinks_with_the_questions() -> None:
    rng = np.random.default_rng(1)
    few, many = (
        bradley_terry.strength([[(float(outcome), 1)] * 2 for outcome in rng.uniform(size=n) < 0.6]) for n in (50, 800)
    )
    assert few is not None
    assert many is not None
    assert few.low < few.rate < few.high
    assert many.low < many.rate < many.high
    assert many.high - many.low < 0.5 * (few.high - few.low)


def test_the_two_orders_of_a_question_are_not_two_questions() -> None:
    outcomes = np.random.default_rng(2).uniform(size=200) < 0.5
    once = bradley_terry.strength([[(float(outcome), 1)] for outcome in outcomes])
    twice = bradley_terry.strength([[(float(outcome), 1)] * 2 for outcome in outcomes])
    assert once == twice


def test_swapping_the_models_mirrors_the_score() -> None:
    rows = [judged((1, 3), (0.5, 1)), judged((0, 1), (1, 1)), judged((1, 1), (1, 1))]
    swapped = [
        judged(*((1 - j.preference, j.weight) for j in row.judgements if j.preference is not None)) for row in rows
    ]
    one, other = (arena_hard.figures(r, PARAMS)["score"] for r in (rows, swapped))
    assert one["mean"] + other["mean"] == pytest.approx(1)


@pytest.mark.parametrize(("outcome", "score"), [(1.0, 1), (0.0, 0), (0.5, 0.5)])
def test_verdicts_that_are_all_alike_are_no_crash(outcome: float, score: float) -> None:
    rows = [judged((outcome, 1), (outcome, 3), chars=(n, 100)) for n in range(1, 30)]
    figures = arena_hard.figures(rows, PARAMS.model_copy(update={"style_control": True}))
    assert figures["score"] == {"mean": score, "low": score, "high": score}
    assert figures["style_controlled"]["mean"] == pytest.approx(score, abs=1e-3)


def test_nothing_parsed_is_no_score() -> None:
    assert arena_hard.figures([judged((None, 1), (None, 1))], PARAMS)["score"] is None


@pytest.mark.parametrize(
    ("judge", "features", "strength"),
    [(arena_hard, bradley_terry.counts, 3), (arena_hard_v2, bradley_terry.densities, 100)],
)
def test_style_control_takes_out_what_length_and_lists_won(judge: Any, features: Any, strength: float) -> None:
    rng, rows = np.random.default_rng(3), []
    for _ in range(600):
        chars, lists = int(rng.integers(900, 3000)), int(rng.integers(2, 12))
        length, _, many, _ = features((chars, 1000), ((0, lists, 0), (0, 2, 0)))
        chance = 1 / (1 + np.exp(-(3 * length + strength * many - 1)))
        games = [(float(rng.uniform() < chance), 1) for _ in range(2)]
        rows.append(judged(*games, chars=(chars, 1000), lists=(lists, 2)))
    figures = judge.figures(rows, PARAMS.model_copy(update={"style_control": True}))
    assert figures["score"]["mean"] > 0.45
    assert figures["style_controlled"]["mean"] == pytest.approx(1 / (1 + np.e), abs=0.07)
    assert "style_controlled" not in judge.figures(rows, PARAMS)


def test_v2_controls_for_style_in_hard_prompts_alone() -> None:
    given = {"model": "judge", "baseline": "base"}
    assert arena_hard_v2.Params(**given).style_control
    assert not arena_hard_v2_creative.Params(**given).style_control
    assert not arena_hard.Params(**given).style_control


def test_only_creative_writing_has_a_prompt_without_an_answer_of_the_judges_own() -> None:
    assert arena_hard_v2.TEMPLATE == arena_hard.TEMPLATE
    assert "write your own answer" in arena_hard.TEMPLATE
    assert "your own answer" not in arena_hard_v2_creative.TEMPLATE
    assert arena_hard_v2_creative.TEMPLATE.partition("---")[2] == arena_hard.TEMPLATE.partition("---")[2]


def test_style_counts_outside_code() -> None:
    text = "# One\n\n- a\n* b\n 1. c\n**bold** and __this__\n```\n# no header\n- no list\n```\n###### Six\n"
    assert style(text) == (2, 3, 2)


@pytest.mark.parametrize("features", [bradley_terry.counts, bradley_terry.densities])
def test_equal_style_is_zero(features: Any) -> None:
    assert features((500, 500), ((1, 2, 3), (1, 2, 3))) == [0, 0, 0, 0]
    assert features((0, 0), ((0, 0, 0), (0, 0, 0))) == [0, 0, 0, 0]


def test_v01_compares_how_much_style_there_is_and_v2_how_dense_it_is() -> None:
    style = ((4, 0, 2), (1, 0, 2))
    assert bradley_terry.counts((300, 100), style) == pytest.approx([200 / 401, 3 / 6, 0, 0])
    dense = [(a / 300 - b / 100) / (a / 300 + b / 100 + 1) for a, b in zip(*style, strict=True)]
    assert bradley_terry.densities((300, 100), style) == pytest.approx([0.5, *dense])
