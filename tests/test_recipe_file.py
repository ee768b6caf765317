"""Recipe files: what is read, what overrides change, and what a newcomer is told about a bad one."""

from pathlib import Path

import pytest

from csi_train import recipe_file
from csi_train.errors import RecipeError

GOOD = """\
name: good
seeds:
  path: seeds.jsonl
generate:
  model: org/model
  problems: 8
  sampling:
    temperature: 0.7
sample:
  k: 4
  early_stop: exact
filter:
  - type: answer_consistency
  - type: self_consistency
    min_share: 0.6
train:
  - type: sft
    args:
      learning_rate: 1e-4
  - type: grpo
    args:
      learning_rate: 1e-6
      max_steps: 10
evaluate:
  tasks: [csi_word_problems]
track:
  wandb: off
"""

BAD = {
    "unknown section": ("generate:", "generat:", ":4: generat: no key 'generat'; did you mean 'generate'?"),
    "unknown key": ("  k: 4", "  K: 4\n  kk: 4", ":11: sample.kk: no key 'kk'; did you mean 'k'?"),
    "unknown key of a part": (
        "min_share",
        "min_shar",
        r":15: filter\[1\].min_shar: no key 'min_shar'; did you mean 'min_share'?",
    ),
    "no close key": (
        "  k: 4",
        "  votes: 4",
        ":10: sample.votes: no key 'votes'; there is: chat_template, early_stop, ",
    ),
    "wrong type": ("problems: 8", "problems: many", ":6: generate.problems: should be a valid integer, not 'many'"),
    "no fraction of a problem": (
        "problems: 8",
        "problems: 8.5",
        ":6: generate.problems: should be a valid integer, not 8.5",
    ),
    "quoted number": ("k: 4", "k: '4'", ":10: sample.k: should be a valid integer, not '4'"),
    "a bool is no number": ("k: 4", "k: true", ":10: sample.k: should be a valid integer, not True"),
    "out of range": ("0.7", "-1e-6", ":8: generate.sampling.temperature: .* greater than or equal to 0, not -1e-06"),
    "share above one": ("0.6", "1.5", r":15: filter\[1\].min_share: should be less than 1, not 1.5"),
    "word not allowed": ("exact", "exat", ":11: sample.early_stop: should be 'exact' or 'off'.*, not 'exat'"),
    "unknown filter": (
        "answer_consistency",
        "answer_consitency",
        r":13: filter\[0\]: .*did you mean 'answer_consistency'",
    ),
    "no type": ("- type: answer_consistency", "- k: 3", r":13: filter\[0\]: needs a type; one of: .*dedup"),
    "a word for a section": (
        "sample:\n  k: 4\n  early_stop: exact",
        "sample: 4",
        ":9: sample: should be .* key: value lines",
    ),
    "a word for a list": ("[csi_word_problems]", "csi", ":25: evaluate.tasks: should be a valid list, not 'csi'"),
    "an empty list": ("[csi_word_problems]", "[]", ":25: evaluate.tasks: .* at least 1 item"),
    "missing key": ("  model: org/model\n", "", ":4: generate.model: is required"),
    "a key twice": ("  k: 4", "  k: 4\n  k: 5", ":11: sample.k: stands twice, on .*:10 and .*:11; remove one"),
    "no number": (
        "temperature: 0.7",
        "temperature: .nan",
        ":8: generate.sampling.temperature: .nan is not a finite number",
    ),
    "infinity": ("temperature: 0.7", "temperature: 1e999", ":8: generate.sampling.temperature: 1e999 is not a finite"),
    "no number of TRL's": ("1e-4", "-.inf", ":19: train.*args.learning_rate: -.inf is not a finite number"),
    "a number of many digits": ("  k: 4", f"  k: {10**25}", ":10: sample.k: 10{25} is beyond any number of 64 bits"),
    "a trainer twice": ("type: grpo", "type: sft", ":16: train: .*two entries of type 'sft'"),
    "two places for seeds": ("path: seeds.jsonl", "path: s\n  hub: h", ":2: seeds: .*exactly one of path, hub, gym"),
    "neither generate nor data": (
        "generate:\n  model: org/model\n  problems: 8\n  sampling:\n    temperature: 0.7\n",
        "",
        "give either generate",
    ),
    "unusable name": ("name: good", "name: a/b", ":1: name: should match pattern"),
    "bad indentation": ("  k: 4", "   k: 4", ":11: cannot read as YAML: .*\n.*indentation"),
    "unclosed quote": ("model: org/model", 'model: "org', "cannot read as YAML: .*\n.*quotes"),
    "a tab": ("  k: 4", "\tk: 4", ":10: cannot read as YAML"),
    "an alias": ("k: 4", "k: *four", ":10: cannot read as YAML: an alias .*: write the value out"),
    "a set": ("model: org/model", "model: !!set {a, b}", ":5: generate.model: should be text"),
    "a tag": ("model: org/model", "model: !!python/name:os.system", ":5: cannot read .*\n.*without a ! tag"),
}


