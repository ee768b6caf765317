"""Ways to write a new prompt. A method is a module, its template text in the `.md` of the same name, with

    Params                                    its recipe keys: none, so far
    prompt(seeds, shots, template) -> Prompt  what the generator is asked; `template` replaces the module's own
    stop(shots) -> tuple[str, ...]            where a reply ends
    ANSWERED                                  whether the generator writes an answer with its question
    parse(reply, shots) -> Draft              the new question and its answer; raises Unparsable with the reason

`shots` are worked seeds: with any, the prompt is a text to continue, for models that follow no instructions.
"""

SHARED = ("form",)
