"""Finished completions, addressed by what they are a completion of, shared by all runs of one `runs:` folder.

An address is the hash of (model fingerprint, prompt, sampling distribution) and the sample's index. So a killed run
loses nothing finished, sixteen more samples are sixteen more, and two runs that need the same completion pay once.
The scores that rewards give lie beside them, each under the hash of (reward fingerprint, prompt, response).
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from csi_train.errors import RunError

SCHEMA = """
CREATE TABLE IF NOT EXISTS prompts (hash TEXT PRIMARY KEY, model TEXT, prompt TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS completions (
    hash TEXT, number INTEGER, max_tokens INTEGER, purpose TEXT, text TEXT, tokens INTEGER, finish TEXT,
    first TEXT, PRIMARY KEY (hash, number, max_tokens)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS scores (hash TEXT PRIMARY KEY, score REAL) WITHOUT ROWID;
"""


class Address(NamedTuple):
    """Where a completion lies: `hash` of what is asked, `number` of the sample, and how long it might get."""

    hash: str
    number: int
    max_tokens: int

    def __str__(self) -> str:
        return f"{self.hash}:{self.number}"


class Stored(NamedTuple):
    """A finished completion; `finish` is "stop" or "length", `first` the log-probabilities of its first token."""

    text: str
    tokens: int
    finish: str
    first: dict[str, float] | None = None


class Usage(NamedTuple):
    """What one purpose has cost so far: finished completions, mean tokens of one, mean completions of a prompt."""

    completions: int
    tokens: float
    per_prompt: float


def digest(*parts: str) -> str:
    """The hash of what is asked (model, prompt, distribution) or scored (reward, prompt, response): 128 bits, hex."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


class Store:
    """The SQLite file, in WAL mode: what is committed survives kill -9.

    Every method raises RunError where the disk is full, the folder not writable or the file not a store.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(path, timeout=60)
            self._file.execute("PRAGMA journal_mode=WAL")
            self._file.execute("PRAGMA synchronous=NORMAL")
            self._file.executescript(SCHEMA)
            self._add_first()
        except (OSError, sqlite3.Error) as error:
            raise self._broken(error) from error

    def get(self, address: Address) -> Stored | None:
        """The completion at an address: one that ended by itself within `max_tokens`, or was cut at that length."""
        query = """SELECT text, tokens, finish, first FROM completions WHERE hash = ? AND number = ?
                   AND (max_tokens = ? OR (finish = 'stop' AND tokens <= ?)) ORDER BY max_tokens"""
        try:
            row = self._file.execute(
                query, (address.hash, address.number, address.max_tokens, address.max_tokens)
            ).fetchone()
        except sqlite3.Error as error:
            raise self._broken(error) from error
        if row is None:
            return None
        text, tokens, finish, first = row
        return Stored(text, tokens, finish, first and json.loads(first))

    def put(self, rows: Iterable[tuple[Address, str, Stored]], prompts: Iterable[tuple[str, str, str]]) -> None:
        """Keep (address, purpose, completion) rows and the (hash, model, prompt) they answer, in one transaction."""
        try:
            with self._file:
                self._file.executemany("INSERT OR IGNORE INTO prompts VALUES (?, ?, ?)", prompts)
                self._file.executemany(
                    "INSERT OR REPLACE INTO completions VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    ((*a, purpose, *done[:3], done.first and json.dumps(done.first)) for a, purpose, done in rows),
                )
        except sqlite3.Error as error:
            raise self._broken(error) from error

    def scores(self, hashes: Iterable[str]) -> dict[str, float | None]:
        """The scores there are of these (reward, prompt, response) hashes; None for one that was no number."""
        query = "SELECT hash, score FROM scores WHERE hash = ?"
        try:
            rows = [self._file.execute(query, (hash,)).fetchone() for hash in hashes]
        except sqlite3.Error as error:
            raise self._broken(error) from error
        return dict(filter(None, rows))

    def put_scores(self, rows: Iterable[tuple[str, float | None]]) -> None:
        """Keep (hash, score) rows, in one transaction."""
        try:
            with self._file:
                self._file.executemany("INSERT OR REPLACE INTO scores VALUES (?, ?)", rows)
        except sqlite3.Error as error:
            raise self._broken(error) from error

    def prompt(self, key: str) -> str | None:
        """The prompt that a row's `completion` answers."""
        row = self._file.execute("SELECT prompt FROM prompts WHERE hash = ?", (key.partition(":")[0],)).fetchone()
        return row[0] if row else None

    def size(self) -> int:
        """How many completions are stored."""
        return int(self._file.execute("SELECT count(*) FROM completions").fetchone()[0])

    def usage(self) -> dict[str, Usage]:
        """By purpose (generate, sample, evaluate): how much is stored, and how long it is."""
        query = """SELECT purpose, count(*), avg(tokens), 1.0 * count(*) / count(DISTINCT hash)
                   FROM completions GROUP BY purpose"""
        return {purpose: Usage(*figures) for purpose, *figures in self._file.execute(query)}

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _add_first(self) -> None:
        """Stores made by csi_train 0.1 lack this column; another process may be adding it just now."""
        if not self._has_first():
            with self._file:
                self._file.execute("BEGIN IMMEDIATE")
                if not self._has_first():
                    self._file.execute("ALTER TABLE completions ADD COLUMN first TEXT")

    def _has_first(self) -> bool:
        return any(name == "first" for _, name, *_ in self._file.execute("PRAGMA table_info(completions)"))

    def _broken(self, error: Exception) -> RunError:
        hint = "free some space or name another folder as `runs`, then run again with --resume: what is stored is kept"
        if "not a database" in str(error) or "malformed" in str(error):
            hint = f"{self._path} is damaged: move it away and run again; finished stages are kept in their own files"
        return RunError(f"store {self._path}: {error}", hint)
