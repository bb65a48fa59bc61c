"""Titles of pictures: from figures to the sentence that says what they show.

Each function takes plain figures, the deployments in the order they are shown, and returns one
sentence without a full stop. Names are shortened, so that no title grows beyond two lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from burncurve.report.numbers import duration, listed, money, share, shortened, times, tokens
from burncurve.report.words import cause_words
from burncurve.studies.comparison import UNDONE

SAME = 0.005  # amounts closer than this fraction are called the same
FEW_RUNS = 10  # with fewer, the ends are told and not p10 and p90


@dataclass(frozen=True, slots=True)
class Priced:
    """A deployment with its mean bill, None where unpriced.

    If known, the share of root tasks that it finished, and its requests, mean per replication.
    """

    name: str
    total: float | None
    finished: float | None = None
    requests: float | None = None


def tokens_finding(name: str, by_meter: Mapping[str, float], over_us: int) -> str:
    """Return which meter takes most of the deployment's tokens."""
    whole = sum(by_meter.values())
    if whole <= 0:
        return f"{shortened(name)} uses no tokens in {duration(over_us)}"
    most = max(by_meter.values())
    leading = [meter.replace("_", " ") for meter, count in by_meter.items() if count == most]
    is_are = "is" if len(leading) == 1 else "are each"
    subject = listed(leading)
    return (
        f"{subject[0].upper()}{subject[1:]} {is_are} {share(most, whole)} of the {tokens(whole)} tokens "
        f"that {shortened(name)} uses in {duration(over_us)}"
    )


def no_tokens_finding(over_us: int) -> str:
    """Return that nobody used a token."""
    return f"No tokens are used in {duration(over_us)}"


def context_finding(agent: str, peak_tokens: int, calls: int, compactions: int, any_peak_tokens: int = 0) -> str:
    """Return how far the longest session's context grows over its calls, how often it is compacted, who goes beyond.

    `any_peak_tokens` is the largest context of any session.
    """
    if not calls:
        return "No call was made, so no context grew"
    within = "a single call" if calls == 1 else f"{calls:,} calls"
    ending = {0: "without a compaction", 1: "compacted once", 2: "compacted twice"}
    often = ending.get(compactions, f"compacted {compactions:,} times")
    beyond = f"; another reaches {tokens(any_peak_tokens)}" if any_peak_tokens > 1.1 * peak_tokens else ""
    return (
        f"The longest session of {shortened(agent)} grows to {tokens(peak_tokens)} tokens in {within}, {often}{beyond}"
    )


def bill_finding(bills: Sequence[Priced], over_us: int, currency: str = "USD", replications: int = 1) -> str:
    """Return how the dearest bill stands to the cheapest, or the one bill per hour.

    A deployment without a price, or one that leaves undone what another finishes, is named and not compared;
    those that served different numbers of requests are compared by request.
    """
    bills = _by_request(bills) if (apart := _unequal(bills)) else bills
    fair = [(bill.name, bill.total) for bill in bills if bill.total is not None and not _falls_short(bill, bills)]
    unpriced = [bill.name for bill in bills if bill.total is None]
    short = [bill.name for bill in bills if bill.total is not None and _falls_short(bill, bills)]
    when = "per request" if apart else f"in {duration(over_us)}"
    when += ", on average" if replications > 1 else ""
    if bills and all(bill.requests == 0 for bill in bills):
        return f"No request arrived in {duration(over_us)}, so nothing is billed"
    if not fair:
        return f"No price is known for {_some(unpriced)}"
    ordered = sorted(fair, key=lambda bill: -bill[1])
    sentence = _one(ordered[0], when, over_us, currency) if len(fair) == 1 else _apart(ordered, when, currency)
    asides = [f"{_some(unpriced)} unpriced"] if unpriced else []
    asides += [f"{_some(short)} left work undone"] if short else []
    return f"{sentence} ({'; '.join(asides)})" if asides else sentence


def causes_finding(causes: Sequence[tuple[str, Mapping[str, float]]]) -> str:
    """Return the leading cause of the dearest bill, and how it stands in all of them; priced deployments only."""
    billed = [(name, amounts) for name, amounts in causes if sum(amounts.values()) > 0]
    if not billed:
        return "Nothing is billed, so nothing has a cause"
    name, amounts = max(billed, key=lambda part: sum(part[1].values()))
    leading = _leading(amounts)
    words, part = listed([cause_words(cause) for cause in leading]), share(amounts[leading[0]], sum(amounts.values()))
    if len(leading) > 1:
        return f"Equal parts of the bill of {shortened(name)} go to {words}: {part} each"
    if len(billed) == 1:
        return f"{part} of the bill of {shortened(name)} goes to {words}"
    if all(_leading(other) == leading for _, other in billed):
        percents = [_percent(other, leading[0]) for _, other in billed]
        return f"The largest part of every bill goes to {words}: {_span(percents)}"
    return f"{part} of the largest bill, that of {shortened(name)}, goes to {words}"


