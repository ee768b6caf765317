"""The recipe: one YAML file that describes one whole run. Its schema.

Defaults follow the paper (arXiv 2507.23751) where it states a figure; see each field.
"""

from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self, cast

from pydantic import BaseModel, Field, PositiveInt, field_validator, model_validator

from csi_train import parts
from csi_train.parts import Strict
from csi_train.yaml_tree import Key

Share = Annotated[float, Field(ge=0, le=1)]


class Sampling(Strict):
    """How an engine draws tokens. The defaults are the paper's for Qwen3-4B in thinking mode."""

    temperature: Annotated[float, Field(ge=0)] = 0.6
    top_p: Annotated[float, Field(gt=0, le=1)] = 0.95
    top_k: Annotated[int, Field(ge=0)] = 0
    max_tokens: PositiveInt = 4096


class Asks(Strict):
    """A section that asks a language model. `engine` runs it: the recipe's, where the section names none.

    `chat_template`: the template's arguments for the section's prompts, such as enable_thinking.
    """

    engine: parts.entry("engines", "vllm") | None = None  # type: ignore[valid-type]
    chat_template: dict[str, Any] = Field(default_factory=dict)
    sampling: Sampling = Sampling()


class Judge(Asks):
    """A language model that judges. `attempts`: how often a reply is asked for until one parses."""

    model: str
    attempts: PositiveInt = 3


class Fields(Strict):
    """Which column of a data file holds what. A row without an `id` column is named by its question."""

    id: str | None = None
    question: str = "question"
    answer: str | None = "answer"
    solution: str | None = None
    category: str | None = None
    chosen: str | None = None
    rejected: str | None = None


class Source(Strict):
    """Rows from a file (JSONL, CSV, Parquet), a hub dataset, or a reasoning-gym task set: exactly one of the three."""

    path: str | None = None
    hub: str | None = None
    gym: str | None = None
    config: str | None = None
    split: str = "train"
    revision: str | None = None
    limit: PositiveInt | None = None
    fields: Fields = Fields()
    verifiable_only: bool = True

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        given = [k for k in ("path", "hub", "gym") if getattr(self, k)]
        if len(given) != 1:
            raise ValueError(f"give exactly one of path, hub, gym (given: {', '.join(given) or 'none'})")
        if self.gym and not self.limit:
            raise ValueError("a gym source needs a limit: how many tasks to make")
        return self


class Generate(Asks):
    """Write new problems: `problems` replies that parse, each from `seeds_per_prompt` seeds drawn at random."""

    model: str
    method: str = "cot_self_instruct"
    problems: PositiveInt = 5000
    seeds_per_prompt: PositiveInt = 2
    shots: Annotated[int, Field(ge=0)] = 0
    template: str | None = None
    max_calls_per_problem: Annotated[float, Field(ge=1)] = 4

    @field_validator("method")
    @classmethod
    def _known(cls, name: str) -> str:
        parts.load("methods", name)
        return name


class Confidence(Strict):
    """Stop a vote once its verdict is more likely than this to be that of all k votes (filters/stopping.py)."""

    confidence: Annotated[float, Field(gt=0.5, lt=1)]


class Sample(Asks):
    """Answer every problem `k` times; `early_stop: exact` ends a problem once no vote left can change its verdict."""

    model: str | None = None
    k: PositiveInt = 16
    shots: Annotated[int, Field(ge=0)] = 0
    early_stop: Literal["exact", "off"] | Confidence = "off"


class Pair(Strict):
    """Of the scored responses to a prompt, choose one to prefer and one to reject (arXiv 2507.23751).

    `reward`: chosen is the shortest response whose reward lies within `rho` of the range from the top, rejected the
    longest within `rho` from the bottom; `rho: 0` is best against worst. `random`: two, the better chosen.
    `pairs` fixes how many there are, so that methods compare at equal size.
    """

    rule: Literal["reward", "random"] = "reward"
    rho: Share = 0.2
    pairs: PositiveInt | None = None


class Evaluate(Asks):
    """lm-eval tasks from the folder `include_path`, `repeats` samples for each document.

    `shots: n` also scores the base model as n-shot continuation. `data_files` names local files for a task.
    """

    tasks: Annotated[tuple[str, ...], Field(min_length=1)]
    repeats: PositiveInt = 16
    shots: Annotated[int, Field(ge=0)] = 0
    limit: PositiveInt | None = None
    include_path: str = "evals"
    data_files: dict[str, str] = Field(default_factory=dict)


class Track(Strict):
    """Where metrics go besides `metrics.jsonl`. The key comes from WANDB_API_KEY."""

    wandb: Literal["online", "offline", "off"] = "off"
    project: str = "csi_train"


class Asked(NamedTuple):
    """A model that a section asks: the section and its key, the model's name and the key that gives it."""

    key: Key
    section: Asks
    model: str
    named: Key


def served(engine: Any) -> bool:
    """Whether the models of an `engine` section are names of a server's, so that no files of them are here."""
    return bool(getattr(parts.load("engines", engine.type), "SERVED", False))


