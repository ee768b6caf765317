"""Brackets in a run of tokens: what stands outside all of them, and what a pair of them encloses."""

from collections.abc import Collection, Sequence
from itertools import pairwise

from csi_train.answers.tokens import CLOSE, OPEN, Token


def opens(token: Token) -> int:
    r"""1 for a bracket that opens, -1 for one that closes; `\begin` and `\end` count."""
    text = token.text
    if text in OPEN:
        return 1
    if text in CLOSE:
        return -1
    return 0 if token.kind != "command" else text.startswith(r"\begin ") - text.startswith(r"\end ")


def split(tokens: Sequence[Token], separators: Collection[str]) -> tuple[list[list[Token]], list[str]]:
    """The runs of tokens between separators outside all brackets, and the separators."""
    if not any(token.text in separators for token in tokens):
        return [list(tokens)], []
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


def ungrouped(tokens: list[Token]) -> list[Token]:
    r"""The tokens without braces that group all that stands in brackets: `\left( {1,2} \right)`, as MathType writes."""
    if not any(b.text == "{" and a.text in OPEN for a, b in pairwise(tokens)):
        return tokens
    dropped: set[int] = set()
    open_at: list[int] = []
    for position, token in enumerate(tokens):
        if opens(token) > 0:
            open_at.append(position)
        elif opens(token) < 0 and open_at:
            start = open_at.pop()
            if token.text != "}" or not start or position + 1 == len(tokens):
                continue
            before, behind = tokens[start - 1], tokens[position + 1]
            if opens(before) > 0 and opens(behind) < 0 and before.text not in ("{", "}"):
                dropped |= {start, position}
    return [token for position, token in enumerate(tokens) if position not in dropped] if dropped else tokens


def upright(tokens: list[Token]) -> list[Token]:
    r"""The tokens with open ends of intervals as round brackets: `]1, 2]` is `(1, 2]`, `[1, 2[` is `[1, 2)`."""
    turned = list(tokens)
    start, commas, depth, index = -1, 0, 0, False
    for position, token in enumerate(tokens):
        if token.text == "[" and position and tokens[position - 1].text == r"\sqrt":
            index = True
        elif index:
            index = token.text != "]"
        elif start < 0 and token.text in ("[", "]"):
            start, commas = position, 0
        elif start >= 0 and depth == 0 and token.text in ("[", "]"):
            if commas != 1:
                return tokens
            turned[start] = tokens[start]._replace(text="[" if tokens[start].text == "[" else "(")
            turned[position] = token._replace(text="]" if token.text == "]" else ")")
            start = -1
        elif start >= 0:
            depth += opens(token)
            commas += depth == 0 and token.text in (",", ";")
            if depth < 0:  # [1, 2)
                start, depth = -1, 0
    return turned if start < 0 and _balanced(turned) else tokens


def _balanced(tokens: Sequence[Token]) -> bool:
    depth = 0
    for token in tokens:
        depth += opens(token)
        if depth < 0:
            return False
    return depth == 0


def wrapped(tokens: Sequence[Token], opening: str, closing: str) -> bool:
    """Whether all the tokens stand in one pair of these brackets."""
    return len(tokens) > 1 and tokens[0].text == opening and tokens[-1].text == closing and spans(tokens)
