"""A real vLLM behind its own HTTP server gives what vLLM in this process gives."""

import json
import math
from contextlib import closing
from pathlib import Path

import pytest

from csi_train import pipeline, recipe_file
from csi_train.adapters import models
from csi_train.engines import server, vllm
from csi_train.engines.contract import Completion, Engine, Prompt, Request
from csi_train.errors import EngineError
from csi_train.recipe import Sampling

ROOT = Path(__file__).parents[2]

PROMPTS: list[Prompt] = [
    (("user", "Is Paris in France? Answer yes or no."),),
    (("system", "You answer in one word."), ("user", "Wie heißt die Hauptstadt von Frankreich?")),
    "The capital of France is",
    "Größe und Maß: 1, 2, 3,",
]


def completions(engine: Engine) -> list[Completion]:
    """Greedy ones of each prompt, then eight drawn ones of the last."""
    greedy = Sampling(temperature=0, top_p=1, max_tokens=6)
    for number, prompt in enumerate(PROMPTS):
        engine.submit(Request("greedy", "", number, prompt, greedy, ("\n",), logprobs=5))
    for number in range(8):
        engine.submit(Request("drawn", "", number, PROMPTS[-1], Sampling(top_k=3, max_tokens=6)))
    found: list[Completion] = []
    while finished := engine.wait():
        found += finished
    return sorted(found, key=lambda c: (c.request.purpose != "greedy", c.request.index))


@pytest.mark.e2e
def test_a_served_model_answers_as_one_in_this_process(url: str) -> None:
    with closing(server.open("smol", server.Params(url=url), 0)) as engine:
        served = completions(engine)
        engine.submit(Request("", "", 0, "x", Sampling(max_tokens=5000)))
        with pytest.raises(EngineError, match=r"HTTP 400: .*max_tokens"):
            engine.wait()
    with closing(server.open("other", server.Params(url=url), 0)) as engine:
        engine.submit(Request("", "", 0, "x", Sampling(max_tokens=5)))
        with pytest.raises(EngineError, match=r"HTTP 404: .*`other` does not exist"):
            engine.wait()
    args = {"enforce_eager": True, "max_model_len": 512}
    with closing(vllm.open(models.EMBEDDED, vllm.Params(args=args), 0)) as engine:
        here = completions(engine)
    assert len(served) == len(here) == len(PROMPTS) + 8
    for there, own in zip(served[: len(PROMPTS)], here, strict=False):
        assert (there.text, there.tokens, there.finish) == (own.text, own.tokens, own.finish)
        assert there.first is not None
        assert own.first is not None
        assert there.first == pytest.approx(own.first, abs=0.05)
        assert 5 <= len(own.first) <= 6
        assert 0.1 < sum(map(math.exp, own.first.values())) <= 1.001


@pytest.mark.e2e
def test_a_served_generator_goes_with_evaluation_here(url: str, tmp_path: Path) -> None:
    """Each section has its engine, and its own arguments of the chat template."""
    served = {"engine": {"type": "server", "url": url}}
    body = {
        "name": "r",
        "runs": str(tmp_path),
        "model": models.EMBEDDED,
        "engine": {"args": {"enforce_eager": True, "max_model_len": 512}},
        "seeds": {"path": str(ROOT / "seeds/word_problems.jsonl"), "fields": {"solution": "solution"}},
        "generate": {"model": "smol", "shots": 3, "problems": 2, "sampling": {"max_tokens": 64}, **served},
        "sample": {"k": 2, "shots": 3, "sampling": {"max_tokens": 32}, **served},
        "label": "written",
        "evaluate": {
            "tasks": ["csi_word_problems"], "include_path": str(ROOT / "evals"), "limit": 2, "repeats": 2,
            "sampling": {"max_tokens": 16}, "chat_template": {"enable_thinking": False},
        },
    }  # fmt: skip
    (tmp_path / "recipe.yaml").write_text(json.dumps(body))
    pipeline.run(recipe_file.load(tmp_path / "recipe.yaml"), quiet=True)
    assert len((tmp_path / "r/generate/problems.jsonl").read_text().splitlines()) == 2
    results = json.loads((tmp_path / "r/evaluate/base/results.json").read_text())
    assert results["fingerprint"] == models.fingerprint(models.resolve(models.EMBEDDED))
    assert results["asked"]["chat"] is True
    assert results["asked"]["chat_template"] == {"enable_thinking": False}
