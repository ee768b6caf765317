"""The lm-eval tasks load, ask, sample and score as they say, without a hub and without a model."""

import csv
import importlib.util
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from lm_eval.api.registry import get_model
from lm_eval.evaluator import evaluate
from lm_eval.tasks import TaskManager

from csi_train.errors import CsiError
from csi_train.stages import evaluate as evaluation

ROOT = Path(__file__).parents[2]
EVALS = ROOT / "evals"
HUB_TASKS = ["csi_aime24", "csi_aime25", "csi_amc23", "csi_gpqa_diamond", "csi_math500"]
OWN = ["csi_one_step_problems", "csi_word_problems"]
JUDGED = ["csi_alpaca_eval", "csi_arena_hard", "csi_instructions"]
V2 = {"csi_arena_hard_v2": "hard_prompt", "csi_arena_hard_v2_creative": "creative_writing"}

MATH_ROW = {"problem": "What is $1 + 1$?", "answer": "2", "unique_id": "a"}
GPQA_ROW = {
    "Question": "Which of these is a noble gas?",
    "Correct Answer": "Argon",
    "Incorrect Answer 1": "Oxygen",
    "Incorrect Answer 2": "Iron",
    "Incorrect Answer 3": "Boron",
}


def load(name: str, **metadata: Any) -> Any:
    manager = TaskManager(include_path=str(EVALS), include_defaults=False, metadata=metadata)
    return manager.load([name])["tasks"][name]


def load_rows(name: str, file: Path, *rows: dict[str, Any]) -> Any:
    if file.suffix == ".csv":
        with file.open("w", newline="", encoding="utf-8") as target:
            writer = csv.DictWriter(target, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    else:
        file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return load(name, data_files={name: str(file)})


def prompt(task: Any, shots: int = 0) -> str:
    task.set_config("num_fewshot", shots)
    return task.fewshot_context(task.eval_docs[0], shots)


def utils() -> Any:
    spec = importlib.util.spec_from_file_location("evals_utils", EVALS / "utils.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# ------------------------------------------------------------------------------------------------ loading


def test_every_task_is_found() -> None:
    manager = TaskManager(include_path=str(EVALS), include_defaults=False)
    assert manager.all_tasks == sorted([*HUB_TASKS, *JUDGED, *V2, *OWN])


@pytest.mark.parametrize("name", HUB_TASKS)
def test_hub_task_samples_16_with_room_to_reason(name: str, tmp_path: Path) -> None:
    task = load_rows(name, tmp_path / "rows.jsonl", GPQA_ROW if name == "csi_gpqa_diamond" else MATH_ROW)
    assert task.config.repeats == 16
    assert task.config.generation_kwargs == {
        "do_sample": True,
        "temperature": 0.6,
        "top_p": 0.95,
        "max_gen_toks": 4096,
        "until": [],
    }


@pytest.mark.parametrize("name", OWN)
def test_our_problems_are_the_held_out_file(name: str) -> None:
    task = load(name)
    file = EVALS / f"data/{name.removeprefix('csi_')}_test.jsonl"
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    assert list(task.eval_docs) == rows
    assert task.config.repeats == 4


def test_it_loads_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert len(load("csi_word_problems").eval_docs) >= 160


def test_metadata_sets_k() -> None:
    assert load("csi_word_problems", k=7).config.repeats == 7


@pytest.mark.parametrize(
    ("written", "gold"), [("025", "025"), (27.0, "27.0"), (33, "33"), (" \\frac{1}{2} ", "\\frac{1}{2}")]
)
def test_gold_is_text_whatever_the_file_holds(written: object, gold: str, tmp_path: Path) -> None:
    task = load_rows("csi_amc23", tmp_path / "rows.jsonl", {"question": "?", "answer": written})
    assert task.eval_docs[0]["answer"] == gold


@pytest.mark.parametrize(
    ("gold", "response"), [("025", "\\boxed{25}"), ("27.0", "\\boxed{27}"), ("33", "\\boxed{033}")]
)
def test_padded_and_float_golds_are_graded_as_numbers(gold: str, response: str, tmp_path: Path) -> None:
    task = load_rows("csi_aime24", tmp_path / "rows.jsonl", {"problem": "?", "answer": gold})
    figures = task.process_results(task.eval_docs[0], [[response]])
    assert figures["avg_at_k"] == figures["maj_at_k"] == 1


def test_missing_field_is_named(tmp_path: Path) -> None:
    with pytest.raises(CsiError, match=r"csi_math500: .*row 2: no 'answer', only problem, unique_id"):
        load_rows("csi_math500", tmp_path / "rows.jsonl", MATH_ROW, {"problem": "?", "unique_id": "b"})


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CsiError, match=r"no such file: .*none\.jsonl"):
        load("csi_math500", data_files={"csi_math500": str(tmp_path / "none.jsonl")})


def test_gated_dataset_says_how_to_get_access(monkeypatch: pytest.MonkeyPatch) -> None:
    module = utils()

    def refuse(*_: object, **__: object) -> None:
        raise FileNotFoundError("Dataset 'Idavidrein/gpqa' is a gated dataset on the Hub.")

    monkeypatch.setattr(module, "load_dataset", refuse)
    with pytest.raises(CsiError, match=r"ask for access on the hub page of Idavidrein/gpqa .*data_files"):
        module.hub_rows("Idavidrein/gpqa", "gpqa_diamond", "train")


def test_a_file_on_the_hub_is_fetched_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def fetch(repository: str, path: str, repo_type: str) -> str:
        asked.append((repository, path))
        file = tmp_path / Path(path).name
        rows = [{"instruction": " Name a bird. ", "output": "Wren", "prompt": None}]
        lines = [json.dumps({"category": category, "prompt": "Name a bird."}) + "\n" for category in V2.values()]
        file.write_text(json.dumps(rows) if file.suffix == ".json" else "".join(lines))
        return str(file)

    monkeypatch.setattr("huggingface_hub.hf_hub_download", fetch)
    for name in (*JUDGED[:2], *V2):
        assert prompt(load(name)) == "Name a bird."
    assert asked == [
        ("tatsu-lab/alpaca_eval", "alpaca_eval_gpt4_baseline.json"),
        ("lmarena-ai/arena-hard-auto", "data/arena-hard-v0.1/question.jsonl"),
        *[("lmarena-ai/arena-hard-auto", "data/arena-hard-v2.0/question.jsonl")] * 2,
    ]


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("csi_alpaca_eval", {"dataset": "vicuna", "instruction": "Name a bird.", "output": "Wren"}),
        ("csi_arena_hard", {"uid": "1", "cluster": "Birds", "prompt": "Name a bird."}),
        ("csi_instructions", {"instruction": "Name a bird.", "category": "Miscellaneous"}),
    ],
)
def test_instructions_are_asked_as_they_are_and_sampled_once(name: str, row: dict[str, Any], tmp_path: Path) -> None:
    task = load_rows(name, tmp_path / "rows.jsonl", row)
    assert prompt(task) == "Name a bird."
    assert task.config.repeats == 1
    assert task.config.generation_kwargs["max_gen_toks"] == 4096


