r"""Realistic answers to vote on and completions to reward, drawn from a seed: the same on every machine.

The mixture of kinds is that of the answers of MATH-500: three of four are integers, the others fractions, radicals,
multiples of pi, polynomials, tuples, intervals, units and words. A problem has one right answer that its samples
spell in several ways, and wrong ones near it.
"""

import random
from collections.abc import Callable

Spell = Callable[[int, random.Random], str]

FILLER = (
    "We are given the quantities in the statement and look for the value it asks for. Let us write $x$ for it, "
    "so that $x^2 - 5x + 6 = 0$ holds after the first substitution, and check each case in turn. "
)


def _integer(n: int, rng: random.Random) -> str:
    return rng.choice([str(n)] * 6 + [f"{n}.0", f"x = {n}", rf"\text{{{n}}}", f"{n:,}"])


def _fraction(n: int, rng: random.Random) -> str:
    return rng.choice([rf"\frac{{{n}}}{{7}}", rf"\dfrac{{{n}}}{{7}}", f"{n}/7", rf"\frac{{{2 * n}}}{{14}}"])


def _decimal(n: int, rng: random.Random) -> str:
    return rng.choice([f"{n / 4:.2f}", rf"\frac{{{n}}}{{4}}", f"{n / 4}"])


def _radical(n: int, rng: random.Random) -> str:
    return rng.choice(
        [rf"{n}\sqrt{{3}}", rf"{n} \sqrt 3", rf"\sqrt{{{3 * n * n}}}", rf"\frac{{{3 * n}}}{{\sqrt{{3}}}}"]
    )


def _pi(n: int, rng: random.Random) -> str:
    return rng.choice([rf"{n}\pi", rf"{n} \pi", rf"\frac{{{2 * n}\pi}}{{2}}", f"{n}π"])


def _polynomial(n: int, rng: random.Random) -> str:
    return rng.choice([f"x^2 + {n}x + 1", f"x^2+{n}x+1", f"1 + {n}x + x^2", f"x(x+{n})+1"])


def _point(n: int, rng: random.Random) -> str:
    return rng.choice([f"({n}, -3)", f"({n},-3)", rf"\left( {n}, -3 \right)"])


def _interval(n: int, rng: random.Random) -> str:
    return rng.choice([f"[0, {abs(n) + 1})", rf"\left[0,{abs(n) + 1}\right)", rf"0 \le x < {abs(n) + 1}"])


def _quantity(n: int, rng: random.Random) -> str:
    return rng.choice([rf"{n}\text{{ cm}}", f"{n} cm", str(n), rf"{n}\,\mathrm{{cm}}"])


def _angle(n: int, rng: random.Random) -> str:
    return rng.choice([rf"{n}^\circ", str(n), rf"{n}^{{\circ}}"])


def _word(n: int, rng: random.Random) -> str:
    word = ["Evelyn", "Navin", "east", "even", "ellipse", "Monday"][n % 6]
    return rng.choice([rf"\text{{{word}}}", word, word.lower()])


def _choice(n: int, rng: random.Random) -> str:
    letter = "ABCDE"[n % 5]
    return rng.choice([letter, f"({letter})", rf"\text{{({letter})}}"])


KINDS: dict[Spell, int] = {
    _integer: 72,
    _fraction: 9,
    _decimal: 2,
    _radical: 4,
    _pi: 2,
    _polynomial: 3,
    _point: 2,
    _interval: 1,
    _quantity: 1,
    _angle: 2,
    _word: 1,
    _choice: 1,
}


def votes(problems: int, samples: int, seed: int = 0) -> list[list[str]]:
    """The answers sampled for each problem."""
    rng = random.Random(seed)
    return [_ballot(samples, rng) for _ in range(problems)]


def _ballot(samples: int, rng: random.Random) -> list[str]:
    (spell,) = rng.choices(list(KINDS), list(KINDS.values()))
    right = rng.randint(2, 400)
    agreement = rng.betavariate(2, 1)
    return [spell(right if rng.random() < agreement else right + rng.randint(1, 6), rng) for _ in range(samples)]


def completions(count: int, characters: int, seed: int = 0) -> list[tuple[str, str]]:
    """Pairs of gold and completion; eight completions share a gold, as the group of one prompt does."""
    rng = random.Random(seed)
    pairs = []
    for _ in range(count // 8):
        ballot = _ballot(9, rng)
        for answer in ballot[1:]:
            end = f"Therefore the answer is $\\boxed{{{answer}}}$."
            work = (FILLER * (characters // len(FILLER) + 1))[: characters - len(end) - 1]
            pairs.append((f"${ballot[0]}$", f"{work} {end}"))
    return pairs
