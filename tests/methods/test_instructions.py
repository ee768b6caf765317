"""The methods that write instructions: what they ask for, and what they make of replies of all kinds of models."""

from collections.abc import Sequence
from types import ModuleType

import pytest

from csi_train.errors import RecipeError
from csi_train.methods import form, instructions, long_cot, no_cot, short_cot
from csi_train.methods.form import Draft, Unparsable
from csi_train.records import Seed

METHODS = [no_cot, short_cot, long_cot]
SEEDS = [
    Seed(id="a", question="Write a limerick about a cat.", category="Writing"),
    Seed(id="b", question="Describe {number} ways to fold a map.\n\nUse a list.", category="Writing"),
]

TASK = "Write a haiku about a dog.\n\nName no season."
WRAPPED = f"<begin>\n{TASK}\n</end>"
STEPS = """\
Step 1 #Common Elements List#:
- both are short texts about an animal

Step 2 #Plan#:
Keep the animal, change the form. The #Synthetic Prompt# will ask for a haiku.

Step 3 #Synthetic Prompt#:
"""


def names(methods: Sequence[ModuleType]) -> list[str]:
    return [method.__name__.rpartition(".")[2] for method in methods]


def asked(method: ModuleType) -> str:
    ((role, text),) = method.prompt(SEEDS, [])
    assert role == "user"
    return str(text)


@pytest.mark.parametrize("method", METHODS, ids=names(METHODS))
def test_an_instruction_has_no_answer_to_check(method: ModuleType) -> None:
    assert (method.VERIFIABLE, method.ANSWERED, method.stop(False)) == (False, False, ())


@pytest.mark.parametrize("method", [no_cot, short_cot], ids=names([no_cot, short_cot]))
def test_sample_tasks_are_wrapped(method: ModuleType) -> None:
    text = asked(method)
    assert "<begin>\nWrite a limerick about a cat.\n</end>\n\n<begin>\nDescribe {number} ways" in text
    assert text.endswith("<begin>\nthe new task\n</end>")
    assert ("think aloud" in text) == (method is short_cot)


def test_the_three_steps() -> None:
    text = asked(long_cot)
    assert "#Prompt 1#:\nWrite a limerick about a cat.\n\n#Prompt 2#:\nDescribe {number} ways" in text
    headings = ["Step 1 #Common Elements List#:", "Step 1 #Main Elements List#:", "Step 2 #Plan#:"]
    assert all(heading in text for heading in [*headings, "Step 3 #Synthetic Prompt#:"])


@pytest.mark.parametrize("method", METHODS, ids=names(METHODS))
def test_a_template_of_ones_own(method: ModuleType) -> None:
    ((_, text),) = method.prompt(SEEDS[:1], [], "Like: {seeds}")
    assert text.startswith("Like: ")
    assert SEEDS[0].question in text


def test_a_base_model_continues_a_list() -> None:
    """Blank lines end an instruction, so none is shown within one."""
    assert no_cot.prompt(SEEDS[1:], SEEDS[:1]) == (
        "Instruction: Write a limerick about a cat.\n\n"
        "Instruction: Describe {number} ways to fold a map.\nUse a list.\n\n"
        "Instruction:"
    )
    assert no_cot.stop(True) == ("\n\n", "\nInstruction:")
    assert no_cot.parse(" Write a haiku about a dog.", True) == Draft("Write a haiku about a dog.", None)


COT = [short_cot, long_cot]


@pytest.mark.parametrize("method", COT, ids=names(COT))
def test_demonstrations_are_turns_before_the_seeds(method: ModuleType) -> None:
    """The first user turn says what to do, the others show prompts alone; each reply reads as the method wants it."""
    turns = method.prompt(SEEDS, method.DEMONSTRATIONS[:3])
    assert [role for role, _ in turns] == ["user", "assistant"] * 3 + ["user"]
    for number, shot in enumerate(method.DEMONSTRATIONS[:3]):
        asked, said = turns[2 * number][1], turns[2 * number + 1][1]
        assert all(text in asked for text in shot.prompts)
        assert ("You write" in asked) == (number == 0)
        assert method.parse(said, True) == Draft(shot.prompt, None)
        assert all(text in said.partition(shot.prompt)[0] for text in (*shot.elements, shot.plan))
    shape = long_cot.NUMBERED if method is long_cot else instructions.WRAPPED
    assert turns[-1:] == form.chat("{seeds}", SEEDS, shape)
    assert method.stop(True) == ()


