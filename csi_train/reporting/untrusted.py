"""Text that a model or a stranger wrote, made fit to show: bounded, and with nothing in it that hides or reorders."""

import unicodedata

LIMIT = 20_000
PLAIN = "\n\t"
HIDDEN = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
"""Unicode categories that show nothing or change how the rest is shown: control, bidi and zero-width, surrogates, …"""


def shown(text: str, limit: int = LIMIT) -> str:
    """The text with hidden characters spelled out as ⟨U+202E⟩, cut at `limit` characters and saying so.

    Escaping for HTML is the template's work.
    """
    cut = text[:limit]
    left_out = f" … [{len(text) - limit:,} more characters]" if len(text) > limit else ""
    return "".join(_visible(c) for c in cut) + left_out


def _visible(character: str) -> str:
    hidden = unicodedata.category(character) in HIDDEN and character not in PLAIN
    return f"⟨U+{ord(character):04X}⟩" if hidden else character
