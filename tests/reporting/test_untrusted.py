"""What is shown of text that nobody vouches for."""

import sys
import unicodedata

import pytest

from csi_train.reporting.untrusted import shown


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("plain ½ √2 日本\n\ttext 🙂", "plain ½ √2 日本\n\ttext 🙂"),
        ("a\x00b\x1b[31m\r", "a⟨U+0000⟩b⟨U+001B⟩[31m⟨U+000D⟩"),
        ("\u202eevil\u2066", "⟨U+202E⟩evil⟨U+2066⟩"),
        ("zero\u200bwidth\ufeff", "zero⟨U+200B⟩width⟨U+FEFF⟩"),
        ("\ud800", "⟨U+D800⟩"),
        ("<b>&", "<b>&"),
    ],
)
def test_hidden_characters_are_spelled_out(text: str, seen: str) -> None:
    assert shown(text) == seen


def test_no_character_that_hides_gets_through() -> None:
    every = shown("".join(map(chr, range(sys.maxunicode + 1))), limit=sys.maxunicode + 1)
    assert {unicodedata.category(c) for c in every if c not in "\n\t"} & {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"} == set()
    every.encode("utf-8")


def test_length_is_bounded_and_told() -> None:
    assert shown("x" * 1000, 10) == "xxxxxxxxxx … [990 more characters]"
    assert shown("x" * 10, 10) == "x" * 10