def write(folder: Path, text: str) -> Path:
    path = folder / "recipe.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return write(tmp_path, GOOD)


@pytest.mark.parametrize(("old", "new", "message"), BAD.values(), ids=BAD)
def test_a_bad_recipe_is_named_by_line_key_and_remedy(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in GOOD
    with pytest.raises(RecipeError, match=message):
        recipe_file.load(write(tmp_path, GOOD.replace(old, new, 1)))


def test_all_problems_are_listed_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = GOOD.replace("k: 4", "k: 0").replace("name: good", "nam: good").replace("min_share", "share")
    with pytest.raises(recipe_file.ProblemsError) as caught:
        recipe_file.load(write(tmp_path, text))
    assert [problem["key"] for problem in caught.value.problems] == ["name", "nam", "sample.k", "filter[1].share"]
    assert "4 problems" in str(caught.value)


@pytest.mark.parametrize("text", ["", "# nothing\n", "just words\n", "- a\n- list\n"])
def test_a_file_that_is_no_recipe(tmp_path: Path, text: str) -> None:
    with pytest.raises(RecipeError, match=r"recipe.yaml is not a recipe.*\n.*recipes/"):
        recipe_file.load(write(tmp_path, text))


def test_a_file_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"cannot read .*none\.yaml: No such file"):
        recipe_file.load(tmp_path / "none.yaml")
    (tmp_path / "bytes.yaml").write_bytes(b"name: \xff")
    with pytest.raises(RecipeError, match="not UTF-8"):
        recipe_file.load(tmp_path / "bytes.yaml")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-6", 1e-6), ("1E-6", 1e-6), ("1.0e-6", 1e-6), (".5", 0.5), ("-2.5", -2.5), ("+1e3", 1000.0),
        ("1_000.5", 1000.5), ("3", 3), ("-3", -3), ("10_000", 10000), ("0", 0),
        ("true", True), ("False", False), ("null", None), ("~", None), ("", None),
        ("off", "off"), ("on", "on"), ("no", "no"), ("yes", "yes"), ("12:30", "12:30"), ("2024-01-31", "2024-01-31"),
        ("010", "010"), ("0x10", "0x10"), ("1e", "1e"), ("e5", "e5"),
        ("'1e-6'", "1e-6"), ("4b", "4b"), ("1.2.3", "1.2.3"),
    ],
)  # fmt: skip
def test_plain_words_are_those_of_yaml_1_2(good: Path, text: str, value: object) -> None:
    found = recipe_file.load(good, [f"train.sft.args.x={text}"]).train[0].args["x"]
    assert (found, type(found)) == (value, type(value))


def test_overrides_change_add_and_remove(good: Path) -> None:
    changes = [
        "generate.problems=64",
        "train.1.args.learning_rate=1e-5",
        "train.grpo.args.max_steps=3",
        "sample.sampling.max_tokens=99",
        "engine.args={max_num_seqs: 8, enforce_eager: true}",
        "train.sft=null",
        "evaluate.tasks=[a, b]",
        "data.path=null",
        "data=null",
        "label=majority",
    ]
    recipe = recipe_file.load(good, changes)
    assert recipe.generate is not None
    assert recipe.generate.problems == 64
    assert recipe.sample is not None
    assert recipe.sample.sampling.max_tokens == 99
    assert recipe.engine.args == {"max_num_seqs": 8, "enforce_eager": True}
    assert [(t.type, t.args) for t in recipe.train] == [("grpo", {"learning_rate": 1e-5, "max_steps": 3})]
    assert recipe.evaluate is not None
    assert recipe.evaluate.tasks == ("a", "b")
    assert recipe.data is None


