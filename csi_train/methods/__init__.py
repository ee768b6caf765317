"""Ways to write a new prompt. A method is a module with `Params`, the template text in a `.md` beside it, and

    prompt(seeds, shots, template) -> Prompt       what the generator is asked
    parse(reply) -> Draft                          the new question and its answer; raises Unparsable with the reason
"""

SHARED = ("form",)
