"""A tokenizer of twenty words with Llama 3's special tokens, and tiny models with random weights."""

from pathlib import Path

import pytest

TURN = "<|start_header_id|>{role}<|end_header_id|>\n\n"
TEMPLATE = (
    "{{ '<|begin_of_text|>' }}{% for m in messages %}"
    "{{ '<|start_header_id|>' + m['role'] + '<|end_header_id|>' + '\n\n' + m['content'] + '<|eot_id|>' }}{% endfor %}"
)
SPECIAL = {
    "<|begin_of_text|>": 128000,
    "<|reserved_special_token_1|>": 128003,
    "<|start_header_id|>": 128006,
    "<|end_header_id|>": 128007,
    "<|eot_id|>": 128009,
    "[PAD]": 128256,
}
WORDS = {"user": 5, "assistant": 78191, "\n\n": 271, "[UNK]": 0, **{word: n for n, word in enumerate("abcdefgh", 10)}}


@pytest.fixture(scope="session")
def words():
    """The tokenizer: text splits at spaces; a plain call puts the begin token first, as Llama 3's does."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    base = Tokenizer(models.WordLevel(WORDS | SPECIAL, unk_token="[UNK]"))
    base.pre_tokenizer = pre_tokenizers.Split(" ", "removed")
    begin = "<|begin_of_text|>"
    base.post_processor = processors.TemplateProcessing(f"{begin} $A", special_tokens=[(begin, SPECIAL[begin])])
    base.add_special_tokens(list(SPECIAL))
    base.add_tokens(["user", "assistant", "\n\n"])
    return PreTrainedTokenizerFast(
        tokenizer_object=base, chat_template=TEMPLATE, bos_token=begin, eos_token="<|eot_id|>", pad_token="[PAD]"
    )


@pytest.fixture(scope="session")
def save(tmp_path_factory, words):
    """A function that writes a tiny Llama with random weights; extra tensors go beside its own."""
    import torch
    from safetensors.torch import load_file, save_file
    from transformers import LlamaConfig

    def write(kind: str, extra=None, dtype=torch.float32, **config) -> Path:
        import transformers

        torch.manual_seed(0)
        folder = tmp_path_factory.mktemp("model")
        sizes = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
        settings = {"vocab_size": 128257, "max_position_embeddings": 64, "pad_token_id": 128256, **sizes, **config}
        model = getattr(transformers, kind)(LlamaConfig(**settings)).to(dtype)
        model.save_pretrained(folder)
        words.save_pretrained(folder)
        if extra:
            weights = load_file(folder / "model.safetensors") | extra
            save_file(weights, folder / "model.safetensors", {"format": "pt"})
        return folder

    return write


@pytest.fixture(autouse=True)
def _float32(monkeypatch):
    """Whatever the machine multiplies best, so that figures can be compared."""
    from csi_train.adapters import models

    monkeypatch.setattr(models, "dtype", lambda: "float32")
