r"""Residues: `n \equiv 2, 5 \pmod{12}`, `x ≡ 3 (mod 4)`."""

from csi_train.answers import expression, syntax
from csi_train.answers.brackets import split
from csi_train.answers.equations import label
from csi_train.answers.keys import Key
from csi_train.answers.numbers import UnreadableError
from csi_train.answers.readings import Reading, Readings
from csi_train.answers.tokens import Token
from csi_train.answers.vocabulary import CONNECTIVES


def congruence(tokens: list[Token]) -> Readings | None:
    """The reading of one congruence, its residues without order; None for anything else."""
    texts = [token.text for token in tokens]
    if texts.count(r"\mod") != 1 or texts.count(r"\equiv") > 1:
        return None
    end = texts.index(r"\mod")
    start = texts.index(r"\equiv") if r"\equiv" in texts[:end] else None
    if texts[end - 1 : end] == ["("] and texts[-1] == ")":
        residues, modulus = tokens[: end - 1], tokens[end + 1 : -1]
    else:
        residues, modulus = tokens[:end], tokens[end + 1 :]
    name = None
    if start is not None:
        syntax.parse(residues[:start])
        name, residues = label(residues[:start]), residues[start + 1 :]
    of = expression.key(syntax.parse(modulus))
    parts = split(residues, (",", *CONNECTIVES))[0]
    keys = {_residue(expression.key(syntax.parse(part)), of) for part in parts if part}
    if not keys:
        raise UnreadableError("no residue")
    return (Reading(("congruent", of, *sorted(keys, key=repr)), name),)


def _residue(key: Key, modulus: Key) -> Key:
    return key % modulus if isinstance(key, int) and isinstance(modulus, int) and modulus > 0 else key