def fan_finding(name: str, ends: Sequence[float], currency: str = "USD") -> str:
    """Return what one replication costs at p10, p90 and on average; `ends` are the final bills."""
    if not len(ends):
        return f"{shortened(name)} has no replication"
    low, high = quantile(ends, 0.1), quantile(ends, 0.9)
    mean = sum(ends) / len(ends)
    if high - low <= SAME * abs(mean):
        return f"All {len(ends):,} runs of {shortened(name)} cost about {money(mean, currency)}"
    average = f"on average {money(mean, currency)}"
    if len(ends) < FEW_RUNS:
        spread = f"{money(min(ends), currency)} to {money(max(ends), currency)}"
        return f"{len(ends)} runs of {shortened(name)} cost {spread}, {average}"
    spread = f"{money(low, currency)} to {money(high, currency)}"
    return f"Eight of ten runs of {shortened(name)} cost {spread}, {average}"


def work_ends(horizon_us: int, ended_us: int | None) -> str:
    """Return an addition to a subtitle where the work ends long before the horizon, else nothing."""
    if not ended_us or 2 * ended_us >= horizon_us:
        return ""
    return f" · the work ends after {duration(ended_us)}"


def quantile(values: Sequence[float], q: float) -> float:
    """Return the q-quantile of the values with linear interpolation between neighbours."""
    ordered = sorted(values)
    place = q * (len(ordered) - 1)
    left = int(place)
    right = min(left + 1, len(ordered) - 1)
    return ordered[left] + (place - left) * (ordered[right] - ordered[left])


def _unequal(bills: Sequence[Priced]) -> bool:
    """Say whether bills that are compared are for different numbers of requests, all of them known."""
    served = {bill.requests for bill in bills if bill.total is not None and not _falls_short(bill, bills)}
    return len(served) > 1 and all(served)


def _by_request(bills: Sequence[Priced]) -> list[Priced]:
    return [
        replace(bill, total=bill.total / bill.requests) if bill.total is not None and bill.requests else bill
        for bill in bills
    ]


def _falls_short(bill: Priced, bills: Sequence[Priced]) -> bool:
    best = max((other.finished for other in bills if other.finished is not None and other.total is not None), default=0)
    return bill.finished is not None and bill.finished < best - UNDONE


def _one(bill: tuple[str, float], when: str, over_us: int, currency: str) -> str:
    name, total = bill
    if total == 0:
        return f"{shortened(name)} costs nothing {when}"
    per_hour = total * 3.6e9 / over_us if over_us > 0 else 0.0
    return f"{shortened(name)} costs {money(total, currency)} {when}, {money(per_hour, currency)} per hour"


def _apart(ordered: Sequence[tuple[str, float]], when: str, currency: str) -> str:
    (dear, most), (cheap, least) = ordered[0], ordered[-1]
    if most == 0:
        return f"{_some([name for name, _ in ordered])} cost nothing {when}"
    if most - least <= SAME * most:
        return f"{_some([name for name, _ in ordered])} cost the same: {money(most, currency)} {when}"
    amounts = f"{money(most, currency)} against {money(least, currency)} {when}"
    if least == 0:
        return f"{shortened(dear)} costs {money(most, currency)} {when}, {shortened(cheap)} nothing"
    if most < 1.5 * least:
        return f"{shortened(dear)} costs {100 * (most / least - 1):.0f}% more than {shortened(cheap)}: {amounts}"
    return f"{shortened(dear)} costs {times(most / least)} {shortened(cheap)}: {amounts}"


def _some(names: Sequence[str]) -> str:
    return listed([shortened(name) for name in names]) if len(names) <= 3 else f"{len(names)} deployments"


def _leading(amounts: Mapping[str, float]) -> list[str]:
    most = max(amounts.values())
    return [cause for cause, amount in amounts.items() if most - amount <= SAME * most]


def _percent(amounts: Mapping[str, float], cause: str) -> float:
    return 100 * amounts.get(cause, 0.0) / sum(amounts.values())


def _span(percents: Sequence[float]) -> str:
    low, high = share(min(percents), 100), share(max(percents), 100)
    return low if low == high else f"{low} to {high}"
