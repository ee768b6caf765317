"""What the methods share: a chat form, a few-shot form, and the reading of a reply in either."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from csi_train.answers import extract
from csi_train.engines.contract import Prompt, Turns
from csi_train.errors import RecipeError
from csi_train.parts import Strict
from csi_train.prompts import NEXT, few_shot
from csi_train.records import Seed

QUESTION = ("[New Question Begin]", "[New Question End]")
ANSWER = ("[Final Answer to New Question Begin]", "[Final Answer to New Question End]")


class Params(Strict):
    """Nothing to set."""


class Unparsable(ValueError):  # noqa: N818
    """A reply without a new question (or its answer) where the method puts it; the message is the reason."""


@dataclass(frozen=True)
class Draft:
    """What a reply proposes; `answer` is None where the method asks for none."""

    question: str
    answer: str | None


def template(module: str) -> str:
    """The text of the `.md` file beside a method's module."""
    return Path(module).with_suffix(".md").read_text(encoding="utf-8")


def prompt(text: str, example: str, seeds: Sequence[Seed], shots: Sequence[Seed]) -> Prompt:
    """The chat template `text` with the seeds; with `shots`, those and the seeds as examples to continue."""
    return few_shot(example, [*shots, *seeds], "Question:") if shots else chat(text, seeds)


def stop(shots: bool) -> tuple[str, ...]:
    """Where a reply ends: a continuation where the next question would begin; a chat reply ends itself."""
    return NEXT if shots else ()


def parse(reply: str, shots: bool, answered: bool) -> Draft:
    """The new question, and its answer where the method asks for one; raises Unparsable."""
    return parse_continuation(reply, answered) if shots else parse_chat(reply, answered)


def chat(text: str, seeds: Sequence[Seed], shape: str = "Seed Question {number}: {question}") -> Turns:
    """One user turn: the template, each seed in this shape in place of `{seeds}`; RecipeError where it has none."""
    if "{seeds}" not in text:
        raise RecipeError("the template has no {seeds}", "write {seeds} where the seeds belong")
    shown = [
        shape.replace("{number}", str(number)).replace("{question}", seed.question)
        for number, seed in enumerate(seeds, 1)
    ]
    return (("user", text.replace("{seeds}", "\n\n".join(shown)).strip()),)


def parse_chat(reply: str, answered: bool) -> Draft:
    """The last marked question, and the answer marked after it. What a thinking model thinks does not count."""
    said = spoken(reply)
    question, rest = marked(said, QUESTION)
    if not answered:
        return Draft(question, None)
    return Draft(question, _answer(marked(rest, ANSWER, ends=False)[0]))


def parse_continuation(reply: str, answered: bool) -> Draft:
    """What follows `Question:`, up to `Answer:`, and the box after that."""
    question, _, worked = reply.partition("\nAnswer:")
    if not question.strip():
        raise Unparsable("no question")
    return Draft(question.strip(), _answer(worked) if answered else None)


def spoken(reply: str) -> str:
    """A reply without its reasoning block; raises Unparsable where that never ended."""
    _, end, after = reply.rpartition("</think>")
    if not end and "<think>" in reply:
        raise Unparsable("the reasoning never ended: no </think>")
    return after if end else reply


def marked(text: str, markers: tuple[str, str], ends: bool = True) -> tuple[str, str]:
    """The text between the last pair of markers, and what follows it; the closing one may be missing if not `ends`."""
    begin, end = markers
    body, closed, rest = text[text.rfind(begin) + len(begin) :].partition(end)
    if begin not in text or (ends and not closed):
        raise Unparsable(f"no {begin}…{end}")
    if not body.strip(" .…\n"):
        raise Unparsable(f"nothing between {begin} and {end}")
    return body.strip(), rest


def _answer(text: str) -> str:
    answer = extract(text)
    if answer is None:
        raise Unparsable(r"no \boxed{} answer")
    return answer
