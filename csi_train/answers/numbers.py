"""Arithmetic that is exact while it can be: integers and fractions stay so, the rest is computed to 80 digits.

Every operation takes bounded time: what would grow too large raises UnreadableError.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache, reduce
from math import comb, factorial, gcd, isqrt, lcm
from typing import Any

Number = Any  # int | Fraction | mpmath mpf | mpmath mpc

DIGITS = 80
EXACT_BITS = 14_000  # larger integers become floating-point numbers of 80 digits
LARGEST_FACTORIAL = 5000
HUGE_BITS = 1 << 40  # and beyond this magnitude nothing is computed
NOISE_BITS = 215  # relative differences below 2^-215 are rounding: 80 digits are 266 bits


class UnreadableError(Exception):
    """An answer, or a part of one, that this grader does not read as mathematics."""


@cache
def context() -> Any:
    """The private mpmath context; its precision never changes, so threads may share it."""
    import mpmath

    own = mpmath.MPContext()
    own.dps = DIGITS
    return own


def is_exact(x: Number) -> bool:
    return isinstance(x, int | Fraction)


def inexact(x: Number) -> Number:
    """The same number as an mpmath number."""
    if isinstance(x, Fraction):
        return context().mpf(x.numerator) / x.denominator
    return context().mpf(x) if isinstance(x, int) else x


def magnitude(x: Number) -> int:
    """About log2 |x|; 0 has a very small one."""
    if isinstance(x, int):
        return x.bit_length() if x else -HUGE_BITS
    if isinstance(x, Fraction):
        return x.numerator.bit_length() - x.denominator.bit_length() if x else -HUGE_BITS
    mag = context().mag(x)
    return int(mag) if mag == mag and abs(mag) != context().inf else -HUGE_BITS


def _tidy(x: Number) -> Number:
    """An integer rather than a fraction over 1; a rounded number rather than too long an exact one."""
    if isinstance(x, Fraction):
        if max(x.numerator.bit_length(), x.denominator.bit_length()) > EXACT_BITS:
            return inexact(x)
        return x.numerator if x.denominator == 1 else x
    if isinstance(x, int):
        return x if x.bit_length() <= EXACT_BITS else inexact(x)
    if abs(magnitude(x)) > HUGE_BITS and x != 0:
        raise UnreadableError("too large a number")
    return x


def add(x: Number, y: Number) -> Number:
    """x + y; a difference within rounding is exactly 0."""
    if is_exact(x) and is_exact(y):
        return _tidy(x + y)
    x, y = inexact(x), inexact(y)
    largest = max(magnitude(x), magnitude(y))
    if largest > EXACT_BITS:
        raise UnreadableError("a sum of too large numbers")
    total = x + y
    return 0 if magnitude(total) < largest - NOISE_BITS else total


def negate(x: Number) -> Number:
    return -x


def multiply(x: Number, y: Number) -> Number:
    if is_exact(x) and is_exact(y):
        return _tidy(x * y)
    return _tidy(inexact(x) * inexact(y)) if x != 0 and y != 0 else 0


def divide(x: Number, y: Number) -> Number:
    if y == 0:
        raise UnreadableError("division by zero")
    if is_exact(x) and is_exact(y):
        return _tidy(Fraction(x) / y)
    return _tidy(inexact(x) / inexact(y))


def power(x: Number, y: Number) -> Number:
    """x ** y; an odd root of a negative number is the real one."""
    y = rational(y)
    if isinstance(y, int):
        return _integer_power(x, y)
    if isinstance(y, Fraction) and y.denominator <= 1000 and abs(y.numerator) <= 1000:
        return _integer_power(root(x, y.denominator), y.numerator)
    if x == 0:
        return 0
    exponent = multiply(y, logarithm(x))
    return exponential(exponent)


def _integer_power(x: Number, n: int) -> Number:
    if x == 0 and n <= 0:
        if n == 0:
            return 1
        raise UnreadableError("division by zero")
    if is_exact(x):
        bits = max(Fraction(x).numerator.bit_length(), Fraction(x).denominator.bit_length())
        if bits * abs(n) <= 2 * EXACT_BITS:
            return _tidy(Fraction(x) ** n)
    if n.bit_length() > 40 or abs(magnitude(x) * n) > HUGE_BITS:
        raise UnreadableError("too large a power")
    return _tidy(inexact(x) ** n)


def root(x: Number, n: int) -> Number:
    """The n-th root: the real one of a real number where there is one, exact where it is rational."""
    if n == 0:
        raise UnreadableError("a zeroth root")
    if n < 0:
        return divide(1, root(x, -n))
    if n == 1 or x == 0:
        return x
    if is_real(x) and real(x) < 0:
        if n % 2:
            return -root(-x, n)
        if n == 2:
            return multiply(context().j, root(-x, 2))
        return context().root(inexact(x), n) if n <= 20 else exponential(divide(logarithm(x), n))
    if is_exact(x):
        exact = _exact_root(Fraction(x), n)
        if exact is not None:
            return exact
    return (
        context().sqrt(inexact(x))
        if n == 2
        else context().root(inexact(x), n)
        if n <= 20
        else exponential(logarithm(x) / n)
    )


def _exact_root(x: Fraction, n: int) -> Number | None:
    above, below = _integer_root(x.numerator, n), _integer_root(x.denominator, n)
    return _tidy(Fraction(above, below)) if above is not None and below is not None else None


def _integer_root(x: int, n: int) -> int | None:
    if n == 2:
        guess = isqrt(x)
    elif x.bit_length() > 1000:
        return None
    else:
        guess = int(context().nint(context().root(x, n))) if n <= 1000 else 1
    return guess if guess**n == x else None


def exponential(x: Number) -> Number:
    if x == 0:
        return 1
    if magnitude(x) > 40:
        raise UnreadableError("too large an exponent")
    return context().exp(inexact(x))


def logarithm(x: Number) -> Number:
    if x == 0:
        raise UnreadableError("the logarithm of 0")
    return 0 if x == 1 else context().ln(inexact(x))


def function(name: str, x: Number) -> Number:
    """A function of one argument, by its LaTeX name without the backslash."""
    if magnitude(x) > (40 if name.endswith("h") else 2000):
        raise UnreadableError("too large an argument")
    try:
        value = _mpmath_function(name)(inexact(x))
    except ZeroDivisionError as error:
        raise UnreadableError(f"no {name} there") from error
    return 0 if magnitude(value) < -NOISE_BITS else value


def _mpmath_function(name: str) -> Callable[[Number], Number]:
    c = context()
    match name:
        case "arccot":
            return lambda x: c.pi / 2 - c.atan(x)
        case "arcsec":
            return lambda x: c.acos(1 / x)
        case "arccsc":
            return lambda x: c.asin(1 / x)
    return getattr(c, {"arcsin": "asin", "arccos": "acos", "arctan": "atan"}.get(name, name))  # type: ignore[no-any-return]


def selection(name: str, x: Sequence[Number]) -> Number:
    """The least or the greatest of real numbers, or the gcd or the lcm of rational ones."""
    if name in ("gcd", "lcm"):
        if not all(map(is_exact, x)):
            raise UnreadableError(f"{name} of what are no rational numbers")
        above, below = (gcd, lcm) if name == "gcd" else (lcm, gcd)
        return divide(above(*(Fraction(n).numerator for n in x)), below(*(Fraction(n).denominator for n in x)))
    return (min if name == "min" else max)(map(real, x), key=inexact)


def factorial_of(x: Number) -> Number:
    x = rational(x)
    if isinstance(x, int) and 0 <= x <= LARGEST_FACTORIAL:
        return _tidy(factorial(x))
    if isinstance(x, int) or magnitude(x) > 10:
        raise UnreadableError("a factorial that is not computed")
    return context().gamma(inexact(x) + 1)


def choose(n: Number, k: Number) -> Number:
    n, k = rational(n), rational(k)
    if isinstance(n, int) and isinstance(k, int) and k >= 0 and 0 <= n <= LARGEST_FACTORIAL:
        return _tidy(comb(n, k))
    if (isinstance(n, int) and n > LARGEST_FACTORIAL) or magnitude(n) > 20 or magnitude(k) > 20:
        raise UnreadableError("a binomial that is not computed")
    if isinstance(k, int) and 0 <= k <= 100:
        return divide(reduce(multiply, (add(n, -i) for i in range(k)), 1), factorial(k))
    return divide(factorial_of(n), multiply(factorial_of(k), factorial_of(add(n, negate(k)))))


def floor(x: Number) -> Number:
    x = rational(real(x))
    if magnitude(x) > 200:
        raise UnreadableError("too large an argument")
    return x // 1 if is_exact(x) else int(context().floor(x))


def absolute(x: Number) -> Number:
    return abs(x)


def is_real(x: Number) -> bool:
    if is_exact(x) or isinstance(x, context().mpf):
        return True
    return x.imag == 0 or magnitude(x.imag) < magnitude(x) - NOISE_BITS


def real(x: Number) -> Number:
    """x as a real number; raises UnreadableError where it is not one."""
    if not is_real(x):
        raise UnreadableError("not a real number")
    return x if is_exact(x) or isinstance(x, context().mpf) else x.real


def rational(x: Number) -> Number:
    """The rational number of moderate size that x is within rounding, else x: sqrt(2) * sqrt(2) is 2."""
    if is_exact(x):
        return x
    if not is_real(x):
        return x
    x = real(x)
    if x == 0:
        return 0
    if not -100 < magnitude(x) < 120:
        return x
    mantissa, exponent = mantissa_of(x)
    value = mantissa * Fraction(2) ** exponent
    near = value.limit_denominator(10**12)
    return _tidy(near) if abs(near - value) <= abs(value) / (1 << NOISE_BITS) else x


def mantissa_of(x: Number) -> tuple[int, int]:
    """The integers m and e with x = m * 2^e."""
    negative, mantissa, exponent, _ = x._mpf_
    return -int(mantissa) if negative else int(mantissa), int(exponent)
