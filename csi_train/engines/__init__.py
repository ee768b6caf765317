"""Ways to run a language model. An engine is a module with `Params` and `open(model, params, seed) -> Engine`
and `fingerprint(model, params) -> str`, which says without loading anything whose completions those would be."""

SHARED = ("contract", "stored")
