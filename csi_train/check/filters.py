"""Rules of what is filtered, voted, labelled, scored and paired."""

from csi_train import parts
from csi_train.check.files import Problems, line
from csi_train.errors import RecipeError
from csi_train.filters import Context
from csi_train.filters.votes import Votes
from csi_train.recipe import Fields, Recipe
from csi_train.records import Seed


def filters(recipe: Recipe) -> Problems:
    """A filter itself says what it cannot do without, when it judges nothing."""
    seeds = [Seed(id="", question="?")] if recipe.seeds else []
    context = Context(seeds, {"": ["?"]} if recipe.evaluate else {}, recipe.verifiable, recipe.reward is not None)
    for n, params in enumerate(recipe.filter):
        try:
            parts.load("filters", params.type).judge([], params, context)
        except RecipeError as error:
            yield ("filter", n), line(error)


def votes(recipe: Recipe) -> Problems:
    """Filters that vote need samples, some of them a written answer; and only what is voted can stop early."""
    writes = _writes_answers(recipe)
    voting = [
        (("filter", n), module, params)
        for n, params in enumerate(recipe.filter)
        if hasattr(module := parts.load("filters", params.type), "decide")
    ]
    for key, module, params in voting:
        if recipe.sample is None:
            yield key, f"{params.type} votes over sampled answers; add a sample section"
            continue
        needs_written = module.decide(Votes(recipe.sample.k), params) is False
        if needs_written and not writes:
            yield key, f"{params.type} drops every problem without a written answer, and none has one here"
        elif needs_written and recipe.label != "written":
            yield key, f"{params.type} checks the written answers, which label: {recipe.label} replaces"
        elif module.decide(Votes(recipe.sample.k, right=0 if writes else None), params) is False:
            yield key, f"no {recipe.sample.k} votes can pass {params.type}; widen its bounds, or raise sample.k"
    if recipe.sample and recipe.sample.early_stop != "off" and not voting and recipe.label != "majority":
        yield ("sample", "early_stop"), "nothing votes, so nothing can stop early; add a voting filter or say off"


def labels(recipe: Recipe) -> Problems:
    """A label that the recipe can give."""
    if recipe.label == "written" and not _writes_answers(recipe) and recipe.train:
        yield ("label",), "there are no written answers to train on; label: majority (of the sampled answers)"
    if recipe.label != "written" and recipe.sample is None:
        yield ("label",), f"{recipe.label!r} is chosen from sampled answers; add a sample section"
    if recipe.label == "reward" and recipe.reward is None:
        yield ("label",), "label: reward takes the answer that scores best; add a reward section"


def instructions(recipe: Recipe) -> Problems:
    """What cannot be with `verifiable: false`: no answer is there to vote on, to label with, or to check."""
    for n, params in enumerate(recipe.filter):
        if hasattr(parts.load("filters", params.type), "decide"):
            problem = f"{params.type} votes over answers, and with verifiable: false there are none"
            yield ("filter", n), f"{problem}; take it out (rip filters by rewards)"
    if recipe.label != "written":
        yield ("label",), f"with verifiable: false nothing is labelled; take out label: {recipe.label}"
    if recipe.sample and recipe.sample.early_stop != "off":
        yield ("sample", "early_stop"), "with verifiable: false no vote ends early; say off"
    for n, entry in enumerate(recipe.train):
        if entry.type == "grpo":
            problem = "grpo rewards right answers, and with verifiable: false there are none to check"
            yield ("train", n), f"{problem}; learn from rewards by dpo or online_dpo"


def rewards(recipe: Recipe) -> Problems:
    """A reward scores what was sampled, all of it; pairs are chosen by rewards, or stand in the data."""
    fields = recipe.data.fields if recipe.data else Fields()
    if recipe.reward and recipe.sample is None:
        yield ("reward",), "scores sampled responses; add a sample section"
    if recipe.reward and recipe.sample and recipe.verifiable and recipe.sample.early_stop != "off":
        yield ("sample", "early_stop"), "the reward is to see all k responses to a problem; say off"
    if (fields.chosen is None) != (fields.rejected is None):
        yield ("data", "fields"), "a pair has two columns; name both chosen and rejected, or neither"
    elif recipe.pair and recipe.reward is None and fields.chosen is None:
        places = "add a reward (and sample) section, or name data.fields.chosen and data.fields.rejected"
        yield ("pair",), f"pairs are chosen by the rewards of sampled responses; {places}"


def _writes_answers(recipe: Recipe) -> bool:
    if recipe.generate is None:
        return recipe.data is not None and recipe.data.fields.answer is not None
    return bool(parts.load("methods", recipe.generate.method).ANSWERED)
