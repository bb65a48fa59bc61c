"""How long the calls of an offer take at a service tier, in the integers that engines read.

A call of a batch is in its results when these are there, so its time is the batch's turnaround, whatever it reads
and writes: the first token counts as the last. Each call stands for a batch that is sent when the call is due. How
much slower flex is, and how much faster priority and fast, is not in the catalogue; their times are those of the
standard tier, and a note says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from burncurve.deploy.facts import Facts
from burncurve.draws import Table, constant
from burncurve.words import PPM

NS_PER_S = 1_000_000_000
LONGEST_BATCH_S = 86_400  # makers' batches end after 24 hours
BATCH, STANDARD = "batch", "standard"
HOW_FAST = {"flex": "slower", "priority": "faster", "fast": "faster"}


@dataclass(frozen=True, slots=True)
class Times:
    """Medians in nanoseconds, per call or per token, and what a call's draw makes of them, in ppm."""

    first_token_ns: int
    prefill_ns_per_token: int
    cached_prefill_ns_per_token: int
    decode_ns_per_token: int
    factor: Table


def times_of(facts: Facts, service_tier: str) -> Times:
    """Return the times of an offer at a tier."""
    if service_tier == BATCH:
        median_s = facts.number("batch_turnaround_s")
        factor = _spread(facts.number("batch_spread_sigma"), LONGEST_BATCH_S / median_s)
        return Times(rounded(median_s * NS_PER_S), 0, 0, 0, factor)
    return Times(
        first_token_ns=rounded(facts.number("first_token_s") * NS_PER_S),
        prefill_ns_per_token=rounded(NS_PER_S / facts.number("prefill_tokens_per_s")),
        cached_prefill_ns_per_token=rounded(NS_PER_S / facts.number("cached_prefill_tokens_per_s")),
        decode_ns_per_token=rounded(NS_PER_S / facts.number("decode_tokens_per_s")),
        factor=_spread(facts.number("time_spread_sigma")),
    )


def tier_notes(name: str, service_tier: str) -> Iterator[str]:
    """Yield what a reader must know of the times of a deployment's tier."""
    if service_tier in HOW_FAST:
        what = f"{service_tier} is {HOW_FAST[service_tier]}, by how much is not known: times are those of {STANDARD}"
        yield f"deployment {name}: {what}"
    elif service_tier == BATCH:
        yield f"deployment {name}: each call waits for a batch of its own; batches' limits of their own are not counted"


def rounded(number: float) -> int:
    """Return the nearest whole number, half up."""
    return math.floor(number + 0.5)


def _spread(sigma: float, most: float = math.inf) -> Table:
    """Return the spread of times in ppm: lognormal with median 1, so that rates stay medians, cut at `most`."""
    if sigma == 0:
        return constant(PPM)
    from burncurve.prepare.tables import table_of
    from burncurve.scenario.distributions import Clipped
    from burncurve.scenario.kinds import Lognormal

    law = Lognormal[float](median=1, sigma=sigma)
    return table_of(law if most == math.inf else Clipped(law, 0.0, most), PPM)
