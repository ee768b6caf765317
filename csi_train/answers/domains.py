r"""Sets of numbers that have names: `\mathbb{R}^+`, `\mathbb{R}_{\ge 0}`, `\mathbb{N}_0`, "the positive integers".

Only what means one thing everywhere is read: `\mathbb{R}_+` may hold 0 and `\mathbb{N}` may not, so that each is equal
to itself alone.
"""

from csi_train.answers import sets
from csi_train.answers.keys import Key
from csi_train.answers.numbers import floor
from csi_train.answers.sets import Piece
from csi_train.answers.tokens import Token

FIELDS = {"integer": "Z", "real number": "R", "real": "R", "rational number": "Q", "rational": "Q"}
SIGNS = {"positive": ">", "negative": "<", "nonnegative": r"\ge", "non negative": r"\ge", "nonzero": r"\ne"}
SIGNS |= {"non positive": r"\le", "nonpositive": r"\le", "non zero": r"\ne"}
PHRASES = {f"{field}s": rf"\mathbb{letter}" for field, letter in FIELDS.items()} | {
    f"{sign} {field}s": rf"\mathbb{letter}{operator}0"
    for sign, operator in SIGNS.items()
    for field, letter in FIELDS.items()
}
PHRASES |= {"natural numbers": r"\mathbbN", "complex numbers": r"\mathbbC"}
RAISED = {"+": ">0", "-": "<0", "*": r"\ne0", r"\*": r"\ne0", r"\times": r"\ne0"}
ORDER = {"<", ">", r"\le", r"\ge", r"\ne"}
WHOLE = {">0": r"\ge1", "<0": r"\le-1"}  # of integers
NATURAL = {">0": r"\ge1", r"\ge1": r"\ge1", r"\ne0": r"\ge1", r"\ge0": r"\ge0", "0": r"\ge0"}
LONGEST = 100  # members of a set that is listed


def merged(tokens: list[Token]) -> list[Token]:
    r"""The tokens where a set with its restriction is one: `\mathbb{R}_{\ge 0}` is `\mathbbR\ge0`."""
    found: list[Token] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        used, name = _restricted(tokens, position) if token.text.startswith(r"\mathbb") else (1, token.text)
        found.append(token._replace(text=name))
        position += used
    return found


def _restricted(tokens: list[Token], start: int) -> tuple[int, str]:
    """How many tokens name a set, and its name."""
    name, mark = tokens[start].text, [token.text for token in tokens[start + 1 : start + 3]]
    if len(mark) < 2 or mark[0] not in ("^", "_"):
        return 1, name
    end = start + 3
    inside = [mark[1]]
    if mark[1] == "{":
        end = next((i for i in range(start + 3, len(tokens)) if tokens[i].text == "}"), start) + 1
        inside = [token.text for token in tokens[start + 3 : end - 1]]
    restriction = "".join(inside)
    if mark[0] == "^":
        restriction = RAISED.get(restriction, restriction)
    plain = restriction == "0" or (inside[:1] and inside[0] in ORDER and "".join(inside[1:]).isdigit())
    if end <= start + 1 or not (plain or (mark[0] == "^" and restriction in RAISED.values())):
        return 1, name
    return _canonical(name, restriction, end - start)


def _canonical(name: str, restriction: str, used: int) -> tuple[int, str]:
    if name == r"\mathbbN":
        return (used, rf"\mathbbZ{NATURAL[restriction]}") if restriction in NATURAL else (1, name)
    if restriction == "0":
        return 1, name
    return used, name + (WHOLE.get(restriction, restriction) if name == r"\mathbbZ" else restriction)


def phrase(text: str) -> str | None:
    """The name of the set that words name: "all positive integers"; None for other words."""
    for opening in ("the ", "set of ", "all ", "the "):
        text = text.removeprefix(opening)
    name = PHRASES.get(text)
    if name and name.startswith(r"\mathbbZ"):
        return r"\mathbbZ" + WHOLE.get(name.removeprefix(r"\mathbbZ"), name.removeprefix(r"\mathbbZ"))
    return name


def key(name: str) -> Key:
    """The key of a set by its name."""
    if name == r"\emptyset":
        return sets.key([])
    pieces = reals(name)
    return ("set of", name) if pieces is None else sets.key(pieces)


def reals(name: str) -> list[Piece] | None:
    r"""The real numbers that a name such as `\mathbbR\ge0` stands for; None for other sets."""
    if not name.startswith(r"\mathbbR"):
        return None
    restriction = name.removeprefix(r"\mathbbR")
    operator = next((sign for sign in ORDER if restriction.startswith(sign)), None)
    if not operator:
        return sets.reals()
    bound = int(restriction.removeprefix(operator))
    match operator:
        case r"\ne":
            return sets.complement(sets.point(bound))
        case "<" | r"\le":
            return sets.interval(sets.infinity(-1), False, bound, operator == r"\le")
    return sets.interval(bound, operator == r"\ge", sets.infinity(1), False)


def integers(pieces: list[Piece]) -> Key | None:
    """The key of the integers in a set of real numbers: of a list, or of all from one on; None for other sets."""
    if not pieces or any(sets.infinite(piece.low) for piece in pieces):
        return None
    first = [floor(p.low) + (not p.low_closed or floor(p.low) != p.low) for p in pieces]
    if len(pieces) == 1 and sets.infinite(pieces[0].high):
        return ("set of", rf"\mathbbZ\ge{first[0]}")
    if any(sets.infinite(piece.high) or piece.high - piece.low > LONGEST for piece in pieces):
        return None
    last = [floor(p.high) - (not p.high_closed and floor(p.high) == p.high) for p in pieces]
    return sets.collection({n for a, b in zip(first, last, strict=True) for n in range(a, b + 1)})
