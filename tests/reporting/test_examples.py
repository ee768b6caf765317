"""Examples: the whole way of a problem, a fair choice of them, and how answers changed."""

from csi_train.records import Problem, Verdict, read_rows
from csi_train.reporting import examples, results
from csi_train.run import Run


def verdicts(run: Run) -> list[Verdict]:
    return read_rows(run.folder / "filter/verdicts.jsonl", Verdict)


def test_kept_problems_and_some_that_each_filter_dropped(run: Run) -> None:
    found = examples.lineages(run, verdicts(run))
    fates = [one.dropped_by.filter if one.dropped_by else "kept" for one in found]
    assert fates == ["kept"] * 4 + ["novelty"] * 2 + ["dedup"] * 2 + ["answer_consistency"] * 2
    kept = [problem.id for problem in read_rows(run.folder / "filter/kept.jsonl", Problem)]
    assert {one.problem.id for one in found[:4]} <= set(kept)
    assert found[0].problem.id == kept[0]
    assert kept.index(found[3].problem.id) >= len(kept) // 2


def test_lineage_goes_from_the_seeds_to_the_row(run: Run) -> None:
    one = examples.lineages(run, verdicts(run))[0]
    assert [question for _, question in one.seeds] == [
        "Ann has 3 pens and buys 4 more. How many pens has she?",
        "A box holds 7 eggs. How many eggs do 1 boxes hold?",
    ]
    assert one.prompt == "user: Write a new problem."
    assert one.reply == f"[New Question Begin]{one.problem.question}[New Question End]"
    assert one.votes[0] == (one.problem.answer, 8 - one.problem.call % 6)
    assert sum(count for _, count in one.votes) == 8
    assert [verdict.filter for verdict in one.verdicts] == ["novelty", "dedup", "answer_consistency"]
    assert one.example is not None
    assert one.example.answer == one.problem.answer
    assert one.dropped_by is None


def test_dropped_problems_have_no_row(run: Run) -> None:
    assert all(one.example is None for one in examples.lineages(run, verdicts(run)) if one.dropped_by)


def test_unparsed_replies_by_reason(run: Run) -> None:
    found = examples.unparsed(run)
    assert {reason: len(rows) for reason, rows in found.items()} == {"no end marker": 6, "no boxed answer": 6}


def test_answers_before_and_after_are_of_the_same_document(run: Run) -> None:
    first, *_, last = results.rows(run)
    found = examples.answered(run, first, last)
    assert {one.way for one in found} == {"won", "still wrong"}
    for one in found:
        scores = [answer.count(one.gold) / 4 for answer in (one.before.answers, one.after.answers)]
        assert scores == [one.before.score, one.after.score]
        assert (one.way == "won") == (scores[0] < 0.5 <= scores[1])
