"""What engines book while they play is what the bill says afterwards, to the last digit."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from burncurve.billing import bill
from burncurve.deploy.rates import Prices, rates_of
from burncurve.deployment import AtBudget, Budget, Deployment, Scope
from burncurve.documents.hours import EVERY_DAY, Hours
from burncurve.prices.book import Band, Book, Compared, Exchange, Holidays, LongContext, Price, Window, moment_us

from .build import S, played, replace
from .strategies import Case, cases, number, pick

Draw = Any
START = datetime(2026, 11, 2, 8, 59, 52, tzinfo=UTC)  # a Monday, just before windows open and prices change
MINUTE = 60
METERS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")


def rates(draw: Draw) -> dict[str, Decimal]:
    some = {meter: Decimal(number(draw, 0, 400)) / 8 for meter in METERS}
    if pick(draw, False, True):  # the meters that an input price stands in for
        some = {meter: some[meter] for meter in ("input", "output")}
    return some | {"web_searches": Decimal(number(draw, 0, 10))}


def bands(draw: Draw) -> tuple[Band, ...]:
    bounds = pick(draw, (0,), (0, 90), (0, 60, 200))
    return tuple(Band(bound, rates(draw)) for bound in bounds)


def windows(draw: Draw) -> tuple[Window, ...]:
    first = Window(
        "first", Hours(pick(draw, (0,), EVERY_DAY), ((540, 541), (542, 600))), bands(draw), pick(draw, "", "off")
    )
    return pick(draw, (), (first,), (Window("wide", Hours(EVERY_DAY, ((0, 1440),)), bands(draw)), first))


def price(draw: Draw, offer: str, tier: str, since: datetime) -> Price:
    excess = pick(draw, False, False, True)
    rule = LongContext(Compared.PROMPT if excess else pick(draw, *Compared), excess)
    return Price(
        offer=offer, service_tier=tier, valid_from=since, valid_until=None, known_since=date(2026, 1, 1),
        currency=pick(draw, "USD", "CNY", "EUR"), bands=bands(draw), windows=windows(draw), source="drawn", note="",
        where="drawn", long_context=rule,
    )  # fmt: skip


@st.composite
def books(draw: Draw, served: Deployment) -> Book:
    """Draw a book that prices every offer from before the start, and perhaps anew a few seconds into the run."""
    prices = [
        price(draw, offer.name, offer.service_tier, since)
        for offer in {(each.name, each.service_tier): each for each in served.offers}.values()
        for since in (datetime(2026, 1, 1, tzinfo=UTC), *pick(draw, (), (START + timedelta(seconds=9),)))
    ]
    worth = {"CNY": Decimal("0.1389"), "EUR": Decimal("1.0725")}
    exchanges = {name: Exchange(name, rate, date(2026, 1, 1), "drawn") for name, rate in worth.items()}
    off = Holidays("off", date(2026, 1, 1), date(2026, 12, 31), frozenset({date(2026, 11, 2)}), "drawn")
    return Book("drawn", "", date(2026, 12, 31), exchanges, tuple(prices), "drawn", "", {"off": off})


def with_rates(case: Case, book: Book) -> tuple[Case, Deployment]:
    """Start the work on a priced day, and let it be counted by a budget that never stops anything."""
    work = replace(case.workload, start_utc_us=moment_us(START), horizon_us=min(case.workload.horizon_us, 400 * S))
    found, currencies = rates_of(case.deployment.offers, Prices(book, None, work.start_utc_us, work.horizon_us, True))
    counts = Budget("b", Scope.RUN, 1, reached=AtBudget.WARN)
    return Case(work, case.deployment), replace(case.deployment, rates=found, currencies=currencies, budgets=(counts,))


@settings(deadline=None, max_examples=150)
@given(cases(), st.data())
def test_booked_and_billed_are_the_same(case: Case, data: st.DataObject) -> None:
    book = data.draw(books(case.deployment))
    case, counted = with_rates(case, book)
    ledger = played(case.workload, counted)
    paid = bill(ledger, book, deployment="drawn")
    (came,) = ledger.outcomes[0].budgets
    assert not paid.unpriced
    booked = came.over + 1 if came.reached_us >= 0 else 0
    assert booked == paid.total_pico
