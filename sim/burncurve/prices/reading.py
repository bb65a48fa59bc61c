"""Reading a price book from YAML: one file, every field checked, every problem with its place."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from burncurve.documents import Form, Node, Pairs, Reader, Scalar, read_bytes, remembered
from burncurve.documents.hours import HOURS_FIELDS, hours_of
from burncurve.documents.values import day_of, decimal_of, moment_at
from burncurve.errors import InputError, Problem, did_you_mean, shown
from burncurve.prices.book import (
    BOOKS,
    METERS,
    NEEDED,
    PIECE_METERS,
    SERVICE_TIERS,
    STANDARD,
    TOKEN_METERS,
    UNKNOWN,
    USD,
    Band,
    Book,
    Compared,
    Exchange,
    LongContext,
    Price,
    Rates,
    Window,
    moment_text,
)
from burncurve.prices.checks import problems_of
from burncurve.prices.multiples import multiplied
from burncurve.prices.terms import fees_of, holidays_of, multiples_of
from burncurve.words import OFFER_NAME

BOOK = Form("a price book", "see the shipped book `list` for the fields", 2_000_000, 20, 200_000)

_BOOK_FIELDS = ("name", "about", "checked", "exchange_rates", "offers", "holidays", "multiples", "fees")
_EXCHANGE_FIELDS = ("usd_per_unit", "on", "source")
_RATE_FIELDS = ("per_mtok", "per_1000", "long_context")
_RULE_FIELDS = ("long_context_compares", "long_context_pays")
_WHOLE, _EXCESS = "whole call", "excess"
_PRICE_FIELDS = (
    "valid_from",
    "valid_until",
    "known_since",
    "service_tier",
    "currency",
    *_RATE_FIELDS,
    *_RULE_FIELDS,
    "windows",
    "source",
    "note",
    "differs",
)
_WINDOW_FIELDS = ("name", *HOURS_FIELDS, "not_on", *_RATE_FIELDS)
_BAND_FIELDS = ("above_tokens", "per_mtok", "per_1000")
_TOKENS = re.compile(r"\d{1,12}")
_OFFER = re.compile(OFFER_NAME)
_CURRENCY = re.compile(r"[A-Z]{3}")
_CURRENCY_REMEDY = "write the three letters of ISO 4217, as in CNY"


def shipped() -> tuple[str, ...]:
    """Return the names of the books that come with the package."""
    return tuple(sorted(path.stem for path in BOOKS.glob("*.yaml")))


def load(name_or_path: str | Path) -> Book:
    """Return a shipped book by its name, or a book of one's own by its path.

    Raises InputError with every problem of the file, each with file, line and column.
    """
    name = str(name_or_path)
    if name in shipped():
        path = BOOKS / f"{name}.yaml"
        content = read_bytes(path, BOOK)
        return remembered(f"book-{name}", {path.name: content}, lambda: _read(content, path))
    path = Path(name)
    if not path.exists():
        remedy = f"{did_you_mean(name, shipped())}; a book of your own is the path of a YAML file"
        raise InputError(Problem(name, "there is no such price book", remedy))
    return read(path)


def read(path: Path) -> Book:
    """Return the book in a file; raises InputError as `load` does."""
    return _read(read_bytes(path, BOOK), path)


def _read(content: bytes, path: Path) -> Book:
    reader = Reader(content, str(path), BOOK)
    book = _book(reader, reader.root, path, hashlib.sha256(content).hexdigest())
    reader.finish()  # what stands in for a wrong field would cause further problems that are none
    reader.problems.extend(dict.fromkeys(problems_of(book)))  # an entry's multiples repeat its problems
    reader.finish()
    return book


def _book(reader: Reader, node: Node, path: Path, digest: str) -> Book:
    found = reader.fields(node, "book", _BOOK_FIELDS, ("checked", "offers"))
    name = reader.text(found["name"], "name") if "name" in found else path.stem
    about = reader.text(found["about"], "about") if "about" in found else ""
    checked = day_of(reader, found.get("checked"), "checked")
    exchanges = _exchanges(reader, found["exchange_rates"]) if "exchange_rates" in found else {}
    prices = _prices(reader, found["offers"]) if "offers" in found else ()
    offers = {price.offer for price in prices}
    multiples = multiples_of(reader, found["multiples"], offers) if "multiples" in found else ()
    return Book(
        name,
        about,
        checked,
        exchanges,
        multiplied(prices, multiples),
        str(path),
        digest,
        holidays_of(reader, found["holidays"]) if "holidays" in found else {},
        fees_of(reader, found["fees"], offers) if "fees" in found else (),
    )


def _exchanges(reader: Reader, node: Node) -> dict[str, Exchange]:
    exchanges = {}
    for pair in reader.pairs(node, "exchange_rates"):
        currency = pair.key
        if not _CURRENCY.fullmatch(currency):
            what = f"exchange_rates: {shown(currency)} is not the code of a currency"
            reader.fail(pair.mark, what, _CURRENCY_REMEDY)
        found = reader.fields(pair.value, currency, _EXCHANGE_FIELDS, _EXCHANGE_FIELDS)
        rate = decimal_of(reader, found["usd_per_unit"], "usd_per_unit", "rate") if "usd_per_unit" in found else None
        source = reader.text(found["source"], "source") if "source" in found else ""
        if rate == 0:
            reader.fail(
                found["usd_per_unit"].mark, f"{currency}: a unit is worth nothing", "write its worth in dollars"
            )
        if rate is not None:
            exchanges[currency] = Exchange(currency, rate, day_of(reader, found.get("on"), "on"), source)
    return exchanges


def _currency(reader: Reader, node: Node) -> str:
    text = reader.text(node, "currency")
    if text and not _CURRENCY.fullmatch(text):
        reader.fail(node.mark, f"currency: {shown(text)} is not the code of a currency", _CURRENCY_REMEDY)
    return text


def _prices(reader: Reader, node: Node) -> tuple[Price, ...]:
    prices = []
    for pair in reader.pairs(node, "offers"):
        offer = pair.key
        if not _OFFER.fullmatch(offer):
            remedy = "write maker/model, as in anthropic/claude-opus-4.6"
            reader.fail(pair.mark, f"`{offer}` is not the name of an offer", remedy)
        prices += [_price(reader, offer, entry) for entry in reader.items(pair.value, offer)]
    return tuple(prices)


def _price(reader: Reader, offer: str, node: Node) -> Price:
    found = reader.fields(node, offer, _PRICE_FIELDS, ("valid_from", "per_mtok", "source"))
    valid_from = moment_at(reader, found.get("valid_from"), "valid_from")
    known = day_of(reader, found["known_since"], "known_since") if "known_since" in found else valid_from.date()
    rule = _long_context(reader, found)
    bands = _bands(reader, found, {}, rule)
    windows = reader.items(found["windows"], "windows") if "windows" in found else []
    return Price(
        offer=offer,
        service_tier=_service_tier(reader, found.get("service_tier")),
        valid_from=valid_from,
        valid_until=_valid_until(reader, offer, found["valid_until"], valid_from) if "valid_until" in found else None,
        known_since=known,
        corrects="known_since" in found,
        currency=_currency(reader, found["currency"]) if "currency" in found else USD,
        bands=bands,
        windows=tuple(_window(reader, each, bands[0].rates, rule) for each in windows),
        source=reader.text(found["source"], "source") if "source" in found else "",
        note=reader.text(found["note"], "note") if "note" in found else "",
        where=str(node.mark),
        differs=tuple(_meter(reader, each) for each in reader.items(found["differs"], "differs"))
        if "differs" in found
        else (),
        long_context=rule,
    )


def _valid_until(reader: Reader, offer: str, node: Node, valid_from: datetime) -> datetime:
    until = moment_at(reader, node, "valid_until")
    if until <= valid_from and until.replace(tzinfo=None) != datetime.min:  # which stands for what is no moment
        what = f"{offer}: valid_until {moment_text(until)} is not after valid_from, {moment_text(valid_from)}"
        reader.fail(node.mark, what, "valid_until is the first moment at which the price no longer holds")
    return until


def _long_context(reader: Reader, found: Mapping[str, Node]) -> LongContext:
    compares, pays = Compared.PROMPT.value, _WHOLE
    if "long_context_compares" in found:
        compares = _one_of(reader, found["long_context_compares"], "long_context_compares", [c.value for c in Compared])
    if "long_context_pays" in found:
        pays = _one_of(reader, found["long_context_pays"], "long_context_pays", (_WHOLE, _EXCESS))
    return LongContext(Compared(compares), pays == _EXCESS)


def _one_of(reader: Reader, node: Node, field: str, words: Sequence[str]) -> str:
    text = reader.text(node, field)
    if text in words:
        return text
    reader.fail(node.mark, f"{field}: {shown(text)} is not known", did_you_mean(text, words))
    return words[0]


def _meter(reader: Reader, node: Node) -> str:
    text = reader.text(node, "differs")
    if text not in METERS:
        reader.fail(node.mark, f"differs: {shown(text)} is not a meter", did_you_mean(text, METERS))
    return text


def _service_tier(reader: Reader, node: Node | None) -> str:
    tier = STANDARD if node is None else reader.text(node, "service_tier")
    if node is not None and tier not in SERVICE_TIERS:
        reader.fail(node.mark, f"service_tier: `{tier}` is not known", did_you_mean(tier, SERVICE_TIERS))
    return tier


def _window(reader: Reader, node: Node, outside: Rates, rule: LongContext) -> Window:
    found = reader.fields(node, "window", _WINDOW_FIELDS, ("name", "utc", "per_mtok"))
    name = reader.text(found["name"], "name") if "name" in found else ""
    not_on = reader.text(found["not_on"], "not_on") if "not_on" in found else ""
    return Window(name, hours_of(reader, found), _bands(reader, found, outside, rule), not_on)


def _bands(reader: Reader, found: Mapping[str, Node], outside: Rates, rule: LongContext) -> tuple[Band, ...]:
    bands = [Band(0, _searches(outside) | _rates(reader, found, NEEDED))]
    for node in reader.items(found["long_context"], "long_context") if "long_context" in found else ():
        inner = reader.fields(node, "long_context", _BAND_FIELDS, ("above_tokens", "per_mtok"))
        above_tokens = _tokens(reader, inner.get("above_tokens"))
        needed = NEEDED[:1] if rule.excess_only else NEEDED  # output is never above a bound
        bands.append(Band(above_tokens, _searches(bands[0].rates) | _rates(reader, inner, needed)))
    return tuple(bands)


def _searches(rates: Rates) -> dict[str, Decimal]:
    # A search costs the same whatever the prompt and the hour, unless the book says otherwise.
    return {meter: rate for meter, rate in rates.items() if meter in PIECE_METERS}


def _rates(reader: Reader, found: Mapping[str, Node], needed: Sequence[str]) -> dict[str, Decimal]:
    rates: dict[str, Decimal] = {}
    for field, meters in (("per_mtok", TOKEN_METERS), ("per_1000", PIECE_METERS)):
        if field in found:
            said = reader.fields(found[field], field, meters, ())
            _check_needed(reader, found[field], said, [meter for meter in needed if meter in meters])
            for meter, node in said.items():
                rate = None if _is_unknown(node) else decimal_of(reader, node, meter, "price")
                if rate is not None:
                    rates[meter] = rate
    return rates


def _is_unknown(node: Node) -> bool:
    return isinstance(node, Scalar) and node.text == UNKNOWN


def _check_needed(reader: Reader, node: Node, said: Mapping[str, Node], needed: Sequence[str]) -> None:
    for meter in needed if isinstance(node, Pairs) else ():
        if meter not in said:
            remedy = f"add its price; where nobody states it, write `{meter}: {UNKNOWN}`"
            reader.fail(node.mark, f"per_mtok: `{meter}` is missing, and every bill needs it", remedy)


def _tokens(reader: Reader, node: Node | None) -> int:
    text = "0" if node is None else reader.text(node, "above_tokens").replace("_", "")
    if node is not None and not (_TOKENS.fullmatch(text) and int(text)):
        reader.fail(node.mark, f"above_tokens: `{text}` is not a number of tokens", "write a whole number above 0")
        return 0
    return int(text)