@pytest.mark.parametrize("name", V2)
def test_a_task_of_arena_hard_v2_has_the_prompts_of_its_category(name: str, tmp_path: Path) -> None:
    rows = [
        {"uid": str(n), "category": category, "subcategory": "coding", "prompt": f"{category} {n}"}
        for n, category in enumerate([*V2.values(), *V2.values(), "other"])
    ]
    questions = [doc["question"] for doc in load_rows(name, tmp_path / "rows.jsonl", *rows).eval_docs]
    assert questions == [row["prompt"] for row in rows if row["category"] == V2[name]]
    with pytest.raises(CsiError, match=rf"{name}: no row of .*rows\.jsonl is of the category {V2[name]}"):
        load_rows(name, tmp_path / "rows.jsonl", {"prompt": "Name a bird."}, rows[-1])


def test_our_instructions_are_the_held_out_file() -> None:
    rows = [json.loads(line) for line in (EVALS / "data/instructions_test.jsonl").read_text().splitlines()]
    assert [doc["question"] for doc in load("csi_instructions").eval_docs] == [row["instruction"] for row in rows]


# ------------------------------------------------------------------------------------------------ asking


def test_zero_shot_asks_for_a_box(tmp_path: Path) -> None:
    task = load_rows("csi_math500", tmp_path / "rows.jsonl", MATH_ROW)
    assert prompt(task) == "What is $1 + 1$?\n\nPut your final answer within \\boxed{}."


def test_few_shot_continues_from_worked_seeds() -> None:
    assert prompt(load("csi_word_problems"), shots=2) == (
        "Question: Grandma shares 24 cookies equally among 6 children. How many cookies does each child get?\n"
        "Answer: Each child gets 24 / 6 = 4 cookies. The answer is \\boxed{4}.\n\n"
        "Question: Ella is 9 years old. Her mother is 4 times as old. How old will her mother be in 5 years?\n"
        "Answer: Her mother is 4 * 9 = 36 years old. In 5 years she will be 36 + 5 = 41 years old. "
        "The answer is \\boxed{41}.\n\n"
        "Question: It takes 3 yards of cloth to make a curtain. How many curtains can be made from 39 yards?\n"
        "Answer:"
    )


def test_word_problems_zero_shot_take_the_chat_form() -> None:
    assert prompt(load("csi_word_problems")).endswith("39 yards?\n\nPut your final answer within \\boxed{}.")


