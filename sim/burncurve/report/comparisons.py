"""The comparison part of a study's document as tables and sentences: each against the baseline, and the order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from burncurve.report import numbers
from burncurve.report.checks import plain_right
from burncurve.report.tables import Cell, Grid, Heading, count, percent, shown, usd

Document = Mapping[str, Any]
Comparison = Mapping[str, Any]
FEW = 20  # replications below which intervals are rough
MOST_NEEDED = 100_000
MOST_LISTED = 12
FEW_NAMES = 3  # from here on deployments are counted rather than named
TIES = "the same in every replication"


def certainty(value: float) -> str:
    """Return a probability in per cent; nothing that is learnt from luck is certain."""
    return ">99.99%" if value > 0.9999 else numbers.share(value, 1, decimals=2 if value > 0.999 else 1)


def needed(number: int | None) -> str:
    """Return how many replications would settle a difference, in words."""
    if number is None:
        return "none in sight"
    return f"over {MOST_NEEDED:,}" if number > MOST_NEEDED else f"about {_rounded(number):,}"


def _rounded(number: int) -> int:
    """Two digits are more than such a forecast knows."""
    step = int(10 ** max(0, len(str(number)) - 2))
    return -(-number // step) * step


def per(found: Comparison) -> str:
    """Return what a cost is counted by."""
    return "per request" if found["basis"] == "request" else f"per {found['replication_is']}"


def against_baseline(document: Document) -> Grid:
    """Return one line per deployment beside the baseline: what it saves, with its interval, and how often."""
    found = document.get("comparison")
    if not found or not found["pairs"]:
        return Grid("", (), ())
    unit = per(found)
    headings = (
        Heading("name", "deployment"),
        Heading("saving", "cheaper by", percent),
        Heading("saving_low", "95% sure from", percent),
        Heading("saving_high", "to", percent),
        Heading("difference_usd", f"difference {unit}", usd),
        Heading("difference_low", "95% sure from", usd),
        Heading("difference_high", "to", usd),
        Heading("cheaper", f"cheaper in {found['replication_is']}s", count),
        Heading("equal", "equal in", count),
        Heading("of", "of", count),
    )
    title = f"Held against {found['baseline']} on the same luck, {unit}"
    return Grid(title, headings, [_pair(pair) for pair in found["pairs"]], _below(document, found))


def _pair(pair: Mapping[str, Any]) -> tuple[Cell, ...]:
    saving, gap = pair["saving_ci95"] or (None, None), pair["difference_usd_ci95"] or (None, None)
    return (
        pair["name"], pair["saving"], *saving, pair["difference_usd"], *gap, pair["cheaper"], pair["equal"],
        pair["of"],
    )  # fmt: skip


def _below(document: Document, found: Comparison) -> tuple[str, ...]:
    lines = [finding(found)] if any(pair["ratio"] is not None for pair in found["pairs"]) else []
    if any(pair["saving"] is not None and pair["saving"] < 0 for pair in found["pairs"]):
        lines.append(f"below 0%: dearer than {found['baseline']}")
    if document["replications"] == 1:
        lines.append("one replication says nothing of luck: --replications 100 gives intervals")
    elif document["replications"] < FEW:
        lines.append(f"intervals of fewer than {FEW} replications are rough")
    return tuple(lines)


def order(document: Document) -> Grid:
    """Return the deployments from the cheapest on, each with the certainty that it is cheaper than the next.

    Nothing of one replication, of which no order is certain.
    """
    found = document.get("comparison")
    if not found or len(found["order"]) < 2 or document["replications"] == 1:
        return Grid("", (), ())
    headings = (
        Heading("name", "deployment"),
        Heading("cost_usd", per(found), usd),
        Heading("certainty", "cheaper than the next", shown(certainty)),
        Heading("needed", "replications that would tell", plain_right),
    )
    rows = [(place["name"], place["cost_usd"], *_judged(place["against_next"])) for place in found["order"]]
    return Grid("From the cheapest to the dearest", headings, rows, _order_below(found))


def _judged(judged: Mapping[str, Any] | None) -> tuple[Cell, Cell]:
    if judged is None:
        return None, None
    if judged["always_equal"]:
        return TIES, None
    open_still = not judged["resolved"] and judged["certainty"] is not None
    return judged["certainty"], needed(judged["replications_needed"]) if open_still else None


def _order_below(found: Comparison) -> tuple[str, ...]:
    lines = []
    if found["order_certainty_at_least"] is not None:
        lines.append(f"the whole order: at least {certainty(found['order_certainty_at_least']).strip('>')} certain")
    lines += unresolved(found)
    lines += [
        f"{name} left work undone: finished {numbers.share(s, 1)} of what came" for name, s in undone(found).items()
    ]
    lines += [f"left out: {part['name']}, {part['why']}" for part in found["left_out"]]
    return tuple(lines)


def unresolved(found: Comparison) -> list[str]:
    """Return a line about the differences that are not resolved, or that there is none; nothing of one replication."""
    if found["order_certainty_at_least"] is None:
        return []
    told = [
        f"{pair['cheaper']} and {pair['dearer']} ({needed(pair['replications_needed'])} replications would tell)"
        for pair in found["unresolved"]
    ]
    if not told:
        return ["all differences are resolved: no 95% interval of two costs' difference holds 0"]
    more = f", and {len(told) - MOST_LISTED} more" if len(told) > MOST_LISTED else ""
    return [f"not resolved yet: {'; '.join(told[:MOST_LISTED])}{more}"]


def undone(found: Comparison) -> dict[str, float]:
    """Return the deployments that leave undone what another finishes, with the share of it that they finish."""
    return {place["name"]: place["finished_share"] for place in found["order"] if place["left_undone"]}


def finding(found: Comparison) -> str:
    """Return how the cheapest deployment that does the work stands to the baseline; needs a pair with a ratio."""
    known = [pair for pair in found["pairs"] if pair["ratio"] is not None]
    fair = [pair for pair in known if pair["name"] not in undone(found)] or known
    best = min(fair, key=lambda pair: (pair["ratio"], pair["name"]))
    told = "; ".join(_asides(found, (found["baseline"], best["name"])))
    return f"{sentence(found, best)} ({told})" if told else sentence(found, best)


def _asides(found: Comparison, pair: Sequence[str]) -> Iterator[str]:
    """Yield what forbids to choose by a sentence about two: one is excluded, or pays for less work than others do."""
    wall = found.get("constraints") or {"excluded": ()}
    barred = [numbers.shortened(each["name"]) for each in wall["excluded"] if each["name"] in pair]
    if barred:
        yield f"{numbers.listed(barred)} excluded by the constraints"
    own = [name for name in pair if name in undone(found)]
    others = [name for name in undone(found) if name not in own]
    more = others if len(others) < FEW_NAMES else [f"{len(others)} others"]
    if own or others:
        yield f"{numbers.listed([numbers.shortened(name) for name in (*own, *more)])} left work undone"


def sentence(found: Comparison, pair: Mapping[str, Any]) -> str:
    """Return what a pair comes to in one sentence without a full stop."""
    name, base, unit = numbers.shortened(pair["name"]), numbers.shortened(found["baseline"]), per(found)
    if pair["always_equal"]:
        return f"{name} costs the same as {base} in every replication"
    if pair["saving"] is None:
        return f"{base} costs nothing, {name} {numbers.money(pair['difference_usd'])} {unit}"
    word = "cheaper" if pair["saving"] >= 0 else "dearer"
    often = f"{word} in {pair[word]:,} of {pair['of']:,} {found['replication_is']}s"
    return f"{name} is {word} than {base} by {_percent(pair)} {unit}, {often}"


def _percent(pair: Mapping[str, Any]) -> str:
    """Return a saving, or its opposite, with its interval and as many digits as that is wide."""
    sign = 1 if pair["saving"] >= 0 else -1
    if pair["saving_ci95"] is None:
        return f"{100 * sign * pair['saving']:.0f}%"
    low, high = sorted(100 * sign * end for end in pair["saving_ci95"])
    digits = next((digits for digits in range(3) if high - low >= 2 * 10**-digits), 2)
    return f"{100 * sign * pair['saving']:.{digits}f}% (95% interval {low:.{digits}f} to {high:.{digits}f})"
