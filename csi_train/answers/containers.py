r"""Answers in brackets: tuples, intervals, sets in braces, vectors and matrices."""

from csi_train.answers import domains, expression, sets, syntax, words
from csi_train.answers.brackets import opens, spans, split, wrapped
from csi_train.answers.determinants import VMATRIX
from csi_train.answers.equations import conditions
from csi_train.answers.keys import Key
from csi_train.answers.lists import several
from csi_train.answers.numbers import UnreadableError
from csi_train.answers.quantities import quantity
from csi_train.answers.readings import Reader, Reading, Readings, entry, is_list, ordered, unordered, with_units
from csi_train.answers.relations import RELATIONS
from csi_train.answers.tokens import Token
from csi_train.answers.trees import Tree

MATRICES = frozenset(["pmatrix", "bmatrix", "Bmatrix", "matrix", "smallmatrix", "array"])
ALIGNED = frozenset(["aligned", "align", "gathered", "gather", "split"])
ANGLES = {r"\langle": "(", r"\rangle": ")"}


def bracketed(tokens: list[Token], read: Reader) -> Readings | None:
    """The readings of what stands in brackets; None where nothing does."""
    plain = _untransposed(tokens)
    if any(token.text.startswith(r"\begin ") for token in tokens) and not _is_determinant(tokens):
        return _matrix(plain, read, transposed=plain != tokens)
    if plain != tokens and len(split(plain[1:-1], (",",))[0]) > 1:  # (1, 2, 3)^T is a vector
        tokens = plain
    if not spans(tokens) or tokens[0].text not in ("(", "[", "{", r"\{", r"\langle"):
        return None
    if tokens[0].text in ("{", r"\{"):
        return _braces(tokens[1:-1], read)
    parts, separators = split(tokens[1:-1], (",", ";"))
    if not separators:
        return _group(tokens, read)
    if not all(parts):
        raise UnreadableError("an empty entry")
    if all(wrapped(part, "[", "]") for part in [tokens, *parts]):  # [[1, 2], [3, 4]]
        rows = [split(part[1:-1], (",",))[0] for part in parts]
        return (Reading(("matrix", *(tuple(entry(cell, read).core for cell in row) for row in rows))),)
    keys, unit = with_units([entry(part, read) for part in parts])
    opening, closing = (ANGLES.get(token.text, token.text) for token in (tokens[0], tokens[-1]))
    return (Reading(ordered(keys, opening, closing), None, unit),)


def _is_determinant(tokens: list[Token]) -> bool:
    """Whether all matrices here are determinants, which are numbers."""
    texts = [token.text for token in tokens]
    begins = [i for i, text in enumerate(texts) if text.startswith(r"\begin ")]
    return all(texts[i] == VMATRIX or texts[i - 1 : i] == ["|"] or r"\det" in texts[max(0, i - 2) : i] for i in begins)


def _untransposed(tokens: list[Token]) -> list[Token]:
    r"""The tokens without a sign of transposition behind: `^T`, `^{\top}`."""
    end = tokens[-4:] if tokens[-1].text == "}" else tokens[-2:]
    raised = "".join(token.text for token in end if token.text not in "{}") in ("^T", r"^\top", r"^\intercal")
    return tokens[: -len(end)] if raised else tokens


def _group(tokens: list[Token], read: Reader) -> Readings:
    """`(5)` is 5, and `(x+1)` an expression."""
    try:
        return quantity(tokens)
    except UnreadableError:
        return read(tokens[1:-1])


def _braces(tokens: list[Token], read: Reader) -> Readings:
    r"""The set `\{1, 2\}`, in which an entry counts once, or the numbers with a property, `\{x \mid x > 1\}`."""
    member = split(tokens, ("|", ":"))[0][0]
    if 0 < len(member) < len(tokens):
        property_ = tokens[len(member) + 1 :]
        member = member[1:-1] if wrapped(member, "{", "}") else member
        domain = [token.text for token in member[1:]]
        if domain[:1] == [r"\in"] and domain[1].startswith(r"\mathbbZ") and (whole := _integers(domain[1], property_)):
            return (Reading(whole),)
        if domain in ([], [r"\in", r"\mathbbR"]) and any(token.text in RELATIONS for token in property_):
            return read(property_)
        return (Reading(("set with", words.text(member), words.text(property_))),)
    if endless := _endless(tokens):
        return (endless,)
    listed = unordered([entry(part, read) for part in split(tokens, (",", ";"))[0] if part])
    members = listed.core[1:] if is_list(listed.core) else [listed.core]
    return (listed._replace(core=sets.collection(set(members))),)


