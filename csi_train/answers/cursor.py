"""A place in a run of tokens, along which the grammar moves."""

from collections.abc import Sequence

from csi_train.answers.numbers import UnreadableError
from csi_train.answers.tokens import Token

DEEPEST = 60


class Cursor:
    """Tokens; `position` is where the next one is, `depth` how often the grammar has called itself there."""

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

    def next_kind(self) -> str:
        return self.tokens[self.position + 1].kind if self.position + 1 < len(self.tokens) else "end"

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

    def descend(self) -> None:
        """One level deeper; the caller comes back up with `depth -= 1`."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise UnreadableError("nested too deep")