def test_null_is_a_value_outside_lists(good: Path) -> None:
    recipe = recipe_file.load(good, ["seeds.fields.answer=null", "evaluate=null"])
    assert recipe.seeds is not None
    assert recipe.seeds.fields.answer is None
    assert recipe.evaluate is None


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("generate.problms=64", "override 'generate.problms=64': generate.problms: no key .*'problems'?"),
        ("sample.k=many", "override 'sample.k=many': sample.k: should be a valid integer"),
        ("generat.problems=4", "override 'generat.problems=4': generat: no key 'generat'; did you mean 'generate'?"),
        ("sample.k", "override 'sample.k' is not key.path=value\n.*for example"),
        ("sample..k=3", "is not key.path=value"),
        ("=3", "is not key.path=value"),
        ("train.gpro.args.max_steps=3", "override .*: the list has no entry 'gpro'.*\n.*did you mean 'grpo'?"),
        ("train.2.args={}", "the list has no entry '2'"),
        ("name.first=x", "there is no 'first' in the value 'good'"),
        ("engine.args={a: ", "override 'engine.args={a: ': cannot read as YAML|override .*cannot read as YAML"),
        ("engine.args={a: 1, a: 2}", "engine.args.a: stands twice"),
    ],
)  # fmt: skip
def test_a_bad_override_is_named(good: Path, override: str, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        recipe_file.load(good, [override])


def test_what_stands_beside_an_override_keeps_its_line(good: Path) -> None:
    with pytest.raises(RecipeError, match=r":8: generate\.sampling\.temperature"):
        recipe_file.load(write(good.parent, GOOD.replace("0.7", "-1")), ["generate.sampling.top_p=0.5"])


def test_dump_reads_back_to_an_equal_recipe(tmp_path: Path, good: Path) -> None:
    awkward = ["1e-6", "off", "null", "010", "12:30", "", " x ", "ü", "a: b", "true", "1_0", "#", "multi\nline"]
    recipe = recipe_file.load(good, ["train.grpo.args.floats=[1e-6, 1e3, 0.1, 3]", "seeds.fields.answer=null"])
    recipe.train[0].args["words"] = awkward
    copy = write(tmp_path, recipe_file.dump(recipe))
    assert recipe_file.load(copy) == recipe
    assert recipe_file.load(copy).train[0].args["words"] == awkward
    assert recipe_file.dump(recipe_file.load(copy)) == copy.read_text(encoding="utf-8")


def test_dump_is_complete(good: Path) -> None:
    text = recipe_file.dump(recipe_file.load(good))
    assert all(line in text for line in ("seed: 0", "  max_calls_per_problem: 4.0", "  top_p: 0.95", "wandb: off"))


OWN = "from csi_train.parts import Strict\n\n\nclass Params(Strict):\n    most: int = 9\n"


@pytest.mark.parametrize(("word", "file"), [("own_one", "own_one.py"), ("own_pack.two", "own_pack/two.py")])
def test_a_part_of_ones_own_lies_beside_the_recipe(tmp_path: Path, word: str, file: str) -> None:
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).with_name("__init__.py").touch()
    (tmp_path / file).write_text(OWN)
    path = tmp_path / "recipe.yaml"
    path.write_text(f"name: r\ndata: {{path: x.jsonl}}\nfilter: [{{type: {word}, most: 4}}]\n")
    recipe = recipe_file.load(path)
    assert (recipe.filter[0].type, recipe.filter[0].most, recipe.code) == (word, 4, str(tmp_path))
    (tmp_path / "run").mkdir()
    (tmp_path / "run/recipe.yaml").write_text(recipe_file.dump(recipe))
    assert recipe_file.load(tmp_path / "run/recipe.yaml").filter == recipe.filter
    path.write_text(path.read_text().replace("most", "mots"))
    with pytest.raises(RecipeError, match=r":3: filter\[0\].mots: no key 'mots'; did you mean 'most'"):
        recipe_file.load(path)


def test_what_a_part_of_ones_own_raises_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "own_broken.py").write_text("limit = 3\nraise ValueError('no limit is set')\n")
    path = tmp_path / "recipe.yaml"
    path.write_text("name: r\ndata: {path: x.jsonl}\nfilter: [{type: own_broken}]\n")
    with pytest.raises(RecipeError) as error:
        recipe_file.load(path)
    assert f":3: filter[0]: cannot import 'own_broken': {tmp_path}/own_broken.py:2: ValueError: no limit is set" in str(
        error.value
    )
