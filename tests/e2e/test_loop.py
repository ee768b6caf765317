"""The whole loop on the real vLLM, TRL and lm-eval, killed with -9 in every stage, and resumed."""

from pathlib import Path

import pytest

from benchmarks import kills


@pytest.mark.e2e
def test_killed_in_every_stage_the_loop_ends_with_a_score_and_asks_for_nothing_twice(tmp_path: Path) -> None:
    killed = list(kills.survive(tmp_path, ["generate", "sample", "train", "evaluate"]))
    assert [kill.stage for kill in killed] == ["generate", "sample", "train", "evaluate"]
    assert killed[-1].stored > killed[0].stored > 0
