"""What reward models that run here share: keys, conversations, batches of like length, weights."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydantic import PositiveInt

from csi_train.adapters import models
from csi_train.errors import EngineError
from csi_train.parts import Strict
from csi_train.rewards import Rows, Scores

log = logging.getLogger(__name__)

Tokens = list[list[int]]

WINDOW = 4096
"""Rows that are tokenized at once, and put into batches of like length."""


class ModelParams(Strict):
    """`batch`: how many tokens are scored at once, padding included."""

    model: str
    batch: PositiveInt = 16384


def fingerprint(params: Any) -> str:
    """The model's files decide the scores."""
    return f"{params.type}:{models.fingerprint(models.resolve(params.model))}"


class BatchScorer:
    """Scores (prompt, response) rows in batches of at most `batch` tokens, padding included.

    `tokenize(rows)` gives the tokens of each conversation, `read(input_ids, attention_mask)` the scores of a batch,
    padded on the right. A conversation of more tokens than the model's context, or `limit`, loses its beginning: the
    score is read at the end.
    """

    def __init__(
        self,
        model: Any,
        tokenize: Callable[[Rows], Tokens],
        read: Callable[[Any, Any], Any],
        batch: int,
        limit: int | None = None,
    ) -> None:
        self.cost: dict[str, int] = {}
        self._model, self._tokenize, self._read, self._batch = model, tokenize, read, batch
        self._limit = min(model.config.max_position_embeddings, limit or model.config.max_position_embeddings)

    def score(self, rows: Rows) -> Scores:
        """The reward of each (prompt, response), batch by batch."""
        for start in range(0, len(rows), WINDOW):
            tokens = self._tokenize(rows[start : start + WINDOW])
            if long := sum(len(ids) > self._limit for ids in tokens):
                log.warning("%d of %d conversations have more than %d tokens: cut", long, len(tokens), self._limit)
            tokens = [ids[-self._limit :] for ids in tokens]
            for numbers in self._batches(tokens):
                for number, score in zip(numbers, self._scores([tokens[n] for n in numbers]), strict=True):
                    yield start + number, score

    def close(self) -> None:
        """Free the model's memory."""
        del self._model, self._read

    def _batches(self, tokens: Tokens) -> Iterator[list[int]]:
        """Row numbers, the longest rows first, so that a batch too big for the memory is met at once."""
        left = sorted(range(len(tokens)), key=lambda n: -len(tokens[n]))
        while left:
            size = max(1, self._batch // len(tokens[left[0]]))
            yield left[:size]
            left = left[size:]

    def _scores(self, tokens: Tokens) -> list[float]:
        import torch

        width, pad = max(map(len, tokens)), self._model.config.pad_token_id or 0
        ids = torch.tensor([[*row, *[pad] * (width - len(row))] for row in tokens], device=self._model.device)
        mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in tokens], device=self._model.device)
        try:
            with torch.inference_mode():
                return [float(score) for score in self._read(ids, mask)]
        except torch.OutOfMemoryError as error:
            raise EngineError(
                f"{len(tokens)} × {width} tokens at once are too many for this GPU", "lower reward.batch"
            ) from error


def tokenizer(folder: Path) -> Any:
    """The tokenizer of a reward model; raises EngineError where it cannot render a conversation."""
    from transformers import AutoTokenizer

    found = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    if found.chat_template is None:
        raise EngineError(f"{folder} has no chat template", "add a chat_template.jinja to a copy of the model")
    return found


def chats(rows: Rows) -> list[list[dict[str, str]]]:
    """Each row as the turns of a user and an assistant."""
    return [[{"role": "user", "content": p}, {"role": "assistant", "content": r}] for p, r in rows]


def rendered(tokenizer: Any) -> Callable[[Rows], Tokens]:
    """Conversations as the model's own template writes them, special tokens and all."""

    def tokens(rows: Rows) -> Tokens:
        found: Tokens = tokenizer.apply_chat_template(chats(rows), tokenize=True, return_dict=True)["input_ids"]
        return found

    return tokens


def pretrained(auto: Any, folder: Path) -> Any:
    """The model of a reward; raises EngineError where it lacks weights."""
    hint = "it is a reward model of another kind: see csi_train/rewards/ for those there are"
    return models.pretrained(auto, folder, hint)


def heads(folder: Path, model: Any, *names: str) -> dict[str, Any]:
    """Weights whose name begins with one of `names`, in float32 beside the model; raises EngineError without them."""
    import torch
    from safetensors import safe_open

    found: dict[str, Any] = {}
    for file in sorted(folder.glob("*.safetensors")):
        with safe_open(file, "pt") as weights:
            keys = [key for key in weights.keys() if key.startswith(names)]  # noqa: SIM118 (no mapping)
            found |= {key: weights.get_tensor(key).to(model.device, torch.float32) for key in keys}
    if missing := [name for name in names if not any(key.startswith(name) for key in found)]:
        raise EngineError(f"{folder} lacks the weights {', '.join(missing)}", "name the model of this reward's type")
    return found
