r"""Write `answer_pairs.jsonl`: pairs of final answers, labelled same or not. Run: python
tests/data/make_answer_pairs.py

A label comes from how the pair was made, never from a grader. A family lists spellings of one answer, which are the
same by the conventions of `csi_train.answers`, and other answers that look alike and are not. The families of
`answer_families.yaml` are written by hand; drawn ones write a known value, and values near it, in several ways. A
pair is two spellings of a family (same), or a spelling and another answer (not).
"""

import itertools
import json
import random
from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import gcd
from pathlib import Path

import yaml

HERE = Path(__file__).parent
Family = tuple[str, list[str], list[str]]  # kind, spellings of one answer, other answers
WITH_UNITS = ("unit", "currency", "degrees")


def frac(p: object, q: object, command: str = "frac") -> str:
    """A LaTeX fraction."""
    return rf"\{command}{{{p}}}{{{q}}}"


def root(n: object) -> str:
    """A LaTeX square root."""
    return rf"\sqrt{{{n}}}"


def joined(members: Iterable[object], separator: str = ", ") -> str:
    return separator.join(map(str, members))


def integers(rng: random.Random) -> Family:
    n = rng.choice([rng.randint(-99, 99), rng.randint(1000, 10**7)])
    same = [
        str(n),
        f"{n}.0",
        f"{n:,}",
        f"${n}$",
        rf"\text{{{n}}}",
        f"n = {n}",
        frac(3 * n, 3),
        f"{n}.",
        rf"\left({n}\right)",
    ]
    return "integer", same, [str(n + 1), str(-n - 1), f"{n}1", f"{n}.5", frac(3 * n + 1, 3), f"{n}, {n + 1}"]


def fractions(rng: random.Random) -> Family:
    q = rng.randint(2, 60)
    p = rng.choice([x for x in range(1, 90) if gcd(x, q) == 1 and x % q])
    sign, other_sign = rng.choice([("", "-"), ("-", "")])
    k = rng.randint(2, 9)
    whole, part = divmod(p, q)
    same = [
        sign + frac(p, q),
        f"{sign}{p}/{q}",
        sign + frac(p * k, q * k, "dfrac"),
        frac(f"{sign}{p}", q),
        rf"{sign}{p}\div {q}",
    ]
    if whole:
        same += [f"{sign}{whole}{frac(part, q)}", f"{sign}{whole} {part}/{q}"]
    other = [sign + frac(q, p), sign + frac(p + q, q), other_sign + frac(p, q), f"{sign}{p * q}"]
    rounded = f"{p / q:.4f}"
    return "fraction", same, other + [sign + rounded] * (Fraction(rounded) != Fraction(p, q))


def decimals(rng: random.Random) -> Family:
    digits, places = rng.randint(1, 9999), rng.randint(1, 4)
    exact = Fraction(digits, 10**places)
    text = f"{digits / 10**places:.{places}f}"
    same = [
        text,
        text + "0",
        f"{digits}e-{places}",
        frac(*exact.as_integer_ratio()),
        rf"{digits} \times 10^{{-{places}}}",
    ]
    same.append(text.removeprefix("0") if text.startswith("0.") else f"x={text}")
    nearest = f"{(digits + 1) / 10**places:.{places}f}"
    return "decimal", same, [nearest, text + "1", "-" + text, f"{digits}e-{places + 1}", f"1{text}"]


def radicals(rng: random.Random) -> Family:
    a, b, n = rng.randint(2, 12), rng.randint(1, 9), rng.choice([2, 3, 5, 6, 7, 10, 11, 13])
    same = [f"{b} + {a}{root(n)}", f"{a}{root(n)}+{b}", f"{b}+{root(a * a * n)}", rf"{b}+{root(n)}\cdot {a}"]
    same += [f"{b}+{a}√{n}", f"{b}+{a}*sqrt({n})", f"{b}+{frac(a * n, root(n))}"]
    value = b + a * n**0.5
    other = [f"{b}-{a}{root(n)}", f"{a + b}{root(n)}", f"{b}+{a}{root(n + 1)}", rf"{b}+{a}\sqrt[3]{{{n}}}"]
    return "radical", same, [*other, f"{value:.3f}", repr(value)]


