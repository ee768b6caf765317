"""Brackets in a run of tokens: what stands outside all of them, and what a pair of them encloses."""

from collections.abc import Collection, Sequence

from csi_train.answers.tokens import CLOSE, OPEN, Token


def opens(token: Token) -> int:
    r"""1 for a bracket that opens, -1 for one that closes; `\begin` and `\end` count."""
    if token.text in OPEN or token.text.startswith(r"\begin "):
        return 1
    return -1 if token.text in CLOSE or token.text.startswith(r"\end ") else 0


def split(tokens: Sequence[Token], separators: Collection[str]) -> tuple[list[list[Token]], list[str]]:
    """The runs of tokens between separators outside all brackets, and the separators."""
    parts: list[list[Token]] = [[]]
    found: list[str] = []
    depth = 0
    for token in tokens:
        depth += opens(token)
        if depth == 0 and token.text in separators:
            found.append(token.text)
            parts.append([])
        else:
            parts[-1].append(token)
    return parts, found


def spans(tokens: Sequence[Token]) -> bool:
    """Whether a bracket opens at the first token and closes at the last one, whatever their shapes: `[0, 1)`."""
    depth = 0
    for position, token in enumerate(tokens):
        depth += opens(token)
        if depth <= 0:
            return depth == 0 and 0 < position == len(tokens) - 1
    return False


def wrapped(tokens: Sequence[Token], opening: str, closing: str) -> bool:
    """Whether all the tokens stand in one pair of these brackets."""
    return len(tokens) > 1 and tokens[0].text == opening and tokens[-1].text == closing and spans(tokens)
