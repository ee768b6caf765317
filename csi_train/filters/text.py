"""Questions as tokens: what the filters that compare texts have in common."""

import re

_TOKEN = re.compile(r"[^\W\d_]+|\d+|[^\w\s.,:;?!'\"“”‘’()\[\]{}$\\–—…]")

Gram = tuple[str, ...]


def tokens(text: str) -> Gram:
    """Words, numbers and signs in lower case; the punctuation of prose and of LaTeX is left out.

    Signs stay (`+`, `-`, `<`, `≤` …): `x + 1` and `x - 1` are different questions.
    """
    return tuple(_TOKEN.findall(text.casefold()))


def masked(words: Gram) -> Gram:
    """The same tokens with every number as `0`, so that a question and itself with other numbers are equal."""
    return tuple("0" if word.isdecimal() else word for word in words)


def grams(words: Gram, n: int) -> list[Gram]:
    """The runs of `n` tokens, in order; a text shorter than that is one run, whole."""
    return [words[i : i + n] for i in range(max(1, len(words) - n + 1))]


def jaccard(a: set[Gram], b: set[Gram]) -> float:
    """The share of what two sets hold together that both hold: 0 to 1."""
    return len(a & b) / len(a | b)


def rouge_l(a: Gram, b: Gram) -> float:
    """ROUGE-L F1 of two texts: 0 to 1."""
    return f1(_common(a, b), a, b)


def f1(shared: int, a: Gram, b: Gram) -> float:
    """The harmonic mean of the shares of `a` and of `b` that `shared` tokens make; 0 for two empty texts."""
    return 2 * shared / (len(a) + len(b) or 1)


def _common(a: Gram, b: Gram) -> int:
    """The length of the longest common subsequence, one row of the table as the bits of a number (Hyyrö 2004)."""
    places: dict[str, int] = {}
    for place, word in enumerate(a):
        places[word] = places.get(word, 0) | 1 << place
    every = row = (1 << len(a)) - 1
    for word in b:
        if match := row & places.get(word, 0):
            row = (row + match | row - match) & every
    return len(a) - row.bit_count()
