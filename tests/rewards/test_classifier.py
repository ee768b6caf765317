"""The classifier reward on a tiny random model: the same numbers as transformers gives, and clear refusals."""

import logging
import math

import pytest

from csi_train.adapters import models
from csi_train.errors import EngineError
from csi_train.rewards import batches, classifier, in_order

KIND = "LlamaForSequenceClassification"
ROWS = [("a b c", "d"), ("a", "b c d e f g h a b c"), ("b", ""), ("c d", "e f")]


@pytest.fixture(scope="module")
def folder(save):
    return save(KIND, num_labels=1)


def score(folder, rows, **params):
    return in_order(classifier.open(classifier.Params(model=str(folder), **params)), rows)


def by_transformers(folder, words, rows):
    """One row at a time, so that nothing is padded."""
    import torch
    from transformers import AutoModelForSequenceClassification

    model = AutoModelForSequenceClassification.from_pretrained(folder)
    turns = [[{"role": "user", "content": p}, {"role": "assistant", "content": r}] for p, r in rows]
    with torch.no_grad():
        return [
            float(model(words.apply_chat_template(t, return_tensors="pt", return_dict=True)["input_ids"]).logits[0, 0])
            for t in turns
        ]


@pytest.mark.parametrize("batch", [1, 30, 16384])
def test_scores_are_the_raw_logits_in_the_order_of_the_rows(folder, words, batch):
    expected = by_transformers(folder, words, ROWS)
    assert score(folder, ROWS, batch=batch) == pytest.approx(expected, abs=1e-6)
    assert len(set(expected)) == len(ROWS)
    assert score(folder, []) == []


def test_rows_beyond_a_window_are_scored_too(folder, monkeypatch):
    expected = score(folder, ROWS)
    monkeypatch.setattr(batches, "WINDOW", 3)
    assert score(folder, ROWS) == pytest.approx(expected, abs=1e-6)


def test_scores_come_batch_by_batch(folder):
    """What a kill loses is one batch: the longest comes first."""
    scorer = classifier.open(classifier.Params(model=str(folder), batch=1))
    numbers = [number for number, _ in scorer.score(ROWS)]
    assert (numbers[0], sorted(numbers)) == (1, [0, 1, 2, 3])


def test_a_conversation_too_long_loses_its_beginning(folder, words, caplog):
    with caplog.at_level(logging.WARNING):
        long, longer = score(folder, [("a " * 60, "b c"), ("h " * 90 + "a " * 60, "b c")])
    assert long == longer != score(folder, [("a", "b c")])[0]
    assert "2 of 2 conversations have more than 64 tokens" in caplog.text


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_no_number_is_none(save, value):
    import torch

    folder = save(KIND, {"score.weight": torch.full((1, 16), value)}, num_labels=1)
    assert score(folder, ROWS) == [None] * len(ROWS)


def test_the_head_is_in_float32(save, monkeypatch):
    """Two thousand responses whose scores lie near 5: bfloat16 has 32 numbers between 4 and 8."""
    import torch

    folder = save(KIND, {"score.weight": torch.ones(1, 16)}, torch.bfloat16, num_labels=1)
    monkeypatch.setattr(models, "dtype", lambda: "bfloat16")
    found = score(folder, [("a", " ".join("abcdefgh"[n % 8] for n in range(k))) for k in range(1, 40)])
    rounded = {float(torch.tensor(value).bfloat16()) for value in found}
    assert not set(found) & rounded


def test_a_model_without_a_label(save):
    with pytest.raises(EngineError, match="LlamaForCausalLM: it has no label") as error:
        score(save("LlamaForCausalLM"), ROWS)
    assert "reward_model" in error.value.hint


def test_a_model_with_several_labels(save):
    with pytest.raises(EngineError, match="has 3 labels"):
        score(save(KIND, num_labels=3), ROWS)


def test_a_model_without_its_head(save):
    from safetensors.torch import load_file, save_file

    folder = save(KIND, num_labels=1)
    weights = load_file(folder / "model.safetensors")
    del weights["score.weight"]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(EngineError, match=r"lacks the weights score\.weight"):
        score(folder, ROWS)


def test_a_model_without_a_chat_template(save):
    folder = save(KIND, num_labels=1)
    (folder / "chat_template.jinja").unlink()
    with pytest.raises(EngineError, match="has no chat template"):
        score(folder, ROWS)


def test_a_model_that_names_no_padding_is_padded_all_the_same(save, words):
    folder = save(KIND, num_labels=1, pad_token_id=None)
    assert score(folder, ROWS) == pytest.approx(by_transformers(folder, words, ROWS), abs=1e-6)


def test_fingerprint_is_that_of_the_weights(save, folder):
    import torch

    other = save(KIND, {"score.weight": torch.ones(1, 16)}, num_labels=1)
    prints = [classifier.fingerprint(classifier.Params(model=str(f))) for f in (folder, folder, other)]
    assert prints[0] == prints[1] != prints[2]
