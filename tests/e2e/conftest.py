"""A model to train for real in seconds."""

from pathlib import Path

import pytest

from csi_train.adapters import models

HERE = Path(__file__).parent
LIMIT = 900
"""Seconds for a test of this tier; pyproject.toml has that of the others."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.timeout(LIMIT))


@pytest.fixture(scope="session")
def tiny(tmp_path_factory) -> Path:
    """A Llama of two small layers with the embedded model's tokenizer: a step takes a tenth of a second."""
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    folder = tmp_path_factory.mktemp("tiny")
    tokenizer = AutoTokenizer.from_pretrained(models.resolve(models.EMBEDDED))
    sizes = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4}
    config = LlamaConfig(
        vocab_size=len(tokenizer), eos_token_id=tokenizer.eos_token_id, tie_word_embeddings=True, **sizes
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
