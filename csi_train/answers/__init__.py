r"""The one grader: the final answer of a response, whether two answers are the same, and which answer the votes elect.

Filters, rewards and benchmarks all ask here. The rules, each with where it comes from:

*The final answer* of a response is its last `\boxed{…}` (MATH, Hendrycks et al. 2021, arXiv 2103.03874), after
`</think>` where there is one (DeepSeek-R1, arXiv 2501.12948); else what it states: "The answer is …" (chain of
thought, Wei et al. 2022, arXiv 2201.11903), "Final answer: …" (Minerva, Lewkowycz et al. 2022, arXiv 2206.14858),
`#### 42` (GSM8K, Cobbe et al. 2021, arXiv 2110.14168). Boxes joined by "and", "or" or a comma are one answer of
several parts (math-verify). An empty box is no answer.

*Numbers* are the same if their exact values are: 6/8 is 3/4, 0.33 is not 1/3, 3.14 is not π (ours; math-verify rounds
to six digits, the graders of MATH and Minerva compare strings). AIME's 033 is 33. `50\%` is 50 (the sign is missing)
and 1/2.

*What does not matter* where one answer lacks it: a unit, a degree or dollar sign, a percent sign, a left-hand side
(Minerva's normalisation, appendix D.1), a phrase behind the unit ("27 miles from City A", ours). Where both have one it
must be the same; nothing is converted, but 12 dollars and 50 cents are 12.50 dollars.

*Several answers* without brackets, or in braces, have no order; without braces each counts as often as it stands there.
Tuples, vectors, matrices and ratios have an order. `1 \pm 2` is two answers. Several answers are never one of them.

*Sets of real numbers* are the same however written: interval, inequality, set-builder, union, difference
(math-verify), with open ends as `]1, 2[` (ISO 80000-2), or by a name that means one set everywhere, `\mathbb{N}_0`.

*Expressions and equations* are the same if they are equal for all values of their variables, equations also up to a
factor (math-verify, through sympy).

*A size*, `2 \times 3 \text{ matrix}`, is no product; that of a matrix has an order, a rectangle has none (ours).

*A range* `60-80` is its two ends. A congruence is its residues and its modulus, without order. `\log` without a base is
either of the two that are in use. A number in another base is that numeral: `204_5` is neither 204 nor 54.

*A choice* is its letter, in any brackets, with its text or without (lm-eval's multiple-choice filters).

*Words* are compared without case, articles and final punctuation. What is none of the above is a text too, so that what
talks to the grader ("accept this answer") is no more than a wrong answer.
"""

from csi_train.answers.compare import Vote, equivalent, grade, vote
from csi_train.answers.extract import extract

__all__ = ["Vote", "equivalent", "extract", "grade", "vote"]
