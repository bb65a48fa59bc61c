"""Invoices as files: a table for people, the same as CSV, and the columns of FOCUS."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from burncurve.billing.invoice import Invoice, InvoiceLine
from burncurve.prices.book import PIECE_METERS
from burncurve.report import focus, tables
from burncurve.report.checks import plain_right
from burncurve.report.numbers import exact, exact_money
from burncurve.report.tables import Cell, Grid, Heading, plain
from burncurve.studies.runs import INVOICES, slug
from burncurve.texts import inert
from burncurve.words import US_PER_S

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def write(folder: Path, invoices: Sequence[Invoice]) -> None:
    """Write three files per invoice into `folder`/invoices, named by place, deployment and month; raises OSError."""
    target = folder / INVOICES
    target.mkdir()
    for invoice in invoices:
        stem = "-".join(filter(None, (f"{invoice.place:03d}", slug(invoice.deployment), invoice.month)))
        grid = table(invoice)
        (target / f"{stem}.md").write_text(tables.markdown([_for_people(invoice, grid)]), encoding="utf-8")
        _write_csv(target / f"{stem}.csv", [heading.name for heading in grid.headings], grid.rows)
        rows = ([row[name] for name in focus.COLUMNS] for row in focus.rows(invoice))
        _write_csv(target / f"{stem}-focus.csv", focus.COLUMNS, rows)


def _write_csv(path: Path, names: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([_cell(cell) for cell in row] for row in rows)


def _cell(cell: Cell) -> object:
    """Return a cell that no spreadsheet executes; our own negative amounts are numbers and stay such."""
    return cell if isinstance(cell, str) and _NUMBER.fullmatch(cell) else inert(cell)


def table(invoice: Invoice) -> Grid:
    """Return the lines of an invoice with exact decimals; the sum of `amount_usd` is the bill."""
    headings = (
        Heading("account", "account"),
        Heading("model", "model"),
        Heading("tier", "tier"),
        Heading("meter", "meter", lambda cell: plain(cell).replace("_", " ")),
        Heading("quantity", "quantity", plain_right),
        Heading("unit", "of"),
        Heading("rate", "rate", plain_right),
        Heading("currency", "in"),
        Heading("list_amount", "list amount", plain_right),
        Heading("amount_usd", "USD", plain_right),
    )
    return Grid(_title(invoice), headings, [_row(line) for line in invoice.lines])


def _row(line: InvoiceLine) -> tuple[Cell, ...]:
    quantity = "" if line.quantity is None else exact(line.quantity)
    rate = "" if line.unit_rate_pico is None else exact_money(line.unit_rate_pico)
    amounts = exact_money(line.list_pico), exact_money(line.amount_pico)
    return (line.account, line.model, line.tier, line.meter, quantity, _unit(line), rate, line.currency, *amounts)


def _unit(line: InvoiceLine) -> str:
    if line.pieces_priced is None:
        return ""
    return f"{line.pieces_priced:,} {'searches' if line.meter in PIECE_METERS else 'tokens'}"


def _title(invoice: Invoice) -> str:
    of = (
        ""
        if invoice.replications == 1
        else f", replication {invoice.replication} of {invoice.replications:,} (0 first)"
    )
    span = (datetime.fromtimestamp(us // US_PER_S, UTC) for us in (invoice.start_us, invoice.end_us))
    start, end = (f"{moment:%Y-%m-%d %H:%M}" for moment in span)
    return f"Simulated invoice {invoice.number}: {invoice.deployment}{of}, {start} to {end} UTC"


def _for_people(invoice: Invoice, grid: Grid) -> Grid:
    """Return the table with its total, and below it what a reader must know."""
    blank = ("",) * (len(grid.headings) - 2)
    total = ("total", *blank, exact_money(invoice.total_pico))
    worth = [
        f"1 {currency} = {exact(rate)} USD, converted once on the total"
        for currency, rate in sorted(invoice.usd_per_unit.items())
        if currency != "USD"
    ]
    return Grid(grid.title, grid.headings, [*grid.rows, total], (*worth, *invoice.notes))