def test_choices_are_listed_and_the_gold_is_a_letter(tmp_path: Path) -> None:
    task = load_rows("csi_gpqa_diamond", tmp_path / "rows.csv", GPQA_ROW)
    text, gold = prompt(task), task.eval_docs[0]["answer"]
    assert text.startswith("Which of these is a noble gas?\n\nA) ")
    assert f"\n{gold}) Argon\n" in text
    assert text.endswith("\n\nPut your final answer, the letter of the right choice, within \\boxed{}.")


def test_order_of_choices_hangs_on_the_texts_alone(tmp_path: Path) -> None:
    swapped = GPQA_ROW | {"Incorrect Answer 1": "Boron", "Incorrect Answer 3": "Oxygen"}
    questions = set()
    for seed, row in enumerate([GPQA_ROW, GPQA_ROW, swapped]):
        random.seed(seed)
        questions.add(load_rows("csi_gpqa_diamond", tmp_path / "rows.csv", row).eval_docs[0]["question"])
    assert len(questions) == 1


def test_every_letter_can_be_the_gold(tmp_path: Path) -> None:
    rows = [GPQA_ROW | {"Question": f"Question {number}"} for number in range(64)]
    task = load_rows("csi_gpqa_diamond", tmp_path / "rows.csv", *rows)
    assert {doc["answer"] for doc in task.eval_docs} == set("ABCD")


# ------------------------------------------------------------------------------------------------ scoring


@pytest.mark.parametrize(
    ("samples", "avg", "maj", "passed", "none"),
    [
        (["\\boxed{13}", "so it is \\boxed{13}.", "\\boxed{13.0}", "\\boxed{13}"], 1, 1, 1, 0),
        (["\\boxed{13}", "\\boxed{12}", "\\boxed{12}", "no idea"], 1 / 4, 0, 1, 1 / 4),
        (["\\boxed{13}", "\\boxed{12}"], 1 / 2, 0, 1, 0),  # a tie has no majority
        (["\\boxed{13}", "no idea", "no idea"], 1 / 3, 1, 1, 2 / 3),  # no answer is a vote for nothing
        (["no idea", ""], 0, 0, 0, 1),
    ],
)
def test_score(samples: list[str], avg: float, maj: float, passed: float, none: float) -> None:
    figures = utils().score({"question": "?", "answer": "13", "solution": ""}, [samples])
    assert figures == {
        "avg_at_k": pytest.approx(avg),
        "maj_at_k": maj,
        "pass_at_k": passed,
        "no_answer": pytest.approx(none),
        "chars": pytest.approx(sum(map(len, samples)) / len(samples)),
    }


def test_responses_are_measured_and_not_graded() -> None:
    assert utils().lengths({"question": "?", "answer": ""}, [["four", " ", "12345678"]]) == {
        "chars": pytest.approx(13 / 3),
        "empty": pytest.approx(1 / 3),
    }


def test_a_model_that_follows_no_instruction_leaves_texts_to_judge() -> None:
    """End to end through lm-eval, with its built-in model that says "lol", to what the stage `judge` reads."""
    manager = TaskManager(include_path=str(EVALS), include_defaults=False, metadata={"k": 2})
    results = evaluate(get_model("dummy")(), manager.load(["csi_instructions"]), limit=3)
    assert results is not None
    assert results["results"]["csi_instructions"]["chars,all"] == 3
    for sample in results["samples"]["csi_instructions"]:
        document = evaluation._document(sample)
        assert (document["texts"], document["answers"]) == (["lol", "lol"], [None, None])
        assert (document["chars"], document["empty"]) == (3, 0)
        assert document["question"] == sample["doc"]["question"]


def test_a_model_that_answers_nothing_scores_nothing() -> None:
    """End to end through lm-eval, with its built-in model that says "lol"."""
    manager = TaskManager(include_path=str(EVALS), include_defaults=False)
    results = evaluate(get_model("dummy")(), manager.load(["csi_word_problems"]), limit=4)
    assert results is not None
    figures = results["results"]["csi_word_problems"]
    assert figures["sample_len"] == 4
    assert figures["avg_at_k,all"] == figures["maj_at_k,all"] == figures["pass_at_k,all"] == 0
    assert figures["no_answer,all"] == 1
    assert figures["avg_at_k_stderr,all"] == 0
    assert all(len(sample["filtered_resps"][0]) == 4 for sample in results["samples"]["csi_word_problems"])


@pytest.mark.e2e
def test_stock_command(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lm_eval", "run", "--model", "dummy", "--include_path", "evals"]
    options = ["--tasks", "csi_word_problems", "--limit", "2", "--metadata", "k=3", "--output_path", str(tmp_path)]
    done = subprocess.run([*command, *options, "--log_samples"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (samples,) = tmp_path.rglob("samples_csi_word_problems_*.jsonl")
    assert [len(json.loads(line)["resps"][0]) for line in samples.read_text().splitlines()] == [3, 3]
