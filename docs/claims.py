"""Writes docs/claims.md: what others claim, what comes out here, whether they agree, and why.

The claims are data (claims.yaml). Each figure is computed anew from price books, facts and simulations. A reason is
written for one verdict: where a figure moves to the other side, this fails until somebody has looked.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from burncurve import catalogue, prices
from burncurve.prices.book import USD
from burncurve.prices.queries import price_at
from burncurve.report import numbers
from burncurve.studies import shipped
from burncurve.studies.document import document
from burncurve.studies.simulation import Work, simulated
from burncurve.studies.study import Choices, open_study

HERE = Path(__file__).parent
PAGE, DATA = HERE / "claims.md", HERE / "claims.yaml"
ON = date(2026, 3, 1)  # the days that the articles write about
EXACT, ABOUT = 0.02, 0.25
AGREES, DISAGREES = "agrees", "disagrees"
Spec = Mapping[str, Any]

HEAD = """# Claims, and what comes out here

Articles, vendors and documentation say what agents use and cost. Each claim below is held against a figure that this
page computes: from the price lists as of {on}, from the week of 23 February 2026 on OpenRouter, from facts of the
catalogue, or from simulations of scenarios that come with burncurve. Nothing is tuned towards a claim: where the two
differ it says so, and why. "About" is meant within a quarter, an exact number within 2%.

Of {count} claims {agree} agree, {disagree} do not, and {unchecked} cannot be checked here.

The page is written by `make claims` from `docs/claims.yaml`; a test holds it against what the figures are now.
"""


def page() -> str:
    """Return the page; raises ValueError where a verdict is not the one that its reason was written for."""
    data = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    parts: list[str] = []
    counted: dict[str, int] = {AGREES: 0, DISAGREES: 0, "": 0}
    wrong: list[str] = []
    for title, claims in data["claims"].items():
        rows = []
        for claim in claims:
            row, found = _row(claim, data)
            counted[found] += 1
            if found != claim.get("verdict", ""):
                wrong.append(f"{claim['says']}: {row}")
            rows.append(row)
        parts.append("\n".join([f"## {title}\n", TABLE, *rows]))
    if wrong:
        raise ValueError("the reason was written for another verdict:\n" + "\n".join(wrong))
    numbers_of = {"agree": counted[AGREES], "disagree": counted[DISAGREES], "unchecked": counted[""]}
    head = HEAD.format(on=ON, count=sum(counted.values()), **numbers_of)
    return "\n".join([head, *(f"{part}\n" for part in parts), _sources(data["sources"])])


TABLE = "| claim | said by | claimed | here | | why |\n|---|---|---:|---:|---|---|"


def _row(claim: Spec, data: Spec) -> tuple[str, str]:
    """Return the row of a claim and its verdict, empty where there is no figure."""
    said = ", ".join(f"[{1 + list(data['sources']).index(name)}]" for name in claim["source"])
    if "figure" not in claim:
        return f"| {claim['says']} | {said} | | | not checked | {claim['reason']} |", ""
    value, (low, high), unit = figure(claim["figure"], data), span(claim), claim["unit"]
    found = AGREES if low <= value <= high else DISAGREES
    here = shown(value, unit)
    return f"| {claim['says']} | {said} | {claimed(claim)} | {here} | **{found}** | {claim['reason']} |", found


def span(claim: Spec) -> tuple[float, float]:
    """Return between which figures a claim is right, by how exact it is meant."""
    if "between" in claim:
        low, high = claim["between"]
        return float(low), float(high)
    said, part = (claim["equals"], EXACT) if "equals" in claim else (claim["about"], ABOUT)
    return said * (1 - part), said * (1 + part)


def claimed(claim: Spec) -> str:
    """Return what was said, as it was meant."""
    if "claimed" in claim:
        return str(claim["claimed"])
    if "between" in claim:
        low, high = claim["between"]
        return f"{shown(low, claim['unit'])} to {shown(high, claim['unit'])}"
    return (
        shown(claim["equals"], claim["unit"]) if "equals" in claim else f"about {shown(claim['about'], claim['unit'])}"
    )


def shown(value: float, unit: str) -> str:
    """Return a figure as people read it."""
    if unit == "dollars":
        return numbers.money(value)
    if unit == "tokens":
        return numbers.tokens(value)
    if unit == "times":
        return numbers.times(value)
    if unit == "power":
        return f"calls to the power of {value:.2f}"
    return f"{100 * value:.1f}%" if unit == "share" else f"{value:,.4g} {unit}".replace(" %", "%")


def figure(spec: Spec, data: Spec) -> float:
    """Return the figure that a claim is held against."""
    for kind, make in KINDS.items():
        if kind in spec:
            return make(spec, data)
    raise ValueError(f"no such kind of figure: {json.dumps(spec, default=str)}")


def _price(spec: Spec, data: Spec) -> float:
    one = _list_price(**spec["price"])
    return float(one / _list_price(**spec["over"]) if "over" in spec else one)


def _list_price(offer: str, meter: str, book: str = "list") -> Decimal:
    """Return dollars per million tokens outside all windows and in the lowest band."""
    listed = prices.load(book)
    price = price_at(listed, offer, datetime.combine(ON, time(), UTC))
    worth = Decimal(1) if price.currency == USD else listed.exchanges[price.currency].usd_per_unit
    return price.bands[0].rates[meter] * worth


def _paid(spec: Spec, data: Spec) -> float:
    one, other = (_paid_per_mtok(data, name) for name in (spec["paid"], spec["over"]))
    return one / other


def _paid_per_mtok(data: Spec, model: str) -> float:
    """Return dollars per million tokens of a real week: uncached input, cached input and output at the list's rates."""
    row = next(row for row in data["week"] if row["model"] == model)
    fresh, cached, out = row["rates"]
    paid = (row["prompt"] - row["cached"]) * fresh + row["cached"] * cached + row["completion"] * out
    return float(paid / row["total"])


