"""The names that other libraries know, read from their files: importing them would take seconds."""

import ast
import importlib.util
import re
from pathlib import Path


def vllm_arguments() -> set[str]:
    """What vLLM's `LLM(...)` takes; empty where vLLM is not installed."""
    folder = _folder("vllm")
    if folder is None:
        return set()
    tree = ast.parse((folder / "engine" / "arg_utils.py").read_text(encoding="utf-8"))
    found = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "EngineArgs")
    return {
        line.target.id for line in found.body if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)
    }


def tasks_in(folder: Path) -> set[str]:
    """The names that the lm-eval YAML files of a folder give to tasks and groups of tasks."""
    name = re.compile(r"^(?:task|group|tag): *['\"]?([\w.-]+)", re.MULTILINE)
    return {task for file in folder.rglob("*.yaml") for task in name.findall(file.read_text(encoding="utf-8"))}


def _folder(package: str) -> Path | None:
    found = importlib.util.find_spec(package)
    return Path(found.origin).parent if found and found.origin else None
