"""`prices` and `models`: what is known of offers and their prices, from where, as of when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from burncurve.cli import show
from burncurve.cli.options import (
    Day,
    as_of_option,
    book_option,
    catalogue_option,
    debug_option,
    format_option,
    quiet_option,
)
from burncurve.errors import InputError, MissingFact, Problem, did_you_mean, nearest
from burncurve.report import tables
from burncurve.report.tables import Grid, Heading

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from burncurve.catalogue import Catalogue, Fact
    from burncurve.catalogue import Change as FactChange
    from burncurve.prices import Book, Change, Quote

PRICE_COLUMNS = (
    "offer", "hours", "above_tokens", "currency", "input", "cache_read", "cache_write_5m", "cache_write_1h", "output",
    "reasoning", "web_searches", "valid_from", "valid_until", "known_since",
)  # fmt: skip
OVERVIEW = (
    "maker", "released", "window_tokens", "cache_kind", "cache_minimum_tokens", "cache_short_ttl_s", "first_token_s",
    "decode_tokens_per_s",
)  # fmt: skip

ASSUMED = " *"
NOTHING = ("nothing changed",)

PLANS_HELP = (
    "Show subscription plans instead, every entry with its days, so without --from; OFFER is then a plan or its seller."
)
offers_argument = click.argument("offers", nargs=-1, metavar="[OFFER]...")
from_option = click.option("--from", "from_day", type=Day(), metavar="DATE", help="Show what changed since this day.")
to_option = click.option(
    "--to", "to_day", type=Day(), metavar="DATE", help="Show what changed until this day. [default: the last one known]"
)


@click.command()
@offers_argument
@book_option
@click.option("--on", type=Day(), metavar="DATE", help="Prices in force on this day. [default: the last one known]")
@from_option
@to_option
@as_of_option
@click.option("--service-tier", default="standard", show_default=True, metavar="TIER", help="Prices of this tier.")
@click.option("--region", default="", metavar="REGION", help="Prices of this region, where it has its own.")
@format_option
@quiet_option
@debug_option
def prices(
    offers: tuple[str, ...],
    book: str,
    on: date | None,
    from_day: date | None,
    to_day: date | None,
    as_of: date | None,
    service_tier: str,
    region: str,
    form: str,
    quiet: bool,
) -> None:
    """Show what the price books say, from where, as of when.

    OFFER is a name such as anthropic/claude-opus-4.6, or part of one; without any, all are shown.
    """
    from burncurve.prices import changes, load, quotes
    from burncurve.prices.queries import kind_of

    loaded = load(book)
    named = _chosen(offers, loaded.offers, f"book {loaded.name}")
    check_days(from_day, to_day, on)
    _check_tier(service_tier)
    _check_region(region, loaded)
    if from_day:
        until = to_day or as_of or loaded.checked
        if until < from_day:
            raise click.UsageError(f"--from {from_day} is after {until}, the last day known")
        found = changes(loaded, from_day, until, named, service_tier=service_tier, as_of=as_of, region=region)
        table = _change_grid(loaded, from_day, until, found)
        show.grid(form, table, _changes_for_people(table))
        return
    day = on or as_of or loaded.checked
    quoted = quotes(loaded, day, named, service_tier=service_tier, as_of=as_of, region=region)
    table = _quote_grid(loaded, day, quoted)
    show.grid(form, table, [tables.filled(tables.picked(table, PRICE_COLUMNS)), *_hours(table), _sources(table)])
    without = sorted(set(named) - {quote.offer for quote in quoted})
    _refuse_unpriced(f"book {loaded.name}", f"no {kind_of(service_tier)} of {{}} on {day}", without, named, offers)
    if without:
        show.note(f"note: no {kind_of(service_tier)} on {day}: {', '.join(without)}", quiet)


def _check_tier(service_tier: str) -> None:
    from burncurve.prices.book import SERVICE_TIERS

    if service_tier not in SERVICE_TIERS:
        raise click.UsageError(f"--service-tier {service_tier}: {did_you_mean(service_tier, SERVICE_TIERS)}")


def _check_region(region: str, book: Book) -> None:
    known = sorted({price.region for price in book.prices if price.region})
    if region and region not in known:
        raise click.UsageError(
            f"--region {region}: book {book.name} has prices of its own in {', '.join(known) or 'none'}"
        )


def check_days(from_day: date | None, to_day: date | None, on: date | None = None) -> None:
    """Refuse spans of days that make no sense; raises click.UsageError."""
    if to_day and not from_day:
        raise click.UsageError("--to needs --from")
    if from_day and on:
        raise click.UsageError("--on shows one day, --from and --to what changed between two: give one of them")
    if from_day and to_day and to_day < from_day:
        raise click.UsageError(f"--to {to_day} is before --from {from_day}")


def _chosen(wanted: tuple[str, ...], known: tuple[str, ...], place: str) -> tuple[str, ...]:
    """Return the known offers whose name holds one of the wanted texts; all where none is wanted."""
    unknown = [text for text in wanted if not any(text in name for name in known)]
    if unknown:
        raise InputError(*(Problem(place, f"no offer is named {text!r}", close_to(text, known)) for text in unknown))
    return tuple(name for name in known if not wanted or any(text in name for text in wanted))


def close_to(text: str, known: tuple[str, ...], command: str = "burncurve models") -> str:
    """Return the remedy that proposes names like `text`, or else the command that lists all."""
    close = nearest(text, known, most=3, likeness=0.4)
    return f"Did you mean {' or '.join(close)}?" if close else f"`{command}` lists those that are known"


def _refuse_unpriced(place: str, what: str, without: list[str], named: tuple[str, ...], asked: tuple[str, ...]) -> None:
    """Where no offer of a name that was asked for has a price it is a missing fact."""
    empty = [text for text in asked if all(name in without for name in named if text in name)]
    if empty:
        missing = [name for name in without if any(text in name for text in empty)]
        raise MissingFact(*(Problem(place, what.format(name)) for name in missing))


def _rate(meter: str) -> Heading:
    unit = "per k" if meter == "web_searches" else "per M"
    return Heading(meter, f"{meter.replace('_', ' ')} {unit}", _amount)


def _amount(value: object) -> str:
    return "unknown" if value is None else str(value)


def _quote_grid(book: Book, day: date, found: tuple[Quote, ...]) -> Grid:
    from burncurve.prices.book import METERS

    headings = (
        Heading("offer", "offer"),
        Heading("hours", "hours"),
        Heading("above_tokens", "prompt above", lambda value: f"{value:,}" if value else ""),
        Heading("currency", "currency"),
        *(_rate(meter) for meter in METERS),
        Heading("valid_from", "since"),
        Heading("valid_until", "until"),
        Heading("known_since", "known since"),
        Heading("source", "source"),
        Heading("note", "note"),
        Heading("when", "when"),
    )
    rows = [
        (
            quote.offer,
            quote.window,
            quote.above_tokens,
            quote.currency,
            *(_number(rate) for _, rate in quote.rates),
            _moment(quote.valid_from),
            _moment(quote.valid_until),
            str(quote.known_since),
            quote.source,
            quote.note,
            quote.hours,
        )
        for quote in found
    ]
    return Grid(f"Book {book.name} (checked {book.checked}): prices in force on {day}", headings, rows)


def _sources(table: Grid) -> Grid:
    """Each offer's sources and notes once, however many lines it has."""
    named = tables.picked(table, ("offer", "source", "note"), "Sources")
    return Grid(named.title, named.headings, list(dict.fromkeys(map(tuple, named.rows))))


