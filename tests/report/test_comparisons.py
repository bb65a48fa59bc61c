"""What is said of pairs: the sentence, who is left out of it, and what is not settled."""

from __future__ import annotations

from typing import Any

from burncurve.report import comparisons
from burncurve.report.plots.pairs import pairs
from burncurve.report.plots.sheet import look
from burncurve.report.tables import filled, markdown

SURE = {"certainty": 0.99999, "resolved": True, "always_equal": False, "replications_needed": None}
OPEN = {"certainty": 0.8, "resolved": False, "always_equal": False, "replications_needed": 1234}


def pair(name: str, ratio: float, half: float = 0.02, **more: Any) -> dict[str, Any]:
    between = [1 - ratio - half, 1 - ratio + half]
    won = {"cheaper": 998, "equal": 0, "dearer": 2, "of": 1000}
    return {
        "name": name, "ratio": ratio, "saving": 1 - ratio, "saving_ci95": between, "difference_usd": ratio - 1,
        "difference_usd_ci95": [ratio - 1 - half, ratio - 1 + half], **won, **SURE, **more,
    }  # fmt: skip


def document(*held: dict[str, Any], replications: int = 1000, **more: Any) -> dict[str, Any]:
    names = ["A", *(each["name"] for each in held)]
    place = {"cost_usd": 1.0, "finished_share": 1.0, "left_undone": False, "against_next": SURE}
    order = [{"name": name, **place} for name in reversed(names)]
    order[-1]["against_next"] = None
    found = {
        "baseline": "A", "basis": "bill", "replication_is": "day", "pairs": list(held), "order": order,
        "order_certainty_at_least": 0.97, "unresolved": [], "left_out": [], **more,
    }  # fmt: skip
    parts = [{"name": name} for name in names]
    return {"comparison": found, "replications": replications, "deployments": parts, "scenario": {"name": "work"}}


def test_a_pair_in_one_sentence() -> None:
    found = document(pair("B", 0.17))["comparison"]
    told = "B is cheaper than A by 83% (95% interval 81 to 85) per day, cheaper in 998 of 1,000 days"
    assert comparisons.finding(found) == told
    dearer = pair("C", 2.5, 0.2, cheaper=2, dearer=998)
    said = comparisons.sentence(found, dearer)
    assert said == "C is dearer than A by 150% (95% interval 130 to 170) per day, dearer in 998 of 1,000 days"


def test_what_has_no_percentage_or_no_interval_says_so() -> None:
    found = document(pair("B", 0.17))["comparison"]
    same = {**SURE, "always_equal": True}
    assert comparisons.sentence(found, {**pair("B", 1.0), **same}) == "B costs the same as A in every replication"
    free = {**pair("B", 2.0), "saving": None, "ratio": None, "difference_usd": 3.0}
    assert comparisons.sentence(found, free) == "A costs nothing, B $3.00 per day"
    single = pair("B", 0.17, saving_ci95=None, cheaper=1, dearer=0, of=1)
    assert comparisons.sentence(found, single) == "B is cheaper than A by 83% per day, cheaper in 1 of 1 days"


def test_who_leaves_the_work_undone_is_not_the_cheapest() -> None:
    made = document(pair("B", 0.17), pair("C", 0.05))
    made["comparison"]["order"][0].update(finished_share=0.3, left_undone=True)
    assert comparisons.finding(made["comparison"]).startswith("B is cheaper than A")
    assert "C left work undone: finished 30% of what came" in comparisons.order(made).below


def undone(made: dict[str, Any], *names: str) -> str:
    for place in made["comparison"]["order"]:
        place.update(left_undone=place["name"] in names)
    return comparisons.finding(made["comparison"])


def test_the_sentence_says_so_where_one_of_its_two_leaves_work_undone() -> None:
    """A deployment that stops half way pays for half: who is cheaper then says nothing without that."""
    dearer = document(pair("B", 3.0))
    assert undone(dearer, "A").endswith(" (A left work undone)")
    assert undone(dearer, "B").endswith(" (B left work undone)")
    assert undone(dearer, "A", "B").endswith(" (A and B left work undone)")
    assert undone(dearer).endswith(" days")
    many = document(*(pair(name, 3.0) for name in "BCDE"))
    assert undone(many, "A", "C", "D", "E").endswith(" (A and 3 others left work undone)")
    assert undone(many, "A", "B", "C").endswith(" (A, C and B left work undone)")
    assert undone(many, "C", "D", "E").endswith(" (3 others left work undone)")


def test_the_sentence_says_so_where_one_of_its_two_may_not_be_chosen() -> None:
    barred = {"excluded": [{"name": "B"}, {"name": "C"}]}
    made = document(pair("B", 0.17), pair("C", 0.5), constraints=barred)
    assert undone(made).endswith(" days (B excluded by the constraints)")
    assert undone(made, "A").endswith(" (B excluded by the constraints; A left work undone)")
    assert undone(document(pair("B", 0.17), constraints={"excluded": []})).endswith(" days")


def test_what_is_not_settled_is_named_with_what_would_settle_it() -> None:
    made = document(pair("B", 0.99), unresolved=[{"cheaper": "B", "dearer": "A", **OPEN}])
    made["comparison"]["order"][0]["against_next"] = OPEN
    grid = comparisons.order(made)
    assert grid.shown()[0] == ["B", "$1.00", "80.0%", "about 1,300"]
    assert "not resolved yet: B and A (about 1,300 replications would tell)" in grid.below
    assert comparisons.needed(None) == "none in sight"
    assert comparisons.needed(10**6) == "over 100,000"


def test_one_replication_has_no_intervals_and_no_certainty() -> None:
    bare = {"saving_ci95": None, "difference_usd_ci95": None, "certainty": None, "resolved": False}
    made = document(pair("B", 0.17, **bare), replications=1, order_certainty_at_least=None)
    shown = [heading.name for heading in filled(comparisons.against_baseline(made)).headings]
    assert shown == ["name", "saving", "difference_usd", "cheaper", "of"]
    assert any("says nothing of luck" in line for line in comparisons.against_baseline(made).below)
    assert not comparisons.unresolved(made["comparison"])


def test_a_picture_speaks_of_intervals_only_where_it_has_some() -> None:
    with look():
        one = pairs(document(pair("B", 0.17, saving_ci95=None), replications=1)).figure
        many = pairs(document(pair("B", 0.17))).figure
    assert not any("intervals" in text.get_text() for text in one.texts)
    assert any("95% intervals" in text.get_text() for text in many.texts)


def test_a_study_without_pairs_has_no_tables() -> None:
    nothing = {"comparison": None, "replications": 5}
    assert not comparisons.against_baseline(nothing).rows
    assert not comparisons.order(nothing).rows


def test_the_picture_says_the_finding_and_shows_each_pair() -> None:
    made = document(pair("B", 0.17), pair("C", 0.05), pair("D", 3.0))
    with look():
        paper = pairs(made)
    axes = paper.figure.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["C", "B", "D"]
    marks = [float(line.get_xdata()[0]) for line in axes.lines if len(line.get_xdata()) == 1]
    assert marks == [0.05, 0.17, 3.0]
    low, high = axes.get_xlim()
    assert low < 0.05
    assert high > 3.0
    assert "C is cheaper than A" in paper.figure.texts[0].get_text()


def test_hostile_names_stay_on_their_line_of_markdown() -> None:
    made = document(pair("B|\n# x", 0.17))
    text = markdown([comparisons.against_baseline(made), comparisons.order(made)])
    assert "\n# x" not in text
