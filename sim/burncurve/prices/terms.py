"""Reading what a book says beside its entries: holidays, multiples for tiers and regions, fees."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from burncurve.documents import Node, Reader
from burncurve.documents.values import day_of, decimal_of, moment_at
from burncurve.errors import did_you_mean, shown
from burncurve.prices.book import METERS, SERVICE_TIERS, TOKEN_METERS, Fee, Holidays
from burncurve.prices.multiples import Multiple

_HOLIDAY_FIELDS = ("from", "to", "days", "source")
_MULTIPLE_FIELDS = ("offers", "service_tier", "region", "factor", "meters", "valid_from", "known_since", "source")
_FEE_FIELDS = ("valid_from", "percent", "at_least_usd", "source")


def holidays_of(reader: Reader, node: Node) -> dict[str, Holidays]:
    """Return the holidays of a book by name."""
    return {pair.key: _holidays(reader, pair.key, pair.value) for pair in reader.pairs(node, "holidays")}


def _holidays(reader: Reader, name: str, node: Node) -> Holidays:
    found = reader.fields(node, name, _HOLIDAY_FIELDS, _HOLIDAY_FIELDS)
    first, last = day_of(reader, found.get("from"), "from"), day_of(reader, found.get("to"), "to")
    days: set[date] = set()
    for each in reader.items(found["days"], "days") if "days" in found else ():
        day = day_of(reader, each, "days")
        days.add(day)
        if not first <= day <= last:
            reader.fail(each.mark, f"{name}: {day} is outside {first} to {last}", "correct the day, or `from` and `to`")
    source = reader.text(found["source"], "source") if "source" in found else ""
    return Holidays(name, first, last, frozenset(days), source)


def multiples_of(reader: Reader, node: Node, offers: Collection[str]) -> tuple[Multiple, ...]:
    """Return the multiples of a book that has some offers, in their order."""
    known = {*offers, *(f"{offer.partition('/')[0]}/*" for offer in offers)}
    return tuple(_multiple(reader, each, known) for each in reader.items(node, "multiples"))


def _multiple(reader: Reader, node: Node, known: Collection[str]) -> Multiple:
    found = reader.fields(node, "multiple", _MULTIPLE_FIELDS, ("offers", "factor", "valid_from", "source"))
    if ("service_tier" in found) == ("region" in found):
        reader.fail(node.mark, "multiple: is for a service tier or for a region", "give one of the two")
    valid_from = moment_at(reader, found.get("valid_from"), "valid_from")
    factor = decimal_of(reader, found["factor"], "factor", "factor") if "factor" in found else None
    if factor == 0:
        reader.fail(found["factor"].mark, "factor: 0 makes it free", "write its part of the list price, as in 0.5")
    return Multiple(
        offers=tuple(_known(reader, each, "offers", known) for each in reader.items(found["offers"], "offers"))
        if "offers" in found
        else (),
        service_tier=_tier(reader, found["service_tier"]) if "service_tier" in found else "",
        region=reader.text(found["region"], "region") if "region" in found else "",
        factor=Decimal(1) if factor is None else factor,
        meters=tuple(_meter(reader, each) for each in reader.items(found["meters"], "meters"))
        if "meters" in found
        else TOKEN_METERS,
        valid_from=valid_from,
        known_since=day_of(reader, found["known_since"], "known_since")
        if "known_since" in found
        else valid_from.date(),
        source=reader.text(found["source"], "source") if "source" in found else "",
        where=str(node.mark),
    )


def _known(reader: Reader, node: Node, field: str, known: Collection[str]) -> str:
    text = reader.text(node, field)
    if text and text not in known:
        reader.fail(node.mark, f"{field}: the book has no price of {shown(text)}", did_you_mean(text, known))
    return text


def _tier(reader: Reader, node: Node) -> str:
    tier = reader.text(node, "service_tier")
    if tier not in SERVICE_TIERS[1:]:
        reader.fail(node.mark, f"service_tier: {shown(tier)} is not known", did_you_mean(tier, SERVICE_TIERS[1:]))
    return tier


def _meter(reader: Reader, node: Node) -> str:
    meter = reader.text(node, "meters")
    if meter not in METERS:
        reader.fail(node.mark, f"meters: {shown(meter)} is not a meter", did_you_mean(meter, METERS))
    return meter


def fees_of(reader: Reader, node: Node, offers: Collection[str]) -> tuple[Fee, ...]:
    """Return the fees of all sellers in a book that has some offers, of each in order of time."""
    fees: list[Fee] = []
    sellers = {offer.partition("/")[0] for offer in offers}
    for pair in reader.pairs(node, "fees"):
        if pair.key not in sellers:
            what = f"fees: the book has no price of a seller {shown(pair.key)}"
            reader.fail(pair.mark, what, did_you_mean(pair.key, sellers))
        own = [_fee(reader, pair.key, each) for each in reader.items(pair.value, pair.key)]
        starts = [fee.valid_from for fee in own]
        if starts != sorted(set(starts)):
            reader.fail(pair.mark, f"fees: the entries of {pair.key} do not rise in time", "list the oldest first")
        fees += own
    return tuple(fees)


def _fee(reader: Reader, seller: str, node: Node) -> Fee:
    found = reader.fields(node, seller, _FEE_FIELDS, ("valid_from", "percent", "source"))
    percent = decimal_of(reader, found["percent"], "percent", "percentage") if "percent" in found else None
    least = (
        decimal_of(reader, found["at_least_usd"], "at_least_usd", "sum of dollars") if "at_least_usd" in found else None
    )
    return Fee(
        seller=seller,
        valid_from=moment_at(reader, found.get("valid_from"), "valid_from"),
        part=(percent or Decimal(0)) / 100,
        at_least_usd=least or Decimal(0),
        source=reader.text(found["source"], "source") if "source" in found else "",
        where=str(node.mark),
    )
