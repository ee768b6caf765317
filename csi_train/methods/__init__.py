"""Ways to write a new prompt. A method is a module, its template text in the `.md` of the same name, with

    Params                                    its recipe keys: none, so far
    prompt(seeds, shots, template) -> Prompt  what the generator is asked; `template` replaces the module's own
    stop(shots) -> tuple[str, ...]            where a reply ends
    VERIFIABLE                                whether it writes questions whose answers can be checked, or instructions
    ANSWERED                                  whether the generator writes an answer with its question
    parse(reply, shots) -> Draft              the new question and its answer; raises Unparsable with the reason

`shots` are worked seeds: with any, the prompt is a text to continue, for models that follow no instructions.
Questions: cot_self_instruct (the paper's), self_instruct (baseline), cot_no_solve and self_instruct_then_solve.
Instructions: long_cot (the paper's), no_cot (baseline), short_cot.

Seeds hold no reasoning that comes before a prompt. So long_cot and short_cot have a list `DEMONSTRATIONS`, the first of
which are their `shots`, as turns of the chat.
"""

SHARED = ("form", "instructions")
