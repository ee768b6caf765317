"""One process for one or more stages of a run that share a model: `python -m csi_train.stages RUN generate sample`."""

import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from csi_train import failure
from csi_train.errors import CsiError
from csi_train.process import die_with_parent
from csi_train.run import Run
from csi_train.stages import classify, evaluate, generate, judge, pair, sample, score
from csi_train.stages import filter as filtering


def work(run: Run, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Do these stages; returns the figures of each."""
    kind = names[0].partition("/")[0]
    if kind == "generate":
        return generate.main(run, sample_too="sample" in names)
    if kind == "evaluate":
        return evaluate.main(run, [name.partition("/")[2] for name in names])
    if kind == "judge":
        return {name: judge.main(run, name.partition("/")[2]) for name in names}
    alone = {"classify": classify, "sample": sample, "score": score, "filter": filtering, "pair": pair}
    return {kind: alone[kind].main(run)}


def main() -> int:
    """Do the stages of the command line and mark them as done; an error of the user's to mend is exit code 1."""
    die_with_parent()
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # which closes the model
    began = time.monotonic()
    run, names = Run.at(Path(sys.argv[1])), sys.argv[2:]
    try:
        with run.lock():
            for name, figures in work(run, names).items():
                run.finish(name, time.monotonic() - began, figures)
    except CsiError as error:
        failure.tell(error)
        return 1
    except OSError as error:  # a full disk, a folder that lost its permissions
        print(f"error: {error}\n  → mend that, then run again with --resume: what is finished is kept", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
