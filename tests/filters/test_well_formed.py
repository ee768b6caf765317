"""Each rule has its reason, and what people write passes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from csi_train.filters import Context, well_formed

ROOT = Path(__file__).parents[2]
OWN = [*ROOT.glob("seeds/*_problems.jsonl"), *ROOT.glob("evals/data/*_problems_test.jsonl")]

GOOD = [
    "A pool has 120 gallons of water. A hose adds 15 gallons an hour. How full is the pool in 4 hours?",
    r"Let $f(x) = \frac{x^2 - 1}{x + 1}$ for $x \neq -1$. Find $f(7)$.",
    r"What is the number of elements of $\{1, 2, \dots, 10\} \setminus \{2, 4\}$?",
    "A pen costs $3 and a book costs 5 dollars. What do they cost together?",
    "Greg spent 300$ on a shirt and shoes. How much did he spend?",
    r"The stamps cost \$2 and 60 cents. How many cents is that?",
    "Which of these is a noble gas?\n(A) Argon (B) Oxygen (C) Iron (D) Boron",
    "If the sum of the digits of a number is 7 and it ends in 5, then the number is ____.",
    "Observations show that a star is 4 light-years away. How many years does its light take to reach us?",
    "¿Cuántos huevos hay en 4 cajas de 12?",
]

BAD = [
    ("What is 2+2?", "too short"),
    ("How many " + "very " * 1000 + "large numbers are there?", "too long"),
    ("[New Question Begin] How many eggs are in 4 cartons of 12?", "leftover of a template"),
    ("How many eggs are in 4 cartons of 12?<|im_end|>", "leftover of a template"),
    ("How many eggs are in 4 cartons of 12?</think>", "leftover of a template"),
    ("How many eggs are in 4 cartons of 12?\nAnswer: see below", "leftover of a template"),
    ("Like Seed Question 1, how many eggs are in 4 cartons of 12?", "leftover of a template"),
    ("How many eggs are in 4 cartons of 12? The answer is 48.", "states an answer"),
    (r"How many eggs are in 4 cartons of 12? \boxed{48}", "states an answer"),
    (r"What is the value of $\frac{3}{4$ of 12?", "broken LaTeX"),
    (r"What is the value of }3{ and of 12 eggs?", "broken LaTeX"),
    (r"What is the value of $x if x + 3 = 12?", "broken LaTeX"),
    ("A farmer has 12 cows. He sells 4 of them on Monday.", "asks nothing"),
    ("Prove that the sum of two odd numbers is even.", "asks for a proof"),
    ("Let n be odd. Show that n squared is odd as well.", "asks for a proof"),
]


@pytest.mark.parametrize("question", GOOD)
def test_a_good_question_passes(question: str, judge_text: Callable[..., Any]) -> None:
    (verdict,) = judge_text(well_formed, [question])
    assert (verdict.keep, verdict.reason) == (True, "well-formed")
    assert verdict.figures == {"chars": len(question)}


@pytest.mark.parametrize(("question", "reason"), BAD)
def test_a_broken_rule_is_the_reason(question: str, reason: str, judge_text: Callable[..., Any]) -> None:
    (verdict,) = judge_text(well_formed, [question])
    assert (verdict.keep, verdict.reason, verdict.filter) == (False, reason, "well_formed")


INSTRUCTIONS = [
    "Translate this sentence into French: The answer is 42.",
    "Prove that the sum of two odd numbers is even.",
    "Sing the praise of a lamp.",
    "Rate the answer below.\nQuestion: What is two and two?\nAnswer: 5",
    'Why does `printf("${x}\\n")` fail in bash when x holds a }?',
]


@pytest.mark.parametrize("text", INSTRUCTIONS)
def test_an_instruction_need_not_be_a_question_that_can_be_checked(text: str, judge_text: Callable[..., Any]) -> None:
    assert judge_text(well_formed, [text], verifiable=False)[0].reason == "well-formed"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Tell me a joke.", "too short"),
        ("Tell me a joke. " * 300, "too long"),
        ("Tell me a joke about ducks.<|im_end|>", "leftover of a template"),
        ("<begin>Tell me a joke about ducks.", "leftover of a template"),
        ("#Synthetic Prompt#: Tell me a joke about ducks.", "leftover of a template"),
        ("Like #Prompt 2#, tell me a joke about ducks.", "leftover of a template"),
        ("Tell me a joke.\n\nStep 2 #Plan#: ducks", "leftover of a template"),
    ],
)
def test_rules_for_instructions(text: str, reason: str, judge_text: Callable[..., Any]) -> None:
    assert judge_text(well_formed, [text], verifiable=False)[0].reason == reason


def test_a_long_answer_cannot_be_checked(problem: Callable[..., Any]) -> None:
    rows = [(problem("How many eggs are in 4 cartons of 12?", answer), None) for answer in ("4" * 12, "4" * 13, None)]
    verdicts = well_formed.judge(rows, well_formed.Params(max_answer_chars=12), Context([], {}))
    assert [v.reason for v in verdicts] == ["well-formed", "answer too long", "well-formed"]


def test_bounds_are_inclusive(judge_text: Callable[..., Any]) -> None:
    question = "How many eggs are in 4 cartons of 12?"
    size = len(question)
    assert judge_text(well_formed, [question], min_chars=size, max_chars=size)[0].keep
    assert judge_text(well_formed, [question], min_chars=size + 1)[0].reason == "too short"
    assert judge_text(well_formed, [question], max_chars=size - 1)[0].reason == "too long"


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_our_own_problems_pass(path: Path, judge_text: Callable[..., Any]) -> None:
    questions = [json.loads(line)["question"] for line in path.read_text(encoding="utf-8").splitlines()]
    assert all(verdict.keep for verdict in judge_text(well_formed, questions))
