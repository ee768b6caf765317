"""Ways to train: the only importers of trl. A trainer is a module with `Params`, `ROWS` (what it learns from:
`Example`, rows that the filter stage keeps, or `Pair`, those of the pair stage) and

    train(rows, model, folder, params, track, seed) -> figures

It leaves the trained weights and tokenizer in folder/model (adapters also as they are, in folder/adapter), the rows it
was trained on in folder/train.jsonl, checkpoints in folder/checkpoints and a JSON line for each logged step in
folder/metrics.jsonl. Killed at any moment and called again, it goes on from the last good checkpoint; killed after the
last step, it trains no more and leaves the model.
"""

SHARED = (
    "arguments", "callbacks", "checkpoints", "divergence", "fit", "launch", "limits", "params", "saving", "trl_fields",
)  # fmt: skip
