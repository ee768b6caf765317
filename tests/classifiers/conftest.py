"""The tiny models of the rewards' tests embed seeds here."""

from tests.rewards.conftest import _float32, save, words

__all__ = ["_float32", "save", "words"]
