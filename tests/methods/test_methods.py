"""Prompts hold what the paper's templates hold; replies of a thinking, a chat and a base model each parse."""

import pytest

from csi_train import parts
from csi_train.errors import RecipeError
from csi_train.methods import cot_no_solve, cot_self_instruct, self_instruct, self_instruct_then_solve
from csi_train.methods.form import Draft, Unparsable
from csi_train.records import Seed

SEEDS = [
    Seed(id="a", question="What is 2 + 3?", answer="5", solution=r"2 + 3 = 5. The answer is \boxed{5}."),
    Seed(id="b", question="What is {4} * 2?", answer="8", solution=r"4 * 2 = 8. The answer is \boxed{8}."),
]
ASKED = "[New Question Begin]\nWhat is 7 - 4?\n[New Question End]"
SOLVED = r"[Final Answer to New Question Begin]\boxed{\frac{6}{2}}[Final Answer to New Question End]"
DRAFT = "[New Question Begin]an idea[New Question End]"


QUESTIONS = [name for name in parts.names("methods") if parts.load("methods", name).VERIFIABLE]


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_chat_prompt_shows_both_seeds_and_the_markers(name: str) -> None:
    method = parts.load("methods", name)
    ((role, text),) = method.prompt(SEEDS, [])
    assert role == "user"
    assert "Seed Question 1: What is 2 + 3?" in text
    assert "Seed Question 2: What is {4} * 2?" in text
    assert "[New Question Begin]" in text
    assert ("[Final Answer to New Question Begin]" in text) == method.ANSWERED
    assert ("step by step" in text) == name.startswith("cot")


def test_a_template_of_ones_own_replaces_the_text() -> None:
    assert cot_self_instruct.prompt(SEEDS[:1], [], "Like: {seeds}") == (
        ("user", "Like: Seed Question 1: What is 2 + 3?"),
    )
    with pytest.raises(RecipeError, match="seeds"):
        cot_self_instruct.prompt(SEEDS, [], "no place for them")


def test_a_base_model_continues_worked_seeds() -> None:
    text = cot_self_instruct.prompt(SEEDS[1:], SEEDS[:1])
    assert isinstance(text, str)
    assert text.startswith("Question: What is 2 + 3?\nAnswer: 2 + 3 = 5.")
    assert text.endswith("\\boxed{8}.\n\nQuestion:")
    assert (
        self_instruct.prompt(SEEDS[1:], SEEDS[:1])
        == "Question: What is 2 + 3?\n\nQuestion: What is {4} * 2?\n\nQuestion:"
    )
    assert "\\boxed{5}" in self_instruct_then_solve.prompt(SEEDS, SEEDS)


def test_a_question_may_hold_the_words_of_a_form() -> None:
    text = self_instruct.prompt([], [Seed(id="c", question="What does {solution} print?")])
    assert text == "Question: What does {solution} print?\n\nQuestion:"


def test_shots_need_what_they_show() -> None:
    with pytest.raises(RecipeError, match="seed c has no solution"):
        cot_self_instruct.prompt([], [Seed(id="c", question="?", answer="1")])
    with pytest.raises(RecipeError, match="no few-shot form"):
        cot_no_solve.prompt(SEEDS, SEEDS)


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(f"<think>First {DRAFT}. Hm.</think>\n{ASKED}\n{SOLVED}", id="thinking"),
        pytest.param(f"opened by the template {DRAFT}</think>{ASKED}{SOLVED}", id="thinking, opened by the template"),
        pytest.param(f"They share sums. {DRAFT} no, better:\n{ASKED}\nso\n{SOLVED}", id="chat, with a draft"),
        pytest.param(
            f"{ASKED}\n{SOLVED.partition('[Final Answer to New Question End]')[0]}", id="chat, unclosed answer"
        ),
    ],
)
def test_the_reply_of_a_model_that_follows_instructions(reply: str) -> None:
    assert cot_self_instruct.parse(reply, shots=False) == Draft("What is 7 - 4?", r"\frac{6}{2}")
    assert self_instruct.parse(reply, shots=False) == Draft("What is 7 - 4?", None)


def test_the_reply_of_a_base_model() -> None:
    reply = " What is 7 - 4?\nAnswer: 7 - 4 = 3. The answer is \\boxed{3}."
    assert cot_self_instruct.parse(reply, shots=True) == Draft("What is 7 - 4?", "3")
    assert self_instruct.parse(" What is 7 - 4?", shots=True) == Draft("What is 7 - 4?", None)


@pytest.mark.parametrize(
    ("reply", "shots", "reason"),
    [
        ("<think>and on and on [New Question Begin]x[New Question End]", False, "never ended"),
        ("no markers at all", False, r"no \[New Question Begin\]"),
        ("[New Question Begin]open", False, r"no \[New Question Begin\]"),
        (f"[New Question Begin] … [New Question End]{SOLVED}", False, "nothing between"),
        (ASKED, False, "no .Final Answer"),
        (f"{ASKED}[Final Answer to New Question Begin]I do not know[Final Answer to New Question End]", False, "boxed"),
        ("", True, "no question"),
        (" What is 7 - 4?\nAnswer: three apples and more", True, "boxed"),
        (" What is 7 - 4?", True, "boxed"),
    ],
)
def test_a_reply_that_does_not_parse_says_why(reply: str, shots: bool, reason: str) -> None:
    with pytest.raises(Unparsable, match=reason):
        cot_self_instruct.parse(reply, shots)