class Recipe(Strict):
    """One run: `seeds` and `generate` make the data, or `data` names data that exists already (a baseline).

    `model` is trained and scored; where it is not given, the generator is. `engine` runs every section that asks a
    model and names no engine of its own: once read, each of them has one. `verifiable: false` is for instructions:
    they are asked as they are, without a box, and a `reward` takes the place of votes. `classify` finds the categories
    of rows that have none. `code` is the folder of your own modules: where the recipe file lies, if there are any.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    runs: str = "runs"
    code: str | None = None
    verifiable: bool = True
    model: str | None = None
    engine: parts.entry("engines", "vllm") = Field(default_factory=lambda: parts.load("engines", "vllm").Params())  # type: ignore[valid-type]
    seeds: Source | None = None
    data: Source | None = None
    classify: parts.entry("classifiers") | None = None  # type: ignore[valid-type]
    generate: Generate | None = None
    sample: Sample | None = None
    reward: parts.entry("rewards") | None = None  # type: ignore[valid-type]
    filter: tuple[parts.entry("filters"), ...] = ()  # type: ignore[valid-type]
    label: Literal["written", "majority", "random", "reward"] = "written"
    pair: Pair | None = None
    train: tuple[parts.entry("trainers"), ...] = ()  # type: ignore[valid-type]
    evaluate: Evaluate | None = None
    judge: tuple[parts.entry("judging"), ...] = ()  # type: ignore[valid-type]
    track: Track = Track()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.generate is None) == (self.data is None):
            raise ValueError("give either generate (with seeds) or data, not both and not neither")
        if self.generate and not self.seeds:
            raise ValueError("generate needs seeds")
        if (self.train or self.evaluate) and not (self.model or self.generate):
            raise ValueError("give model: which one to train and evaluate")
        return cast(Self, _with_engine(self, self.engine))

    @field_validator("train")
    @classmethod
    def _one_of_a_type(cls, train: tuple[Any, ...]) -> tuple[Any, ...]:
        types = [entry.type for entry in train]
        if twice := [name for name in dict.fromkeys(types) if types.count(name) > 1]:
            raise ValueError(f"two entries of type {twice[0]!r}; each leaves its model in train/<type>: keep one")
        return train

    @field_validator("judge")
    @classmethod
    def _one_of_a_name(cls, judge: tuple[Any, ...]) -> tuple[Any, ...]:
        names = [entry.name or entry.type for entry in judge]
        if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
            raise ValueError(
                f"two entries named {twice[0]!r}; each leaves its results in judge/<name>: give one a name"
            )
        return judge

    @property
    def folder(self) -> Path:
        """The run folder."""
        return Path(self.runs) / self.name

    @property
    def base_model(self) -> str:
        """The model that training starts from, and the row `base`: the generator unless `model` says otherwise."""
        return self._model_of("evaluate")[1] or ""

    @property
    def given(self) -> Source:
        """The rows that a run starts from: the seeds to write from, else the `data:`."""
        found = self.seeds if self.generate else self.data
        assert found is not None
        return found

    @property
    def classify_model(self) -> str:
        """The model that sorts seeds: the generator, or in a recipe of `data:` the one that answers, unless
        `classify.model` says otherwise."""
        return self._model_of("classify")[1] or ""

    @property
    def sample_model(self) -> str | None:
        """The model that answers: the generator unless `sample.model` says otherwise."""
        return self._model_of("sample")[1]

    @property
    def asked(self) -> list[Asked]:
        """The models that sections ask, in the order in which they do."""
        found: list[tuple[Key, Any, Key, str | None]] = [
            ((name,), getattr(self, name), *self._model_of(name))
            for name in ("classify", "generate", "sample", "evaluate")
        ]
        judges: dict[Key, Any] = {("reward",): self.reward}
        judges |= {("train", n, "reward"): getattr(entry, "reward", None) for n, entry in enumerate(self.train)}
        judges |= {("judge", n): entry for n, entry in enumerate(self.judge)}
        found += [(key, entry, (*key, "model"), getattr(entry, "model", None)) for key, entry in judges.items()]
        return [
            Asked(key, section, model, named)
            for key, section, named, model in found
            if isinstance(section, Asks) and model
        ]

    def _model_of(self, section: str) -> tuple[Key, str | None]:
        """The key that names the model of a section, and the name: the first of the keys that may and do."""
        sorts, writes, answers, base = ("classify", "model"), ("generate", "model"), ("sample", "model"), ("model",)
        named: dict[Key, str | None] = {
            sorts: getattr(self.classify, "model", None),
            writes: self.generate.model if self.generate else None,
            answers: self.sample.model if self.sample else None,
            base: self.model,
        }
        keys: tuple[Key, ...] = {
            "classify": (sorts, writes, answers, base),
            "generate": (writes,),
            "sample": (answers, writes),
            "evaluate": (base, writes),
        }[section]
        return next(((key, named[key]) for key in keys if named[key]), (keys[0], None))


def _with_engine(value: Any, engine: Any) -> Any:
    """The same, where each section that asks a model and names no engine has this one."""
    if isinstance(value, tuple):
        return tuple(_with_engine(each, engine) for each in value)
    if not isinstance(value, BaseModel):
        return value
    fields = {name: _with_engine(field, engine) for name, field in value if name != "engine"}
    if isinstance(value, Asks):
        fields["engine"] = value.engine or engine
    return value.model_copy(update=fields)
