"""Keys of numbers: equal numbers have equal keys, however they were computed; that of a rational number is itself."""

from typing import Any

from csi_train.answers import numbers
from csi_train.answers.numbers import Number

Key = Any  # int | Fraction, or a tuple that begins with the name of what it is

BITS = 160


def number_key(x: Number) -> Key:
    """Equal numbers have equal keys; that of a rational number is the number."""
    x = numbers.rational(x)
    if numbers.is_exact(x):
        return x
    if numbers.is_real(x):
        return rounded(x)
    if numbers.magnitude(x.real) < numbers.magnitude(x) - numbers.NOISE_BITS:
        return ("complex", 0, number_key(x.imag))
    return ("complex", number_key(x.real), number_key(x.imag))


def rounded(x: Number) -> Key:
    """160 bits of a real number."""
    x = numbers.inexact(numbers.real(x))
    if x == 0:
        return 0
    mantissa, exponent = numbers.mantissa_of(x)
    excess = abs(mantissa).bit_length() - BITS
    mantissa = ((mantissa >> (excess - 1)) + 1) >> 1 if excess > 0 else mantissa << -excess
    exponent += excess
    return ("real", mantissa, exponent) if abs(mantissa) < 1 << BITS else ("real", mantissa >> 1, exponent + 1)


def number_of(key: Key) -> Number | None:
    """The real number that has this key, infinite ones included; None for any other key."""
    if numbers.is_exact(key):
        return key
    match key:
        case ("real", int(mantissa), int(exponent)):
            return numbers.context().ldexp(mantissa, exponent)
        case ("infinity", sign):
            return numbers.context().inf * sign
    return None
