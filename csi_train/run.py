"""The run folder: what lies in it, which stage is done, who may write in it."""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csi_train import order, recipe_file
from csi_train.errors import RunError
from csi_train.recipe import Recipe
from csi_train.records import Row, read_rows, readable, written_whole
from csi_train.store import Store

HOLDER = "CSI_TRAIN_HOLDS"
"""Names, to the stages a run starts, the folder that is locked for them already."""


@dataclass(frozen=True)
class Run:
    """One run: its folder and the resolved recipe that lies in it, the only configuration a stage reads."""

    folder: Path
    recipe: Recipe

    @classmethod
    def at(cls, folder: Path) -> "Run":
        """The run in a folder; raises RunError where there is none."""
        if not (folder / "recipe.yaml").is_file():
            raise RunError(f"{folder} is not a run folder: it has no recipe.yaml", "`csi-train run RECIPE` makes one")
        return cls(folder, recipe_file.load(folder / "recipe.yaml"))

    @classmethod
    def of(cls, recipe: Recipe) -> "Run":
        """The run of a recipe, whether its folder is there or not."""
        return cls(recipe.folder, recipe)

    def keep_recipe(self) -> None:
        """Write recipe.yaml; only who holds the lock may. Raises RunError where the folder cannot be written."""
        with self._writing():
            write_text(self.folder / "recipe.yaml", recipe_file.dump(self.recipe))

    def store(self) -> Store:
        """The store of finished completions that the runs of one folder share."""
        return Store(Path(self.recipe.runs) / "store.sqlite")

    def done(self, stage: order.Stage) -> bool:
        """Whether the stage is finished and nothing it depends on has changed since."""
        return self.record(stage.name).get("key") == stage.key

    def record(self, name: str) -> dict[str, Any]:
        """What a finished stage left in its done.json; empty while it is not finished."""
        try:
            record = json.loads((self.folder / name / "done.json").read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return record if isinstance(record, dict) else {}

    def rows(self, stage: str, name: str, kind: type[Row]) -> list[Row]:
        """The rows of a file that a stage wrote; raises RunError where it is not there."""
        path = self.folder / stage / name
        if not path.is_file():
            raise self.lacks(stage, f"{path} is not there")
        return read_rows(path, kind)

    def lacks(self, stage: str, what: str) -> RunError:
        """The error for something missing that a stage would write."""
        return RunError(what, f"`csi-train stage {stage} {self.folder}` makes it")

    def finish(self, name: str, seconds: float, figures: dict[str, Any]) -> None:
        """Mark a stage as done: the last thing it does. All that it leaves may be read by whom umask lets read."""
        readable(self.folder / name)
        key = order.stage(self.recipe, name).key
        record = {"stage": name, "key": key, "seconds": round(seconds, 1), "figures": figures}
        write_text(self.folder / name / "done.json", json.dumps(record, indent=1) + "\n")

    @contextlib.contextmanager
    def lock(self, new: bool = False) -> Iterator[None]:
        """Hold the folder for this process and the stages it starts, made where there is none.

        Raises RunError where another process holds it, or it is to be `new` and holds a run already.
        """
        if os.environ.get(HOLDER) == str(self.folder.resolve()):
            yield
            return
        with self._writing():
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = (self.folder / "lock").open("a+")
        with lock as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                file.seek(0)
                holder = file.read().strip() or "unknown"
                raise RunError(
                    f"{self.folder} is in use by process {holder}",
                    "wait for it, stop it, or give this run another name: name=…",
                ) from error
            if new and (self.folder / "recipe.yaml").exists():
                raise RunError(
                    f"{self.folder} exists already",
                    "add --resume to go on with it (what a change makes stale is done again), or another name: name=…",
                )
            file.truncate(0)
            file.write(f"{os.getpid()}\n")
            file.flush()
            yield

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise RunError(
                f"cannot write in {self.folder}: {error.strerror}",
                "free some space, mend its permissions, or name another folder: runs=…",
            ) from error


def write_text(path: Path, text: str) -> None:
    """Write a small file whole or not at all."""
    with written_whole(path) as file:
        file.write(text)
