"""Errors a user can act on: what was wrong, where, what to do next. The command line prints them, no traceback."""

from pathlib import Path


class CsiError(Exception):
    """Base of every error that is the user's to mend; `hint` says what to do next."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.args[0]}\n  → {self.hint}" if self.hint else str(self.args[0])


class RecipeError(CsiError, ValueError):
    """A recipe that cannot run as written. A ValueError too, so that pydantic collects it with the others."""


class RowError(CsiError):
    """A line of a data file that is not the row it should be."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(
            f"{path}:{line}: {reason}",
            "mend or remove that line; if a stage wrote the file, delete that stage's done.json and run with --resume",
        )


class RunError(CsiError):
    """A run folder that cannot be used as it is."""


class EngineError(CsiError):
    """An engine that could not start, or died."""
