"""The report: whole, self-contained, and proof against what a model may write."""

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from csi_train.records import Problem, Rejected, Verdict, read_rows
from csi_train.reporting import html
from csi_train.run import Run

from .conftest import evaluate

HOSTILE = (
    "<script>alert(1)</script></style></pre></title>--><img src=x onerror=alert(1)>\"'><a href='javascript:alert(1)'>"
    "{{ 7 * 7 }}{% raw %}\x00\x1b[31m\u202ereversed\u2028\ud800" + "A" * 1_000_000
)
VOID = {"meta", "path"}
ALLOWED = (
    "html|head|title|style|body|header|main|footer|section|nav|h[1-4]|p|b|i|a|ul|ol|li|pre|code|span|div|table|caption"
    "|thead|tbody|tr|th|td|figure|figcaption|details|summary|svg|meta|rect|path|text"
)


class Page(HTMLParser):
    """Reads a page, and fails on what must not be in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.headings: list[str] = []
        self.tables = 0
        self.captions = 0
        self.charts: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert re.fullmatch(ALLOWED, tag)
        assert not [name for name in given if name.startswith("on") or name in ("src", "style", "srcdoc", "action")]
        self.open += [] if tag in VOID else [tag]
        self.ids |= {value for name, value in attrs if name == "id" and value}
        self.links += [given["href"] or ""] if "href" in given else []
        self.tables += tag == "table"
        self.captions += tag == "caption"
        self.headings += [tag] if re.fullmatch("h[1-6]", tag) else []
        if tag == "svg" and given.get("aria-hidden") != "true":
            assert given["role"] == "img"
            self.charts.append(given["aria-label"] or "")

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def page(run: Run) -> tuple[str, Page]:
    text = html.write(run).read_text(encoding="utf-8")
    return text, Page(text)


def test_page_is_whole_and_needs_nothing_else(run: Run) -> None:
    text, found = page(run)
    assert found.open == []
    assert text.startswith("<!doctype html>")
    assert {link.removeprefix("#") for link in found.links} <= found.ids
    assert not re.search(r"https?:|@import|url\(", text)
    assert "default-src 'none'" in text
    assert found.headings[0] == "h1"
    assert found.tables == found.captions
    assert len(found.charts) == 5
    assert all(found.charts)


def test_page_shows_the_run(run: Run) -> None:
    _, found = page(run)
    for words in (
        "grpo, the best of 2 trained models, scores 43.4 % on words, against 0.4 % for base: higher",
        "no difference that stands out of the noise",
        "0.0 ± 0.0",
        "no end marker 6 · no boxed answer 6",
        "step 701: 88% of the groups have equal rewards",
        "How many pens has she?",
        "[New Question Begin]A shop sells",
        "user: Write a new problem.",
        "dropped by answer_consistency",
        "shots: 5",
        "versions.trl",
        "1.16.0",
        "1 min 2 s",
        "won",
        "still wrong",
    ):
        assert words in found.text, words
    assert "loss: from 2.3 at step 1 to 1.1 at step 2, between 1.1 and 2.3, 2 values" in found.charts


def test_hostile_text_stays_text(run: Run) -> None:
    poison(run)
    text, found = page(run)
    assert found.open == []
    assert found.links == [link for link in found.links if link.startswith("#")]
    assert not re.search("[\x00-\x08\x0b-\x1f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", text)
    assert "<script>alert(1)</script>" in found.text
    assert "{{ 7 * 7 }}" in found.text
    assert "⟨U+0000⟩" in found.text
    assert "⟨U+202E⟩reversed⟨U+2028⟩⟨U+D800⟩" in found.text
    assert len(text) < 1_500_000
    assert "more characters]" in found.text


def poison(run: Run) -> None:
    """Put hostile text wherever a model, a data set or a stranger can put text."""
    generated, filtered = run.folder / "generate", run.folder / "filter"
    change(generated / "problems.jsonl", Problem, ("question", "answer"))
    change(generated / "rejected.jsonl", Rejected, ("reason", "reply"))
    change(filtered / "verdicts.jsonl", Verdict, ("reason",), {"figures": {HOSTILE: HOSTILE}})
    for path in (filtered / "examples.jsonl", run.folder / "sample/samples.jsonl"):
        change_json(path, ("question", "answer", "response", "text"))
    for row in ("base", "base_fewshot", "sft", "grpo"):
        change_json(
            run.folder / "evaluate" / row / "documents_words.jsonl", ("question", "gold", "texts", "answers"), most=3
        )
    metrics = run.folder / "train/grpo/metrics.jsonl"
    metrics.write_text(metrics.read_text() + json.dumps({"step": 2001, "reward": None, "alarm": [HOSTILE]}) + "\n")
    (run.folder / "manifest.json").write_text(json.dumps({HOSTILE: [HOSTILE]}))
    recipe = run.folder / "recipe.yaml"
    recipe.write_text(recipe.read_text() + "# </pre><script>alert(1)</script>\n")
    funnel = filtered / "funnel.json"
    funnel.write_text(json.dumps([step | {"reasons": {HOSTILE: 3}} for step in json.loads(funnel.read_text())]))


def change(path: Path, kind: type[Any], fields: tuple[str, ...], more: dict[str, Any] | None = None) -> None:
    rows = [{name: getattr(row, name) for name in row.__slots__} for row in read_rows(path, kind)]
    changed = [row | dict.fromkeys(fields, HOSTILE) | (more or {}) for row in rows[:8]]
    path.write_text("".join(json.dumps(row) + "\n" for row in [*changed, *rows[8:]]))


def change_json(path: Path, names: tuple[str, ...], most: int = 8) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [hostile(json.loads(line), names) if n < most else json.loads(line) for n, line in enumerate(lines)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def hostile(value: Any, names: tuple[str, ...]) -> Any:
    if isinstance(value, list):
        return [hostile(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    return {k: poisoned(v) if k in names else hostile(v, names) for k, v in value.items()}


def poisoned(value: Any) -> Any:
    return [HOSTILE for _ in value] if isinstance(value, list) else HOSTILE


@pytest.mark.parametrize(
    "missing", ["generate", "sample", "filter", "train", "evaluate", "manifest.json", "everything"]
)
def test_what_is_not_there_is_said_to_be_missing(run: Run, missing: str) -> None:
    gone = ["generate", "sample", "filter", "train", "evaluate"] if missing == "everything" else [missing]
    for name in gone:
        (run.folder / name).rename(run.folder.parent / name)
    _, found = page(run)
    assert found.open == []
    expected = {
        "filter": "Nothing was filtered yet.",
        "train": "No step was logged.",
        "evaluate": "Nothing was evaluated yet.",
        "everything": "Nothing to compare",
        "sample": "not sampled",
    }
    assert expected.get(missing, "quick") in found.text


def test_a_moved_run_folder_still_reports(run: Run, tmp_path: Path) -> None:
    (tmp_path / "seeds.jsonl").unlink()
    (tmp_path / "runs/store.sqlite").unlink()
    _, found = page(run)
    assert "(its text is not at hand)" in found.text
    assert not (tmp_path / "runs/store.sqlite").exists()


def test_rows_that_were_given(make_run: Callable[..., Run]) -> None:
    """A recipe with `data:` has no replies and no seeds: the funnel begins with the rows given."""
    run = make_run()
    text = (run.folder / "recipe.yaml").read_text()
    text = re.sub(r"seeds: (.*)\ngenerate: .*\n", r"data: \1\nmodel: smollm2\n", text)
    (run.folder / "recipe.yaml").write_text(text)
    _, found = page(Run.at(run.folder))
    assert "given 40" in found.text
    assert "generated" not in found.text
    (run.folder.parents[1] / "seeds.jsonl").unlink()
    assert "A shop sells 5 crates" in page(Run.at(run.folder))[1].text


@pytest.mark.parametrize(("rate", "top"), [(0.0, 10), (1.0, 100)])
def test_scores_at_the_ends_of_the_scale(make_run: Callable[..., Run], rate: float, top: int) -> None:
    text, found = page(make_run(rates={"base": rate, "grpo": rate}))
    widths = re.findall(r'class="fill" y="3" width="([\d.]+)"', text)
    assert [float(width) for width in widths[:2]] == [100 * rate] * 2
    assert f"{top} %" in found.text
    assert found.text.replace("\u00a0", " ").count("No gain that stands out of the noise") == 1


def test_tasks_that_no_row_has_together(make_run: Callable[..., Run]) -> None:
    run = make_run(rates={"base": 0.2})
    evaluate(run, "sft", 0.4, ("letters",), 4)
    run.finish("evaluate/sft", 1.0, {})
    _, found = page(run)
    assert "sft against base on the average of 2 tasks: not every task was run." in found.text
    assert found.open == []


def vote(problem: str, keep: bool, seen: int, top: int, name: str = "vote") -> Verdict:
    figures = {"k": 8, "seen": seen, "top": top}
    return Verdict(problem=problem, filter=name, keep=keep, reason="", figures=figures)


def test_votes_are_those_of_the_first_voting_filter() -> None:
    novelty = Verdict(problem="a", filter="novelty", keep=True, reason="")
    rows = [novelty, vote("a", True, 8, 8), vote("b", False, 8, 2), vote("a", False, 8, 1, "later")]
    found = html.votes(rows)
    assert found is not None
    assert (found["filter"], found["problems"], found["unanimous"], found["early"]) == ("vote", 2, 1, 0)
    assert [bar for bar in found["bars"] if any(bar[1:])] == [(2, 0, 1), (8, 1, 0)]
    assert html.votes([novelty]) is None


def test_where_votes_were_decided_early_those_cast_are_counted_and_no_share_is_drawn(run: Run) -> None:
    """4 of 6 and 3 of 5 agree because that is when sampling stops."""
    rows = [vote("a", True, 5, 5), vote("b", True, 6, 4), vote("c", False, 5, 3), vote("d", True, 8, 5)]
    found = html.votes(rows)
    assert found is not None
    assert found["early"] == 3
    assert [bar for bar in found["bars"] if any(bar[1:])] == [(5, 1, 1), (6, 1, 0), (8, 1, 0)]
    path = run.folder / "filter/verdicts.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    seen = [line["figures"] for line in lines if line["filter"] == "answer_consistency"]
    for figures in seen[:7]:
        figures["seen"] = 5
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    text, shown = page(run)
    assert f"{len(seen)} problems that reached answer_consistency. 7 of them were decided early" in shown.text
    assert "how many would have agreed in the end is not known" in shown.text
    assert "<title>5 of 8 votes cast: " in text
    assert "agree on the most frequent one" not in shown.text


def test_values_are_on_the_axes_and_under_the_pointer(run: Run) -> None:
    text, _ = page(run)
    assert "<title>8 of 8 answers agree: " in text
    assert "<title>step 1: 2.3</title>" in text
    assert "<title>grpo: 43.4 ± 3.0 %, 95 % interval 37.5 to 49.3</title>" in text
    assert re.search(r"<title>grpo − sft: \+2.0 points, 95 % interval −7.7 to \+11.6, 64 problems: no difference", text)
    for values in ("0 % 10 % 20 % 30 % 40 % 50 %", "0 +20 +40", "0 1 2 3 4 5 6 7 8"):
        assert values in re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", text)), values


def test_the_loss_of_a_policy_gradient_is_no_curve(run: Run) -> None:
    _, found = page(run)
    assert [chart.partition(":")[0] for chart in found.charts[1:]] == [
        "loss",
        "gradient norm",
        "reward",
        "reward spread within groups",
    ]


def test_the_best_model_is_the_one_that_tiles_bars_and_examples_are_about(make_run: Callable[..., Run]) -> None:
    text, _ = page(make_run(rates={"base": 0.05, "base_fewshot": 0.3, "sft": 0.6, "grpo": 0.3}))
    tiles = re.findall(r'<li class="tile"><b>(.*?)</b>(.*?)</li>', text)
    assert [what.partition(";")[0] for _, what in tiles] == [
        "base", "sft", "points of sft over base", "generated", "rows to train on",
    ]  # fmt: skip
    assert re.findall(r'<li class="bar last"><span class="label">(\w+)', text)[0] == "sft"
    assert set(re.findall(r"<h4>(\w+): \d+ % right", text)) == {"base", "sft"}
    noise, _ = page(make_run(name="noise", rates={"base": 0.4, "base_fewshot": 0.3, "sft": 0.4, "grpo": 0.4}))
    assert ", may be noise</li>" in noise


@pytest.mark.parametrize(("seconds", "words"), [(4.25, "4.2 s"), (75, "1 min 15 s"), (3700, "1 h 1 min")])
def test_durations(seconds: float, words: str) -> None:
    assert html.duration(seconds) == words


def test_write_is_the_same_each_time(run: Run) -> None:
    assert html.write(run).read_bytes() == html.write(run).read_bytes()


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb, as WCAG 2 defines it."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_colours_contrast_in_light_and_dark(run: Run) -> None:
    text, _ = page(run)
    themes = [dict(re.findall(r"--(\w+): (#\w{6})", block)) for block in re.findall(r":root \{(.*?)\}", text)]
    assert len(themes) == 2
    for colours in themes:
        for name, least in (("ink", 7.0), ("soft", 4.5), ("up", 4.5), ("down", 4.5), ("quiet", 3.0)):
            for ground in ("paper", "card"):
                dark, light = sorted((luminance(colours[name]), luminance(colours[ground])))
                assert (light + 0.05) / (dark + 0.05) >= least, (name, ground)
