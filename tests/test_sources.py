"""Rows come in from every kind of source, as text, with their answers; an error says where and what to do."""

import csv
import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from csi_train import sources
from csi_train.errors import CsiError, RecipeError, RowError
from csi_train.recipe import Fields, Source
from csi_train.records import Problem, Seed, content_id, write_rows

ROOT = Path(__file__).parents[1]

GSM8K = "She sells 16 - 3 - 4 = <<16-3-4=9>>9 eggs a day.\nShe makes 9 * 2 = $18.\n#### 18"
BOXED = r"Half of 3 is $\frac{3}{2}$. The answer is $\boxed{\frac{3}{2}}$."
ROWS: list[dict[str, Any]] = [
    {"question": "How many legs do 7 spiders have?", "answer": "056", "solution": "7 * 8 = 56."},
    {"question": "What does Janet make a day, in dollars?", "answer": GSM8K, "solution": ""},
    {"question": "What is half of 3?", "answer": BOXED, "solution": "It is 1.5."},
    {"question": "Prove that 3 is odd.", "answer": "QED", "solution": ""},
    {"question": "How long is a piece of string?", "answer": "", "solution": ""},
    {"question": 'Wie viele Füße hat ein Käfer, "genau"?', "answer": "6", "solution": "sechs, so\nist es"},
]
SEEDS = [
    ("How many legs do 7 spiders have?", "056", "7 * 8 = 56."),
    ("What does Janet make a day, in dollars?", "18", GSM8K),
    ("What is half of 3?", r"\frac{3}{2}", "It is 1.5."),
    ('Wie viele Füße hat ein Käfer, "genau"?', "6", "sechs, so\nist es"),
]
WORKED = Fields(solution="solution")


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    """The rows as a file of the kind its name says."""
    if path.suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    elif path.suffix == ".parquet":
        import pyarrow
        import pyarrow.parquet

        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    elif path.suffix == ".json":
        path.write_text(json.dumps(rows), encoding="utf-8")
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def texts(seeds: list[Seed]) -> list[tuple[str, str | None, str | None]]:
    return [(seed.question, seed.answer, seed.solution) for seed in seeds]


def test_what_a_run_kept_is_seeds_for_another(tmp_path: Path) -> None:
    """With their ids, so that lineage goes on, and their categories."""
    kept = [
        Problem(
            id=f"problem-{n}", question=f"Write {n}.", answer=None, method="m", seeds=("s",), call=n, completion="c"
        )
        for n in range(3)
    ]
    kept[1] = dataclasses.replace(kept[1], category="verse")
    write_rows(tmp_path / "kept.jsonl", kept)
    columns = {"id": "id", "question": "question", "answer": None, "category": "category"}
    source = Source(path=str(tmp_path / "kept.jsonl"), fields=Fields(**columns), verifiable_only=False)
    found = [(seed.id, seed.question, seed.category) for seed in sources.read(source)]
    assert found == [
        ("problem-0", "Write 0.", None),
        ("problem-1", "Write 1.", "verse"),
        ("problem-2", "Write 2.", None),
    ]
    write_rows(tmp_path / "kept.jsonl", [dataclasses.replace(kept[0], id="")])
    with pytest.raises(RecipeError, match=r"kept.jsonl:1: 'id' is empty\n.*write its id"):
        sources.read(source)


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "json", "parquet"])
def test_every_kind_of_file(suffix: str, tmp_path: Path) -> None:
    path = write(tmp_path / f"rows.{suffix}", ROWS)
    seeds = sources.read(Source(path=str(path), fields=WORKED))
    assert texts(seeds) == SEEDS
    assert [seed.id for seed in seeds] == [content_id("seed", question) for question, _, _ in SEEDS]


def test_columns_of_instructions(tmp_path: Path) -> None:
    rows = [
        {"instruction": "Write a limerick.", "kind": "verse", "good": "There was …", "bad": "No."},
        {"instruction": "Draw a cat.", "kind": "", "good": "", "bad": None},
    ]
    path = write(tmp_path / "rows.jsonl", rows)
    fields = Fields(question="instruction", answer=None, category="kind", chosen="good", rejected="bad")
    first, second = sources.read(source := Source(path=str(path), fields=fields, verifiable_only=False))
    assert (first.category, first.chosen, first.rejected) == ("verse", "There was …", "No.")
    assert (second.category, second.chosen, second.rejected) == (None, None, None)
    assert [problem.category for problem in sources.problems(source)] == ["verse", None]