def _hours(table: Grid) -> list[Grid]:
    """When the prices of some hours hold, if there are any, once for each window."""
    named = tables.picked(table, ("offer", "hours", "when"), "Hours")
    rows = list(dict.fromkeys(tuple(row) for row in named.rows if row[-1]))
    return [Grid(named.title, named.headings, rows)] if rows else []


def _changes_for_people(table: Grid) -> list[Grid]:
    """The rates that changed, and the hours, each in a table of its own; nothing but a sentence where none did."""
    from burncurve.prices.queries import HOURS

    meter = [heading.name for heading in table.headings].index("meter")
    rates = replace(table, rows=[row for row in table.rows if row[meter] != HOURS])
    hours = replace(table, rows=[row for row in table.rows if row[meter] == HOURS])
    texts = tables.picked(hours, ("offer", "hours", "since", "before", "after", "source"), f"{table.title}: hours")
    texts = replace(texts, headings=tuple(Heading(each.name, each.label) for each in texts.headings))
    found = [tables.filled(rates, ("before", "after")), texts]
    return [each for each in found if each.rows] or [tables.filled(table)]


def _change_grid(book: Book, from_day: date, to_day: date, found: tuple[Change, ...]) -> Grid:
    headings = (
        Heading("offer", "offer"),
        Heading("hours", "hours"),
        Heading("above_tokens", "prompt above", lambda value: f"{value:,}" if value else ""),
        Heading("meter", "meter"),
        Heading("since", "since"),
        Heading("before", "before", _amount),
        Heading("currency_before", ""),
        Heading("after", "after", _amount),
        Heading("currency_after", ""),
        Heading("source", "source"),
    )
    rows = [
        (
            change.offer,
            change.window,
            change.above_tokens,
            change.meter,
            _moment(change.since),
            _number(change.before),
            change.currency_before,
            _number(change.after),
            change.currency_after,
            change.source,
        )
        for change in found
    ]
    title = f"Book {book.name}: what changed from {from_day} to {to_day}"
    return Grid(title, headings, rows, () if rows else NOTHING)


