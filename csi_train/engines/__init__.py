"""Ways to run a language model. An engine is a module with `Params` and `open(model, params, seed) -> Engine`
and `fingerprint(model, params) -> str`, which says without loading anything whose completions those would be.
`SERVED = True` says that its models are names of a server's, and not files of this machine."""

SHARED = ("contract", "openai_api", "stored")
