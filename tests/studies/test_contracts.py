"""Tiers, regions and contracts from a scenario file to the bill, against the same work at list prices."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from burncurve.errors import InputError
from burncurve.studies.bins import grown
from burncurve.studies.drawing import drawing
from burncurve.studies.study import Choices, Result, open_study, results

BLACKBOARD = Path(__file__).resolve().parents[2] / "scenarios" / "blackboard.yaml"
OPUS = "anthropic/claude-opus-4.6"
ONCE = Choices(replications=1, engine="reference")


def played(folder: Path, **deployments: dict[str, Any]) -> dict[str, Result]:
    """Play the blackboard under deployments of Opus; `deployments` holds their other fields."""
    scenario = yaml.safe_load(BLACKBOARD.read_text())
    roles = dict.fromkeys(next(iter(scenario["deployments"].values()))["roles"], OPUS)
    scenario["deployments"] = {name: {"roles": roles, **fields} for name, fields in deployments.items()}
    scenario.pop("thresholds", None)
    path = folder / "made.yaml"
    path.write_text(yaml.safe_dump(scenario, sort_keys=False))
    study = open_study(path, ONCE)
    return {result.name: result for result in results(study)}


def test_a_tier_and_a_region_decide_the_price_and_stand_in_the_ledger(tmp_path: Path) -> None:
    found = played(tmp_path, plain={}, batch={"service_tier": "batch"}, us={"region": "us"})
    plain, us = (found[name].bill.total_pico for name in ("plain", "us"))
    assert plain is not None
    assert us == plain * 11 // 10
    full, half = ({line.meter: line.rate_pico for line in found[name].bill.lines} for name in ("plain", "batch"))
    assert half  # a batch takes its time, so caches have gone and other meters count
    assert all(rate * 2 == full.get(meter, rate * 2) for meter, rate in half.items())
    assert half["output"] * 2 == full["output"]
    ledger = found["batch"].ledger
    assert ledger is not None
    assert ledger.names["service_tiers"] == ("batch",)
    assert {line.price_line for line in found["us"].bill.lines} == {"from 2026-03-13, in us"}


def test_a_contract_is_in_the_bill_and_in_what_budgets_count(tmp_path: Path) -> None:
    """A tenth off and a fifth of tax: 0.9 x 1.2 of the list; a budget of the discounted sum is not reached."""
    found = played(tmp_path, plain={}, contract={"contract": {"discounts": {"anthropic": "10%"}, "tax": "20%"}})
    plain, contract = found["plain"].bill.total_pico, found["contract"].bill
    assert plain is not None
    assert contract.total_pico == plain * 108 // 100
    assert contract.by_cause()["fees"] == pytest.approx(plain * 0.18 / 10**12)
    enough = {"budgets": [{"per": "run", "usd": plain * 91 // 100 / 10**12}]}
    within = played(tmp_path, plain=enough, less={**enough, "contract": {"discounts": {OPUS: 0.1}}})
    reached = {name: result.totals.columns["budgets 0 reached_us"].tolist() for name, result in within.items()}
    assert reached["plain"][0] >= 0 > reached["less"][0]


def test_curves_and_hours_end_at_the_bill_with_its_tax(tmp_path: Path) -> None:
    """A quarter of tax on all that is paid: every hour and every point of the curve is a quarter higher."""
    taxed = played(tmp_path, plain={}, taxed={"contract": {"tax": "25%"}})
    hours = {name: result.spend.hours for name, result in taxed.items() if result.spend}
    assert sum(hours["taxed"]) == taxed["taxed"].bill.total_pico
    assert hours["taxed"] == pytest.approx([amount * 5 / 4 for amount in hours["plain"]], abs=10**6)
    plain, more = (
        part.bill for part in drawing(open_study(tmp_path / "made.yaml", ONCE), [*taxed.values()]).deployments
    )
    assert plain is not None
    assert more is not None
    assert more.cumulative()[0] == pytest.approx(plain.cumulative()[0] * 1.25, abs=1e-5)


def test_a_row_grows_to_its_total_whatever_the_rounding() -> None:
    assert grown((0, 1, 1, 1), 10) == (0, 3, 3, 4)
    assert grown((0, 0), 10) == (0, 0)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"service_tier": "bach"}, "service_tier"),
        ({"contract": {"discounts": {"anthropic": -0.1}}}, "discounts"),
        ({"contract": {"discounts": {"anthropic": 1.5}}}, "discounts"),
        ({"contract": {"discounts": {"antropic": 0.1}}}, "did you mean anthropic?"),
        ({"contract": {"tax": "much"}}, "tax"),
        ({"contract": {"minimum_per_month": 0}}, "minimum_per_month"),
        ({"contract": {"purchases": 5}}, "purchase"),
    ],
)
def test_wrong_terms_are_told_with_their_place(tmp_path: Path, fields: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError) as refused:
        played(tmp_path, d=fields)
    assert told in str(refused.value)
    assert "made.yaml:" in str(refused.value)
