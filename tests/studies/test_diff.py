"""Differences of two documents written by hand, and what their tables say."""

from __future__ import annotations

from typing import Any

import pytest

from burncurve.errors import InputError
from burncurve.report import diffs
from burncurve.studies import diff

METERS = dict.fromkeys(diff.METERS, 0)


def part(name: str, bill: float | None, causes: dict[str, float] | None, **figures: Any) -> dict[str, Any]:
    usd = None if bill is None else {"mean": bill, "p95": None}
    plain = {**dict.fromkeys(diff.FIGURES, 1), "tokens": {**METERS, "output": 100}, "per_finished_task_usd": bill}
    plain["plans"] = []
    return {"name": name, **plain, "bill_usd": usd, "causes_usd": causes, "meters_usd": causes and {}, **figures}


def study(*parts: dict[str, Any], **facts: Any) -> dict[str, Any]:
    book = {"name": "list", "digest": "0123456789ab", "as_of": "2026-03-01"}
    plain = {"version": "1", "seed": 0, "replications": 1, "start_utc": "2026-03-01", "book": book, "id": "1"}
    unpriced = [{"name": one["name"]} for one in parts if one["bill_usd"] is None]
    rest = {"scenario": {"name": "made"}, "unpriced": unpriced, "notes": []}
    return {"deployments": list(parts), **plain, **rest, **facts}


BEFORE = study(
    part("opus", 10.0, {"miss": 6.0, "output": 3.0, "new_input": 1.0}, calls=100),
    part("gone", 1.0, {"miss": 1.0}),
)
AFTER = study(
    part("opus", 8.0, {"miss": 2.0, "output": 3.1, "cache_write": 2.9}, calls=90, tokens={**METERS, "output": 150}),
    part("new", 1.0, {"miss": 1.0}),
    seed=1,
)


def made(**inputs: Any) -> dict[str, Any]:
    one, other = inputs.get("inputs", ({}, {}))
    return diff.document(diff.Side("a.yaml", BEFORE, one), diff.Side("b.yaml", AFTER, other))