def multiples_of_pi(rng: random.Random) -> Family:
    p, q = rng.choice([(p, q) for p in range(2, 30) for q in range(2, 13) if gcd(p, q) == 1])
    same = [frac(rf"{p}\pi", q), rf"{frac(p, q)}\pi", f"{p}π/{q}", rf"{p}\pi/{q}", frac(rf"{2 * p}\pi", 2 * q)]
    same.append(rf"{p}\cdot{frac(chr(92) + 'pi', q)}")
    other = [frac(p, rf"{q}\pi"), frac(rf"{q}\pi", p), "-" + frac(rf"{p}\pi", q), frac(p, q), frac(rf"{p}\pi^2", q)]
    return "pi", same, [*other, f"{p / q * 3.141592653589793:.4f}"]


def polynomials(rng: random.Random) -> Family:
    a, b = rng.sample(range(1, 12), 2)
    x = rng.choice("xynkt")
    s, p = a + b, a * b
    same = [f"{x}^2+{s}{x}+{p}", f"({x}+{a})({x}+{b})", f"{p} + {s}{x} + {x}^2", rf"({x}+{b})\left({x}+{a}\right)"]
    same += [f"{x}^{{2}} + {s} {x} + {p}", f"{x}({x}+{s})+{p}", f"{x}**2+{s}*{x}+{p}"]
    same.append(frac(f"2{x}^2+{2 * s}{x}+{2 * p}", 2))
    other = [f"{x}^2-{s}{x}+{p}", f"({x}-{a})({x}-{b})", f"{x}^2+{s}{x}", f"{x}^2+{p}{x}+{s + 1}", f"z^2+{s}z+{p}"]
    return "polynomial", same, [*other, f"{x}^3+{s}{x}+{p}", f"{x}^2+{s}{x}+{p + 1}"]


def lines(rng: random.Random) -> Family:
    m, c = rng.randint(2, 9), rng.randint(1, 20)
    same = [f"y = {m}x + {c}", f"y={c}+{m}x", f"{m}x - y + {c} = 0", f"y - {m}x = {c}", f"2y = {2 * m}x + {2 * c}"]
    other = [f"y = {m}x - {c}", f"y = {m + 1}x + {c}", f"x = {m}y + {c}", f"{m}x + y + {c} = 0", f"{m}x-{c}"]
    return "equation", same, other


def units(rng: random.Random) -> Family:
    table = ["cm centimeters mm", "km kilometers miles", "kg kilograms grams", "ft feet yards", "mL milliliters liters"]
    table += ["hr hours minutes", "lbs pounds ounces", "min minutes seconds"]
    short, long, other = rng.choice(table).split()
    n = rng.choice([rng.randint(2, 500), rng.randint(1, 99) / 10])
    same = [rf"{n}\text{{ {short}}}", f"{n} {short}", f"{n} {long}", str(n), rf"{n}\,\mathrm{{{short}}}"]
    same += [rf"{n} \mbox{{ {long}}}", rf"x = {n}\text{{ {long}}}"]
    return "unit", same, [f"{n} {other}", f"{n + 1} {short}", rf"{n}\text{{ {short}}}^2", rf"{n * 10}\text{{ {short}}}"]


def angles(rng: random.Random) -> Family:
    n = rng.randint(1, 359)
    same = [
        rf"{n}^\circ",
        str(n),
        f"{n}°",
        f"{n} degrees",
        rf"{n}^{{\circ}}",
        rf"\angle A = {n}^\circ",
        rf"{n}\text{{ degrees}}",
    ]
    return "degrees", same, [rf"{n + 1}^\circ", rf"-{n}^\circ", f"{n} radians", rf"{n}0^\circ"]


def money(rng: random.Random) -> Family:
    dollars, cents = rng.randint(1, 99999), rng.choice([0, 5, 25, 50, 99])
    text, grouped = f"{dollars}.{cents:02d}", f"{dollars:,}.{cents:02d}"
    same = [rf"\${text}", text, f"${grouped}", f"{text} dollars", rf"\${grouped}", rf"{text}\text{{ dollars}}"]
    return "currency", same, [rf"\${dollars + 1}.{cents:02d}", f"{text} cents", f"€{text}", f"{text}1"]


def percents(rng: random.Random) -> Family:
    n = rng.choice([rng.randint(1, 99), rng.randint(1, 999) / 10])
    same = [rf"{n}\%", f"{n}%", str(n), f"{n} percent", rf"{n} \%"]
    return "percent", same, [rf"{n + 1}\%", rf"{n}1\%", f"-{n}%", f"{n * 1000:g}%"]


