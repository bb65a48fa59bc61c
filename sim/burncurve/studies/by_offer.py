"""What each offer did: calls and tokens, in integers that add up over the replications."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from burncurve.billing import Bill
from burncurve.ledger import Ledger, Status
from burncurve.studies.figures import TOKEN_METERS, ratio
from burncurve.studies.spend import dollars

ByOffer = Mapping[str, tuple[int, ...]]
"""Offer -> the calls that it answered, and the tokens of TOKEN_METERS of all it was sent; none for one not called."""


def of_ledger(ledger: Ledger) -> ByOffer:
    """Return what each offer of a ledger did."""
    answered = ledger["status"] == Status.OK
    rows_of = [np.flatnonzero(ledger["offer"] == number) for number in range(len(ledger.names["offers"]))]
    tokens = [[int(ledger[meter][rows].sum(dtype=np.int64)) for meter in TOKEN_METERS] for rows in rows_of]
    calls = [int(np.count_nonzero(answered[rows])) for rows in rows_of]
    return counted(ledger.names["offers"], calls, tokens)


def counted(offers: Sequence[str], calls: Iterable[int], tokens: Iterable[Iterable[int]]) -> ByOffer:
    """Return the offers that did anything, by name, from calls and tokens [offer, TOKEN_METERS]."""
    sums = zip(offers, ((n, *parts) for n, parts in zip(calls, tokens, strict=True)), strict=True)
    return {offer: row for offer, row in sorted(sums) if any(row)}


def of_places(offers: Sequence[str], calls: NDArray[np.int64], sold: Sequence[str], used: NDArray[np.int64]) -> ByOffer:
    """Return the same from tokens by what was sold, [place, TOKEN_METERS]; `sold` are the offers of the places."""
    tokens = np.zeros((len(offers), len(TOKEN_METERS)), dtype=np.int64)
    np.add.at(tokens, [offers.index(offer) for offer in sold], used)
    return counted(offers, calls.tolist(), tokens.tolist())


def added(some: ByOffer, others: ByOffer) -> ByOffer:
    """Return the sums of both parts."""
    nothing = (0,) * (1 + len(TOKEN_METERS))
    return {
        offer: tuple(a + b for a, b in zip(some.get(offer, nothing), others.get(offer, nothing), strict=True))
        for offer in sorted({*some, *others})
    }


def told(done: ByOffer, bill: Bill, n: int) -> list[dict[str, Any]]:
    """Return a record per offer, that of the most tokens first: means over n replications.

    Dollars are None where the bill misses a price; what is paid beside calls (seats, fees, taxes) is no offer's.
    """
    usd = dict.fromkeys(done, 0)
    for line in bill.lines:
        if line.offer in usd:
            usd[line.offer] += line.amount_pico
    parts = [
        _told(offer, done[offer], n) | {"usd": None if bill.unpriced else dollars(usd[offer], n)} for offer in done
    ]
    return sorted(parts, key=lambda part: -part["prompt_tokens"] - part["output_tokens"])


def _told(offer: str, row: Sequence[int], n: int) -> dict[str, Any]:
    calls, *tokens = row
    by_meter = dict(zip(TOKEN_METERS, tokens, strict=True))
    output = by_meter["output"] + by_meter["reasoning"]
    prompt = sum(tokens) - output
    return {
        "offer": offer,
        "calls": ratio(calls, n),
        "prompt_tokens": ratio(prompt, n),
        "cached_share": ratio(by_meter["cache_read"], prompt),
        "output_tokens": ratio(output, n),
    }
