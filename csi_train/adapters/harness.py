"""The door to lm-eval: tasks asked through our engine, so that a sampled evaluation streams, is stored and resumes."""

import functools
import json
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

from csi_train.engines.contract import Completion, Prompt, Request
from csi_train.engines.stored import StoredEngine
from csi_train.errors import RecipeError
from csi_train.recipe import Evaluate, Sampling

Report = dict[str, Any]
"""What lm-eval's evaluator returns: results, samples, configs, n-samples."""


class Asked(NamedTuple):
    """How a row is asked: in chat, or as `shots` examples that the model continues as text."""

    shots: int
    chat: bool


def evaluate(
    section: Evaluate, engine: StoredEngine, asked: Asked, finished: Callable[[Completion, int], None]
) -> Report:
    """Score the model behind an engine on the recipe's tasks.

    `finished` hears of each completion, and of how many there will be. Raises RecipeError for an unknown task.
    """
    from lm_eval.evaluator import simple_evaluate
    from lm_eval.tasks import TaskManager

    manager = TaskManager(
        include_path=section.include_path,
        include_defaults=False,
        metadata={"k": section.repeats, "data_files": section.data_files},
    )
    if unknown := set(section.tasks) - set(manager.all_tasks):
        raise RecipeError(f"no lm-eval task {', '.join(sorted(unknown))}", f"there is: {', '.join(manager.all_tasks)}")
    drawn = section.sampling
    report: Report | None = simple_evaluate(
        model=_model_class()(engine, section.chat_template, finished),
        tasks=list(section.tasks),
        task_manager=manager,
        num_fewshot=asked.shots,
        limit=section.limit,
        apply_chat_template=asked.chat,
        gen_kwargs={
            "do_sample": drawn.temperature > 0,
            "temperature": drawn.temperature,
            "top_p": drawn.top_p,
            "top_k": drawn.top_k,
            "max_gen_toks": drawn.max_tokens,
        },
        log_samples=True,
    )
    assert report is not None
    return report


@functools.cache
def _model_class() -> Any:
    """Our lm-eval model class, made where lm_eval is there to inherit from."""
    from lm_eval.api.model import LM

    class EngineLM(LM):  # type: ignore[misc]
        """lm-eval's view of the engine. A chat prompt travels through lm-eval as the JSON of its turns."""

        tokenizer_name = "csi_train"

        def __init__(
            self, engine: StoredEngine, template: dict[str, Any], finished: Callable[[Completion, int], None]
        ) -> None:
            super().__init__()
            self._engine = engine
            self._template = template
            self._finished = finished

        def apply_chat_template(self, chat_history: list[dict[str, str]], add_generation_prompt: bool = True) -> str:
            return json.dumps([(turn["role"], turn["content"]) for turn in chat_history])

        def chat_template(self, chat_template: bool | str = False) -> str:
            return "the model's own"

        def generate_until(self, requests: list[Any], disable_tqdm: bool = False) -> list[str]:
            texts: dict[str, str] = {}
            asked = _requests(requests, self._template)

            def receive(completion: Completion) -> None:
                texts[completion.request.id] = completion.text
                self._finished(completion, len(asked))

            for request in asked:
                self._engine.submit(request)
            self._engine.drive({"evaluate": receive})
            return [texts[request.id] for request in asked]

        def loglikelihood(self, requests: list[Any], disable_tqdm: bool = False) -> Any:
            name = requests[0].task_name
            raise RecipeError(f"{name} scores log-likelihoods, and csi_train samples", "use a generate_until task")

        loglikelihood_rolling = loglikelihood

    return EngineLM


def _requests(instances: list[Any], template: dict[str, Any]) -> list[Request]:
    """lm-eval repeats an instance k times in a row; the index tells its samples apart."""
    seen: Counter[str] = Counter()
    requests = []
    for instance in instances:
        context, how = instance.args
        row = f"{instance.task_name}/{instance.doc_id}"
        prompt, stop = _prompt(context), tuple(how.get("until") or ())
        requests.append(Request("evaluate", row, seen[row], prompt, _sampling(how), stop, chat_template=template))
        seen[row] += 1
    return requests


def _prompt(context: str) -> Prompt:
    if not context.startswith('[["'):
        return context
    return tuple((role, content) for role, content in json.loads(context))


def _sampling(how: dict[str, Any]) -> Sampling:
    """lm-eval's generation arguments; without do_sample it wants the likeliest token each time."""
    temperature = how.get("temperature", 1.0) if how.get("do_sample", "temperature" in how) else 0.0
    return Sampling(
        temperature=temperature,
        top_p=how.get("top_p", 1.0),
        top_k=how.get("top_k", 0),
        max_tokens=how["max_gen_toks"],
    )
