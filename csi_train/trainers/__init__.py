"""Ways to train: the only importers of trl. A trainer is a module with `Params`, `ROWS` (what it learns from:
`Example`, rows that the filter stage keeps, or `Pair`, those of the pair stage) and

    train(rows, model, folder, params, track, seed) -> figures

It leaves the trained weights and tokenizer in folder/model, checkpoints in folder/checkpoints and a JSON line for each
logged step in folder/metrics.jsonl. Killed at any moment and called again, it goes on from the last whole checkpoint.
"""

SHARED = ("arguments", "callbacks", "checkpoints", "fit", "launch", "params", "trl_fields")
