"""A Bill: exact lines of tokens times rate, and the figures that people ask of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from burncurve.billing.causes import Cause
from burncurve.billing.currency import allocated, converted
from burncurve.errors import Problem
from burncurve.prices.book import USD

PICO = 10**12


@dataclass(frozen=True, slots=True)
class BillLine:
    """Tokens of one kind at one rate, summed over the replications.

    `rate_pico` and `list_pico` are pico-units of `currency`, the currency of the list, per token (web
    searches: per search) and in all; `amount_pico` is the line's part of the bill, in pico-dollars.
    """

    deployment: str
    account: str
    offer: str
    agent: str
    price_line: str
    meter: str
    cause: Cause
    tokens: int
    rate_pico: int
    amount_pico: int
    currency: str
    list_pico: int

    @property
    def key(self) -> tuple[str, ...]:
        """What tells this line from others of its bill, in order of listing."""
        return (self.account, self.offer, self.agent, self.price_line, self.meter, self.cause, self.currency)


@dataclass(frozen=True, slots=True)
class ListTotal:
    """What each replication comes to in the currency of one list, in pico-units, and what a unit of it is worth."""

    currency: str
    usd_per_unit: Fraction
    by_replication: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Bill:
    """What a ledger costs: lines that add up to the total, to the last digit, in pico-dollars.

    `per_replication[i]` belongs to `replications[i]`. Where `unpriced` names offers, the bill has
    neither lines nor totals, and `missing` says why.
    """

    deployment: str
    currency: str
    lines: tuple[BillLine, ...]
    replications: tuple[int, ...]
    per_replication: tuple[int, ...]
    list_totals: tuple[ListTotal, ...]
    notes: tuple[str, ...] = ()
    unpriced: tuple[str, ...] = ()
    missing: tuple[Problem, ...] = ()

    @property
    def total_pico(self) -> int | None:
        """Pico-dollars of all replications together; None where an offer is unpriced."""
        return None if self.unpriced else sum(self.per_replication)

    def total(self) -> float | None:
        """Return the mean over replications in dollars; None where an offer is unpriced."""
        return None if self.total_pico is None else self._mean_usd(self.total_pico)

    def by_cause(self) -> dict[str, float]:
        """Return dollars by cause, means over replications; empty where an offer is unpriced."""
        return self.by(lambda line: line.cause.value)

    def by_meter(self) -> dict[str, float]:
        """Return dollars by meter, means over replications; empty where an offer is unpriced."""
        return self.by(lambda line: line.meter)

    def by(self, key: Callable[[BillLine], str]) -> dict[str, float]:
        """Return dollars by any property of a line, largest first, means over replications."""
        sums: dict[str, int] = defaultdict(int)
        for line in self.lines:
            sums[key(line)] += line.amount_pico
        ordered = sorted(sums.items(), key=lambda item: (-item[1], item[0]))
        return {name: self._mean_usd(amount) for name, amount in ordered}

    def _mean_usd(self, amount_pico: int) -> float:
        return amount_pico / (PICO * max(1, len(self.replications)))  # of two integers: rounded once


def settled(
    deployment: str,
    lines: Iterable[BillLine],
    totals: Iterable[ListTotal],
    replications: Iterable[int],
    notes: tuple[str, ...] = (),
) -> Bill:
    """Return the bill of lines in the currencies of their lists: each replication converted once, then allocated."""
    numbers = tuple(sorted(set(replications)))
    totals = tuple(sorted(totals, key=lambda total: total.currency))
    ordered = sorted(lines, key=lambda line: line.key)
    per_replication = dict.fromkeys(numbers, 0)
    placed: list[BillLine] = []
    for total in totals:
        amounts = {number: _in_usd(total, total.by_replication.get(number, 0)) for number in numbers}
        for number, amount in amounts.items():
            per_replication[number] += amount
        placed += _allocated([line for line in ordered if line.currency == total.currency], sum(amounts.values()))
    placed.sort(key=lambda line: line.key)
    return Bill(deployment, USD, tuple(placed), numbers, tuple(per_replication.values()), totals, notes)


def unpriced(
    deployment: str, replications: Iterable[int], missing: Mapping[str, Problem], notes: tuple[str, ...]
) -> Bill:
    """Return the bill of a deployment that cannot be billed: no lines, no totals, and why."""
    names = tuple(sorted(missing))
    why = tuple(missing[name] for name in names)
    return Bill(deployment, USD, (), tuple(sorted(set(replications))), (), (), notes, names, why)


def merged(bills: Iterable[Bill]) -> Bill:
    """Return one bill of several of the same deployment, whatever their order or how the calls were divided."""
    notes, replications = set[str](), set[int]()
    said, totals = set[tuple[str, Problem]](), list[ListTotal]()
    lines: dict[tuple[object, ...], BillLine] = {}
    deployment = ""
    for part in bills:  # each is gone before the next comes: there may be more than fit into memory
        deployment = part.deployment
        notes |= set(part.notes)
        replications |= set(part.replications)
        said |= set(zip(part.unpriced, part.missing, strict=True))
        totals = _added_totals((*totals, *part.list_totals))
        _add(lines, part.lines)
    missing = dict(sorted(said, key=str, reverse=True))  # one reason for each, the same whatever the order
    if missing:
        return unpriced(deployment, replications, missing, tuple(sorted(notes)))
    return settled(deployment, lines.values(), totals, replications, notes=tuple(sorted(notes)))


def added(lines: Iterable[BillLine]) -> list[BillLine]:
    """Return lines of which those of one kind are added up."""
    sums: dict[tuple[object, ...], BillLine] = {}
    _add(sums, lines)
    return list(sums.values())


def _add(sums: dict[tuple[object, ...], BillLine], lines: Iterable[BillLine]) -> None:
    """Add lines to those by key and rate."""
    for line in lines:
        key = (*line.key, line.rate_pico)
        seen = sums.get(key)
        sums[key] = line if seen is None else _sum(seen, line)


def grown(before: Bill, after: Bill) -> Bill:
    """Return what the bill of a longer stretch of one replication adds to that of its beginning, to the last digit.

    Its lines add up to the difference of the two totals: money converted, rounded or taxed on a total is of the
    months in which that total has grown.
    """
    seen = {(*line.key, line.rate_pico): line for line in added(before.lines)}
    lines = [
        line if earlier is None else _less(line, earlier)
        for line in added(after.lines)
        for earlier in (seen.get((*line.key, line.rate_pico)),)
    ]
    placed: list[BillLine] = []
    for currency in sorted({line.currency for line in lines}):
        amounts = (
            sum(each.amount_pico for each in bill.lines if each.currency == currency) for bill in (after, before)
        )
        whole, earlier_pico = amounts
        of_currency = [line for line in lines if line.currency == currency and (line.tokens or line.list_pico)]
        placed += _allocated(of_currency, whole - earlier_pico)
    placed.sort(key=lambda line: line.key)
    return replace(after, lines=tuple(placed), per_replication=(sum(line.amount_pico for line in placed),))


def _less(line: BillLine, earlier: BillLine) -> BillLine:
    return replace(line, tokens=line.tokens - earlier.tokens, list_pico=line.list_pico - earlier.list_pico)


def _sum(one: BillLine, other: BillLine) -> BillLine:
    return replace(one, tokens=one.tokens + other.tokens, list_pico=one.list_pico + other.list_pico)


def _added_totals(totals: Iterable[ListTotal]) -> list[ListTotal]:
    sums: dict[tuple[str, Fraction], dict[int, int]] = {}
    for total in totals:
        by_replication = sums.setdefault((total.currency, total.usd_per_unit), defaultdict(int))
        for number, amount in total.by_replication.items():
            by_replication[number] += amount
    return [ListTotal(currency, rate, dict(amounts)) for (currency, rate), amounts in sums.items()]


def _in_usd(total: ListTotal, amount_pico: int) -> int:
    return amount_pico if total.currency == USD else converted(amount_pico, total.usd_per_unit)


def _allocated(lines: list[BillLine], total_pico: int) -> list[BillLine]:
    amounts = [line.list_pico for line in lines]
    if sum(amounts) != total_pico:
        amounts = allocated(total_pico, amounts)
    return [
        line if line.amount_pico == amount else replace(line, amount_pico=amount)  # copies cost more than all the rest
        for line, amount in zip(lines, amounts, strict=True)
    ]