def plain(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return diff.document(diff.Side("a", one, {}), diff.Side("b", other, {}))


def test_bills_causes_and_who_is_on_one_side_only() -> None:
    document = made()
    (opus,) = document["deployments"]
    assert opus["figures"]["bill_usd"] == {"from": 10.0, "to": 8.0, "change": -2.0, "ratio": 0.8}
    assert opus["figures"]["calls"]["change"] == -10
    assert opus["figures"]["p95_usd"] == {"from": None, "to": None, "change": None, "ratio": None}
    assert opus["tokens"]["output"]["ratio"] == 1.5
    assert list(opus["causes_usd"]) == ["miss", "cache_write", "new_input", "output"]
    assert sum(found["change"] for found in opus["causes_usd"].values()) == pytest.approx(-2.0)
    assert (document["only_from"], document["only_to"], document["same_luck"]) == (["gone"], ["new"], False)


def test_causes_that_are_small_beside_the_largest_are_not_named() -> None:
    causes = made()["deployments"][0]["causes_usd"]
    assert [cause for cause, _ in diff.largest(causes)] == ["miss", "cache_write", "new_input"]
    assert diff.largest({"a": {"change": 1.0}, "b": {"change": 0.04}, "c": {"change": 0.0}}) == [("a", 1.0)]
    assert diff.largest(None) == diff.largest({"a": {"change": 0.0}}) == []


def test_plans_of_both_sides_are_told_fact_by_fact() -> None:
    """A quota that only one side knows of is told like one that changed; a plan of one side alone is not."""
    prices = {"price per month": {"at the start": "20 USD"}}
    before = {"deployments": [{"plans": [{"name": "p", "facts": prices}, {"name": "gone", "facts": prices}]}]}
    facts = {"price per month": {"at the start": "30 USD"}, "quota, week": {"2026-02-12 00:00": "400 prompts"}}
    after = {"deployments": [{"plans": [{"name": "p", "facts": facts}]}]}
    assert list(diff.plans_changed(before, after)) == [
        {"path": "plans.p.price per month.at the start", "from": "20 USD", "to": "30 USD"},
        {"path": "plans.p.quota, week.2026-02-12 00:00", "from": None, "to": "400 prompts"},
    ]


def test_inputs_that_changed() -> None:
    one = {"agents": {"a": {"base": 1, "turns": [1, 2]}}, "start": "x", "list": [1]}
    other = {"agents": {"a": {"base": 2, "turns": [1, 3]}, "b": {}}, "start": "x", "list": [1, 2]}
    assert list(diff.inputs_changed(one, other)) == [
        {"path": "agents.a.base", "from": 1, "to": 2},
        {"path": "agents.a.turns.1", "from": 2, "to": 3},
        {"path": "agents.b", "from": None, "to": {}},
        {"path": "list", "from": [1], "to": [1, 2]},
    ]
    assert list(diff.inputs_changed(one, one)) == []


def test_nothing_in_common_is_refused() -> None:
    with pytest.raises(InputError, match="share no deployment: opus against kimi"):
        plain(study(part("opus", 1.0, {})), study(part("kimi", 1.0, {})))


def test_what_has_no_price_stays_unknown() -> None:
    document = plain(study(part("opus", None, None)), study(part("opus", 1.0, {"miss": 1})))
    (opus,) = document["deployments"]
    assert (opus["figures"]["bill_usd"]["change"], opus["causes_usd"]) == (None, None)
    assert document["unpriced"] == ["opus"]
    assert diffs.for_people(document)[0].shown()[0][-1] == "unpriced"


def test_tables_for_people() -> None:
    grids = diffs.for_people(made(inputs=({"base": 1}, {"base": 2})))
    assert grids[0].title == "From a.yaml to b.yaml: other luck: differences may be chance"
    bill = ["opus", "$10.00", "$8.00", "-$2.00", "-20.0%", "cache misses -$4.00, cache writes +$2.90, new input -$1.00"]
    assert grids[0].shown()[0] == bill
    assert [row[-1] for row in grids[0].shown()[1:]] == ["only before", "only after"]
    assert grids[1].shown() == [["seed", "0", "1"], ["base", "1", "2"]]
    assert ["opus", "calls", "100", "90", "-10.0%"] in grids[2].shown()
    assert grids[3].shown() == [["opus", "output", "100", "150", "+50.0%"]]
    assert grids[4].shown()[0] == ["opus", "cache misses", "$6.00", "$2.00", "-$4.00"]


def test_equal_studies_say_so() -> None:
    (grid,) = diffs.for_people(plain(BEFORE, BEFORE))
    assert [row[-1] for row in grid.shown()] == ["no change", "no change"]


DOLLAR = 10**12
EARLIER = (10 * DOLLAR, 12 * DOLLAR, 17 * DOLLAR)
LATER = (9 * DOLLAR, 10 * DOLLAR, 14 * DOLLAR)


def test_on_the_same_luck_the_interval_is_that_of_the_differences() -> None:
    found = diff.certainty(EARLIER, LATER, same_luck=True)
    assert found is not None
    half = 4.302652729749464 * 1 / 3**0.5  # differences -1, -2, -3; Student, 2 degrees of freedom
    assert found["change_usd_ci95"] == pytest.approx([-2 - half, -2 + half])
    assert (found["cheaper"], found["of"], found["paired"]) == (3, 3, True)
    assert found["resolved"] is False  # it reaches just above 0


def test_on_other_luck_it_is_that_of_two_samples_and_wider() -> None:
    found = diff.certainty(EARLIER, LATER, same_luck=False)
    assert found is not None
    half = 4.302652729749464 * (13 / 3 + 7 / 3) ** 0.5  # variances 13 and 7 of three each
    assert found["change_usd_ci95"] == pytest.approx([-2 - half, -2 + half])
    assert (found["paired"], found["resolved"]) == (False, False)
    assert diff.certainty(EARLIER, LATER[:2], same_luck=True)["paired"] is False  # type: ignore[index]


def test_one_replication_says_nothing_about_chance() -> None:
    assert diff.certainty(EARLIER[:1], LATER[:1], same_luck=True) is None
    assert diff.certainty((), LATER, same_luck=True) is None


def test_bills_show_how_sure_the_change_is() -> None:
    one = study(part("opus", 13.0, {"miss": 13.0}), replications=3)
    other = study(part("opus", 11.0, {"miss": 11.0}), replications=3)
    sides = diff.Side("a", one, {}, {"opus": EARLIER}), diff.Side("b", other, {}, {"opus": LATER})
    row = diffs.for_people(diff.document(*sides))[0].shown()[0]
    assert row[5:7] == ["-$4.48 and +$0.484: may be chance", "3 of 3"]


def test_a_pull_request_shows_bills_and_inputs_and_folds_the_rest() -> None:
    text = diffs.for_pull_request(made(inputs=({"base": 1}, {"base": "<b>"})))
    seen, folded = text.split("<details>")
    assert "| opus | $10.00 | $8.00 | -$2.00 |" in seen
    assert "&lt;b&gt;" in seen
    assert "Where the money moved" in folded
    assert folded.endswith("</details>\n")
    assert "<details>" not in diffs.for_pull_request(plain(BEFORE, BEFORE))


def test_a_change_of_prices_is_told_from_a_change_of_tokens() -> None:
    tokens = {**METERS, "input": 100, "output": 10}
    before = part("opus", 3.0, {"miss": 3.0}, tokens=tokens, meters_usd={"input": 1.0, "output": 2.0})
    dearer = part("opus", 5.0, {"miss": 5.0}, tokens=tokens, meters_usd={"input": 3.0, "output": 2.0})
    more = {**METERS, "input": 300, "output": 10, "cache_read": 50}
    longer = part("opus", 5.5, {"miss": 5.5}, tokens=more, meters_usd={"input": 3.0, "output": 2.0, "cache_read": 0.5})
    assert diff.by_price(before, dearer) == pytest.approx(2.0)  # the same tokens, input at three times the price
    assert diff.by_price(before, longer) == pytest.approx(0.0)  # other tokens at the same prices
    both = {**longer, "meters_usd": {"input": 6.0, "output": 2.0, "cache_read": 0.5}}
    assert diff.by_price(before, both) == pytest.approx(3.0)  # 300 tokens at twice a cent
    assert diff.by_price(before, {**longer, "meters_usd": None}) is None
    headings = [heading.name for heading in diffs.for_people(plain(study(before), study(dearer)))[0].headings]
    assert "by_price" in headings
    headings = [heading.name for heading in diffs.for_people(plain(study(before), study(longer)))[0].headings]
    assert "by_price" not in headings
