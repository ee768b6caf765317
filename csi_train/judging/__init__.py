"""Ways to judge the responses that `evaluate` sampled. A judge is a module with `Params` (its recipe keys) and

    FIGURES: dict[str, str]              what it reports of a model: name → heading
    VALUE: str                           the field of its rows in which two models are compared, document by document
    SHARES: bool                         whether those are shares, told in percent

One that sets a response beside a baseline's (pairwise.py asks for it) has as well

    TEMPLATE: str                        the prompt, from the `.md` file of its name
    SETTINGS: tuple[str, ...]            further keys of Params in which scores must agree to be compared
    first(question) -> tuple[str, ...]   whose response is shown first, "baseline" or "model", in each of its orders
    read(completion) -> Reading | None   the verdict of a reply; None where there is none
    figures(rows, params) -> dict        what it makes of the `Judged` rows of one model

and may have

    AGAIN: str                           what a judge is told that ended without a verdict
    LOGPROBS: int                        alternatives of the first token that `read` wants

The texts that are judged are not trusted: see judge_prompts.py.
"""

SHARED = ("baselines", "bradley_terry", "length_control", "pairwise", "params")
