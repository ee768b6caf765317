"""What learns from preferences, as far as it needs no training: rows, the held-out share, its accuracy, rewards."""

from dataclasses import replace

import pytest

from csi_train import parts
from csi_train.errors import RecipeError, RunError
from csi_train.prompts import ask
from csi_train.records import Example, Pair
from csi_train.trainers import dpo, online_dpo, reward_model


def pair(question: str, chosen: str = "yes", rejected: str = "no") -> Pair:
    return Pair(id=question, question=question, chosen=chosen, rejected=rejected, source="s", boxed=False)


class Scores:
    """A scorer that knows the score of each response."""

    def __init__(self, **known):
        self.known, self.closed, self.cost = known, False, {}

    def score(self, rows):
        yield from enumerate(self.known[response] for _, response in rows)

    def close(self):
        self.closed = True


def test_rows_are_turns():
    user = [{"role": "user", "content": "Why?"}]
    chosen, rejected = ([{"role": "assistant", "content": text}] for text in ("yes", "no"))
    asked = Example(id="p", question="Why?", answer=None, response=None, source="p", boxed=False)
    assert dpo.row(pair("Why?")) == {"prompt": user, "chosen": chosen, "rejected": rejected}
    assert online_dpo.row(asked) == {"prompt": user}


def test_a_question_with_an_answer_is_asked_for_a_box():
    question = replace(pair("1 + 1?"), boxed=True)
    assert dpo.row(question)["prompt"][0]["content"] == ask("1 + 1?")
    assert ask("1 + 1?") != "1 + 1?"


def test_a_question_is_held_out_with_all_its_pairs():
    pairs = [pair(str(n % 10), f"yes {n}") for n in range(40)]
    learnt, held_out = reward_model.split(pairs, 0.3, seed=1)
    assert sorted([*learnt, *held_out], key=pairs.index) == pairs
    assert len({p.question for p in held_out}) == 3
    assert not {p.question for p in learnt} & {p.question for p in held_out}
    assert reward_model.split(pairs[::-1], 0.3, seed=1)[1] == held_out[::-1]
    assert reward_model.split(pairs, 0.3, seed=2)[1] != held_out


@pytest.mark.parametrize("share", [0.01, 0.99])
def test_both_sides_have_a_question(share):
    assert all(reward_model.split([pair("a"), pair("b")], share, seed=0))


def test_too_few_questions_to_hold_one_out():
    with pytest.raises(RunError, match="2 pairs of 1 questions"):
        reward_model.split([pair("a"), pair("a")], 0.1, seed=0)


def test_accuracy_counts_a_tie_as_half_and_leaves_out_what_has_no_score(monkeypatch, tmp_path):
    scores = Scores(good=2.0, better=3.0, bad=-1.0, broken=None)
    monkeypatch.setattr(reward_model.classifier, "open", lambda params: scores)
    pairs = [pair("a", "good", "bad"), pair("b", "bad", "good"), pair("c", "good", "good"), pair("d", "better", "good")]
    figures = reward_model.accuracy([*pairs, pair("e", "good", "broken")], tmp_path)
    assert figures == {"pairs": 4, "accuracy": 0.625, "stderr": pytest.approx(0.2073, abs=1e-4)}
    assert scores.closed
    with pytest.raises(RunError, match="no finite score"):
        reward_model.accuracy([pair("e", "good", "broken")], tmp_path)


class Tokens:
    """A tokenizer whose conversations end with token 9."""

    name_or_path = "tiny"
    unk_token_id = None

    def __init__(self, pad, bos):
        self.pad_token_id, self.bos_token_id, self.pad_token = pad, bos, None

    def apply_chat_template(self, turns, **_):
        return {"input_ids": [1, 2, 9]}

    def convert_ids_to_tokens(self, token):
        return f"<{token}>"


@pytest.mark.parametrize(("pad", "bos", "chosen"), [(4, 1, "<4>"), (9, 1, "<1>"), (None, 1, "<1>")])
def test_padding_is_not_what_ends_a_conversation(pad, bos, chosen):
    assert reward_model.padded(Tokens(pad, bos)).pad_token == chosen


def test_no_token_to_pad_with():
    with pytest.raises(RunError, match="tiny has no token to pad with"):
        reward_model.padded(Tokens(9, None))


def test_the_reward_is_part_of_the_entry():
    entry = {"type": "online_dpo", "reward": {"type": "classifier", "model": "m"}}
    assert parts.read("trainers", entry).reward.model == "m"
    assert parts.read("trainers", entry).model_dump()["reward"] == {"type": "classifier", "model": "m", "batch": 16384}
    with pytest.raises(RecipeError, match="clasifier"):
        parts.read("trainers", {**entry, "reward": {"type": "clasifier", "model": "m"}})


def scored(*responses: str) -> list[float]:
    prompts = [[{"role": "user", "content": "Why?"}]] * len(responses)
    completions = [[{"role": "assistant", "content": text}] for text in responses]
    scores = Scores(good=2.0, bad=-1.0, broken=None)
    return online_dpo.reward(scores)(prompts=prompts, completions=completions, completion_ids=[], trainer_state=None)


def test_rewards_of_rollouts():
    assert scored("good", "bad", "bad", "good") == [2.0, -1.0, -1.0, 2.0]
    assert scored("bad", "bad") == [-1.0, -1.0]


def test_a_rollout_without_a_score_ties_with_the_other_of_its_prompt():
    """TRL would take it for 0, which wins over the -1 of the bad one."""
    assert scored("bad", "good", "broken", "bad") == [0.0, 2.0, 0.0, -1.0]
    assert scored("broken", "broken") == [0.0, 0.0]
