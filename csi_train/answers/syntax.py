r"""The grammar of mathematical expressions: from tokens to a tree.

A tree is a tuple, an operator's name and its operands: `1 + x` is `("add", ("num", 1), ("var", "x"))`. The parser
descends recursively to a bounded depth, and reads LaTeX and plain text alike: `\frac{1}{2}x`, `x/2`, `\sin^2 2x`, `3
1/2`, `|x|`, `n!`.
"""

from collections.abc import Sequence
from functools import reduce
from typing import Any

from csi_train.answers import numbers
from csi_train.answers.numbers import Number, UnreadableError
from csi_train.answers.tokens import Token
from csi_train.answers.vocabulary import FUNCTIONS, GREEK_NAMES, commands

Tree = tuple[Any, ...]
DEEPEST = 60
PAIRS = {"(": ")", "[": "]", "{": "}", r"\{": r"\}"}
BARS = {r"\lfloor": (r"\rfloor", "floor"), r"\lceil": (r"\rceil", "ceil"), "|": ("|", "abs"), r"\|": (r"\|", "abs")}
NAMES = commands("ell hbar ldots partial infty nabla Re Im", *GREEK_NAMES - {"pi"})
DECORATIONS = commands("vec hat bar overline widehat tilde overrightarrow dot mathbf angle triangle")
ONE_ARGUMENT = commands(*FUNCTIONS - {"sqrt"})
MANY_ARGUMENTS = commands("min max gcd lcm")
INVERSE = {"sin": "arcsin", "cos": "arccos", "tan": "arctan", "cot": "arccot", "sec": "arcsec", "csc": "arccsc"}


