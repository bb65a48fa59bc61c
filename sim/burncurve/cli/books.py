"""`prices` and `models`: what is known of offers and their prices, from where, as of when."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from burncurve.cli import show
from burncurve.cli.options import Day, as_of_option, book_option, debug_option, format_option, quiet_option
from burncurve.errors import InputError, MissingFact, Problem
from burncurve.report.tables import Grid, Heading

if TYPE_CHECKING:
    from burncurve.prices import Book, Change, Quote

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
    form: str,
    quiet: bool,
) -> None:
    """Show what the price books say, from where, as of when.

    OFFER is a name such as anthropic/claude-opus-4.6, or part of one; without any, all are shown.
    """
    from burncurve.prices import changes, load, quotes

    loaded = load(book)
    named = _chosen(offers, loaded.offers, f"book {loaded.name}")
    check_days(from_day, to_day, on)
    if from_day:
        until = to_day or loaded.checked
        show.grid(form, _change_grid(loaded, from_day, until, changes(loaded, from_day, until, named)))
        return
    day = on or as_of or loaded.checked
    found = quotes(loaded, day, named, as_of=as_of)
    show.grid(form, _quote_grid(loaded, day, found))
    _refuse_unpriced(loaded, day, sorted(set(named) - {quote.offer for quote in found}), bool(offers), quiet)


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


def close_to(text: str, known: tuple[str, ...]) -> str:
    """Return the remedy that proposes names like `text`."""
    from difflib import get_close_matches

    close = get_close_matches(text, known, n=3, cutoff=0.4)
    return f"Did you mean {' or '.join(close)}?" if close else ""


def _refuse_unpriced(book: Book, day: date, without: list[str], asked: bool, quiet: bool) -> None:
    """What was asked for by name and has no price is a missing fact; in a list of all it is a note."""
    if without and asked:
        raise MissingFact(*(Problem(f"book {book.name}", f"no price of {name} on {day}") for name in without))
    if without:
        show.note(f"note: no price on {day}: {', '.join(without)}", quiet)


def _rate(meter: str) -> Heading:
    unit = "per k" if meter == "web_searches" else "per M"
    return Heading(meter, f"{meter.replace('_', ' ')} {unit}", _amount)


def _amount(value: object) -> str:
    return "unknown" if value is None else str(value)


def _quote_grid(book: Book, day: date, found: tuple[Quote, ...]) -> Grid:
    meters = [meter for meter, _ in found[0].rates] if found else []
    headings = (
        Heading("offer", "offer"),
        Heading("hours", "hours"),
        Heading("above_tokens", "prompt above", lambda value: f"{value:,}" if value else ""),
        Heading("currency", "currency"),
        *(_rate(meter) for meter in meters),
        Heading("valid_from", "since"),
        Heading("valid_until", "until"),
        Heading("known_since", "known since"),
        Heading("source", "source"),
        Heading("note", "note"),
    )
    rows = [
        (
            quote.offer,
            quote.window,
            quote.above_tokens,
            quote.currency,
            *(_number(rate) for _, rate in quote.rates),
            _day(quote.valid_from),
            _day(quote.valid_until),
            str(quote.known_since),
            quote.source,
            quote.note,
        )
        for quote in found
    ]
    return Grid(f"Book {book.name} (checked {book.checked}): prices in force on {day}", headings, rows)


def _change_grid(book: Book, from_day: date, to_day: date, found: tuple[Change, ...]) -> Grid:
    headings = (
        Heading("offer", "offer"),
        Heading("hours", "hours"),
        Heading("above_tokens", "prompt above", lambda value: f"{value:,}" if value else ""),
        Heading("meter", "meter"),
        Heading("currency", "currency"),
        Heading("before", str(from_day), _amount),
        Heading("after", str(to_day), _amount),
        Heading("since", "since"),
        Heading("source", "source"),
    )
    rows = [
        (
            change.offer,
            change.window,
            change.above_tokens,
            change.meter,
            change.currency,
            _number(change.before),
            _number(change.after),
            _day(change.since),
            change.source,
        )
        for change in found
    ]
    return Grid(f"Book {book.name}: what changed from {from_day} to {to_day}", headings, rows)


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))


def _day(moment: object) -> str | None:
    return None if moment is None else str(moment)[:10]
