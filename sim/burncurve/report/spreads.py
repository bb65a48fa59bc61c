"""What makes a bill spread, luck or not knowing better, and how often it is beyond an amount, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from burncurve.report import numbers

Document = Mapping[str, Any]
FEW_PAIRS = 20  # of replications that share their parameters: of fewer the share is any, and its interval no guide


def sentences(document: Document) -> Iterator[str]:
    """Yield for each deployment the parameters' part of the spread, where it is known, and the amounts asked about."""
    for part in document["deployments"]:
        if (apart := part["spread"]) and apart["pairs"] >= FEW_PAIRS:
            share, ends = _percent(apart["parameters_share"]), _between(apart["parameters_share_ci95"])
            known = f"what is known only as a range makes up {share} of the variance ({ends})"
            yield f"{part['name']}: {known}, luck the rest"
        for beyond in part["bill_usd"]["above"] if part["bill_usd"] else ():
            share, ends = _percent(beyond["share"]), _between(beyond["ci95"])
            yield f"{part['name']}: {share} of the replications cost more than {numbers.money(beyond['usd'])} ({ends})"


def _between(ends: Sequence[float]) -> str:
    low, high = map(_percent, ends)
    return f"95% sure from {low} to {high}"


def _percent(share: float) -> str:
    """Return an estimate of a share in per cent; estimates may lie a little outside of what shares can be."""
    return numbers.share(min(max(share, 0.0), 1.0), 1)
