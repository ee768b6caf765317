"""How a question is put to a model in chat: one form for sampling, training and evaluation (`evals/_shared_yaml` says it too)."""

BOXED = r"Put your final answer within \boxed{}."


def ask(question: str) -> str:
    """The user turn that asks a question."""
    return f"{question}\n\n{BOXED}"