def test_a_hub_dataset(tmp_path: Path) -> None:
    """`datasets` takes a folder for a dataset of the hub: the same call, without a network."""
    write(tmp_path / "test.jsonl", ROWS)
    assert texts(sources.read(Source(hub=str(tmp_path), split="test", fields=WORKED))) == SEEDS
    with pytest.raises(CsiError, match=r"cannot read .*validation.*\n.*check name, config, split"):
        sources.read(Source(hub=str(tmp_path), split="validation"))


def test_a_reasoning_gym_task_set() -> None:
    seeds = sources.read(Source(gym="leg_counting", limit=4), seed=3)
    assert len(seeds) == 4
    assert all("how many legs" in seed.question and (seed.answer or "").isdigit() for seed in seeds)
    assert seeds == sources.read(Source(gym="leg_counting", limit=4), seed=3)
    assert seeds != sources.read(Source(gym="leg_counting", limit=4), seed=4)


def test_our_own_seeds_have_worked_answers() -> None:
    seeds = sources.read(Source(path=str(ROOT / "seeds/word_problems.jsonl"), fields=WORKED))
    assert len(seeds) == 72
    assert all(seed.answer and rf"\boxed{{{seed.answer}}}" in (seed.solution or "") for seed in seeds)


def test_limit_counts_rows_of_use(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", ROWS[::-1])
    assert [seed.question[:8] for seed in sources.read(Source(path=str(path), limit=2))] == ["Wie viel", "What is "]


def test_rows_that_cannot_be_checked_on_request(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", ROWS)
    seeds = sources.read(Source(path=str(path), verifiable_only=False))
    assert [seed.answer for seed in seeds] == ["056", "18", r"\frac{3}{2}", "QED", None, "6"]
    bare = sources.read(Source(path=str(path), verifiable_only=False, fields=Fields(answer=None)))
    assert {seed.answer for seed in bare} == {None}


def test_numbers_become_text_and_other_names_are_mapped(tmp_path: Path) -> None:
    path = write(tmp_path / "amc.jsonl", [{"problem": " What is 3^3? ", "result": 27.0, "question": "ignored"}])
    (seed,) = sources.read(Source(path=str(path), fields=Fields(question="problem", answer="result")))
    assert (seed.question, seed.answer) == ("What is 3^3?", "27.0")


@pytest.mark.parametrize(
    ("question", "is_proof"),
    [
        ("Prove that there are infinitely many primes.", True),
        ("Prove or disprove: every good set is regular.", True),
        ("Let $a, b > 0$. Show that $a + b > 0$.", True),
        ("(a) Show that $x \\geq 0$.", True),
        ("For all $x$, show that $f(x) = 0$.", True),
        ("Find $m(f)$, and show that it does not depend on $f$.", True),
        ("Verify that the rate agrees with (b).", True),
        ("a) Proof that $|F|=\\infty$.", True),
        ("Observations show that strain rises. What is it at 3 s?", False),
        ("His report card needs to show that he got 80. What is his grade?", False),
        ("A TV show starts at 7. When does it end?", False),
        ("Determine, with proof, the largest $n$.", False),
        ("A baker proves dough for 3 hours twice a day. How long is that?", False),
        ("A waterproof watch costs 30 dollars. What do 3 cost?", False),
    ],
)
def test_what_asks_for_a_proof(question: str, is_proof: bool) -> None:
    assert sources.asks_for_proof(question) is is_proof
    assert sources.verifiable(Seed(id="s", question=question, answer="3")) is not is_proof


@pytest.mark.parametrize(("answer", "expected"), [("3", True), (None, False), ("proof", False)])
def test_what_has_an_answer(answer: str | None, expected: bool) -> None:
    assert sources.verifiable(Seed(id="s", question="What is 1 + 2?", answer=answer)) is expected


def test_rows_of_data_are_problems(tmp_path: Path) -> None:
    rows = [ROWS[0], ROWS[3], ROWS[1], ROWS[0]]
    problems = sources.problems(Source(path=str(write(tmp_path / "rows.csv", rows))))
    assert [(p.question, p.answer, p.call) for p in problems] == [
        (ROWS[0]["question"], "056", 1),
        (ROWS[1]["question"], "18", 2),
        (ROWS[0]["question"], "056", 3),
    ]
    assert len({p.id for p in problems}) == 3
    assert {(p.method, p.seeds, p.completion) for p in problems} == {("data", (), "")}


@pytest.mark.parametrize(
    ("name", "content", "line", "reason"),
    [
        ("a.jsonl", b'{"question": "What is 1 + 2?", "answer": "3"}\n\n{"question": "Wh', 3, "not JSON"),
        ("a.jsonl", b'{"question": "What is 1 + 2?", "answer": "3"}\n["a", "b"]\n', 2, "not a JSON object"),
        ("a.jsonl", b'{"question": "What is \xff?", "answer": "3"}\n', 1, "not JSON: .*utf-8"),
        ("a.csv", b'question,answer\nWhat is 1 + 2?,3\n"What is', 3, "not CSV"),
        ("a.csv", b"question,answer\nWhat is \xff?,3\n", 2, "not CSV: .*utf-8"),
    ],
)
def test_a_broken_line_is_named(name: str, content: bytes, line: int, reason: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RowError, match=rf"{name}:{line}: {reason}"):
        sources.read(Source(path=str(tmp_path / name)))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"problem": "What?", "answer": 3}, r"rows.jsonl:1: no column 'question'\n.*fields.*there is: problem, answer"),
        ({"question": "What?", "gold": 3}, r"rows.jsonl:1: no column 'answer'\n.*there is: question, gold"),
        ({"question": " ", "answer": 3}, r"rows.jsonl:1: 'question' is empty\n.*remove the row"),
        ({"question": ["What?"], "answer": 3}, r"rows.jsonl:1: 'question' holds a list, not text"),
        ({"question": "Prove it.", "answer": "3"}, r"rows.jsonl: no row to use\n.*verifiable_only: false"),
    ],
)
def test_rows_that_do_not_fit(row: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", [row])
    with pytest.raises(RecipeError, match=message):
        sources.read(Source(path=str(path)))


def test_a_parquet_row_is_named(tmp_path: Path) -> None:
    path = write(
        tmp_path / "rows.parquet", [{"question": "What is 1 + 2?", "answer": "3"}, {"question": "", "answer": "4"}]
    )
    with pytest.raises(RecipeError, match=r"rows.parquet, row 2: 'question' is empty"):
        sources.read(Source(path=str(path)))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (Source(path="nowhere.jsonl"), r"no such file: nowhere.jsonl\n.*current directory"),
        (Source(path="seeds.xlsx"), r"cannot read seeds.xlsx\n.*\.jsonl, \.csv, \.json, \.parquet"),
        (Source(gym="leg_countin", limit=2), r"no task set 'leg_countin'\n.*did you mean 'leg_counting'"),
        (Source(gym="composite", limit=2), r"reasoning-gym cannot make 'composite'"),
    ],
)
def test_sources_that_are_not_there(source: Source, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        sources.read(source)


def test_a_file_that_is_not_what_its_name_says(tmp_path: Path) -> None:
    (tmp_path / "rows.parquet").write_text("question,answer\n", encoding="utf-8")
    with pytest.raises(CsiError, match=r"cannot read .*rows.parquet"):
        sources.read(Source(path=str(tmp_path / "rows.parquet")))


def run_apart(code: str, home: Path) -> str:
    """Python in a process of its own, whose caches are in `home` and which has no hub."""
    env = os.environ | {"HF_HOME": str(home), "HF_HUB_OFFLINE": "1"}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=True, cwd=ROOT)
    return run.stdout


