"""The document of a difference as tables, fit for a terminal and for a pull request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from burncurve.errors import shown as cut
from burncurve.report import tables
from burncurve.report.checks import UNITS, plain_right
from burncurve.report.numbers import money
from burncurve.report.tables import Cell, Grid, Heading, filled, usd
from burncurve.report.words import cause_words
from burncurve.studies.diff import FIGURES, largest

Document = Mapping[str, Any]
LONGEST_VALUE = 60
LEAST_USD = 1e-6  # below it is what floats leave over
INPUTS = "What changed in the inputs"


def whole(document: Document) -> Grid:
    """Return one line per deployment and figure, meter and cause with every number raw, as files have it."""
    headings = tuple(Heading(name, name) for name in ("deployment", "kind", "name", "from", "to", "change", "ratio"))
    rows = [
        (part["name"], kind, name, *(found[cell] for cell in ("from", "to", "change", "ratio")))
        for part in document["deployments"]
        for kind in ("figures", "tokens", "causes_usd")
        for name, found in (part[kind] or {}).items()
    ]
    return Grid(_title(document), headings, rows)


def for_people(document: Document) -> list[Grid]:
    """Return the bills with what moved them, then inputs, figures, tokens and causes that changed."""
    others = (_inputs(document), _figures(document), _meters(document), _causes(document))
    return [filled(_bills(document), ("from", "to")), *(grid for grid in others if grid.rows)]


def for_pull_request(document: Document) -> str:
    """Return what changed as Markdown: the bills and the inputs in sight, the rest folded away."""
    bills, *others = for_people(document)
    in_sight = [bills, *(grid for grid in others if grid.title.startswith(INPUTS))]
    folded = [grid for grid in others if not grid.title.startswith(INPUTS)]
    text = tables.markdown(in_sight)
    if not folded:
        return text
    return f"{text}\n<details><summary>Figures, tokens and causes</summary>\n\n{tables.markdown(folded)}\n</details>\n"


def _title(document: Document) -> str:
    one, other = document["from"], document["to"]
    luck = "the same luck" if document["same_luck"] else "other luck: differences may be chance"
    luck = "as logged" if document["observed"] else luck
    return f"From {one['called']} to {other['called']}: {luck}"


def _bills(document: Document) -> Grid:
    headings = (
        Heading("deployment", "deployment"),
        Heading("from", "bill before", usd),
        Heading("to", "after", usd),
        Heading("change", "change", plain_right),
        Heading("percent", "in %", plain_right),
        Heading("by_price", "of it by price per token", plain_right),
        Heading("between", "95% sure between", plain_right),
        Heading("cheaper", "cheaper in", plain_right),
        Heading("why", "most of it"),
    )
    rows = [_bill(part) for part in document["deployments"]]
    rows += [(name, *(None,) * 7, "only before") for name in document["only_from"]]
    rows += [(name, *(None,) * 7, "only after") for name in document["only_to"]]
    return Grid(_title(document), headings, rows)


def _bill(part: Mapping[str, Any]) -> tuple[Cell, ...]:
    bill = part["figures"]["bill_usd"]
    why = ", ".join(f"{cause_words(cause)} {signed(amount)}" for cause, amount in largest(part["causes_usd"]))
    if bill["change"] is None:
        why = "unpriced"
    change = bill["from"], bill["to"], signed(bill["change"]), percent(bill["ratio"])
    return part["name"], *change, _by_price(part["by_price_usd"]), *_certainty(part["certainty"]), why or "no change"


def _by_price(amount: float | None) -> str | None:
    """A share of the change that is more than rounding; nothing where all tokens cost what they did."""
    return signed(amount) if amount is not None and abs(amount) >= LEAST_USD else None


def _certainty(found: Mapping[str, Any] | None) -> tuple[str | None, str | None]:
    """How sure a change is, and in how many replications of the same luck it is a saving."""
    if found is None:
        return None, None
    low, high = found["change_usd_ci95"]
    between = f"{signed(low)} and {signed(high)}" + ("" if found["resolved"] else ": may be chance")
    return between, f"{found['cheaper']:,} of {found['of']:,}" if found["paired"] else None


def signed(amount: float | None) -> str | None:
    """Return a change of dollars with its sign; None where it is not known."""
    return None if amount is None else f"{'+' if amount > 0 else ''}{money(amount)}"


def percent(ratio: float | None) -> str | None:
    """Return a ratio as a change in per cent with its sign; None where it is not known."""
    return None if ratio is None else f"{100 * (ratio - 1):+.1f}%"


def _inputs(document: Document) -> Grid:
    more = document["inputs_changed"] - len(document["inputs"])
    title = INPUTS + (f" (the first of {document['inputs_changed']:,})" if more else "")
    headings = (Heading("path", "path"), Heading("from", "before"), Heading("to", "after"))
    rows: list[tuple[Cell, ...]] = [
        (fact, _value(document["from"][fact]), _value(document["to"][fact]))
        for fact in ("scenario", "version", "seed", "replications", "book")
        if document["from"][fact] != document["to"][fact]
    ]
    rows += [(part["path"], _value(part["from"]), _value(part["to"])) for part in document["inputs"]]
    return Grid(title, headings, rows)


def _value(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dict) and "as_of" in value:
        return f"{value['name']} as of {value['as_of']}, {value['digest'][:8]}"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else cut(text, LONGEST_VALUE)[1:-1]


def _figures(document: Document) -> Grid:
    rows = [
        (part["name"], _words(name), UNITS[unit](found["from"]), UNITS[unit](found["to"]), percent(found["ratio"]))
        for part in document["deployments"]
        for name, unit in FIGURES.items()
        if name != "bill_usd" and (found := part["figures"][name])["from"] != found["to"]
    ]
    return Grid("What else changed", _headings("figure"), rows)


def _headings(what: str) -> tuple[Heading, ...]:
    return (
        Heading("deployment", "deployment"),
        Heading("name", what),
        Heading("from", "before", plain_right),
        Heading("to", "after", plain_right),
        Heading("percent", "in %", plain_right),
    )


def _meters(document: Document) -> Grid:
    rows = [
        (part["name"], _words(meter), tables.tokens(found["from"]), tables.tokens(found["to"]), percent(found["ratio"]))
        for part in document["deployments"]
        for meter, found in part["tokens"].items()
        if found["change"]
    ]
    return Grid("Tokens by meter", _headings("meter"), rows)


def _causes(document: Document) -> Grid:
    headings = (*_headings("cause")[:4], Heading("change", "change", plain_right))
    rows = [
        (part["name"], cause_words(cause), usd(found["from"]), usd(found["to"]), signed(found["change"]))
        for part in document["deployments"]
        for cause, found in (part["causes_usd"] or {}).items()
        if found["change"]
    ]
    return Grid("Where the money moved", headings, rows)


def _words(name: str) -> str:
    return name.removesuffix("_usd").removesuffix("_s").replace("reread", "re-read").replace("_", " ")