def intervals(rng: random.Random) -> Family:
    low, high = sorted(rng.sample(range(-20, 21), 2))
    left, right = rng.choice("(["), rng.choice(")]")
    below, above = "<" if left == "(" else r"\le", "<" if right == ")" else r"\le"
    flipped, plain = {"<": ">", r"\le": r"\ge"}, {"<": "<", r"\le": "<="}
    chain = f"{low} {below} x {above} {high}"
    same = [f"{left}{low},{high}{right}", rf"\left{left}{low}, {high}\right{right}", chain, rf"\{{x \mid {chain}\}}"]
    same += [rf"x \in {left}{low},{high}{right}", f"{high} {flipped[above]} x {flipped[below]} {low}"]
    same.append(f"{low} {plain[below]} x {plain[above]} {high}")
    other_left, other_right = "[" if left == "(" else "(", "]" if right == ")" else ")"
    other = [f"{other_left}{low},{high}{right}", f"{left}{low},{high}{other_right}", f"{left}{low},{high + 1}{right}"]
    return "interval", same, [*other, f"{low - 1} {below} x {above} {high}", rf"\{{{low},{high}\}}"]


def unions(rng: random.Random) -> Family:
    a, b = sorted(rng.sample(range(-15, 16), 2))
    same = [rf"(-\infty,{a})\cup({b},\infty)", rf"x<{a} \text{{ or }} x>{b}", rf"({b},\infty) \cup (-\infty,{a})"]
    same += [rf"\mathbb{{R}}\setminus[{a},{b}]", f"x < {a} or x > {b}", f"(-∞,{a})∪({b},∞)"]
    same.append(rf"x \in (-\infty, {a}) \cup ({b}, +\infty)")
    other = [rf"(-\infty,{a}]\cup[{b},\infty)", f"({a},{b})", rf"(-\infty,{a})\cup({b + 1},\infty)"]
    return "union", same, [*other, f"{a} < x < {b}", rf"(-\infty,{a}]\cup({b},\infty)"]


def lists(rng: random.Random) -> Family:
    members = rng.sample(range(-20, 60), rng.randint(2, 4))
    turned = members[::-1]
    same = [
        joined(members),
        joined(turned, ","),
        rf"\{{{joined(turned)}\}}",
        joined(members, " and "),
        f"x = {joined(members)}",
    ]
    same += [joined((f"x={m}" for m in turned), r" \text{ or } "), joined(f"${m}$" for m in members)]
    other = [joined(members[:-1]), joined([*members, members[0]]), joined([*members[:-1], members[-1] + 61])]
    return "list", same, [*other, joined([*members, 77])]


def tuples(rng: random.Random) -> Family:
    count = rng.randint(2, 4)
    members = sorted(rng.sample(range(-30, 30), count), reverse=True)
    names, text = joined("xyzw"[:count], ","), joined(members, ",")
    same = [f"({text})", f"( {joined(members, ' , ')} )", rf"\left({text}\right)", f"({names}) = ({text})"]
    same.append(f"({joined(frac(2 * m, 2) for m in members)})")
    other = [members[::-1], [*members[:-1], members[-1] - 1], [*members, 0], [-m - 61 for m in members]]
    return "tuple", same, [f"({joined(o, ',')})" for o in other]


def matrix(kind: str, *rows: tuple[int, ...]) -> str:
    return rf"\begin{{{kind}}} " + r" \\ ".join(joined(row, " & ") for row in rows) + rf" \end{{{kind}}}"


def matrices(rng: random.Random) -> Family:
    a, b, c, d = rng.sample(range(-9, 10), 4)
    same = [
        matrix("pmatrix", (a, b), (c, d)),
        matrix("bmatrix", (a, b), (c, d)),
        "A = " + matrix("pmatrix", (a, b), (c, d)),
    ]
    same.append(same[0].replace(" ", ""))
    other = [((a, c), (b, d)), ((b, a), (c, d)), ((a, b), (c, d + 20)), ((a, b, c, d),), ((a,), (b,), (c,), (d,))]
    return "matrix", same, [matrix("pmatrix", *rows) for rows in other]


def complexes(rng: random.Random) -> Family:
    a, b = rng.randint(1, 30), rng.randint(2, 30)
    same = [f"{a}+{b}i", f"{b}i+{a}", f"{a} + {b} i", rf"{a}+{b}\mathrm{{i}}", f"z = {a}+{b}i", f"{a}-(-{b}i)"]
    return "complex", same, [f"{a}-{b}i", f"{b + 31}+{a}i", f"-{a}+{b}i", f"{a}+{b}", f"{a}{b}i"]


