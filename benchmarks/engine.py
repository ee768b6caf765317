"""What our own engine costs: tokens a second of generate and sample beside `vllm.LLM.generate` on the same requests.

    python -m benchmarks.engine [--problems 64] [--k 4] [--repeats 3]

Ours is what a run does: the writer and the sampler of the quickstart recipe over a store on disk, each problem answered
as soon as it is written, by the model that `make quickstart` left. Theirs is what a script does: a call of
`LLM.generate` for the problems, one for the answers. Both use one loaded model, take turns, and start from an empty
prefix cache; early stopping is off.
"""

import argparse
import contextlib
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from csi_train import recipe_file, sources
from csi_train.engines import vllm
from csi_train.engines.contract import Request
from csi_train.engines.stored import StoredEngine
from csi_train.engines.vllm import VllmEngine
from csi_train.progress import Progress
from csi_train.recipe import Recipe
from csi_train.stages import sample
from csi_train.stages.generate import Writer
from csi_train.stages.sample import Sampler
from csi_train.store import Store

ROOT = Path(__file__).parents[1]


class Rate(NamedTuple):
    """Tokens written, and the seconds that took."""

    tokens: int
    seconds: float

    @property
    def per_second(self) -> float:
        return self.tokens / self.seconds


def ours(recipe: Recipe, engine: VllmEngine, folder: Path) -> tuple[Rate, list[Request]]:
    """Generate and sample as a run does; returns the rate and every request that was made."""
    asked: list[Request] = []
    with _heard(engine, asked), contextlib.closing(Store(folder / "store.sqlite")) as store:
        stored = StoredEngine(store, "benchmark", lambda: engine)
        assert recipe.seeds is not None
        assert recipe.generate is not None
        problems = recipe.generate.problems
        began = time.perf_counter()
        sampler = Sampler(recipe, sample.shots(recipe), stored, sample.progress(folder, recipe, problems))
        writer = Writer(recipe, sources.read(recipe.seeds), stored, Progress(folder / "generate", problems, "problems"))
        writer.start(sampler.add)
        stored.drive({"generate": writer.receive, "sample": sampler.receive})
        return Rate(stored.tokens, time.perf_counter() - began), asked


def theirs(engine: VllmEngine, asked: list[Request]) -> Rate:
    """The same requests through `LLM.generate`: the problems first, then the answers."""
    tokens, began = 0, time.perf_counter()
    for purpose in ("generate", "sample"):
        requests = [request for request in asked if request.purpose == purpose]
        prompts = [{"prompt_token_ids": engine.tokens(request)} for request in requests]
        params = [engine.params(request) for request in requests]
        outputs = engine.llm.generate(prompts, params, use_tqdm=False)
        tokens += sum(len(output.outputs[0].token_ids) for output in outputs)
    return Rate(tokens, time.perf_counter() - began)


@contextlib.contextmanager
def _heard(engine: VllmEngine, asked: list[Request]) -> Iterator[None]:
    """Note every request that reaches the engine."""
    submit: Any = engine.submit

    def heard(request: Request) -> None:
        asked.append(request)
        submit(request)

    engine.submit = heard  # type: ignore[method-assign]
    yield
    engine.submit = submit  # type: ignore[method-assign]


def main() -> None:
    """Print both rates of each turn, and the ratio of their medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--problems", type=int, default=64)
    parser.add_argument("--k", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    changes = [f"generate.problems={given.problems}", f"sample.k={given.k}", "sample.early_stop=off"]
    recipe = recipe_file.load(ROOT / "recipes/quickstart.yaml", changes)
    assert recipe.generate is not None
    engine = VllmEngine(recipe.generate.model, vllm.Params(args=recipe.generate.engine.args), seed=0)
    rates: dict[str, list[float]] = {"csi_train": [], "vllm.LLM.generate": []}
    for turn in range(given.repeats + 1):  # the first warms up
        with tempfile.TemporaryDirectory() as folder:
            engine.llm.reset_prefix_cache()
            mine, asked = ours(recipe, engine, Path(folder))
        engine.llm.reset_prefix_cache()
        vllms = theirs(engine, asked)
        for name, rate in zip(rates, (mine, vllms), strict=True):
            print(f"{'warm-up' if not turn else f'turn {turn}'}: {name:<18} {rate.tokens:6,} tokens in "
                  f"{rate.seconds:5.1f} s: {rate.per_second:5.0f}/s", flush=True)  # fmt: skip
            if turn:
                rates[name].append(rate.per_second)
    first, second = (statistics.median(found) for found in rates.values())
    print(f"medians: csi_train {first:.0f}/s, vllm.LLM.generate {second:.0f}/s, ratio {first / second:.3f}")


if __name__ == "__main__":
    main()