def _number(value: Decimal | str | None) -> float | str | None:
    return value if value is None or isinstance(value, str) else float(value)


def _moment(moment: datetime | None) -> str | None:
    from burncurve.prices.book import moment_text

    return None if moment is None else moment_text(moment)


def _day(moment: object) -> str | None:
    return None if moment is None else str(moment)[:10]


@click.command()
@offers_argument
@click.option("--on", type=Day(), metavar="DATE", help="Facts as they were on this day. [default: the newest]")
@from_option
@to_option
@catalogue_option
@click.option("--plans", is_flag=True, help=PLANS_HELP)
@format_option
@quiet_option
@debug_option
def models(
    offers: tuple[str, ...],
    on: date | None,
    from_day: date | None,
    to_day: date | None,
    catalogue: Path | None,
    plans: bool,
    form: str,
    quiet: bool,
) -> None:
    """Show what is known of the offers, from where, as of when.

    OFFER is a name such as anthropic/claude-opus-4.6, or part of one. Without any, one line for each
    offer; with some, every fact of each with its source.
    """
    from burncurve.catalogue import changes, load
    from burncurve.cli import plans as plan_tables

    if plans:
        if from_day or to_day:
            raise click.UsageError("--plans shows every entry with its days, or with --on those of one day")
        show.grid(form, plan_tables.grid(plan_tables.chosen(offers, load(catalogue).plans), on))
        return

    known = load(catalogue)
    named = _chosen(offers, tuple(known.offers), "catalogue")
    check_days(from_day, to_day, on)
    if from_day:
        until = to_day or date.max
        found = [change for change in changes(known, from_day, until) if change.offer in named]
        table = _fact_changes(found, from_day, to_day)
        show.grid(form, table, [] if found else [tables.filled(table)])
    elif offers:
        show.grid(form, _facts(known, named, on))
    else:
        show.grid(form, _overview(known, named, on))
        show.note("note: `burncurve models OFFER` shows every fact of an offer with its source", quiet)


def _overview(known: Catalogue, named: tuple[str, ...], on: date | None) -> Grid:
    from burncurve.catalogue.specs import SPECS

    shown_facts = [spec.name for spec in SPECS if spec.name in OVERVIEW]
    headings = (Heading("offer", "offer"), *(Heading(name, name.replace("_", " ")) for name in shown_facts))
    unknown = Heading("unknown_facts", "unknown facts", tables.count)
    rows: list[tuple[tables.Cell, ...]] = [
        (
            name,
            *(_told(known.offers[name].fact(fact, on)) for fact in shown_facts),
            sum(fact.status == "unknown" for fact in known.offers[name].facts(on)),
        )
        for name in named
    ]
    assumed = any(str(cell).endswith(ASSUMED) for row in rows for cell in row)
    return Grid(
        f"{len(rows)} offers", (*headings, unknown), rows, (f"{ASSUMED.strip()} not known, assumed",) if assumed else ()
    )


def _told(fact: Fact) -> str:
    """A value, marked where it is assumed."""
    return f"{fact.text}{ASSUMED}" if fact.status.value == "assumed" else fact.text


def _facts(known: Catalogue, named: tuple[str, ...], on: date | None) -> Grid:
    labels = ("offer", "fact", "value", "unit", "status", "date", "source")
    rows: list[tuple[tables.Cell, ...]] = [
        (name, fact.name, fact.text, fact.unit, fact.status.value, _day(fact.date), fact.source)
        for name in named
        for fact in known.offers[name].facts(on)
    ]
    return Grid("What is known", tuple(Heading(label, label) for label in labels), rows)


def _fact_changes(found: list[FactChange], from_day: date, to_day: date | None) -> Grid:
    labels = ("offer", "fact", "before", "after", "date", "source")
    rows = [
        (change.offer, change.after.name, *_both(change), _day(change.after.date), change.after.source)
        for change in found
    ]
    title = f"What changed from {from_day} to {to_day or 'the newest'}"
    return Grid(title, tuple(Heading(label, label) for label in labels), rows, () if rows else NOTHING)


def _both(change: FactChange) -> tuple[str, str]:
    """The values before and after; where they are the same, how well each was known is what changed."""
    before, after = change.before, change.after
    if before.text != after.text:
        return before.text, after.text
    return f"{before.text} ({before.status})", f"{after.text} ({after.status})"
