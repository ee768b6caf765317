"""What cannot be read or answered as text goes; the same words in another use stay."""

from collections.abc import Callable
from typing import Any

import pytest

from csi_train.filters import text_only

NOT_SHOWN = "about something that is not shown"
LINK = "about what a link leads to"
NOT_TEXT = "asks for something that is not text"

BAD = [
    ("What is happening in the picture?", NOT_SHOWN, "What is happening in the picture?"),
    ("Describe the image in three sentences.", NOT_SHOWN, "Describe the image"),
    ("Write a caption for the following photo.", NOT_SHOWN, "the following photo"),
    ("How old is the person in this photograph?", NOT_SHOWN, "this photograph"),
    ("Compare these two paintings.", NOT_SHOWN, "these two paintings"),
    ("Look at the screenshot and explain the error.", NOT_SHOWN, "Look at the screenshot"),
    ("Summarize the attached quarterly sales report document.", NOT_SHOWN, "attached quarterly sales report document"),
    ("Fill in the spreadsheet I uploaded.", NOT_SHOWN, "spreadsheet I uploaded"),
    ("Transcribe the recording.", NOT_SHOWN, "Transcribe the recording"),
    ("Which language is spoken in the video?", NOT_SHOWN, "Which language is spoken in the video?"),
    ("What is the point of this article: https://example.org/news", LINK, "this article: https:"),
    ("Go to www.example.org and tell me what it sells.", LINK, "Go to www."),
    ("Click on this link to see the task.", LINK, "Click on this link"),
    ("Draw a cat that sleeps on a sofa.", NOT_TEXT, "Draw a"),
    ("I am bored. Please sketch me a sunset.", NOT_TEXT, "Please sketch me a"),
    ("Create a realistic image of a castle in the fog.", NOT_TEXT, "Create a realistic image"),
    ("Can you design a logo for my bakery?", NOT_TEXT, "design a logo"),
    ("Make me a short video about volcanoes.", NOT_TEXT, "Make me a short video"),
]

GOOD = [
    "Write a Python function that resizes an image to 64 by 64 pixels.",
    "Draw a cat in ASCII characters.",
    "Create an SVG image of a red circle.",
    "Write a script for a video about volcanoes.",
    "Create a video script about volcanoes.",
    "Write an image description for blind readers: a dog on a beach.",
    "Generate a picture book idea for small children.",
    "Draw a conclusion from these numbers: 3, 9, 27.",
    "Choose a title based on the video's content: how to make coffee.",
    "Who painted the Mona Lisa, and why is the painting famous?",
    "Explain how photographs were developed before digital cameras.",
    "Paint a vivid picture of a market at dawn.",
    "Write a LinkedIn post about my new job.",
    "How do I link two tables in SQL?",
    "What is the big picture behind the French Revolution?",
    "Tell the story of a girl who finds an old photo in the attic.",
    "How do I fetch https://example.org/data.json in Python?",
    "Explain the difference between a raster image and a vector image.",
    "Summarize the movie Titanic in one sentence.",
    "Write a formal letter that says which documents are attached.",
]


@pytest.mark.parametrize(("text", "reason", "words"), BAD)
def test_what_is_no_text(text: str, reason: str, words: str, judge_text: Callable[..., Any]) -> None:
    (verdict,) = judge_text(text_only, [text], verifiable=False)
    assert (verdict.keep, verdict.reason, verdict.figures) == (False, reason, {"words": words})


@pytest.mark.parametrize("text", GOOD)
def test_what_only_mentions_it(text: str, judge_text: Callable[..., Any]) -> None:
    (verdict,) = judge_text(text_only, [text])
    assert (verdict.keep, verdict.reason, verdict.figures) == (True, "text", {}), verdict