class Parser:
    """A recursive-descent parser over tokens; `position` is where the next token is."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = list(tokens)
        self.position = 0
        self.depth = 0

    def peek(self) -> str:
        return self.tokens[self.position].text if self.position < len(self.tokens) else ""

    def kind(self) -> str:
        return self.tokens[self.position].kind if self.position < len(self.tokens) else "end"

    def next_text(self) -> str:
        return self.tokens[self.position + 1].text if self.position + 1 < len(self.tokens) else ""

    def take(self, *texts: str) -> str:
        """Step over the next token if it is one of these; else return nothing."""
        text = self.peek()
        if text in texts and self.kind() != "end":
            self.position += 1
            return text
        return ""

    def need(self, text: str) -> None:
        if not self.take(text):
            raise UnreadableError(f"expected {text} before {self.peek()!r}")

    def sum(self) -> Tree:
        """Terms joined by + and -."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise UnreadableError("nested too deep")
        tree = self.product()
        while sign := self.take("+", "-", r"\pm", r"\mp"):
            tree = ({"+": "add", "-": "sub", r"\pm": "pm", r"\mp": "mp"}[sign], tree, self.product())
        if infix := self.take(r"\choose", r"\over"):
            tree = ("binom" if infix == r"\choose" else "div", tree, self.sum())
        self.depth -= 1
        return tree

    def product(self) -> Tree:
        """Factors joined by *, / or nothing."""
        tree = self.signed()
        while True:
            if sign := self.take("*", r"\*", "/"):
                tree = ("div" if sign == "/" else "mul", tree, self.signed())
            elif self.starts_factor():
                tree = ("mul", tree, self.factor())
            else:
                return tree

    def starts_factor(self) -> bool:
        kind, text = self.kind(), self.peek()
        if kind == "number":
            leads = self.tokens[self.position - 1].kind if self.position else "number"
            return leads != "number" and (text[0] != "0" or "." in text)  # {1}00 is no product
        if kind == "letter":
            return True
        if kind == "command":
            if self.names_unit():
                return False
            return text in NAMES | DECORATIONS | ONE_ARGUMENT | MANY_ARGUMENTS or text in (
                r"\frac",
                r"\sqrt",
                r"\pi",
                r"\binom",
                r"\lfloor",
                r"\lceil",
            )
        return text in ("(", "[", "{")

    def names_unit(self) -> bool:
        r"""Whether a fraction of words comes next: `\frac{\text{m}}{\text{s}}`."""
        return self.peek() == r"\frac" and "word" in [token.kind for token in self.tokens[self.position + 1 :][:2]]

    def signed(self) -> Tree:
        if sign := self.take("+", "-", r"\pm", r"\mp"):
            self.depth += 1
            if self.depth > DEEPEST:
                raise UnreadableError("nested too deep")
            tree = self.signed()
            self.depth -= 1
            return {"+": tree, "-": ("neg", tree), r"\pm": ("pm", ("num", 0), tree), r"\mp": ("mp", ("num", 0), tree)}[
                sign
            ]
        return self.factor()

    def factor(self) -> Tree:
        """A primary with its exponent, factorial and degree signs."""
        tree = self.primary()
        while True:
            if self.take("^"):
                tree = ("pow", tree, self.exponent())
            elif self.take("!"):
                tree = ("factorial", tree)
            elif self.take(r"\degree"):
                tree = ("degree", tree)
            else:
                return tree

    def exponent(self) -> Tree:
        self.depth += 1
        if self.depth > DEEPEST:
            raise UnreadableError("nested too deep")
        if self.peek() in ("-", "+"):
            tree = self.signed()
        else:
            tree = self.primary()
            if self.take("^"):
                tree = ("pow", tree, self.exponent())
            elif self.take("!"):
                tree = ("factorial", tree)
        self.depth -= 1
        return tree

    def primary(self) -> Tree:
        kind, text = self.kind(), self.peek()
        if kind == "number":
            return self.number()
        if text in PAIRS and kind == "symbol":
            return self.group()
        if text in BARS:
            return self.bars()
        if kind == "letter" or text in NAMES or (len(text) == 1 and self.next_text() == "_"):
            return self.name()
        if kind != "command":
            raise UnreadableError(f"unexpected {text!r}")
        self.position += 1
        if text == r"\pi":
            return ("pi",)
        if text == r"\frac":
            return ("div", self.argument(), self.argument())
        if text == r"\binom":
            return ("binom", self.argument(), self.argument())
        if text == r"\sqrt":
            return self.radical()
        if text in ONE_ARGUMENT:
            return self.function(text[1:])
        if text in MANY_ARGUMENTS:
            return self.selection(text[1:])
        if text in DECORATIONS:
            return self.decorated(text)
        raise UnreadableError(f"unknown command {text}")

    def number(self) -> Tree:
        """A decimal, a repeating decimal, a number in another base, or a mixed number."""
        text = self.tokens[self.position].text
        self.position += 1
        if self.peek() == r"\overline" and "." in text:
            return self.repeating(text)
        if self.take("_"):
            base = self.subscript()
            return ("var", f"{text.lstrip('0')}_{base}")
        value = ("num", decimal(text))
        return self.mixed(value) if text.isdigit() else value

    def mixed(self, whole: Tree) -> Tree:
        r"""`1\frac{1}{2}` and `1 1/2` are three halves, not products."""
        start = self.position
        texts = [token.text for token in self.tokens[start : start + 7]]
        kinds = [token.kind for token in self.tokens[start : start + 3]]
        part = None
        if texts[:1] == [r"\frac"] and not self.names_unit():
            self.position += 1
            part = ("div", self.argument(), self.argument())
            if not (
                part[1][0] == part[2][0] == "num"
                and 0 < part[1][1] < part[2][1]
                and all(isinstance(p[1], int) for p in part[1:])
            ):
                part = None
        elif kinds == ["number", "symbol", "number"] and texts[1] == "/" and texts[0].isdigit() and texts[2].isdigit():
            part = ("div", ("num", int(texts[0])), ("num", int(texts[2])))
            self.position += 3
        if part is None:
            self.position = start
            return whole
        return ("add", whole, part)

    def repeating(self, text: str) -> Tree:
        self.position += 1
        self.need("{")
        block = self.peek()
        if not block.isdigit():
            raise UnreadableError("no repeating digits")
        self.position += 1
        self.need("}")
        places = len(text.partition(".")[2])
        period = numbers.divide(int(block), (10 ** len(block) - 1) * 10**places)
        return ("num", numbers.add(decimal(text), period))

    def group(self) -> Tree:
        opening = self.peek()
        self.position += 1
        tree = self.sum()
        self.need(PAIRS[opening])
        return tree

    def bars(self) -> Tree:
        closing, name = BARS[self.peek()]
        self.position += 1
        tree = self.sum()
        self.need(closing)
        return (name, tree)

    def name(self) -> Tree:
        """A variable, with its subscript and primes; e and i are the numbers."""
        text = self.peek()
        self.position += 1
        if text == "e" and self.peek() != "_":
            return ("e",)
        if text == "i" and self.peek() != "_":
            return ("i",)
        if self.take("_") or self.numbered(text):
            text += "_" + self.subscript()
        while self.take("'"):
            text += "'"
        return ("var", text)

    def numbered(self, name: str) -> bool:
        """Whether an integer right after a name is its index, `a0` or `T2`; `k2` is taken for 2k."""
        index = self.kind() == "number" and self.peek().isdigit() and not self.tokens[self.position].spaced
        return index and (self.peek() in ("0", "1") or not name.islower() or len(name) > 1)

    def subscript(self) -> str:
        if not self.take("{"):
            self.position += 1
            return self.tokens[self.position - 1].text if self.position <= len(self.tokens) else ""
        start = self.position
        while self.kind() != "end" and self.peek() != "}":
            self.position += 1
        text = "".join(token.text for token in self.tokens[start : self.position])
        self.need("}")
        return text

    def argument(self) -> Tree:
        r"""The argument of `\frac` and the like: a group or one character, so that `\frac12` is a half."""
        if self.kind() == "number" and self.peek().isdigit() and len(self.peek()) > 1:
            token = self.tokens[self.position]
            self.tokens[self.position] = token._replace(text=token.text[1:])
            return ("num", decimal(token.text[0]))
        if self.peek() == "-":
            return self.signed()
        if (self.kind() == "letter" or self.peek() in NAMES) and self.position + 1 < len(self.tokens):
            following = self.tokens[self.position + 1]
            self.tokens[self.position + 1] = following._replace(spaced=True)
        return self.primary()

    def selection(self, name: str) -> Tree:
        r"""`\min(m, n)`, `\gcd\{a, b\}`: a function of several arguments."""
        opening = self.take("(", "[", r"\{")
        arguments = [self.sum()]
        while self.take(","):
            arguments.append(self.sum())
        self.need(PAIRS[opening] if opening else "(")
        return (name, *arguments)

    def radical(self) -> Tree:
        if self.take("["):
            index = self.sum()
            self.need("]")
            return ("root", index, self.primary())
        return ("root", ("num", 2), self.primary())

    def function(self, name: str) -> Tree:
        exponent: Tree | None = None
        base: Tree | None = None
        while self.peek() in ("^", "_") and self.kind() == "symbol":
            if self.take("^"):
                exponent = self.exponent()
            else:
                self.position += 1
                base = self.primary()
        operand = self.operand(angle=name not in ("log", "ln", "lg"))
        tree: Tree = ("log", base, operand) if name == "log" and base else ("fn", name, operand)
        if exponent == ("neg", ("num", 1)) and name in INVERSE:
            return ("fn", INVERSE[name], tree[2])
        return ("pow", tree, exponent) if exponent else tree

    def operand(self, angle: bool) -> Tree:
        r"""What a function without brackets applies to: `\sin 2x \cos x` is sin(2x) cos(x), `\sin \pi/6` a half."""
        if self.peek() in ("(", "[", "{"):
            return self.group()
        sign = self.take("-")
        tree = self.factor()
        while self.starts_factor() and self.peek() not in ONE_ARGUMENT and self.peek() not in ("(", "["):
            tree = ("mul", tree, self.factor())
        if (
            self.peek() == "/"
            and angle
            and tree[0] in ("pi", "num", "var", "mul")
            and self.next_text() not in ("", *ONE_ARGUMENT)
        ):
            self.position += 1
            tree = ("div", tree, self.factor())
        return ("neg", tree) if sign else tree

    def decorated(self, text: str) -> Tree:
        r"""`\vec{v}` and `\overline{AB}` are names."""
        if self.peek() == "{":
            start = self.position
            self.group()
            inner = "".join(token.text for token in self.tokens[start + 1 : self.position - 1])
        else:
            start = self.position
            while self.kind() == "letter":
                self.position += 1
            inner = "".join(token.text for token in self.tokens[start : self.position])
        if text == r"\overline" and len(inner) > 1 and inner.isupper():
            return reduce(lambda product, letter: ("mul", product, ("var", letter)), inner[1:], ("var", inner[0]))
        if not inner:
            raise UnreadableError("nothing to decorate")
        return ("var", inner if text in (r"\vec", r"\mathbf", r"\overrightarrow") else text + inner)


