r"""From the spelling of an answer to tokens: LaTeX, plain text and unicode come out alike.

`\dfrac`, `\left`, thin spaces, `{,}` in numbers, `×`, `²`, `½`, `−` and full-width digits are spellings only, so they end here.
Words (from `\text{…}`, or bare ones such as `degrees`) and single letters (variables) are told apart here too.
"""

import re
import unicodedata
from typing import NamedTuple

from csi_train.answers.units import UNITS


class Token(NamedTuple):
    """`kind` is number, letter, word, command or symbol; `spaced` says whether white space stood before it."""

    kind: str
    text: str
    spaced: bool


SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻ⁿ", "0123456789-n", strict=True))
SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
GREEK = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi rho sigma tau upsilon "
    "phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
).split()
FUNCTIONS = (
    "sin cos tan cot sec csc arcsin arccos arctan arccot sinh cosh tanh log ln lg exp sqrt"
).split()
UNICODE = str.maketrans(
    {
        **{char: f"^{{{plain}}}" for char, plain in SUPERSCRIPTS.items()},
        **{char: f"_{{{plain}}}" for char, plain in SUBSCRIPTS.items()},
        **{char: rf"\{name} " for char, name in zip("αβγδεζηθλμνξπρστφχψω", (
            "alpha beta gamma delta epsilon zeta eta theta lambda mu nu xi pi rho sigma tau phi chi psi omega"
        ).split(), strict=True)},
        **dict.fromkeys("−–—‐‑", "-"), **dict.fromkeys("×✕", r"\times "), **dict.fromkeys("·⋅∙•", r"\cdot "),
        **dict.fromkeys("\u00a0\u2009\u202f\u2002\u2003", " "), **dict.fromkeys("\u200b\u2061\ufeff\x00", ""),
        **dict.fromkeys("“”″", '"'), **dict.fromkeys("‘’′", "'"),
        "÷": r"\div ", "∕": "/", "⁄": "/", "√": r"\sqrt ", "∛": r"\sqrt[3]", "∞": r"\infty ", "±": r"\pm ", "∓": r"\mp ",
        "≤": r"\le ", "≥": r"\ge ", "⩽": r"\le ", "⩾": r"\ge ", "≠": r"\ne ", "≈": r"\approx ", "∈": r"\in ",
        "∪": r"\cup ", "∩": r"\cap ", "∖": r"\setminus ", "∅": r"\emptyset ", "⟨": r"\langle ", "⟩": r"\rangle ",
        "ℝ": r"\mathbb{R}", "ℤ": r"\mathbb{Z}", "ℕ": r"\mathbb{N}", "ℚ": r"\mathbb{Q}", "ℂ": r"\mathbb{C}",
        "°": r"\degree ", "º": r"\degree ", "∠": r"\angle ", "△": r"\triangle ", "…": r"\ldots ",
        "⌊": r"\lfloor ", "⌋": r"\rfloor ", "⌈": r"\lceil ", "⌉": r"\rceil ", "∣": "|", "∶": ":", "，": ",", "：": ":",
        "（": "(", "）": ")", "％": "%", "＝": "=", "＋": "+", "¢": r"\text{ cents}", "€": r"\text{euro}", "£": r"\text{pound}",
        "¥": r"\text{yen}", "₹": r"\text{rupee}", "Ω": r"\Omega ", "µ": r"\mu ", "Δ": r"\Delta ", "𝑖": "i",
    }
)  # fmt: skip

SYNONYMS = {
    **dict.fromkeys(["dfrac", "tfrac", "cfrac"], "frac"), **dict.fromkeys(["dbinom", "tbinom"], "binom"),
    **dict.fromkeys(["leq", "leqslant", "leqq"], "le"), **dict.fromkeys(["geq", "geqslant", "geqq"], "ge"),
    **dict.fromkeys(["neq"], "ne"), **dict.fromkeys(["lt"], "<"), **dict.fromkeys(["gt"], ">"),
    **dict.fromkeys(["varnothing", "O"], "emptyset"), **dict.fromkeys(["mid", "vert", "lvert", "rvert", "Vert", "lVert", "rVert"], "|"),
    **dict.fromkeys(["cdotp", "bullet", "ast", "times", "cdot"], "*"), **dict.fromkeys(["div"], "/"), "backslash": "setminus",
    **dict.fromkeys(["dots", "cdots", "ldots", "dotsc"], "ldots"), "colon": ":", "lbrace": "{", "rbrace": "}",
    "lbrack": "[", "rbrack": "]", "lparen": "(", "rparen": ")", "circ": "degree", "land": "and", "lor": "or", "wedge": "and", "vee": "or",
    "sim": "approx", "simeq": "approx", "thickapprox": "approx", "doteq": "approx", "to": "rightarrow", "arcsec": "arcsec",
    "bigcup": "cup", "bigcap": "cap", "operatorname": "", "infin": "infty", "cosec": "csc", "tg": "tan", "ctg": "cot",
}  # fmt: skip
SILENT = re.compile(
    r"\\(?:left|right|middle)\s*\.?(?![a-zA-Z])"
    r"|\\(?:[bB]igg?[lrm]?|displaystyle|textstyle|scriptstyle|limits|nolimits|quad|qquad|rm|bf|it|mathstrut|hfill|ensuremath|phantom\{[^{}]*\})(?![a-zA-Z])"
    r"|\\(?:text)?color\s*\{[^{}]*\}|\\[hv](?:space|phantom)\*?\{[^{}]*\}|(?<!\\)\\[,!;:> ]|~"
)
THIN = re.compile(r"(?<=\d)(?:\{,\}|,\\!\s*|\\[,!;: ]|~|\\,\\!)(?=\d{3}(?!\d))")
DEGREE = re.compile(r"\^\s*\{?\s*\\(?:circ|degree)\s*\}?|\\degree(?![a-zA-Z])|\{\}\^\\circ")
TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | \\(?P<style>text\w*|mathrm|mathbf|mathit|mathsf|mathtt|mathcal|mathfrak|mathscr|boldsymbol|bm|mbox|hbox|emph|underline|operatorname\*?)
      \s*\{(?P<content>[^{}]*)\}
    | \\mathbb\s*\{?\s*(?P<field>[A-Z])\s*\}?
    | \\begin\s*\{(?P<begin>\w+)\*?\}(?:\s*\{[lcr|\s]*\}|\s*\[[lcr]\])?
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
OPERATORS = {"**": "^", "<=": r"\le", ">=": r"\ge", "!=": r"\ne", "==": "=", "+-": r"\pm", "->": r"\rightarrow", "=>": r"\rightarrow", ":=": "="}
OPEN = frozenset(["(", "[", "{", r"\{", r"\langle", r"\lfloor", r"\lceil"])
CLOSE = frozenset([")", "]", "}", r"\}", r"\rangle", r"\rfloor", r"\rceil"])
INFINITIES = frozenset(["infinity", "inf", "oo"])
CONNECTIVES = frozenset(["and", "or"])
SHORT_WORDS = frozenset("yes no odd one two six ten red all none mon tue wed thu fri sat sun max min am pm cat dog man boy big day set true out of to is it if we the not any are you for was has but new old low high top end both nor can cup may use its per sq cu".split())


