"""The questions of a recipe's benchmarks are found where the task files say they are."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from csi_train import benchmarks_text
from csi_train.errors import RecipeError
from csi_train.recipe import Evaluate

ROOT = Path(__file__).parents[1]
EVALS = str(ROOT / "evals")


def evaluate(*tasks: str, **keys: object) -> Evaluate:
    return Evaluate(tasks=tasks, **({"include_path": EVALS} | keys))


def test_the_held_out_set() -> None:
    lines = (ROOT / "evals/data/word_problems_test.jsonl").read_text(encoding="utf-8").splitlines()
    found = benchmarks_text.questions(evaluate("csi_word_problems"))
    assert found == {"csi_word_problems": [json.loads(line)["question"] for line in lines]}


def test_files_given_in_the_recipe(tmp_path: Path) -> None:
    (tmp_path / "math.jsonl").write_text('{"problem": "What is $1 + 1$?", "answer": "2"}\n', encoding="utf-8")
    (tmp_path / "gpqa.csv").write_text("Question,Correct Answer\nWhich gas is noble?,Argon\n", encoding="utf-8")
    files = {"csi_math500": str(tmp_path / "math.jsonl"), "csi_gpqa_diamond": str(tmp_path / "gpqa.csv")}
    assert benchmarks_text.questions(evaluate(*files, data_files=files)) == {
        "csi_math500": ["What is $1 + 1$?"],
        "csi_gpqa_diamond": ["Which gas is noble?"],
    }


def test_a_hub_task(tmp_path: Path) -> None:
    """`datasets` takes a folder for a dataset of the hub: the same call, without a network."""
    (tmp_path / "set").mkdir()
    (tmp_path / "set/test.jsonl").write_text('{"problem": "What is 1 + 1?", "answer": "2"}\n', encoding="utf-8")
    (tmp_path / "_shared").write_text("test_split: test\nclass: !function utils.SampledTask\n", encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(f"include: _shared\ndataset_path: {tmp_path}/set\n", encoding="utf-8")
    assert benchmarks_text.questions(evaluate("mine", include_path=str(tmp_path))) == {"mine": ["What is 1 + 1?"]}


@pytest.mark.parametrize("task", sorted(path.stem for path in Path(EVALS).glob("csi_*.yaml")))
def test_every_task_file_says_where_its_questions_are(task: str) -> None:
    config = benchmarks_text.task_config(Path(EVALS) / f"{task}.yaml")
    assert config["test_split"] in ("train", "test")
    assert config.get("dataset_path") or config["dataset_kwargs"]["data_files"]["test"]


def test_a_task_without_a_file() -> None:
    with pytest.raises(RecipeError, match=r"questions of gsm8k: there is no .*gsm8k.yaml\n.*evaluate.data_files"):
        benchmarks_text.questions(evaluate("gsm8k"))


def test_a_task_file_without_a_dataset(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("task: mine\ndataset_path: some/set\n", encoding="utf-8")
    with pytest.raises(RecipeError, match=r"mine.yaml names no dataset and test_split\n.*evaluate.data_files"):
        benchmarks_text.questions(evaluate("mine", include_path=str(tmp_path)))


def test_rows_without_a_question(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "What is 1 + 1?"}\n', encoding="utf-8")
    with pytest.raises(RecipeError, match=r"csi_math500 has no column question or .*, only text\n.*rename"):
        benchmarks_text.questions(evaluate("csi_math500", data_files={"csi_math500": str(tmp_path / "a.jsonl")}))


def test_without_a_hub_the_message_says_what_to_do() -> None:
    code = (
        "from csi_train import benchmarks_text, errors, recipe\n"
        "try: benchmarks_text.questions(recipe.Evaluate(tasks=('csi_aime24',)))\n"
        "except errors.CsiError as error: print(error)"
    )
    env = os.environ | {"HF_HUB_OFFLINE": "1"}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=True, cwd=ROOT)
    assert "cannot read HuggingFaceH4/aime_2024" in run.stdout
    assert "evaluate.data_files" in run.stdout
