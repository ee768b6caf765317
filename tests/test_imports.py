"""Imports go down only, each outside library has one door, and nothing heavy is imported before it is used."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "csi_train"
MODULES = sorted(PACKAGE.rglob("*.py"))

LAYERS = [
    ["__main__"],
    ["cli"],
    ["check", "plan", "doctor"],
    ["pipeline"],
    ["reporting", "manifest", "watch"],
    ["stages"],
    ["classifiers", "methods", "filters", "trainers", "judging", "sizes"],
    ["rewards"],
    ["judge_prompts"],
    ["engines", "adapters"],
    ["benchmarks_text", "process", "progress"],
    ["run"],
    ["order", "sources", "store"],
    ["recipe_file"],
    ["overrides"],
    ["recipe"],
    ["parts", "prompts", "known_names", "yaml_tree"],
    ["records", "answers", "statistics", "failure"],
    ["errors"],
]
"""From the top to the bottom: a module imports from lower layers and from its own package. The root is below all."""

NEIGHBOURS = {("engines", "adapters"), ("adapters", "engines")}
"""An engine gets its model through `adapters.models`; `adapters.harness` shows an engine to lm-eval."""

DOORS = {
    "vllm": ["engines/vllm.py"],
    "httpx": ["engines/server.py"],
    "lm_eval": ["adapters/harness.py"],
    "wandb": ["adapters/tracking.py"],
    "trl": ["trainers/"],
    "peft": ["trainers/"],
    "math_verify": ["answers/"],
    "sympy": ["answers/"],
    "sklearn": ["judging/", "classifiers/kmeans.py"],
}
"""The only files that import a library."""

HEAVY = [*DOORS, "torch", "transformers", "datasets", "accelerate", "deepspeed", "reasoning_gym", "huggingface_hub"]


def imports(node: ast.AST, inside_functions: bool) -> Iterator[str]:
    """The dotted names that a piece of code imports; `from a import b` as a.b."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            yield from (f"{child.module}.{alias.name}" for alias in child.names)
        elif inside_functions or not (isinstance(child, ast.FunctionDef) or for_types_only(child)):
            yield from imports(child, inside_functions)


def for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def of(path: Path, inside_functions: bool = True) -> set[str]:
    return set(imports(ast.parse(path.read_text(encoding="utf-8")), inside_functions))


def part(path: Path) -> str:
    """The package or module right under csi_train that a file belongs to."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def named(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def test_every_module_has_a_layer() -> None:
    assert {part(path) for path in MODULES} - {"__init__"} == {name for layer in LAYERS for name in layer}


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_imports_go_down(path: Path) -> None:
    depth = {name: number for number, layer in enumerate(LAYERS) for name in layer}
    here = part(path)
    for name in of(path):
        root, there = name.split(".")[0], name.split(".")[1] if "." in name else ""
        if root != "csi_train" or there not in depth or there == here or (here, there) in NEIGHBOURS:
            continue
        assert depth[there] > depth[here], f"{here} imports {there}, which is not below it"


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_imports_are_absolute(path: Path) -> None:
    levels = [node.level for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ImportFrom)]
    assert not any(levels)


@pytest.mark.parametrize("library", DOORS)
def test_a_library_has_one_door(library: str) -> None:
    users = [named(path) for path in MODULES if any(name.split(".")[0] == library for name in of(path))]
    assert all(user.startswith(tuple(DOORS[library])) for user in users), users


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_nothing_heavy_is_imported_at_the_top_of_a_module(path: Path) -> None:
    assert {name.split(".")[0] for name in of(path, inside_functions=False)}.isdisjoint(HEAVY)


def test_all_of_csi_train_imports_without_anything_heavy() -> None:
    names = [".".join(("csi_train", *path.relative_to(PACKAGE).with_suffix("").parts)) for path in MODULES]
    names = [name.removesuffix(".__init__") for name in names if not name.endswith("__main__")]
    script = f"""
import importlib, json, sys
for name in {names}:
    importlib.import_module(name)
print(json.dumps([name for name in {HEAVY} if name in sys.modules]))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
