"""How the words and signs of answers are written down: as text, a line each or a word each."""


def table(text: str) -> dict[str, str]:
    """From each spelling, and each name, to the name."""
    rows = [line.partition(":") for line in text.strip().splitlines()]
    return {spelling: name for name, _, spellings in rows for spelling in (name, *spellings.split()) if spelling}


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


def commands(*names: str) -> frozenset[str]:
    """LaTeX commands of these names."""
    return frozenset("\\" + name for text in names for name in text.split())


def numbered(text: str, first: int = 0, step: int = 1) -> dict[str, int]:
    """The words of a text and their numbers."""
    return {word: first + step * index for index, word in enumerate(text.split())}
