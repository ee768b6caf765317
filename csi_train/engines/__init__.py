"""Ways to run a language model. An engine is a module with `Params` and `open(model, params, seed) -> Engine`."""

SHARED = ("contract", "stored")
