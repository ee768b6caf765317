"""The door to wandb: online, offline or off. The stages of one run folder make one group."""

import contextlib
import os
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from csi_train.errors import RunError
from csi_train.run import Run


def start(run: Run, stage: str) -> list[str]:
    """Set wandb up for a stage of a run; returns TRL's `report_to`. Raises RunError where online lacks its key."""
    if run.recipe.track.wandb == "off":
        return []
    os.environ.update(environment(run, stage))
    return ["wandb"]


def environment(run: Run, stage: str) -> dict[str, str]:
    """wandb's settings. A stage that is taken up again goes on under the id it had."""
    track = run.recipe.track
    if track.wandb == "online" and not os.environ.get("WANDB_API_KEY"):
        raise RunError(
            "track.wandb is online, but WANDB_API_KEY is not set",
            "export WANDB_API_KEY=…, or set track.wandb to offline or off",
        )
    return {
        "WANDB_MODE": track.wandb,
        "WANDB_PROJECT": track.project,
        "WANDB_RUN_GROUP": run.recipe.name,
        "WANDB_NAME": f"{run.recipe.name}/{stage}",
        "WANDB_RUN_ID": _id(run.folder / stage),
        "WANDB_RESUME": "allow",
        "WANDB_DIR": str(run.folder.resolve()),
        "WANDB_SILENT": "true",
    }


def log_summary(run: Run, stage: str, figures: dict[str, Any]) -> None:
    """Write a stage's final figures to its wandb run; nothing where tracking is off."""
    with _open(run, stage) as wandb:
        if wandb:
            wandb.run.summary.update(figures)


def log_table(run: Run, stage: str, name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Write a table to a stage's wandb run; nothing where tracking is off."""
    with _open(run, stage) as wandb:
        if wandb:
            wandb.log({name: wandb.Table(columns=list(columns), data=[list(r) for r in rows])})


@contextlib.contextmanager
def _open(run: Run, stage: str) -> Iterator[Any]:
    """The wandb module with the stage's run open in it, or None."""
    if not start(run, stage):
        yield None
        return
    import wandb

    with wandb.init():
        yield wandb


def _id(folder: Path) -> str:
    """The id of a stage's wandb run, drawn once and kept beside its files."""
    file = folder / "wandb_id"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(secrets.token_hex(8))
    return file.read_text()
