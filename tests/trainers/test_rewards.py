"""GRPO's reward, and rows in TRL's form."""

import pytest

from csi_train.errors import RunError
from csi_train.prompts import BOXED
from csi_train.records import Example
from csi_train.trainers import grpo, sft

EXAMPLE = Example(id="p", question="What is 1 + 1?", answer="2", response=r"\boxed{2}", source="p")


def test_reward_is_one_for_a_right_final_answer():
    completions = [
        [{"role": "assistant", "content": text}] for text in (r"\boxed{2}", r"\boxed{3}", "two", r"\boxed{2.0}")
    ]
    assert grpo.correct(completions, ["2"] * 4, prompts=[], trainer_state=None) == [1.0, 0.0, 0.0, 1.0]


def test_the_question_is_asked_in_the_one_form():
    turn = {"role": "user", "content": f"What is 1 + 1?\n\n{BOXED}"}
    assert sft.row(EXAMPLE) == {"prompt": [turn], "completion": [{"role": "assistant", "content": r"\boxed{2}"}]}
    assert grpo.row(EXAMPLE) == {"prompt": [turn], "answer": "2"}


def test_too_few_prompts_for_one_generation():
    grpo.enough(4, 4)
    with pytest.raises(RunError, match="3 prompts are fewer than the 4"):
        grpo.enough(3, 4)
