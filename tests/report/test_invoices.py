"""Invoices: lines worked out by hand, and their FOCUS rows held against the columns of the specification."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from burncurve.billing import Bill, BillLine, Cause, ListTotal
from burncurve.billing.bill import settled
from burncurve.billing.invoice import Invoice, invoice_lines, rates_of
from burncurve.report import focus, invoices

SPEC: Mapping[str, Any] = yaml.safe_load((Path(__file__).parent / "focus-1.4.yaml").read_text())
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
NUMBER = re.compile(r"-?\d+\.\d+")
START_US = 1_772_298_000_000_000  # 2026-02-28T17:00:00Z
HOUR_US = 3_600_000_000
YUAN = Fraction("0.14")


def line(meter: str, tokens: int, rate_pico: int, **other: Any) -> BillLine:
    facts: dict[str, Any] = {
        "account": "main",
        "offer": "maker/large",
        "agent": "lead",
        "price_line": "from 2026-02-05",
    }
    facts |= {"cause": Cause.OUTPUT, "currency": "USD", "deployment": "d", "list_pico": tokens * rate_pico} | other
    return BillLine(meter=meter, tokens=tokens, rate_pico=rate_pico, amount_pico=0, **facts)


LINES = (
    line("output", 1_000_001, 25_000_000),
    line("output", 10, 25_000_000, agent="worker", cause=Cause.FAILED),
    line("cache_read", 300, 500_000),
    line("web_searches", 3, 10_000_000_000),
    line("input", 1_234_567, 4_000_000, offer="=HYPERLINK(1)/glm", currency="CNY", price_line="from 2026-02-11"),
    line("output", 7, 18_000_000, offer="=HYPERLINK(1)/glm", currency="CNY", price_line="from 2026-02-11"),
)


def bill() -> Bill:
    by_currency = {name: sum(each.list_pico for each in LINES if each.currency == name) for name in ("USD", "CNY")}
    worth = {"USD": Fraction(1), "CNY": YUAN}
    totals = [ListTotal(name, worth[name], {0: amount}) for name, amount in by_currency.items()]
    return settled("d", LINES, totals, [0])


def invoice() -> Invoice:
    made = bill()
    return Invoice("id-0", "d", 0, 1, START_US, START_US + 8 * HOUR_US, invoice_lines(made), rates_of(made))


def test_lines_are_those_of_a_provider_and_add_up_to_the_bill() -> None:
    lines = invoice().lines
    assert [(each.model, each.meter, each.pieces) for each in lines] == [
        ("=HYPERLINK(1)/glm", "input", 1_234_567),
        ("=HYPERLINK(1)/glm", "output", 7),
        ("maker/large", "cache_read", 300),
        ("maker/large", "output", 1_000_011),
        ("maker/large", "web_searches", 3),
    ]
    by_meter = {(each.model, each.meter): each.amount_pico for each in lines}
    assert by_meter["maker/large", "output"] == 1_000_011 * 25_000_000  # $25.000275
    assert by_meter["maker/large", "web_searches"] == 30_000_000_000  # 3 searches at $10 per 1,000
    # 4.938394 yuan at 0.14 are 0.69137516 dollars: to the millionth, 0.691375, and split by largest remainder
    assert by_meter["=HYPERLINK(1)/glm", "input"] + by_meter["=HYPERLINK(1)/glm", "output"] == 691_375_000_000
    assert invoice().total_pico == bill().total_pico == 691_375_000_000 + 25_000_275_000_000 + 150_000_000 + 30 * 10**9


def test_the_table_is_exact_and_no_name_is_a_formula(tmp_path: Path) -> None:
    invoices.write(tmp_path, [invoice()])
    (page,) = tmp_path.glob("invoices/*.md")
    text = page.read_text()
    assert "| 1.000011 | 1,000,000 tokens | 25 | USD | 25.000275 | 25.000275 |" in text
    assert "| 0.003 | 1,000 searches | 10 | USD | 0.03 | 0.03 |" in text
    assert "| total |  |  |  |  |  |  |  |  | 25.7218 |" in text
    assert "1 CNY = 0.14 USD" in text
    (table,) = tmp_path.glob("invoices/*-d.csv")
    rows = list(csv.DictReader(table.open(newline="")))
    assert sum(Decimal(row["amount_usd"]) for row in rows) == Decimal("25.7218")
    assert {row["model"] for row in rows} == {"'=HYPERLINK(1)/glm", "maker/large"}


def test_a_negative_amount_stays_a_number(tmp_path: Path) -> None:
    credit = settled("d", [line("rebate", -1, 5 * 10**11)], [ListTotal("USD", Fraction(1), {0: -5 * 10**11})], [0])
    made = Invoice("id-0", "d", 0, 1, START_US, START_US + HOUR_US, invoice_lines(credit), rates_of(credit))
    invoices.write(tmp_path, [made])
    (row,) = csv.DictReader((tmp_path / "invoices" / "000-d.csv").open(newline=""))
    assert (row["amount_usd"], row["quantity"], row["rate"]) == ("-0.5", "", "")
    (record,) = csv.DictReader((tmp_path / "invoices" / "000-d-focus.csv").open(newline=""))
    assert (record["ChargeCategory"], record["BilledCost"], record["ContractedCost"]) == ("Credit", "-0.5", "-0.5")
    assert_row_is_right(record)


def test_what_is_paid_beside_tokens_comes_last_and_in_its_category() -> None:
    beside = {"plan": "Claude Max", "tax": "", "fee": "openrouter", "minimum": ""}
    paid = [
        line(kind, 0, 0, account="", offer=seller, agent="", price_line=f"as {kind}", list_pico=10**12)
        for kind, seller in beside.items()
    ]
    made = settled("d", [*LINES[:1], *paid], [ListTotal("USD", Fraction(1), {0: LINES[0].list_pico + 4 * 10**12})], [0])
    whole = Invoice("id-0", "d", 0, 1, START_US, START_US + HOUR_US, invoice_lines(made), rates_of(made))
    rows = list(focus.rows(whole))
    assert [row["ChargeCategory"] for row in rows] == ["Usage", "Adjustment", "Tax", "Purchase", "Adjustment"]
    assert [row["x_Meter"] for row in rows] == ["output", "minimum", "tax", "plan", "fee"]
    for row in rows:
        assert_row_is_right(row)
    plan = rows[3]
    assert (plan["BilledCost"], plan["ListUnitPrice"], plan["ChargeFrequency"]) == ("1.0", "1.0", "Recurring")
    assert rows[2]["ServiceProviderName"] == "Not Applicable"
    assert sum(Decimal(row["BilledCost"]) for row in rows) == Decimal(made.total_pico or 0) / 10**12


def assert_row_is_right(row: Mapping[str, str]) -> None:
    for name, (_, nullable, kind) in SPEC["columns"].items():
        value = row.get(name)
        if value is None:
            continue
        assert value or nullable, f"{name} is null"
        if value and kind == "Decimal":
            assert NUMBER.fullmatch(value), f"{name} is {value}"
        if value and kind == "Date/Time":
            assert MOMENT.fullmatch(value), f"{name} is {value}"
        if value and kind == "JSON":
            assert isinstance(json.loads(value), dict)
        if value and name in SPEC["allowed"]:
            assert value in SPEC["allowed"][name]
    if row["ChargeCategory"] == "Tax":
        assert not any(row[name] for name in SPEC["with_a_price"])
    if row["ChargeCategory"] in ("Usage", "Purchase"):
        assert all(row[name] for name in SPEC["with_a_price"])
        assert Decimal(row["ListCost"]) == Decimal(row["ListUnitPrice"]) * Decimal(row["PricingQuantity"])
        assert Decimal(row["ContractedCost"]) == Decimal(row["ContractedUnitPrice"]) * Decimal(row["PricingQuantity"])
        in_list = Decimal(row["PricingCurrencyContractedUnitPrice"]) * Decimal(row["PricingQuantity"])
        if row["EffectiveCost"] == row["BilledCost"]:
            assert Decimal(row["PricingCurrencyEffectiveCost"]) == in_list


def test_columns_are_those_of_the_specification() -> None:
    known = SPEC["columns"]
    assert SPEC["version"] == focus.VERSION
    assert [name for name, (level, *_) in known.items() if level == "Mandatory" and name not in focus.COLUMNS] == []
    own = [name for name in focus.COLUMNS if name not in known]
    assert all(name.startswith("x_") for name in own)
    assert focus.COLUMNS[-len(own) :] == tuple(own)  # FOCUS columns come first
    assert len(set(focus.COLUMNS)) == len(focus.COLUMNS)
    assert all(len(name) <= 50 for name in focus.COLUMNS)


def test_every_row_keeps_types_nulls_values_and_products() -> None:
    rows = list(focus.rows(invoice()))
    assert all(tuple(sorted(row)) == tuple(sorted(focus.COLUMNS)) for row in rows)
    for row in rows:
        assert_row_is_right(row)
    assert sum(Decimal(row["BilledCost"]) for row in rows) == Decimal("25.7218")
    assert {(row["BillingPeriodStart"], row["BillingPeriodEnd"]) for row in rows} == {
        ("2026-02-01T00:00:00Z", "2026-04-01T00:00:00Z")  # eight hours from the last evening of February
    }


def test_a_database_with_the_types_of_the_specification_loads_it(tmp_path: Path) -> None:
    invoices.write(tmp_path, [invoice()])
    types = {"Decimal": "DECIMAL(38, 12)", "Date/Time": "TIMESTAMP", "JSON": "VARCHAR", "String": "VARCHAR"}
    kinds = {name: types[SPEC["columns"][name][2]] if name in SPEC["columns"] else "VARCHAR" for name in focus.COLUMNS}
    with duckdb.connect() as database:
        database.execute(f"CREATE TABLE costs ({', '.join(f'{name} {kind}' for name, kind in kinds.items())})")
        database.execute(f"COPY costs FROM '{tmp_path / 'invoices' / '000-d-focus.csv'}' (HEADER, NULLSTR '')")
        query = "SELECT sum(BilledCost), sum(PricingQuantity) FILTER (SkuMeter = 'output') FROM costs"
        (found,) = database.execute(query).fetchall()
    assert found == (Decimal("25.7218"), Decimal("1.000018"))


@pytest.mark.parametrize(
    ("start_us", "hours", "period"),
    [
        (START_US, 7, ("2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z")),  # to midnight, and not beyond
        (1_798_758_000_000_000, 1, ("2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z")),
    ],
)
def test_billing_periods_are_whole_months(start_us: int, hours: int, period: tuple[str, str]) -> None:
    made = bill()
    whole = Invoice("id-0", "d", 0, 1, start_us, start_us + hours * HOUR_US, invoice_lines(made), rates_of(made))
    row = next(focus.rows(whole))
    assert (row["BillingPeriodStart"], row["BillingPeriodEnd"]) == period