def decimal(text: str) -> Number:
    """The exact value of a decimal, with or without an exponent of ten."""
    digits, _, exponent = text.lower().partition("e")
    whole, _, fraction = digits.partition(".")
    shift = int(exponent or 0) - len(fraction)
    if abs(shift) > 5000:
        raise UnreadableError("too large an exponent")
    value = int(whole + fraction)
    return value * 10**shift if shift >= 0 else numbers.divide(value, 10**-shift)


def parse(tokens: Sequence[Token]) -> Tree:
    """The tree of an expression that takes up all the tokens; raises UnreadableError where they are no expression."""
    tree, rest = parse_prefix(tokens)
    if rest:
        raise UnreadableError(f"unexpected {rest[0].text!r}")
    return tree


def parse_prefix(tokens: Sequence[Token]) -> tuple[Tree, list[Token]]:
    """The tree of the longest expression that the tokens begin with, and the tokens after it."""
    parser = Parser(tokens)
    tree = parser.sum()
    return tree, parser.tokens[parser.position :]


def contains(tree: Tree, *operators: str) -> bool:
    """Whether one of these operators is somewhere in the tree."""
    return tree[0] in operators or any(contains(part, *operators) for part in tree[1:] if isinstance(part, tuple))


def natural(tree: Tree) -> Tree:
    r"""The tree with each `\log` without a base as a natural logarithm, as some write it."""
    if tree[:2] == ("fn", "log"):
        return ("fn", "ln", natural(tree[2]))
    return (tree[0], *(natural(part) if isinstance(part, tuple) else part for part in tree[1:]))


def variables(tree: Tree) -> set[str]:
    """The names in a tree."""
    if tree[0] == "var":
        return {tree[1]}
    return set().union(*(variables(part) for part in tree[1:] if isinstance(part, tuple)))
