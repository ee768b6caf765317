"""Questions as tokens: what the filters that compare texts have in common."""

import re

_TOKEN = re.compile(r"[^\W_]+|[^\w\s.,:;?!'\"“”‘’()\[\]{}$\\–—…]")
_NUMBER = re.compile(r"\d+")

Gram = tuple[str, ...]


def tokens(text: str) -> Gram:
    """Words, numbers and signs in lower case; the punctuation of prose and of LaTeX is left out.

    Signs stay (`+`, `-`, `<`, `≤` …): `x + 1` and `x - 1` are different questions.
    """
    return tuple(_TOKEN.findall(text.casefold()))


def masked(words: Gram) -> Gram:
    """The same tokens with every number as `0`, so that a question and itself with other numbers are equal."""
    return tuple("0" if _NUMBER.fullmatch(word) else word for word in words)


def grams(words: Gram, n: int) -> list[Gram]:
    """The runs of `n` tokens, in order; a text shorter than that is one run, whole."""
    return [words[i : i + n] for i in range(max(1, len(words) - n + 1))]
