r"""Sets of real numbers as expressions: `(0,9) \cup (9,36)`, `\mathbb{R} \setminus \{2\}`, `\emptyset`."""

from csi_train.answers import domains, sets
from csi_train.answers.brackets import split, wrapped
from csi_train.answers.equations import conditions
from csi_train.answers.keys import number_of
from csi_train.answers.numbers import Number, UnreadableError
from csi_train.answers.quantities import quantity
from csi_train.answers.readings import Reading, Readings, is_list
from csi_train.answers.sets import Piece
from csi_train.answers.tokens import Token
from csi_train.answers.vocabulary import CONNECTIVES

CUP = frozenset([r"\cup", "U", "union"])
OPERATORS = CUP | {r"\cap", r"\setminus"}


def set_of_reals(tokens: list[Token]) -> Readings | None:
    """The reading of a union, an intersection or a difference, or of a set with a name; None for anything else."""
    if len(tokens) == 1 and tokens[0].text.startswith((r"\mathbb", r"\emptyset")):
        return (Reading(domains.key(tokens[0].text)),)
    if _natural(tokens):
        return (Reading(domains.key(r"\mathbbZ\ge0")),)
    parts, found = split(tokens, OPERATORS)
    if len(found) and all(
        part and (part[-1].text in (")", "]", "}", r"\}") or part[-1].kind == "command") for part in parts
    ):
        return (Reading(sets.key(_pieces(tokens))),)
    if tokens[0].text == r"\mathbbR" and tokens[1].text == "-":
        return (Reading(sets.key(_pieces(tokens))),)
    return None


def all_but(tokens: list[Token]) -> Readings | None:
    r"""The reading of "all real numbers except 1 and \pm 2"; None for anything else."""
    texts = [token.text.lower() for token in tokens]
    if texts[:2] not in (["all", "real"], ["all", "reals"]) or "except" not in texts[2:5]:
        return None
    rest = [token for token in tokens[texts.index("except") + 1 :] if token.text not in ("for", "x", "=")]
    parts = split(rest, (",", *CONNECTIVES))[0]
    exceptions = [piece for part in parts if part for x in _numbers(part) for piece in sets.point(x)]
    return (Reading(sets.key(sets.complement(exceptions))),)


def _natural(tokens: list[Token]) -> bool:
    r"""Whether this is `\mathbb{N} \cup \{0\}`, whatever `\mathbb{N}` is."""
    return "".join(token.text for token in tokens) in (r"\mathbbN\cup\{0\}", r"\{0\}\cup\mathbbN")


def _pieces(tokens: list[Token]) -> list[Piece]:
    parts, found = split(tokens, CUP)
    if found:
        return sets.union([piece for part in parts for piece in _pieces(part)])
    parts, found = split(tokens, (r"\cap",))
    if found:
        result = sets.reals()
        for part in parts:
            result = sets.intersection(result, _pieces(part))
        return result
    parts, found = split(tokens, (r"\setminus", "-"))
    if len(parts) == 2 and all(parts):
        return sets.intersection(_pieces(parts[0]), sets.complement(_pieces(parts[1])))
    return _one(tokens)


def _one(tokens: list[Token]) -> list[Piece]:
    """The pieces of an interval, of a set of numbers or of all real numbers."""
    if len(tokens) == 1 and (named := domains.reals(tokens[0].text)) is not None:
        return named
    if [token.text for token in tokens] == [r"\emptyset"]:
        return []
    if len(tokens) < 3:
        raise UnreadableError("not a set of real numbers")
    if tokens[0].text == r"\{" and (satisfied := _with_property(tokens[1:-1])):
        return satisfied
    entries = [_numbers(part) for part in split(tokens[1:-1], (",",))[0]]
    opening, closing = tokens[0].text, tokens[-1].text
    if wrapped(tokens, r"\{", r"\}") or wrapped(tokens, "{", "}"):
        return [piece for entry in entries for x in entry for piece in sets.point(x)]
    if opening not in "([" or closing not in ")]" or len(entries) != 2:
        raise UnreadableError("not an interval")
    return sets.interval(entries[0][0], opening == "[", entries[1][0], closing == "]")


def _with_property(tokens: list[Token]) -> list[Piece] | None:
    r"""The pieces of `\{x \mid x < 1\}`, without its braces."""
    parts, found = split(tokens, ("|", ":"))
    solved = conditions(parts[1]) if len(found) == 1 else None
    return solved[1] if solved else None


def _numbers(tokens: list[Token]) -> list[Number]:
    r"""The real number that the tokens are, or the two of a `\pm`."""
    core = quantity(tokens)[0].core
    found = [number_of(key) for key in (core[1:] if is_list(core) else [core])]
    if None in found:
        raise UnreadableError("not a real number")
    return found
