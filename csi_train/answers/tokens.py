r"""From the spelling of an answer to tokens: LaTeX, plain text and unicode come out alike.

`\dfrac`, `\left`, thin spaces, `{,}` in numbers, `×`, `²`, `½`, `−` and full-width digits are spellings only, so they
end here. Words (from `\text{…}`, or bare ones such as `degrees`) and single letters (variables) are told apart here
too.
"""

import re
import unicodedata
from typing import NamedTuple

from csi_train.answers.notation import COMMANDS, FUNCTIONS, GREEK_NAMES, INFINITIES, LOWERED, OPERATORS, RAISED, UNICODE
from csi_train.answers.unit_names import UNITS
from csi_train.answers.vocabulary import CONNECTIVES, SHORT_WORDS


class Token(NamedTuple):
    """`kind` is number, letter, word, command or symbol; `spaced` says whether white space stood before it."""

    kind: str
    text: str
    spaced: bool


# Commands that change the look and nothing else.
SILENT = re.compile(
    r"""\\(?:left|right|middle)\s*\.?(?![a-zA-Z])
    | \\(?:[bB]igg?[lrm]?|(?:display|text|script)style|(?:no)?limits|rm|bf|it|mathstrut|hfill)(?![a-zA-Z])
    | \\(?:q?quad|(?:thin|en|neg(?:thin)?)?space|tiny|small|normalsize|[lL]arge|LARGE|[hH]uge)(?![a-zA-Z])
    | \\(?:(?:text)?color|[hv]space|[hv]?phantom)\*?\s*\{[^{}]*\}
    | \\hline(?![a-zA-Z])
    | (?<!\\)\\[,!;:>\ ]
    | ~""",
    re.VERBOSE,
)
THIN = re.compile(r"(?<=\d)(?:\{,\}|(?:\\!)?,\\!\s*|\\!,|\\[,!;: ]|~|\\,\\!)(?=\d{3}(?!\d))")
DEGREE = re.compile(
    r"""\^\s*(?:\{\s*\\(?:circ|degree)\s*\}|\\(?:circ|degree)(?![a-zA-Z]))
    | (?<=[\d}])\^\s*(?:o(?![a-zA-Z])|\{\s*(?:o|\\(?:text|mathrm)\s*\{\s*o\s*\})\s*\})""",
    re.VERBOSE,
)
NEW_ROW = re.compile(r"\\\\\s*\[[^\[\]]{1,12}(?:pt|mm|cm|em|ex|in)\s*\]|\\(?:cr|newline)(?![a-zA-Z])")
COLON = re.compile(r"(?<=\d)\{:\}(?=\d)")
US_DOLLAR = re.compile(r"\bU\.?S\.?\s*(?=\\?\$|dollars?\b)")
UNEQUAL = re.compile(r"\\not\s*=")
TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | \\(?P<style>text\w*|math(?:rm|bf|it|sf|tt|cal|frak|scr)|boldsymbol|bm|[mh]box|emph|underline|operatorname\*?)
      \s*\{(?P<content>(?:[^{}]|\{[^{}]*\})*)\}
    | \\mathbb\s*\{?\s*(?P<field>[A-Z])\s*\}?
    | \\begin\s*\{(?P<begin>\w+)\*?\}(?:\s*\{(?:[lcr|\s]|\*\s*\{\d+\}\s*\{[lcr|]+\})*\}|\s*\[[lcr]\])?
    | \\end\s*\{(?P<end>\w+)\*?\}
    | \\(?P<command>[a-zA-Z]+)
    | \\(?P<escaped>[^a-zA-Z])
    | (?P<thousands>(?<![\d.])[1-9]\d{0,2}(?:(?:,\d{3})+|(?:[ ]\d{3})+)(?!\d)(?:\.\d+)?)
    | (?P<number>(?:\d+\.(?=\s*\\overline)|\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+(?![\da-zA-Z.]))?)
    | (?P<letters>[A-Za-z]+)
    | (?P<operator>\*\*|<=|>=|!=|==|\+-|->|=>|:=)
    | (?P<symbol>.)
    """,
    re.VERBOSE | re.DOTALL,
)
INDEXED = GREEK_NAMES - {"pi"}
OPEN = frozenset(["(", "[", "{", r"\{", r"\langle", r"\lfloor", r"\lceil"])
CLOSE = frozenset([")", "]", "}", r"\}", r"\rangle", r"\rfloor", r"\rceil"])


def tokenize(answer: str, in_text: bool = False) -> list[Token]:
    r"""The tokens of an answer, in order; never fails, and takes linear time. In `\text{…}` all letters are words."""
    if not answer.isascii():
        answer = _ascii(answer)
    answer = UNEQUAL.sub(r"\\ne ", COLON.sub(":", answer))
    if "US" in answer or "U.S." in answer:
        answer = US_DOLLAR.sub("", answer)
    answer = NEW_ROW.sub(r"\\\\ ", answer)
    answer = SILENT.sub(" ", DEGREE.sub(r"\\degree ", THIN.sub("", answer)))
    tokens: list[Token] = []
    spaced, depth = False, 0
    for match in TOKEN.finditer(answer):
        kind, text = str(match.lastgroup), match[match.lastgroup or 0]
        if kind == "space":
            spaced = not tokens or tokens[-1].text[1:] not in INDEXED  # λ1 comes here as \lambda 1
            continue
        if kind == "content":
            tokens += _styled(match["style"], text, spaced)
        elif kind == "thousands":
            tokens += _thousands(text, depth > 0 and ", " not in answer, spaced)
        elif kind == "letters":
            if tokens and tokens[-1].text in (r"\frac", r"\binom"):  # \frac km
                tokens += [Token("letter", letter, spaced) for letter in text]
            else:
                tokens += _words(text, spaced) if in_text else _letters(text, spaced)
        else:
            token = _token(kind, text, spaced)
            depth += (token.text in ("(", "[", r"\{")) - (token.text in (")", "]", r"\}"))
            tokens.append(token)
        spaced = kind == "content" and text[-1:].isspace()
    return tokens


def _ascii(answer: str) -> str:
    text = answer.translate(UNICODE)
    if not RAISED.keys().isdisjoint(answer) or not LOWERED.keys().isdisjoint(answer):
        text = text.replace("}^{", "").replace("}_{", "")  # ¹² is one exponent
    return "".join(char if char < "\x80" else _plain(char) for char in text)


def _plain(char: str) -> str:
    """A vulgar fraction, a digit of any script or a compatibility form as ASCII, where there is one."""
    digit = unicodedata.decimal(char, None)
    if digit is not None:
        return str(digit)
    plain = unicodedata.normalize("NFKC", char)
    if "⁄" in plain:
        above, below = plain.split("⁄")
        return rf"\frac{{{above}}}{{{below or 1}}}"
    return plain


def _token(kind: str, text: str, spaced: bool) -> Token:
    match kind:
        case "number":
            return Token("number", text, spaced)
        case "command":
            text = COMMANDS.get(text, text)
            if text in CONNECTIVES:
                return Token("word", text, spaced)
            return (
                Token("command", "\\" + text, spaced)
                if len(text) > 1
                else Token("symbol", text if text not in "{}" else "\\" + text, spaced)
            )
        case "escaped":
            return Token("symbol", "%" if text == "%" else "|" if text == "|" else "\\" + text, spaced)
        case "field":
            return Token("command", rf"\mathbb{text}", spaced)
        case "begin" | "end":
            return Token("command", rf"\{kind} {text}", spaced)
        case "operator":
            return Token("symbol", OPERATORS[text], spaced)
    return Token("symbol", text, spaced)


def _thousands(text: str, entries: bool, spaced: bool) -> list[Token]:
    """`1,000` is one number, but `(1,000)` has two entries; `(1,000, 2,000)` has two as well."""
    if entries and "," in text:
        first, *others = text.split(",")
        pairs = [(Token("symbol", ",", False), Token("number", part, False)) for part in others]
        return [Token("number", first, spaced), *(token for pair in pairs for token in pair)]
    return [Token("number", text.replace(",", "").replace(" ", ""), spaced)]


def _styled(style: str, content: str, spaced: bool) -> list[Token]:
    r"""The words of `\text{…}`; `\mathbf{v}` and its like are letters in another type."""
    name = content.strip()
    if name in FUNCTIONS - UNITS.keys() or (style.startswith("operatorname") and name not in UNITS):
        return [Token("command", "\\" + COMMANDS.get(name, name), spaced)]
    if not style.startswith(("text", "mbox", "hbox", "emph", "mathrm", "operatorname")) or (
        style == "mathrm" and content in ("e", "i", "d")
    ):
        return tokenize(content)
    tokens = tokenize(content, in_text=True)
    return [tokens[0]._replace(spaced=tokens[0].spaced or spaced), *tokens[1:]] if tokens else []


def _letters(run: str, spaced: bool) -> list[Token]:
    """A bare run of letters: a function, a Greek letter, a word, or a product of variables."""
    lower = run.lower()
    function = COMMANDS.get(lower, lower)
    if function in FUNCTIONS:
        return [Token("command", "\\" + function, spaced)]
    if run[:-1] in FUNCTIONS and run[-1] in "xyz":  # cosx
        return [Token("command", "\\" + run[:-1], spaced), Token("letter", run[-1], False)]
    if run in GREEK_NAMES or run in ("mod", "gcd", "lcm", "abs", "det"):
        return [Token("command", "\\" + run, spaced)]
    if len(run) > 1 and (lower in INFINITIES or is_word(run)):
        return _words(run, spaced)
    return [Token("letter", letter, spaced and not index) for index, letter in enumerate(run)]


def _words(run: str, spaced: bool) -> list[Token]:
    lower = run.lower()
    if lower in INFINITIES:
        return [Token("command", r"\infty", spaced)]
    return [Token("word", lower if lower in CONNECTIVES else run, spaced)]


def is_word(run: str) -> bool:
    """Whether a bare run of letters is a word; otherwise it is a product such as `xy`."""
    return (
        len(run) > 3
        or run.lower() in SHORT_WORDS
        or run in CONNECTIVES
        or run in UNITS
        or (len(run) > 2 and run.lower() in UNITS)
        or (len(set(run)) < len(run) and run.isupper())
        or (run[0].isupper() and run[1:].islower() and len(run) > 2)
    )
