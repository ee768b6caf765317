"""Ways to sort seeds, or rows of data, into categories. A classifier is a module with `Params`, its recipe keys, and

    classify(seeds: Sequence[Seed], params: Params, run: Run) -> list[Classified]

One row out per seed, in order; a seed that fits nowhere has no category, and none is made up for it. `params.model` is
what it runs. One whose Params are `recipe.Asks` asks a language model through their `engine`, and may leave the model
to the recipe (`Recipe.classify_model`); another runs its own here.
"""

SHARED = ()
