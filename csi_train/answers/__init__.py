"""The one grader: the final answer of a response, whether two answers are the same, and which answer the votes
elect."""

from csi_train.answers.compare import Vote, equivalent, grade, vote
from csi_train.answers.extract import extract

__all__ = ["Vote", "equivalent", "extract", "grade", "vote"]