def _simulated(spec: Spec, data: Spec) -> float:
    mine = _measure(spec["run"], spec["of"], spec["measure"]) / spec.get("divide_by", 1)
    if "over_run" in spec:
        measure = spec.get("over_measure", spec["measure"])
        return mine / (
            _measure(spec["over_run"], spec.get("over_of", spec["of"]), measure) / spec.get("over_divide_by", 1)
        )
    return mine / _measure(spec["run"], spec["over"], spec["measure"]) if spec.get("over") else mine


def _measure(run: Spec, deployment: str, measure: str) -> float:
    part = next(
        part for part in _document(json.dumps(run, sort_keys=True))["deployments"] if part["name"] == deployment
    )
    for step in measure.split("."):
        part = part[step]
    return float(part)


@cache
def _document(run: str) -> Mapping[str, Any]:
    """Return the document of a simulation, each played once."""
    spec = json.loads(run)
    choices = Choices(
        replications=spec.get("replications", 1),
        deployments=tuple(spec.get("deployments", ())),
        models=tuple(spec.get("models", ())),
        settings=tuple(spec.get("settings", ())),
        engine="reference",
    )
    study = open_study(shipped.locate(spec["scenario"]), choices)
    return document(study, simulated(study, Work(workers=1)).results)


def _growth(spec: Spec, data: Spec) -> float:
    """Return the power of the number of calls with which the prompt tokens of a task grow, from few calls to many."""
    steps = _document(json.dumps(spec["growth"], sort_keys=True))["deployments"][0]["growth_law"]["by_calls"]
    first, last = steps[0], steps[-1]
    calls = (last["calls_from"] + last["calls_to"]) / (first["calls_from"] + first["calls_to"])
    return math.log(last["prompt_tokens"] / first["prompt_tokens"]) / math.log(calls)


def _chinese_share(spec: Spec, data: Spec) -> float:
    return float(
        sum(row["total"] for row in data["week"] if row["maker"] == "CN") / sum(row["total"] for row in data["week"])
    )


def _chinese_among(spec: Spec, data: Spec) -> float:
    ranked = sorted(data["week"], key=lambda row: -row["total"])
    return float(sum(row["maker"] == "CN" for row in ranked[: spec["chinese_among"]]))


def _tokens_of(spec: Spec, data: Spec) -> float:
    return float(next(row["total"] for row in data["week"] if row["model"] == spec["tokens_of"]))


def _weeks(spec: Spec, data: Spec) -> float:
    weeks = data["weeks"].values()
    return float(sum(week["total"] * (week["chinese"] if spec["weeks"] == "chinese" else 1) for week in weeks))


def _fact(spec: Spec, data: Spec) -> float:
    return float(str(catalogue.load().offer(spec["fact"]["offer"]).fact(spec["fact"]["name"], ON).value))


KINDS = {
    "price": _price,
    "paid": _paid,
    "run": _simulated,
    "growth": _growth,
    "chinese_share": _chinese_share,
    "chinese_among": _chinese_among,
    "tokens_of": _tokens_of,
    "weeks": _weeks,
    "share_of_week": lambda spec, data: float(data["weeks"][spec["share_of_week"]]["chinese"]),
    "quotient": lambda spec, data: float(spec["quotient"][0] / spec["quotient"][1]),
    "fact": _fact,
}


def _sources(sources: Mapping[str, Spec]) -> str:
    listed = (
        f"{number}. {source['title']}, {source['date'] or 'undated'}"
        for number, source in enumerate(sources.values(), start=1)
    )
    return "\n".join(["## Said by\n", *listed, ""])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
