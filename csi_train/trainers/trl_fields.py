"""The fields of TRL's config classes, read from their source text, so that `check` imports neither TRL nor torch."""

import ast
import functools
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

CONFIGS = {
    "sft": ("trainer/sft_config.py", "SFTConfig"),
    "grpo": ("trainer/grpo_config.py", "GRPOConfig"),
    "dpo": ("trainer/dpo_config.py", "DPOConfig"),
    "reward_model": ("trainer/reward_config.py", "RewardConfig"),
    "online_dpo": ("experimental/online_dpo/online_dpo_config.py", "OnlineDPOConfig"),
}
"""Where in TRL a trainer's arguments are declared."""

Fields = dict[str, ast.AnnAssign]


@functools.cache
def read(kind: str) -> tuple[Fields, dict[str, list[str]]]:
    """The fields of a TRL config class with those it inherits, and the words of transformers' enums.

    Of a trainer that is not ours, those of transformers' TrainingArguments.
    """
    transformers = [_parse("transformers", f"{name}.py") for name in ("training_args", "trainer_utils")]
    file, config = CONFIGS.get(kind, ("", ""))
    trl = [_parse("trl", name) for name in ("trainer/base_config.py", file) if file]
    enums = {c.name: _words(c) for c in (*_classes(transformers[0]), *_classes(transformers[1])) if _words(c)}
    names = ("TrainingArguments", "_BaseConfig", config)
    wanted = [c for tree in (transformers[0], *trl) for c in _classes(tree) if c.name in names]
    fields = {
        line.target.id: line
        for c in wanted
        for line in c.body
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)
    }
    return fields, enums


def _parse(package: str, file: str) -> ast.Module:
    """The syntax tree of an installed file; raises FileNotFoundError naming the package where it is not installed."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(package)
    return ast.parse((Path(spec.origin).parent / file).read_text(encoding="utf-8"))


def _classes(tree: ast.Module) -> list[ast.ClassDef]:
    return [node for node in tree.body if isinstance(node, ast.ClassDef)]


def _words(c: ast.ClassDef) -> list[str]:
    """The values of an enum whose values are text."""
    if not any("Enum" in ast.unparse(base) for base in c.bases):
        return []
    values = [line.value for line in c.body if isinstance(line, ast.Assign)]
    return [v.value for v in values if isinstance(v, ast.Constant) and isinstance(v.value, str)]


def choices(field: ast.AnnAssign) -> Sequence[Any]:
    """The words that a field's metadata allows; empty where it names none."""
    for keyword in field.value.keywords if isinstance(field.value, ast.Call) else ():
        if keyword.arg == "metadata" and isinstance(keyword.value, ast.Dict):
            pairs = zip(keyword.value.keys, keyword.value.values, strict=True)
            found = [v for k, v in pairs if isinstance(k, ast.Constant) and k.value == "choices"]
            if found:
                return list(ast.literal_eval(found[0]))
    return ()


def default(field: ast.AnnAssign) -> Any:
    """A field's default where it is a plain value; None where it is computed."""
    values = [field.value]
    if isinstance(field.value, ast.Call):
        values = [keyword.value for keyword in field.value.keywords if keyword.arg == "default"]
    try:
        return ast.literal_eval(values[0]) if values and values[0] is not None else None
    except ValueError:  # a name or a call
        return None
