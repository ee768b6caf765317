"""The store gives back what it was given, to whoever asks for the same thing, and to nobody else."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from csi_train.errors import RunError
from csi_train.store import Address, Store, Stored, digest

SCHEMA_0_1 = """
CREATE TABLE prompts (hash TEXT PRIMARY KEY, model TEXT, prompt TEXT) WITHOUT ROWID;
CREATE TABLE completions (
    hash TEXT, number INTEGER, max_tokens INTEGER, purpose TEXT, text TEXT, tokens INTEGER, finish TEXT,
    PRIMARY KEY (hash, number, max_tokens)
) WITHOUT ROWID;
"""

HASH = digest("model", '"prompt"', "{}")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store.sqlite")


def put(store: Store, number: int, max_tokens: int, done: Stored) -> None:
    store.put([(Address(HASH, number, max_tokens), "sample", done)], [(HASH, "model", '"prompt"')])


def test_what_is_put_is_there_in_another_process(store: Store, tmp_path: Path) -> None:
    put(store, 3, 64, Stored("text", 5, "stop"))
    again = Store(tmp_path / "store.sqlite")
    assert again.get(Address(HASH, 3, 64)) == Stored("text", 5, "stop")
    assert again.get(Address(HASH, 4, 64)) is None
    assert again.prompt(f"{HASH}:3") == '"prompt"'


def test_a_longer_limit_redoes_the_truncated_rows_only(store: Store) -> None:
    put(store, 0, 64, Stored("whole", 64, "stop"))
    put(store, 1, 64, Stored("cut", 64, "length"))
    assert store.get(Address(HASH, 0, 128)) is not None
    assert store.get(Address(HASH, 1, 128)) is None
    assert store.get(Address(HASH, 1, 64)) is not None


def test_a_shorter_limit_takes_what_fits_in_it(store: Store) -> None:
    put(store, 0, 64, Stored("short", 30, "stop"))
    put(store, 1, 64, Stored("long", 31, "stop"))
    assert store.get(Address(HASH, 0, 30)) is not None
    assert store.get(Address(HASH, 1, 30)) is None


@pytest.mark.parametrize("other", [("m", "p", "d2"), ("m", "p2", "d"), ("m2", "p", "d"), ("mp", "", "d")])
def test_another_question_has_another_hash(other: tuple[str, str, str]) -> None:
    assert digest(*other) != digest("m", "p", "d")


def test_usage_is_counted_by_purpose(store: Store) -> None:
    put(store, 0, 64, Stored("a", 10, "stop"))
    put(store, 1, 64, Stored("b", 20, "stop"))
    assert store.usage()["sample"] == (2, 15.0, 2.0)
    assert store.size() == 2


def test_logprobs_of_the_first_token_are_kept(store: Store, tmp_path: Path) -> None:
    first = {" ä": -0.25, '"': -1.5}
    put(store, 0, 64, Stored("text", 5, "stop", first))
    assert Store(tmp_path / "store.sqlite").get(Address(HASH, 0, 64)) == Stored("text", 5, "stop", first)


def test_a_store_of_an_earlier_version_goes_on(tmp_path: Path) -> None:
    file = sqlite3.connect(tmp_path / "store.sqlite")
    file.executescript(SCHEMA_0_1)
    file.execute("INSERT INTO completions VALUES (?, 0, 64, 'sample', 'old', 5, 'stop')", (HASH,))
    file.commit()
    file.close()
    for _ in range(2):
        store = Store(tmp_path / "store.sqlite")
        assert store.get(Address(HASH, 0, 64)) == Stored("old", 5, "stop")
        put(store, 1, 64, Stored("new", 5, "stop", {"n": -0.5}))
        assert store.get(Address(HASH, 1, 64)) == Stored("new", 5, "stop", {"n": -0.5})
        assert store.size() == 2


def test_many_processes_may_open_a_store_of_an_earlier_version(tmp_path: Path) -> None:
    file = sqlite3.connect(tmp_path / "store.sqlite")
    file.executescript(SCHEMA_0_1)
    file.close()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: Store(tmp_path / "store.sqlite"), range(8)))


def test_scores_are_kept_beside_them(store: Store, tmp_path: Path) -> None:
    first, second, third = (digest("reward", "prompt", text) for text in "abc")
    store.put_scores([(first, -0.25), (second, None)])
    again = Store(tmp_path / "store.sqlite")
    assert again.scores([first, second, third]) == {first: -0.25, second: None}
    assert digest("reward", "prompt", "a") != digest("reward 2", "prompt", "a")
    assert again.size() == 0, "no completion"


def test_a_store_of_an_earlier_version_gets_the_new_table(store: Store, tmp_path: Path) -> None:
    put(store, 0, 64, Stored("kept", 1, "stop"))
    store._file.execute("DROP TABLE scores")
    store.close()
    again = Store(tmp_path / "store.sqlite")
    again.put_scores([("a", 1.0)])
    assert again.size() == 1


def test_scores_on_a_full_disk(store: Store) -> None:
    store.put_scores([("first", 1.0)])
    store._file.execute("PRAGMA max_page_count = 8")
    with pytest.raises(RunError, match="full"):
        store.put_scores((f"{n}", 0.5) for n in range(100_000))
    assert store.scores(["first", "0"]) == {"first": 1.0}
    store.close()
    with pytest.raises(RunError, match="closed"):
        store.scores(["first"])


def test_a_file_that_is_no_store_is_named(tmp_path: Path) -> None:
    (tmp_path / "store.sqlite").write_text("not a database, and long enough to be looked at" * 100)
    with pytest.raises(RunError, match=r"store\.sqlite.*damaged"):
        Store(tmp_path / "store.sqlite")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="--resume"):
        Store(tmp_path / "file" / "store.sqlite")


def test_a_full_disk_loses_nothing_that_was_stored(store: Store, tmp_path: Path) -> None:
    put(store, 0, 64, Stored("kept", 1, "stop"))
    store._file.execute("PRAGMA max_page_count = 8")
    with pytest.raises(RunError, match="full"):
        put(store, 1, 64, Stored("x" * 1_000_000, 1, "stop"))
    assert Store(tmp_path / "store.sqlite").get(Address(HASH, 0, 64)) == Stored("kept", 1, "stop")
