r"""Several answers at once: `1, -2`, `x = 2 \text{ or } x = 3`, `x = 1, y = 2`, `x < 2 \text{ or } x > 3`."""

from csi_train.answers import sets, words
from csi_train.answers.brackets import split
from csi_train.answers.equations import conditions
from csi_train.answers.notation import GREEK
from csi_train.answers.readings import Reader, Reading, Readings, entry, ordered, unordered
from csi_train.answers.sets import Piece
from csi_train.answers.tokens import Token
from csi_train.answers.vocabulary import CONNECTIVES

SEPARATORS = frozenset([",", ";", "\\\\", *CONNECTIVES])
INTEGERS = frozenset(["integer", "integers"])
GREEK_ORDER = {"\\" + name: letter for letter, name in GREEK.items() if len(letter) == 1}


def several(tokens: list[Token], read: Reader) -> Readings | None:
    """The reading of a bare list: unordered, each entry counts. Assignments to several variables are a tuple."""
    parts, separators = split(tokens, (r"\cup",))
    if separators and all(parts) and (joined := _joined(parts, True)):  # x < 1 \cup x > 2
        return (joined,)
    parts, separators = split(tokens, SEPARATORS)
    if not separators:
        return None
    parts = [part for part in parts if part and not _side_condition(part)]
    if len(parts) < 2:
        return read(parts[0]) if parts else None
    if [token.text for token in parts[0][1:2]] == [r"\ne"]:  # x ≠ 1, 2
        parts = [part if any(t.text == r"\ne" for t in part) else [*parts[0][:2], *part] for part in parts]
    if joined := _joined(parts, "or" in separators):
        return (joined,)
    entries = [entry(part, read) for part in parts]
    names = [_name(part, e.label) for part, e in zip(parts, entries, strict=True)]
    if "" not in names and len(set(names)) == len(names):
        return _assignments(entries, names)
    labels = [e.label for e in entries]
    pieces = [sets.pieces_of(e.core) for e in entries]
    if "or" in separators and "and" not in separators and all(pieces):  # (0, 1) or (2, 3)
        return (Reading(sets.key(p for of_one in pieces for p in of_one or []), labels[0]),)
    if set(separators) & CONNECTIVES == {"or"}:  # 1/2 or 0.5 is one number
        entries = list(dict.fromkeys(entries))
    named = set(labels) - {None}
    return (unordered(entries, named.pop() if len(named) == 1 else None),)


def _side_condition(tokens: list[Token]) -> bool:
    r"""`k \in \mathbb{Z}` says what k stands for; it is no entry."""
    texts = [token.text for token in tokens]
    return len(texts) == 3 and texts[1] == r"\in" and texts[2].startswith((r"\mathbbZ", r"\mathbbN"))


def unconditional(tokens: list[Token]) -> list[Token]:
    """The tokens before "where k is an integer" and the like."""
    texts = [token.text for token in tokens]
    start = next((i for i, text in enumerate(texts) if i and text in ("where", "for", "with")), len(texts))
    whole = any(text in INTEGERS or text.startswith((r"\mathbbZ", r"\mathbbN")) for text in texts[start:])
    return tokens[:start] if whole else tokens


def _name(tokens: list[Token], label: str | None) -> str:
    """What an entry is the value of: `x`, or `oil` in `oil = 3` and `oil: 3`; nothing where it is a bare value."""
    sides, found = split(tokens, ("=", ":"))
    named = len(found) == 1 and sides[0] and ("=" in found or all(token.kind == "word" for token in sides[0]))
    return label or (words.text(sides[0]) if named else "")


def _assignments(entries: list[Reading], names: list[str]) -> Readings:
    """`y = 2, x = 1` is (x, y) = (1, 2); without the names it may be 1 and 2 in any order."""
    named = sorted(zip(names, entries, strict=True), key=lambda pair: _alphabetical(pair[0]))
    by_name = [e for _, e in named]
    core = ordered([e.core for e in by_name])
    labels = [e.label for e in by_name]
    label = None if None in labels else ",".join(map(str, labels))
    return Reading(core, label), unordered(by_name, f"{sorted(names)} {core}")


def _alphabetical(name: str) -> tuple[bool, str]:
    r"""Latin letters before Greek ones, and a radius before angles: (r, θ), (ρ, θ, φ)."""
    return name.startswith("\\") and name != r"\rho", GREEK_ORDER.get(name, name)


def _joined(parts: list[list[Token]], either: bool) -> Reading | None:
    """Inequalities in one variable: all hold, unless "or" joins them or all cannot."""
    found = [conditions(part) for part in parts]
    solved = [f for f in found if f]
    if len(solved) < len(parts) or len({name for name, _ in solved}) > 1:
        return None
    pieces: list[Piece] = solved[0][1]
    for _, other in solved[1:]:
        pieces = sets.union([*pieces, *other]) if either else sets.intersection(pieces, other)
    if not pieces:
        pieces = sets.union([piece for _, condition in solved for piece in condition])
    return Reading(sets.key(pieces), solved[0][0])