@pytest.mark.parametrize("method", COT, ids=names(COT))
def test_a_template_of_ones_own_opens_the_demonstrations(method: ModuleType) -> None:
    (_, first), *_ = method.prompt(SEEDS, method.DEMONSTRATIONS[:1], "Like: {seeds}")
    assert first.startswith("Like: ")
    with pytest.raises(RecipeError, match="template has no"):
        method.prompt(SEEDS, method.DEMONSTRATIONS[:1], "Like these")


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(WRAPPED, id="chat"),
        pytest.param(f"They share animals. <begin>an idea</end> No:\n{WRAPPED}\nI hope it helps.", id="with a draft"),
        pytest.param(f"<think>Perhaps <begin>an idea</end>?</think>\n{WRAPPED}", id="thinking"),
        pytest.param(f"opened by the template <begin>x</end></think>{WRAPPED}", id="thinking, opened by the template"),
        pytest.param(f'<begin>"{TASK}"</end>', id="quoted"),
    ],
)
def test_wrapped_tasks(reply: str) -> None:
    assert no_cot.parse(reply, False) == short_cot.parse(reply, False) == Draft(TASK, None)


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(STEPS + TASK, id="chat"),
        pytest.param(STEPS.replace("#Synthetic Prompt#:", "#Synthetic Prompt#") + TASK, id="no colon"),
        pytest.param(STEPS.replace("Step 3 #Synthetic Prompt#:", "**Step 3 #Synthetic Prompt#:**") + TASK, id="bold"),
        pytest.param(STEPS.replace("Step 3 #Synthetic Prompt#:", "**Step 3 #Synthetic Prompt#**:") + TASK, id="bold 2"),
        pytest.param(STEPS.replace("Common", "Main").strip() + f" {TASK}", id="main elements, on the same line"),
        pytest.param(f"{STEPS}an idea\n\nBetter:\nStep 3 #Synthetic Prompt#:\n“{TASK}”", id="the last, quoted"),
        pytest.param(f"<think>{STEPS}an idea</think>{STEPS}{TASK}", id="thinking"),
    ],
)
def test_the_synthetic_prompt(reply: str) -> None:
    assert long_cot.parse(reply, False) == Draft(TASK, None)


def test_quotes_within_a_prompt_stay() -> None:
    text = '"Yes" or "no": which is the harder word? Say why, in "your" words.'
    assert no_cot.parse(f"<begin>{text}</end>", False).question == text
    assert no_cot.parse(' "To be" and "not to be"', True).question == '"To be" and "not to be"'


@pytest.mark.parametrize(
    ("method", "reply", "shots", "reason"),
    [
        (no_cot, "<think>on and on <begin>x</end>", False, "the reasoning never ended"),
        (no_cot, "Write a haiku about a dog.", False, "no <begin>…</end>"),
        (no_cot, "<begin>Write a haiku", False, "no <begin>…</end>"),
        (no_cot, "<begin> … </end>", False, "nothing between <begin> and </end>"),
        (no_cot, '<begin>""</end>', False, "nothing between <begin> and </end>"),
        (no_cot, " \n", True, "nothing after Instruction:"),
        (short_cot, "Both are short. <think>hm", False, "the reasoning never ended"),
        (short_cot, "Both are short texts.", False, "no <begin>…</end>"),
        (short_cot, "Both are short. <begin>\n</end>", False, "nothing between <begin> and </end>"),
        (long_cot, f"<think>{STEPS}", False, "the reasoning never ended"),
        (long_cot, f"{STEPS}an idea</think>I will not.", False, "no #Synthetic Prompt#:"),
        (long_cot, STEPS.partition("Step 3")[0], False, "no #Synthetic Prompt#:"),
        (long_cot, f"{STEPS}\n…", False, "nothing after #Synthetic Prompt#:"),
    ],
)
def test_a_reply_that_does_not_parse_says_why(method: ModuleType, reply: str, shots: bool, reason: str) -> None:
    with pytest.raises(Unparsable, match=reason):
        method.parse(reply, shots)
