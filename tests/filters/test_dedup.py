"""The first of what says the same stays, the rest name it; nothing else is dropped."""

import random
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from csi_train.filters import dedup
from csi_train.filters.text import grams, jaccard, tokens

BUS = "A bus has 22 passengers. At the next stop, 11 more people get on. How many passengers are on the bus now?"
WORDS = [f"word{n}" for n in range(300)]


def test_the_first_stays_and_is_named(judge_text: Callable[..., Any], problem: Callable[..., Any]) -> None:
    verdicts = judge_text(
        dedup,
        [
            BUS,
            "Half of the 46 lamps in a hall are on. How many lamps are off?",
            BUS.upper().replace(",", ""),
            BUS.replace("now?", "then?"),
            BUS.replace("22", "35").replace("11", "7"),
        ],
    )
    assert [v.reason for v in verdicts] == [
        "first of its kind",
        "first of its kind",
        "copy",
        "near-copy",
        "first of its kind",
    ]
    assert [v.keep for v in verdicts] == [True, True, False, False, True]
    assert verdicts[2].figures == {"of": problem(BUS).id, "similarity": 1.0}
    assert verdicts[3].figures["of"] == problem(BUS).id
    assert 0.7 <= verdicts[3].figures["similarity"] < 1


def test_threshold_and_ngram(judge_text: Callable[..., Any]) -> None:
    pair = [BUS, BUS.replace("22", "35").replace("11", "7")]
    assert judge_text(dedup, pair, threshold=0.7)[1].keep
    assert not judge_text(dedup, pair, threshold=0.4)[1].keep
    assert not judge_text(dedup, pair, threshold=0.7, ngram=1)[1].keep


def test_a_dropped_problem_drops_none_after_it(judge_text: Callable[..., Any]) -> None:
    """b is near a, c is near b but not near a: b goes, c stays."""
    a, b, c = (" ".join(WORDS[start : start + 40]) for start in (0, 5, 10))
    assert [v.keep for v in judge_text(dedup, [a, b, c])] == [True, False, True]
    assert [v.keep for v in judge_text(dedup, [b, a, c])] == [True, False, False]


def shuffled_texts(count: int) -> list[str]:
    """Texts of 12 to 60 words, about half of them an earlier one with a few words changed."""
    rng, texts = random.Random(3), [" ".join(random.Random(4).choices(WORDS, k=30))]
    while len(texts) < count:
        words = rng.choice(texts).split() if rng.random() < 0.5 else rng.choices(WORDS, k=rng.randint(12, 60))
        for _ in range(rng.randint(0, 4)):
            words[rng.randrange(len(words))] = rng.choice(WORDS)
        texts.append(" ".join(words))
    return texts


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.7, 0.9])
def test_agrees_with_comparing_all_pairs(threshold: float, judge_text: Callable[..., Any]) -> None:
    """None dropped that is not as near as the threshold says; on these 600 texts, none near enough overlooked."""
    kept: list[set[tuple[str, ...]]] = []
    for text, verdict in zip(texts := shuffled_texts(600), judge_text(dedup, texts, threshold=threshold), strict=True):
        shingles = set(grams(tokens(text), 3))
        nearest = max((jaccard(shingles, other) for other in kept), default=0.0)
        assert verdict.keep == (nearest < threshold), text
        if verdict.keep:
            kept.append(shingles)
        else:
            assert verdict.figures["similarity"] == round(nearest, 3)


@pytest.mark.parametrize("threshold", [0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1.0])
def test_bands_overlook_few(threshold: float) -> None:
    bands = dedup.bands(threshold)
    assert (1 - threshold ** (dedup.PERMUTATIONS // bands)) ** bands <= dedup.MISSED


def test_the_same_in_every_process() -> None:
    """String hashes differ from process to process; verdicts do not."""
    code = (
        "from csi_train.filters import Context, dedup\n"
        "from csi_train.records import Problem\n"
        "import random\n"
        "rng = random.Random(1)\n"
        "words = [f'w{n}' for n in range(40)]\n"
        "row = lambda i: Problem(id=str(i), question=' '.join(rng.choices(words, k=6)), answer=None,"
        " method='', seeds=(), call=i, completion='')\n"
        "rows = [(row(i), None) for i in range(400)]\n"
        "print(dedup.judge(rows, dedup.Params(threshold=0.3, ngram=1), Context([], {})))\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
    assert b"near-copy" in outputs.pop()
