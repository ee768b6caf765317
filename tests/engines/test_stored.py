"""The store in front of an engine: nothing finished is asked for twice, nothing cancelled is missed."""

from pathlib import Path
from typing import Any

import pytest

from csi_train.engines.contract import Completion, Request
from csi_train.recipe import Sampling
from tests.scripted import ScriptedEngine, stored


def ask(index: int, row: str = "a", prompt: str = "p", max_tokens: int = 8, **more: Any) -> Request:
    return Request("sample", row, index, prompt, Sampling(max_tokens=max_tokens), **more)


def collect(engine: object) -> list[Completion]:
    found: list[Completion] = []
    engine.drive({"sample": found.append})  # type: ignore[attr-defined]
    return found


def test_a_second_process_gets_the_same_texts_and_asks_nothing(tmp_path: Path) -> None:
    first, second = ScriptedEngine(lambda r: f"reply {r.index}"), ScriptedEngine(lambda r: "another")
    for scripted in (first, second):
        engine = stored(tmp_path, scripted)
        for index in range(4):
            engine.submit(ask(index))
        assert sorted(c.text for c in collect(engine)) == [f"reply {i}" for i in range(4)]
    assert len(first.asked) == 4
    assert second.asked == []


def test_what_was_finished_before_an_interrupt_is_kept(tmp_path: Path) -> None:
    dying = ScriptedEngine(lambda r: f"first {r.index}", dies_after=3)
    engine = stored(tmp_path, dying)
    for index in range(8):
        engine.submit(ask(index))
    with pytest.raises(KeyboardInterrupt):
        collect(engine)
    scripted = ScriptedEngine(lambda r: f"second {r.index}")
    engine = stored(tmp_path, scripted)
    for index in range(8):
        engine.submit(ask(index))
    texts = [c.text for c in collect(engine)]
    assert sum(text.startswith("first") for text in texts) == 3
    assert len(scripted.asked) == 5


def test_more_samples_are_only_the_further_ones(tmp_path: Path) -> None:
    for k in (4, 6):
        scripted = ScriptedEngine(lambda r: "x")
        engine = stored(tmp_path, scripted)
        for index in range(k):
            engine.submit(ask(index))
        assert len(collect(engine)) == k
    assert [r.index for r in scripted.asked] == [4, 5]


def test_two_rows_with_one_prompt_share_a_completion(tmp_path: Path) -> None:
    scripted = ScriptedEngine(lambda r: "shared")
    engine = stored(tmp_path, scripted)
    engine.submit(ask(0, row="a"))
    engine.submit(ask(0, row="b"))
    found = collect(engine)
    assert {(c.request.row, c.text) for c in found} == {("a", "shared"), ("b", "shared")}
    assert len({c.key for c in found}) == 1
    assert len(scripted.asked) == 1


def test_a_shared_completion_goes_on_while_somebody_waits(tmp_path: Path) -> None:
    scripted = ScriptedEngine(lambda r: "shared")
    engine = stored(tmp_path, scripted)
    engine.submit(ask(0, row="a"))
    engine.submit(ask(0, row="b"))
    engine.cancel(ask(0, row="a").id)
    assert scripted.cancelled == []
    assert [c.request.row for c in collect(engine)] == ["b"]


def test_what_is_cancelled_never_comes(tmp_path: Path) -> None:
    scripted = ScriptedEngine(lambda r: "x")
    engine = stored(tmp_path, scripted)
    engine.submit(ask(0))
    engine.submit(ask(1))
    engine.cancel(ask(0).id)
    assert scripted.cancelled == [ask(0).id]
    assert [c.request.index for c in collect(engine)] == [1]


def test_the_model_is_not_loaded_for_what_is_stored(tmp_path: Path) -> None:
    engine = stored(tmp_path, ScriptedEngine(lambda r: "x"))
    engine.submit(ask(0))
    collect(engine)
    loaded: list[int] = []
    engine._load = lambda: loaded.append(1)  # type: ignore[assignment, return-value, func-returns-value]
    engine._engine = None
    engine.submit(ask(0))
    assert len(collect(engine)) == 1
    assert loaded == []


def test_logprobs_are_stored_and_only_who_asked_for_as_many_gets_them(tmp_path: Path) -> None:
    for round in range(2):
        scripted = ScriptedEngine(lambda r: f"reply {r.logprobs}")
        engine = stored(tmp_path, scripted)
        for row, logprobs in (("a", 0), ("b", 5), ("c", 0), ("d", 9)):
            engine.submit(ask(0, row, logprobs=logprobs))
        found = {c.request.row: c.first for c in collect(engine)}
        assert found == {"a": None, "b": {"reply 5": 0.0}, "c": None, "d": {"reply 9": 0.0}}
        assert len(scripted.asked) == (3 if round == 0 else 0)


def test_a_reply_from_one_list_is_none_from_another(tmp_path: Path) -> None:
    lists = [(), ("yes", "no"), ("no", "yes"), ("yes", "no", "perhaps")]
    for round in range(2):
        scripted = ScriptedEngine(lambda r: str(len(r.choices)))
        engine = stored(tmp_path, scripted)
        for row, choices in enumerate(lists):
            engine.submit(ask(0, str(row), choices=choices))
        assert {c.request.row: c.text for c in collect(engine)} == {"0": "0", "1": "2", "2": "2", "3": "3"}
        assert len(scripted.asked) == (4 if round == 0 else 0)


def test_an_address_stays_what_it_was_before_there_were_logprobs(tmp_path: Path) -> None:
    engine = stored(tmp_path, ScriptedEngine(lambda r: "x"))
    engine.submit(ask(3))
    assert [c.key for c in collect(engine)] == ["9dd89236c3ca2841136ccacfc0b1cf54:3"]
