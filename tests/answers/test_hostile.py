"""Hostile input: each call returns within two seconds, from any thread and any process, and memory stays bounded."""

import multiprocessing
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest

from csi_train.answers import equivalent, extract, grade, reading, vote

MEGABYTE = 10**6
HOSTILE = {
    "power tower": "9**9**9",
    "higher tower": "9^{9^{9^{9^9}}}",
    "binomial": r"\binom{10^8}{5\cdot10^7}",
    "factorial": "999999999!",
    "factorials": "5!!!!!!!!",
    "exponent": "1e999999999",
    "exponentials": "e^{e^{e^{e^{e^{e^{e}}}}}}",
    "sine": r"\sin(10^{10^{6}})",
    "polynomial": "(x+1)^{100000000000}",
    "index": r"\sqrt[1000000007]{2}",
    "combinations": "C(" * 300 + "1,2" + ")" * 300,
    "prescripts": "_nC_" * 400,
    "determinants": r"\begin{vmatrix}" * 130,
    "determinant": r"\begin{vmatrix} " + r" \\ ".join(["x_1 & x_2 & x_3 & x_4 & x_5"] * 5) + r"\end{vmatrix}",
    "integers": r"\{n \in \mathbb{Z} : \sqrt{2} \le n \le 10^{100}\}",
    "named sets": r"\mathbb{R}_{\ge" + "9" * 1500 + "}",
    "open intervals": "]1," * 600,
    "spacing": r"\," * (MEGABYTE // 2),
    "sizes": "9 by " * 300 + "9 matrix",
    "digits": "1" * MEGABYTE,
    "words": "word " * (MEGABYTE // 5),
    "white space": "answer" + " " * MEGABYTE,
    "lines": "\n" * MEGABYTE,
    "bold": ".**a" * (MEGABYTE // 4),
    "short bold": ".**a" * 490,
    "texts": r"\text{" * 330,
    "formula": "CH" * 900 + "2",
    "opening braces": "{" * MEGABYTE,
    "closing braces": "}" * MEGABYTE,
    "boxes": r"\boxed{1}" * (MEGABYTE // 9),
    "open boxes": r"\boxed{" * (MEGABYTE // 7),
    "joined boxes": r"\boxed{1}" + " " * MEGABYTE + r"\boxed{2}",
    "statements": "the answer is " * (MEGABYTE // 14),
    "headings": "#### " * (MEGABYTE // 5),
    "backslashes": "\\" * MEGABYTE,
    "fractions": r"\frac{1}{" * 300 + "2" + "}" * 300,
    "unclosed fractions": r"\frac{1}{" * 20_000,
    "powers": "x^" * 900 + "x",
    "minus signs": "-" * 1900 + "1",
    "roots": r"\sqrt" * 300 + "2",
    "bars": "|" * 1900,
    "plus-minus": r"1\pm" * 400 + "1",
    "inequalities": "x<" * 600 + "x",
    "unions": r"[0,1]\cup" * 150 + "[0,1]",
    "list": "1, " * 600,
    "matrices": r"\begin{pmatrix}" * 100,
    "NUL": "1\x002",
    "NULs": "\x00" * MEGABYTE,
    "surrogate": "\ud800",
    "digits of other scripts": "٣٤٥² ³½Ⅷ",
    "format": "%s%n{0}{}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_returns_within_two_seconds(name: str) -> None:
    text = HOSTILE[name]
    calls: list[Callable[[], object]] = [
        lambda: equivalent(text, "1"),
        lambda: equivalent(text, text + " "),
        lambda: extract(text),
        lambda: grade(text, rf"\boxed{{{text}}}"),
        lambda: grade("1", f"The answer is {text}"),
        lambda: vote([text, "1", text]),
    ]
    for call in calls:
        start = time.process_time()
        call()
        assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("a", "b"),
    [("2^{2^{30}}", "3^{2^{30}}"), ("9**9**9", "9**9**8"), ("999999999!", "999999998!"), ("10^{100}", "10^{100}+1")],
)
def test_huge_numbers_are_told_apart(a: str, b: str) -> None:
    assert not equivalent(a, b)
    assert equivalent(a, a + " ")


def test_digits_of_other_scripts_are_digits() -> None:
    assert equivalent("٣", "3")
    assert equivalent("３", "3")
    assert not equivalent("²", "2")


PAIRS = [(rf"\frac{{{n}}}{{{n + 1}}} + \sqrt{{{n + 2}}}", rf"\sqrt{{{n + 2}}}+{n}/{n + 1}") for n in range(300)]


def all_right(_: object = None) -> bool:
    return all(equivalent(a, b) and not equivalent(a, f"{b}+1") for a, b in PAIRS)


def test_threads_share_the_grader() -> None:
    reading.forget()
    results: list[bool] = []
    threads = [threading.Thread(target=lambda: results.append(all_right())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert results == [True] * 8


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_worker_processes_grade(method: str) -> None:
    assert all_right()  # a forked worker inherits a grader in use
    with multiprocessing.get_context(method).Pool(2) as pool:
        assert pool.map_async(all_right, range(4)).get(60) == [True] * 4


def test_memory_of_answers_is_bounded() -> None:
    for n in range(reading.REMEMBERED + 1000):
        reading.read(f"{n}.5")
    assert reading._remembered.cache_info().currsize == reading.REMEMBERED


def test_long_answers_are_not_remembered() -> None:
    reading.forget()
    for n in range(100):
        equivalent(str(n) + "1" * reading.LONGEST_KEPT, "word " * n * 1000)
    assert reading._remembered.cache_info().currsize <= 1


def test_what_failed_once_is_read() -> None:
    assert not equivalent(r"\sqrt[4]{-16}", "2")
    assert not equivalent(r"\left(-\frac{1}{3}\right)^{1/4}", "0")
    assert not equivalent(r"n \ne t \ne 2", "2")


def test_grading_is_light() -> None:
    """Neither torch nor sympy comes in with the first answer that is computed."""
    code = (
        "import sys; from csi_train.answers import equivalent, grade, vote;"
        r"assert equivalent(r'\frac{1}{\sqrt2}', r'\sin 45^\circ') and grade('5', r'\boxed{5}');"
        "assert vote(['1/2', '0.5', '2']).count == 2;"
        "assert not {'torch', 'sympy', 'math_verify'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_import_is_light() -> None:
    """A trainer's workers import it thousands of times; torch and sympy have no place in it."""
    heavy = ("torch", "sympy", "mpmath", "math_verify")
    code = f"import sys, csi_train.answers; print([m for m in {heavy} if m in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )
