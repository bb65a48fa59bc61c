"""Why a bill spreads, and how often it is beyond an amount, told below the table of its quantiles."""

from __future__ import annotations

from burncurve.report.spreads import sentences


def part(name: str, share: float | None, above: list[dict[str, object]], pairs: int = 100) -> dict[str, object]:
    apart = share and {"pairs": pairs, "parameters_share": share, "parameters_share_ci95": [share - 0.1, share + 0.1]}
    return {"name": name, "spread": apart, "bill_usd": {"above": above}}


def test_parameters_and_luck_are_told_apart_and_estimates_stay_shares() -> None:
    few = part("few", 0.42, [], pairs=19)
    made = {"deployments": [part("one", 0.42, []), part("two", None, []), part("three", -0.02, []), few]}
    assert list(sentences(made)) == [
        "one: what is known only as a range makes up 42% of the variance (95% sure from 32% to 52%), luck the rest",
        "three: what is known only as a range makes up 0% of the variance (95% sure from 0% to 8%), luck the rest",
    ]


def test_every_amount_that_was_asked_about_is_told() -> None:
    above = [{"usd": 40.0, "share": 0.25, "ci95": [0.1, 0.5]}, {"usd": 90.0, "share": 0.0, "ci95": [0.0, 0.004]}]
    made = {"deployments": [part("one", None, above), {"name": "unpriced", "spread": None, "bill_usd": None}]}
    assert list(sentences(made)) == [
        "one: 25% of the replications cost more than $40.00 (95% sure from 10% to 50%)",
        "one: 0% of the replications cost more than $90.00 (95% sure from 0% to <1%)",
    ]
