"""How a failed process tells what went wrong, so that whoever reads the log finds it, and finds it once."""

import os
import sys
import traceback
from pathlib import Path

from csi_train.errors import CsiError

MARK = "error: "
"""What the line begins with; the lines of the message after it are set in."""
LOST = "→ another process may have gone first, without a word: killed for want of memory, perhaps"


def tell(error: Exception) -> None:
    """Print the error that is being handled as `error: …`, after its traceback where it is no CsiError.

    Of the processes of a training only the first that fails does so: what befalls the others follows from it. torch
    elastic, which starts them, is given the error too, for the summary it prints at the end.
    """
    if not _first():
        return
    _record(error)
    trace, message = "", str(error)
    if not isinstance(error, CsiError):
        trace, message = traceback.format_exc(), f"{_process()}{type(error).__name__}: {error}"
        if _of_another(error):
            message = f"{message}\n{LOST}"
    text = trace + MARK + "\n  ".join(line.strip() for line in message.splitlines()) + "\n"
    sys.stderr.write(text)
    sys.stderr.flush()


def told(log: Path) -> str | None:
    """The message of the last error told in a log; None where there is none."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith(MARK)]
    if not starts:
        return None
    message, *after = lines[starts[-1] :]
    end = next((number for number, line in enumerate(after) if not line.startswith("  ")), len(after))
    return "\n".join([message.removeprefix(MARK), *after[:end]])


def _first() -> bool:
    """Whether no other process that torch elastic started beside this one has told an error; it gives each a folder."""
    place = os.environ.get("TORCHELASTIC_ERROR_FILE")
    if place is None:
        return True
    try:
        (Path(place).parents[1] / "told").touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _record(error: Exception) -> None:
    """Have torch elastic name the error as the root cause in its summary, which is the last that a user sees."""
    if "TORCHELASTIC_ERROR_FILE" in os.environ:
        from torch.distributed.elastic.multiprocessing.errors import get_error_handler

        get_error_handler().record_exception(error)


def _process() -> str:
    """Which of several processes this is."""
    count = int(os.environ.get("WORLD_SIZE", "1"))
    return f"rank {os.environ['RANK']} of {count} processes: " if count > 1 else ""


def _of_another(error: Exception) -> bool:
    """Whether it was raised while exchanging tensors with other processes."""
    frames = traceback.extract_tb(error.__traceback__)
    return bool(_process()) and "/torch/distributed/" in frames[-1].filename
