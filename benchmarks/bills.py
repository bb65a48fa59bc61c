"""From a ledger to bills under ten books: calls per second of processor time, beside genai-prices call by call.

A day of calls is made of seeded numbers, not of a simulation: two offers, three agents, long and short prompts,
reads and writes of both retentions, compactions and announcements. Each book is another one, its prices all dearer
by another part, so that nothing one of them resolves serves the next.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from statistics import median

import numpy as np
from genai_prices import Usage, calc_price

from burncurve.billing import amounts_usd, bills, tally
from burncurve.ledger import KIND_NAMES, SCHEMA, STATUS_NAMES, Ledger
from burncurve.prices import Book, contracted, load
from burncurve.words import Discount, Terms

OFFERS = ("anthropic/claude-opus-4.6", "minimax/minimax-m2.5")
START = datetime(2026, 3, 12, 18, tzinfo=UTC)  # the long-context price of one of them ends six hours later
PER_REPLICATION = 5_000
DAY_US = 86_400_000_000
BOOKS = 10
PEER_CALLS = 2_000


def made_ledger(calls: int) -> Ledger:
    """Return a ledger of so many calls, some thousands to a replication."""
    luck = np.random.default_rng(1)
    columns = {column.name: np.zeros(calls, dtype=column.dtype) for column in SCHEMA}
    fresh, before = luck.integers(100, 20_000, calls), luck.integers(0, 250_000, calls)
    read = (before * luck.random(calls) * (luck.random(calls) > 0.2)).astype(np.int64)
    agent, number = luck.integers(0, 3, calls), np.arange(calls)
    long_lived = agent == 1
    values = {
        "replication": number // PER_REPLICATION,
        "agent": agent,
        "offer": luck.integers(0, 2, calls),
        "cache_read": read,
        "cache_write_5m": np.where(long_lived, 0, fresh + before - read),
        "cache_write_1h": np.where(long_lived, fresh + before - read, 0),
        "fresh": fresh,
        "fresh_agents": fresh // 3,
        "from_base": 12_000,
        "output": luck.integers(10, 2_000, calls),
        "reasoning": luck.integers(0, 2_000, calls),
        "kind": luck.choice([0, 0, 0, 0, 0, 1, 2], calls),
        "grant_us": number % PER_REPLICATION * (DAY_US // PER_REPLICATION),
    }
    for name, column in values.items():
        columns[name][:] = column
    names = {
        "agents": ("lead", "worker", "helper"), "accounts": ("main",), "kinds": KIND_NAMES, "statuses": STATUS_NAMES,
        "regions": ("",), "service_tiers": ("standard",), "plans": (), "offers": OFFERS,
    }  # fmt: skip
    return Ledger(columns, names, (), DAY_US, int(START.timestamp()) * 1_000_000)


def made_books() -> list[Book]:
    """Return ten books of different prices."""
    book = load("list")
    terms = (Terms(tuple(Discount(offer.partition("/")[0], 10_000 * n) for offer in OFFERS)) for n in range(BOOKS))
    return [contracted(book, each) for each in terms]


def peer(ledger: Ledger, calls: int) -> float:
    """Return the dollars of some calls as genai-prices has them, one after the other."""
    total = 0.0
    for row in range(calls):
        written = int(ledger["cache_write_5m"][row]) + int(ledger["cache_write_1h"][row])
        read = int(ledger["cache_read"][row])
        usage = Usage(
            input_tokens=read + written,
            cache_read_tokens=read,
            cache_write_tokens=written,
            cache_write_1h_tokens=int(ledger["cache_write_1h"][row]),
            output_tokens=int(ledger["output"][row]) + int(ledger["reasoning"][row]),
        )
        provider, model = (("anthropic", "claude-opus-4-6"), ("minimax", "MiniMax-M2.5"))[ledger["offer"][row]]
        total += float(calc_price(usage, model, provider_id=provider, genai_request_timestamp=START).total_price)
    return total


def seconds(work: Callable[[], object]) -> float:
    """Return the processor time that some work takes."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure in alternating rounds and print medians with their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args(arguments)
    ledger, books = made_ledger(options.calls), made_books()
    sums = tally(ledger, books)
    assert len({each.total_pico for each in bills(sums, "d")}) == BOOKS
    peer(ledger, 10)  # its registry is read on the first call
    work: dict[str, tuple[int, Callable[[], object]]] = {
        "genai-prices, one book": (PEER_CALLS, lambda: peer(ledger, PEER_CALLS)),
        "row by row, one book": (options.calls, lambda: bills(tally(ledger, books[:1]), "d")),
        "row by row, ten books": (options.calls, lambda: bills(tally(ledger, books), "d")),
        "from a run's sums, ten books": (options.calls, lambda: bills(sums, "d")),
        "dollars of each row, one book": (options.calls, lambda: amounts_usd(ledger, books[0])),
    }
    spent: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(options.rounds):
        for name, (_, each) in work.items():
            spent[name].append(seconds(each))
    rates = {name: work[name][0] / median(times) for name, times in spent.items()}
    base = rates["genai-prices, one book"]
    print(f"{options.calls:,} calls, {len(sums.uses.tokens):,} sums, medians of {options.rounds} rounds")
    for name, rate in rates.items():
        print(f"{name:32} {rate:15,.0f} calls/s  {rate / base:11,.0f} times genai-prices")


if __name__ == "__main__":
    main()
