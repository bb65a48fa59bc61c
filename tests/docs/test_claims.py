"""The page of claims is what its figures are now, and no reason stands beside a verdict it was not written for."""

from __future__ import annotations

import difflib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def claims() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_claims", ROOT / "docs" / "claims.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def data(claims: ModuleType) -> dict[str, Any]:
    return yaml.safe_load(claims.DATA.read_text(encoding="utf-8"))


def test_the_page_is_current(claims: ModuleType) -> None:
    old, new = claims.PAGE.read_text(encoding="utf-8"), claims.page()
    changed = list(difflib.unified_diff(old.splitlines(), new.splitlines(), "shown", "computed now", lineterm=""))
    assert not changed, "\n".join([*changed[:40], "if this is right, run: make claims"])


def test_every_claim_has_sources_with_dates_and_a_reason(data: dict[str, Any]) -> None:
    for claim in (claim for part in data["claims"].values() for claim in part):
        assert claim["source"]
        assert set(claim["source"]) <= set(data["sources"])
        assert claim["reason"]
        assert (
            ("figure" in claim) == ("verdict" in claim) == any(kind in claim for kind in ("equals", "about", "between"))
        )
    assert all("date" in source and source["title"] for source in data["sources"].values())


def test_a_real_week_is_priced_by_hand(claims: ModuleType, data: dict[str, Any]) -> None:
    # Opus, billions: 198 at $5, 437 read at $0.50, 7.8 written at $25, over 643; M2.5: 471, 2,078, 22.5 over 2,570
    opus = (198 * 5 + 437 * 0.5 + 7.8 * 25) / 643
    minimax = (471 * 0.3 + 2078 * 0.15 + 22.5 * 1.1) / 2570
    found = claims.figure({"paid": "Claude Opus 4.6", "over": "MiniMax M2.5"}, data)
    assert found == pytest.approx(opus / minimax)
    assert claims.figure({"chinese_share": "week"}, data) == pytest.approx((2570 + 1040 + 803 + 745) / 8743)


def test_a_reason_for_another_verdict_stops_the_page(
    claims: ModuleType, data: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    price = {"price": {"offer": "anthropic/claude-opus-4.6", "meter": "input"}}
    claim = {"says": "five", "source": ["march"], "unit": "dollars", "equals": 5, "figure": price, "reason": "so"}
    target = tmp_path / "claims.yaml"
    monkeypatch.setattr(claims, "DATA", target)

    def write(**change: Any) -> None:
        made = {**data, "claims": {"One": [{**claim, "verdict": "agrees", **change}]}}
        target.write_text(yaml.safe_dump(made, sort_keys=False))

    write()
    assert "| five | [3] | $5.00 | $5.00 | **agrees** | so |" in claims.page()
    write(equals=6)
    with pytest.raises(ValueError, match="written for another verdict:\nfive"):
        claims.page()


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ({"equals": 50}, (49, 51)),
        ({"about": 8}, (6, 10)),
        ({"between": [2, 3]}, (2, 3)),
    ],
)
def test_how_exact_a_claim_is_meant(claims: ModuleType, claim: dict[str, Any], expected: tuple[float, float]) -> None:
    assert claims.span(claim) == pytest.approx(expected)