def plus_minus(rng: random.Random) -> Family:
    a, n = rng.randint(1, 9), rng.choice([2, 3, 5, 7, 11, 13])
    same = [rf"{a}\pm{root(n)}", f"{a}+{root(n)}, {a}-{root(n)}", f"{a} ± √{n}", rf"x={a}\pm{root(n)}"]
    same += [rf"\{{{a}-{root(n)},{a}+{root(n)}\}}", frac(rf"{2 * a}\pm{root(4 * n)}", 2)]
    other = [f"{a}+{root(n)}", rf"{a}\pm{root(n + 1)}", rf"-{a}\pm{root(n)}", f"{a}-{root(n)}", rf"\pm{a}{root(n)}"]
    return "list", same, other


def choices(rng: random.Random) -> Family:
    letter, wrong = rng.sample("ABCDE", 2)
    text = rng.choice(["12", "Argon", "the mitochondria", r"$\frac{1}{2}$", "None of the above", "3 m/s"])
    same = [letter, f"({letter})", rf"\text{{({letter})}}", f"{letter}.", f"({letter}) {text}", f"{letter}. {text}"]
    same += [f"{letter}) {text}", f"[{letter}]", rf"\textbf{{({letter})}}", f"Option {letter}"]
    return "choice", same, [wrong, f"({wrong})", f"({wrong}) {text}", f"{letter} or {wrong}", f"{wrong}. {text}"]


def ratios(rng: random.Random) -> Family:
    a, b = rng.choice([(a, b) for a in range(1, 20) for b in range(1, 20) if gcd(a, b) == 1 and a != b])
    same = [f"{a}:{b}", f"{a} : {b}", f"{3 * a}:{3 * b}", rf"{a} \text{{ to }} {b}"]
    return "ratio", same, [f"{b}:{a}", f"{a + 1}:{b}", f"{a}:{b}:1", f"{a}, {b}"]


DRAWN = {
    integers: 12,
    fractions: 25,
    decimals: 15,
    radicals: 18,
    multiples_of_pi: 12,
    polynomials: 18,
    lines: 8,
    units: 20,
    angles: 8,
    money: 8,
    percents: 8,
    intervals: 20,
    unions: 10,
    lists: 20,
    tuples: 15,
    matrices: 10,
    complexes: 10,
    plus_minus: 10,
    choices: 12,
    ratios: 8,
}


def families() -> Iterator[tuple[Family, int]]:
    """Each family, and how many pairs of each label it gives at most."""
    for written in yaml.safe_load((HERE / "answer_families.yaml").read_text(encoding="utf-8")):
        yield (written["kind"], written["same"], written["other"]), 14
    rng = random.Random(1)
    for draw, times in DRAWN.items():
        for _ in range(times):
            yield draw(rng), 5


def pairs(family: Family, most: int, rng: random.Random) -> Iterator[dict[str, object]]:
    """The pairs of a family; every spelling and every other answer comes up."""
    kind, same, other = family
    same, other = list(dict.fromkeys(same)), list(dict.fromkeys(other))
    more = list(itertools.combinations(same[1:], 2))
    alike = [(same[0], spelling) for spelling in same[1:]]
    alike += rng.sample(more, min(len(more), max(0, most - len(alike))))
    if kind in WITH_UNITS:  # a missing unit does not matter: only spellings that have one differ from other units
        same = [s for s in same if any(char.isalpha() or char in "$°¢^" for char in s.replace(r"\frac", ""))]
    apart = [(same[(index + turn) % len(same)], answer) for turn in (0, 1) for index, answer in enumerate(other)]
    for label, chosen in ((True, alike), (False, apart[:most])):
        for pair in chosen:
            a, b = rng.sample(pair, 2)
            yield {"kind": kind, "a": a, "b": b, "same": label}


def rows() -> list[dict[str, object]]:
    """All pairs, each once; the same every time."""
    rng = random.Random(2)
    found = [pair for family, most in families() for pair in pairs(family, most, rng)]
    return list({(pair["a"], pair["b"]): pair for pair in found}.values())


def main() -> None:
    """Write the file beside this one."""
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows())
    (HERE / "answer_pairs.jsonl").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
