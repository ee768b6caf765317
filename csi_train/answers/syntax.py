r"""The grammar of mathematical expressions: from tokens to a tree.

A tree is a tuple, an operator's name and its operands: `1 + x` is `("add", ("num", 1), ("var", "x"))`. The parser
descends recursively to a bounded depth, and reads LaTeX and plain text alike: `\frac{1}{2}x`, `x/2`, `\sin^2 2x`, `3
1/2`, `|x|`, `n!`.
"""

from collections.abc import Sequence

from csi_train.answers import combinations, names, numerals
from csi_train.answers.combinations import LETTERS
from csi_train.answers.cursor import Cursor
from csi_train.answers.determinants import VMATRIX, determinant
from csi_train.answers.names import DECORATIONS, NAMES
from csi_train.answers.notation import FUNCTIONS
from csi_train.answers.numbers import UnreadableError
from csi_train.answers.tables import commands
from csi_train.answers.tokens import Token
from csi_train.answers.trees import Tree

PAIRS = {"(": ")", "[": "]", "{": "}", r"\{": r"\}"}
BARS = {r"\lfloor": (r"\rfloor", "floor"), r"\lceil": (r"\rceil", "ceil"), "|": ("|", "abs"), r"\|": (r"\|", "abs")}
ONE_ARGUMENT = commands(*FUNCTIONS - {"sqrt"})
MANY_ARGUMENTS = commands("min max gcd lcm")
INVERSE = {"sin": "arcsin", "cos": "arccos", "tan": "arctan", "cot": "arccot", "sec": "arcsec", "csc": "arccsc"}


class Parser(Cursor):
    """A recursive-descent parser over tokens; `position` is where the next token is."""

    def sum(self) -> Tree:
        """Terms joined by + and -."""
        self.descend()
        tree = self.product()
        while sign := self.take("+", "-", r"\pm", r"\mp"):
            tree = ({"+": "add", "-": "sub", r"\pm": "pm", r"\mp": "mp"}[sign], tree, self.product())
        if infix := self.take(r"\choose", r"\over", "choose"):
            tree = ("div" if infix == r"\over" else "binom", tree, self.sum())
        self.depth -= 1
        return tree

    def product(self) -> Tree:
        """Factors joined by *, / or nothing."""
        tree = self.signed()
        while True:
            if self.peek() == "/" and self.next_kind() == "word":  # 28/month
                return tree
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
                r"\det",
                r"\abs",
                VMATRIX,
            )
        return text in ("(", "[", "{")

    def names_unit(self) -> bool:
        r"""Whether a fraction of words comes next: `\frac{\text{m}}{\text{s}}`."""
        return self.peek() == r"\frac" and "word" in [token.kind for token in self.tokens[self.position + 1 :][:2]]

    def signed(self) -> Tree:
        if sign := self.take("+", "-", r"\pm", r"\mp"):
            self.descend()
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
        self.descend()
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
            if self.next_text() in LETTERS and (ways := combinations.between(self)):
                return ways
            whole = numerals.number(self)
            return self.mixed(whole) if text.isdigit() and whole[0] == "num" else whole
        if text in ("^", "_") or (text == "{" and self.next_text() == "}"):
            return combinations.prescripted(self)
        if text in PAIRS and kind == "symbol":
            return self.group()
        if text in BARS:
            return self.bars()
        if text in LETTERS and combinations.is_applied(self):
            return combinations.applied(self)
        if kind == "letter" or text in NAMES or (len(text) == 1 and self.next_text() == "_"):
            return names.variable(self)
        if kind != "command":
            raise UnreadableError(f"unexpected {text!r}")
        if text == VMATRIX:
            return determinant(self)
        self.position += 1
        if text == r"\det":
            return determinant(self)
        if text == r"\abs":
            return ("abs", self.operand(angle=False))
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
            return names.decorated(self, text)
        raise UnreadableError(f"unknown command {text}")

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

    def group(self) -> Tree:
        opening = self.peek()
        self.position += 1
        tree = self.sum()
        self.need(PAIRS[opening])
        return tree

    def bars(self) -> Tree:
        closing, name = BARS[self.peek()]
        self.position += 1
        matrix = closing == "|" and self.peek().startswith(r"\begin ")
        tree = determinant(self) if matrix else self.sum()
        self.need(closing)
        return tree if matrix else (name, tree)

    def argument(self) -> Tree:
        r"""The argument of `\frac` and the like: a group or one character, so that `\frac12` is a half."""
        if self.kind() == "number" and self.peek().isdigit() and len(self.peek()) > 1:
            token = self.tokens[self.position]
            self.tokens[self.position] = token._replace(text=token.text[1:])
            return ("num", numerals.decimal(token.text[0]))
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
