"""Amounts in two units of money."""

from csi_train.answers import numbers
from csi_train.answers.readings import Reading, Readings
from csi_train.answers.tokens import Token
from csi_train.answers.unit_names import UNITS


def dollars_and_cents(tokens: list[Token]) -> Readings | None:
    """`12 dollars and 50 cents` and `$12 and 50 cents` are 12.50 dollars; None for anything else."""
    if len(tokens) > 6 or UNITS.get(tokens[-1].text) != "cent":
        return None
    texts = [token.text.lower() for token in tokens if token.text not in ("and", ",")]
    if len(texts) != 4 or texts[0] == "cents":
        return None
    first = texts[:-2]
    if first[0] in ("$", r"\$") and len(first) == 2:
        first = first[::-1]
    figures = [first[0], texts[-2]]
    if UNITS.get(first[-1], first[-1].lstrip("\\")) not in ("dollar", "$") or not all(map(str.isdigit, figures)):
        return None
    dollars, cents = map(int, figures)
    return (Reading(numbers.divide(100 * dollars + cents, 100), None, (("dollar", 1),)),) if cents < 100 else None