def test_without_a_hub_the_message_says_what_to_do(tmp_path: Path) -> None:
    code = (
        "from csi_train import sources; from csi_train.errors import CsiError; from csi_train.recipe import Source\n"
        "try: sources.read(Source(hub='someone/some-set'))\n"
        "except CsiError as error: print(error)"
    )
    told = run_apart(code, tmp_path)
    assert "cannot read someone/some-set" in told
    assert "connection" in told
    assert "local file" in told


def test_no_copy_of_the_rows_is_left_behind(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.parquet", ROWS)
    code = (
        "from csi_train import sources; from csi_train.recipe import Source\n"
        f"print(len(sources.read(Source(path={str(path)!r}))))"
    )
    home = tmp_path / "home"
    assert run_apart(code, home).strip() == "4"
    assert [file for file in home.rglob("*") if file.is_file() and file.suffix != ".lock"] == []


def test_a_csv_of_a_spreadsheet(tmp_path: Path) -> None:
    """With a byte order mark and \\r\\n."""
    (tmp_path / "a.csv").write_bytes(b"\xef\xbb\xbfquestion,answer\r\nWhat is 1 + 2?,3\r\n")
    assert texts(sources.read(Source(path=str(tmp_path / "a.csv")))) == [("What is 1 + 2?", "3", None)]


def test_importing_is_light() -> None:
    heavy = {"torch", "datasets", "reasoning_gym", "math_verify", "sympy"}
    code = f"import sys, csi_train.sources; print({heavy} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert run.stdout == "set()\n"