def _integers(name: str, tokens: list[Token]) -> Key | None:
    r"""The key of `\{n \in \mathbb{Z} : n \ge 1\}`; None where the property is another one."""
    solved = conditions(tokens)
    return domains.integers(solved[1]) if solved and name == r"\mathbbZ" else None


def _endless(tokens: list[Token]) -> Reading | None:
    r"""`\{1, 2, 3, \ldots\}`: all integers from one on."""
    texts = [token.text for token in tokens]
    if texts[-3:] == [".", ".", "."]:
        texts[-3:] = [r"\ldots"]
    entries = texts[:-1:2]
    if texts[-1:] != [r"\ldots"] or len(entries) < 2 or set(texts[1::2]) != {","} or not all(map(str.isdigit, entries)):
        return None
    first = int(entries[0])
    plain = [int(entry) for entry in entries] == list(range(first, first + len(entries)))
    return Reading(domains.key(rf"\mathbbZ\ge{first}")) if plain else None


def _matrix(tokens: list[Token], read: Reader, transposed: bool = False) -> Readings:
    """A matrix, with a factor in front or none; one of a single column is a vector."""
    if spans(tokens) and opens(tokens[1]) and tokens[0].text in ("(", "["):
        tokens = tokens[1:-1]
    start = next(index for index, token in enumerate(tokens) if token.text.startswith(r"\begin "))
    name = tokens[start].text.split()[1]
    if not spans(tokens[start:]):
        raise UnreadableError("a matrix within an expression")
    body = tokens[start + 1 : -1]
    rows = [split(row, ("&",))[0] for row in split(body, ("\\\\",))[0] if row]
    if name == "cases":
        return _cases(body, rows, read)
    if name in ALIGNED:
        return _aligned(body, read)
    factor = _factor(tokens[:start])
    keys = [tuple(_cell(factor, cell, read) for cell in row) for row in rows]
    if transposed and len({len(row) for row in keys}) == 1:
        keys = list(zip(*keys, strict=True))
    if name in MATRICES and len(keys) > 1 and all(len(row) == 1 for row in keys):
        return (Reading(ordered([row[0] for row in keys])),)
    return (Reading(("matrix" if name in MATRICES else name, *keys)),)


def _aligned(body: list[Token], read: Reader) -> Readings:
    """Lines: a system of equations, or one that goes on in lines that begin with its sign."""
    lines = split([token for token in body if token.text != "&"], ("\\\\",))[0]
    joined: list[Token] = []
    for line in filter(None, lines):
        goes_on = not joined or line[0].text in RELATIONS or joined[-1].text == ","
        joined += line if goes_on else [Token("symbol", ",", False), *line]
    return read(joined)


def _factor(tokens: list[Token]) -> Tree | None:
    if [token.text for token in tokens] == ["-"]:
        return ("num", -1)
    return syntax.parse(tokens) if tokens else None


def _cell(factor: Tree | None, tokens: list[Token], read: Reader) -> Key:
    if factor is None:
        return entry(tokens, read).core
    return expression.key(("mul", factor, syntax.parse(tokens)))


def _cases(body: list[Token], rows: list[list[list[Token]]], read: Reader) -> Readings:
    """A system of equations, which is a list, or a function by cases in any order."""
    if all(len(row) == 1 for row in rows):
        found = several([Token("symbol", ",", False) if token.text == "\\\\" else token for token in body], read)
        return found or read(body)
    plain = [[_condition(cell) for cell in row] for row in rows]
    keys = (tuple(entry(cell, read).core for cell in row if cell) for row in plain)
    return (Reading(("cases", *sorted(keys, key=repr))),)


def _condition(cell: list[Token]) -> list[Token]:
    """A cell of a function by cases, without "if" in front and a comma behind."""
    while cell and cell[0].text.lower() in ("if", "for", "when", "where"):
        cell = cell[1:]
    while cell and cell[-1].text in (",", ".", ";"):
        cell = cell[:-1]
    return cell
