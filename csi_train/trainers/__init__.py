"""Ways to train: the only importers of trl. A trainer is a module with `Params` and

    train(examples, model, folder, params, track) -> None       leaves the trained model in folder/model
"""

SHARED = ("arguments", "launch", "callbacks")