def tokenize(answer: str, in_text: bool = False) -> list[Token]:
    r"""The tokens of an answer, in order; never fails, and takes time linear in the answer. In `\text{…}` all letters are words."""
    if not answer.isascii():
        answer = _ascii(answer)
    answer = SILENT.sub(" ", DEGREE.sub(r"\\degree ", THIN.sub("", answer)))
    tokens: list[Token] = []
    spaced, depth = False, 0
    for match in TOKEN.finditer(answer):
        kind, text = str(match.lastgroup), match[match.lastgroup or 0]
        if kind == "space":
            spaced = True
            continue
        if kind == "content":
            tokens += _styled(match["style"], text, spaced)
        elif kind == "thousands":
            tokens += _thousands(text, depth, spaced)
        elif kind == "letters":
            tokens += _words(text, spaced) if in_text else _letters(text, spaced)
        else:
            token = _token(kind, text, spaced)
            depth += (token.text in ("(", "[", r"\{")) - (token.text in (")", "]", r"\}"))
            tokens.append(token)
        spaced = False
    return tokens


def _ascii(answer: str) -> str:
    text = answer.translate(UNICODE).replace("}^{", "").replace("}_{", "") if any(c in answer for c in "⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉") else answer.translate(UNICODE)
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
            text = SYNONYMS.get(text, text)
            if text in CONNECTIVES:
                return Token("word", text, spaced)
            return Token("command", "\\" + text, spaced) if len(text) > 1 else Token("symbol", text if text not in "{}" else "\\" + text, spaced)
        case "escaped":
            return Token("symbol", "%" if text == "%" else "|" if text == "|" else "\\" + text, spaced)
        case "field":
            return Token("command", rf"\mathbb{text}", spaced)
        case "begin" | "end":
            return Token("command", rf"\{kind} {text}", spaced)
        case "operator":
            return Token("symbol", OPERATORS[text], spaced)
    return Token("symbol", text, spaced)


def _thousands(text: str, depth: int, spaced: bool) -> list[Token]:
    """`1,000` is one number, but within brackets it is two entries."""
    if depth and "," in text:
        first, *others = text.split(",")
        pairs = [(Token("symbol", ",", False), Token("number", part, False)) for part in others]
        return [Token("number", first, spaced), *(token for pair in pairs for token in pair)]
    return [Token("number", text.replace(",", "").replace(" ", ""), spaced)]


def _styled(style: str, content: str, spaced: bool) -> list[Token]:
    r"""The words of `\text{…}`; `\mathbf{v}` and its like are letters in another type."""
    if style.startswith("operatorname") or (style == "mathrm" and content in FUNCTIONS):
        return [Token("command", "\\" + content.strip(), spaced)]
    if not style.startswith(("text", "mbox", "hbox", "emph", "mathrm")) or (style == "mathrm" and content in ("e", "i", "d")):
        return tokenize(content)
    tokens = tokenize(content, in_text=True)
    return [tokens[0]._replace(spaced=tokens[0].spaced or spaced), *tokens[1:]] if tokens else []


def _letters(run: str, spaced: bool) -> list[Token]:
    """A bare run of letters: a function, a Greek letter, a word, or a product of variables."""
    lower = run.lower()
    if run in FUNCTIONS or lower in FUNCTIONS:
        return [Token("command", "\\" + lower, spaced)]
    if run[:-1] in FUNCTIONS and run[-1] in "xyz":  # cosx
        return [Token("command", "\\" + run[:-1], spaced), Token("letter", run[-1], False)]
    if run in GREEK:
        return [Token("command", "\\" + run, spaced)]
    if len(run) > 1 and (lower in INFINITIES or is_word(run)):
        return _words(run, spaced)
    return [Token("letter", letter, spaced and not index) for index, letter in enumerate(run)]


def _words(run: str, spaced: bool) -> list[Token]:
    return [Token("command", r"\infty", spaced) if run.lower() in INFINITIES else Token("word", run, spaced)]


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
