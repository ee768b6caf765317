"""What cannot be read or answered as text goes; the same words in another use stay."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from csi_train.filters import text_only

NOT_SHOWN = "about something that is not shown"
LINK = "about what a link leads to"
NOT_TEXT = "asks for something that is not text"

BAD = {
    NOT_SHOWN: [
        ("What is happening in the picture?", "What is happening in the picture?"),
        ("Describe the image in three sentences.", "Describe the image"),
        ("Write a caption for the following photo.", "the following photo"),
        ("How old is the person in this photograph?", "this photograph"),
        ("Compare these two paintings.", "these two paintings"),
        ("Look at the screenshot and explain the error.", "Look at the screenshot"),
        ("Summarize the attached quarterly sales report document.", "attached quarterly sales report document"),
        ("Fill in the spreadsheet I uploaded.", "spreadsheet I uploaded"),
        ("Transcribe the recording.", "Transcribe the recording"),
        ("Which language is spoken in the video?", "Which language is spoken in the video?"),
        ("Classify the following image as cat or dog.", "the following image"),
        ("Given the following two images, list the differences.", "the following two images"),
        ("Write a short story inspired by this old photo.", "this old photo"),
        ("Tell me which bird sings in the attached audio.", "the attached audio"),
        ("Watch this video and list the five mistakes the speaker makes.", "this video"),
        ("Summarise this podcast in ten bullet points.", "this podcast"),
        ("Listen to this song and name the instruments.", "Listen to this song"),
        ("Identify the plant in the photo.", "Identify the plant in the photo"),
        ("How many people are there in the picture?", "How many people are there in the picture?"),
        ("What does the image show?", "what does the image show"),
        ("Tell me of the landmark shown in the picture.", "shown in the picture"),
        ("Based on the image, guess the season.", "Based on the image"),
        ("Caption: [image]", "[image]"),
        ("Guess what this is [insert image here].", "[insert image here]"),
        ("Explain the joke in the meme below.", "meme below"),
        ("I have attached a PDF of my contract. Is the notice period legal?", "I have attached a"),
        ("Use the attached chart to find the best quarter.", "attached chart"),
        ("Review the résumé I've attached and suggest improvements.", "résumé I've attached"),
        ("Summarize report.pdf in one paragraph.", "Summarize report.pdf"),
        ("Convert the text in this screenshot to Markdown.", "this screenshot"),
        ("Using the images provided, write a travel blog.", "images provided"),
        ("Here is a photo of my kitchen. Which colour suits its walls?", "Here is a photo"),
        ("Use the data in the attached spreadsheet to forecast sales.", "attached spreadsheet"),
    ],
    LINK: [
        ("What is the point of this article: https://example.org/news", "this article: https:"),
        ("Go to www.example.org and tell me what it sells.", "Go to www."),
        ("Click on this link to see the task.", "Click on this link"),
        ("Summarize https://example.org/paper in five sentences.", "Summarize https:"),
        ("Visit the following website and write a review of its design.", "Visit the following website"),
        ("Rewrite the article at this link for children.", "at this link"),
        ("Read the essay behind the link below and grade it: the link below leads there.", "the link below"),
        ("Navigate to https://example.org/shop and list the prices.", "Navigate to https:"),
    ],
    NOT_TEXT: [
        ("Draw a cat that sleeps on a sofa.", "Draw a"),
        ("I am bored. Please sketch me a sunset.", "Please sketch me a"),
        ("Create a realistic image of a castle in the fog.", "Create a realistic image"),
        ("Can you design a logo for my bakery?", "Can you design a logo"),
        ("Make me a short video about volcanoes.", "Make me a short video"),
        ("Create a poster for the school play.", "Create a poster"),
        ("Design a modern, minimalist logo that shows a fox.", "Design a modern, minimalist logo"),
        ("Draw three cubes in perspective.", "Draw t"),
        ("Please draw Saturn with its rings.", "Please draw S"),
        ("Generate an infographic comparing tea and coffee.", "Generate an infographic"),
        ("Design a book cover for a crime novel.", "Design a book cover"),
        ("I need a banner for my online shop.", "I need a banner"),
        ("I'd like an illustration of a dragon reading the newspaper.", "I'd like an illustration"),
        ("Show me a picture of a quokka.", "Show me a picture"),
        ("Your task is to create a flyer for a yard sale.", "task is to create a flyer"),
        ("Make a collage of my holidays in Spain.", "Make a collage"),
        ("Produce a sound effect of a creaking door.", "Produce a sound effect"),
        ("Record a video in which you juggle.", "Record a video"),
        ("Edit my photo so that the sky is blue.", "Edit my photo"),
        ("Write a poem about autumn, then draw a picture of it.", "then draw a picture"),
        ("Create a meme about Monday mornings.", "Create a meme"),
        ("Could you please make a 3D model of a chair?", "Could you please make a 3D model"),
        ("Design an icon for a weather app.", "Design an icon"),
        ("Create an animated GIF of a bouncing ball.", "Create an animated GIF"),
        ("I want a logo for a law firm.", "I want a logo"),
        ("Draw me a family tree of five generations.", "Draw me a"),
        ("Sketch the floor plan of a small house.", "Sketch t"),
    ],
}

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
    "Write a caption for a photo of two friends on a mountain.",
    "Describe a painting style of the 19th century.",
    "Describe the painting Guernica and what it meant in its time.",
    "Analyze the image of women in the novels of Jane Austen.",
    "Draw up a contract for renting out a bicycle.",
    "Draw inspiration from Kafka and write a short parable.",
    "Draw parallels between the Roman and the British empire.",
    "Draw on your knowledge of physics to explain a rainbow.",
    "How can you create an image that loads fast on a website?",
    "How would you draw a horse? Explain it to a beginner.",
    "Explain how an artificial neural network can generate an image from a text.",
    "Create a list of images that would suit an essay on the sea.",
    "Create a title for my painting of a stormy sea.",
    "Design a poster session schedule for a conference of 60 people.",
    "Write the text of a poster that warns of thin ice.",
    "Write a slogan for the flyer of a bakery.",
    "Make a plan for a video game tournament.",
    "Create a video marketing strategy for a small hotel.",
    "Write an e-mail to my boss: the attached report has a mistake on page 4.",
    "Improve this message: please click the link below to confirm your address.",
    "Summarize the following article: The city council has decided to plant 500 trees.",
    "Use the following article to answer the question: Bees dance. Why do they?",
    "Read the following document and list the dates: The war began in 1618.",
    "Complete the following table: country, capital; France, ?; Spain, ?",
    "Calculate the mean of the figures below: 3, 5, 10.",
    "Give me a picture of what life was like in ancient Rome.",
    "Drawbacks of solar power: name three.",
    "Sketch a plan for a week in Lisbon.",
    "Sketch in words a stamp that honours nurses.",
    "Sketch the main arguments of Plato's Republic.",
    "I need a video idea for my cooking channel.",
    "What makes a good logo?",
    "Give three tips for taking better photos with a phone.",
    "Which file formats keep the transparency of an image?",
    "How do I attach a file to a message in Outlook?",
    "Write a JavaScript snippet that plays the video when I click on this link.",
    "Write a product description for a picture frame.",
    "Suggest a playlist for a long drive, as a list of songs.",
    "Write lyrics for a song about a lighthouse.",
    "Compose a melody in ABC notation.",
    "Write alt text for a chart in which sales rise from 3 to 9 million.",
    "My dog chewed my headphones and now the audio is distorted. What can I do?",
    "Write an email asking a customer to open the attached invoice.",
    "Translate into French: I have attached the photos from our trip.",
    "Rewrite the sentence: The video was watched by millions of people.",
    "Draw attention to three weaknesses of the argument: all birds fly, so penguins fly.",
    "Describe how painting changed during the Renaissance.",
    "Discuss the role of the image in advertising.",
    "What is the purpose of a poster presentation at a conference?",
    "Give me an outline for a presentation about solar power.",
    "Explain what a link between two variables means in statistics.",
]


@pytest.mark.parametrize(
    "text",
    [
        "\n" * 10**5,
        "create a " * 10**4,
        "draw a very " + "very, " * 10**4,
        "this image" + "!" * 10**5 + "x",
        "in the " * 10**4,
    ],
)
def test_a_hostile_text_takes_no_time(text: str, judge_text: Callable[..., Any]) -> None:
    began = time.process_time()
    judge_text(text_only, [text])
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("reason", "text", "words"), [(reason, *case) for reason, cases in BAD.items() for case in cases]
)
def test_what_is_no_text(reason: str, text: str, words: str, judge_text: Callable[..., Any]) -> None:
    (verdict,) = judge_text(text_only, [text], verifiable=False)
    assert (verdict.keep, verdict.reason) == (False, reason)
    assert verdict.figures["words"].lower() == words.lower()
    assert verdict.figures["words"] in text


@pytest.mark.parametrize("text", GOOD)
def test_what_only_mentions_it(text: str, judge_text: Callable[..., Any]) -> None:
    (verdict,) = judge_text(text_only, [text])
    assert (verdict.keep, verdict.reason, verdict.figures) == (True, "text", {}), verdict
