"""Invoices in the columns of FOCUS 1.4, in which cloud bills are exchanged and loaded.

FOCUS is the FinOps Open Cost and Usage Specification (focus.finops.org, version 1.4 of 4 June 2026), dataset
"Cost and Usage": its mandatory columns, those recommended or conditional that a bill of tokens can fill, then our own
with the prefix that it asks for. Each line of an invoice is one row; empty is null.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction

from burncurve.billing.invoice import Invoice, InvoiceLine
from burncurve.prices.book import PIECE_METERS, USD
from burncurve.report.numbers import PICO, exact_money
from burncurve.words import US_PER_S

VERSION = "1.4"
PRICED = (
    "ConsumedQuantity", "ConsumedUnit", "ContractedUnitPrice", "ListUnitPrice",
    "PricingCategory", "PricingCurrency", "PricingCurrencyContractedUnitPrice", "PricingCurrencyEffectiveCost",
    "PricingCurrencyListUnitPrice", "PricingQuantity", "PricingUnit",
    "SkuId", "SkuMeter", "SkuPriceDetails", "SkuPriceId",
)  # fmt: skip
"""What only lines with a rate have."""
UNIT_PRICES = (
    "ListUnitPrice", "ContractedUnitPrice", "PricingCurrencyListUnitPrice", "PricingCurrencyContractedUnitPrice"
)  # fmt: skip
_OF_ALL = (
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd",
    "BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency",
    "ChargePeriodEnd", "ChargePeriodStart", "ContractedCost", "EffectiveCost", "HostProviderName", "InvoiceId",
    "InvoiceIssuerName", "ListCost", "ServiceCategory", "ServiceName", "ServiceProviderName", "ServiceSubcategory",
)  # fmt: skip
OWN = ("x_Deployment", "x_Invoice", "x_Meter", "x_Model", "x_Replication", "x_Simulated", "x_Tier")
COLUMNS = (*sorted((*_OF_ALL, *PRICED)), *OWN)
CATEGORIES = {"plan": "Purchase", "tax": "Tax"}
"""What lines are that are amounts alone; the others are credits or adjustments, by their sign."""
FREQUENCIES = {"Usage": "Usage-Based", "Purchase": "Recurring"}
NOBODY = "Not Applicable"
Row = dict[str, str]


def rows(invoice: Invoice) -> Iterator[Row]:
    """Yield one row per line of an invoice, by the ids of the columns; the same columns in all."""
    period = _period(invoice)
    for line in invoice.lines:
        yield {**_costs(invoice, line), **period, **_charge(line), **_price(invoice, line), **_own(invoice, line)}


def _costs(invoice: Invoice, line: InvoiceLine) -> Row:
    """What is billed, in dollars, and what it is by the list and under the contract: exact products of the rates."""
    billed, effective = _metric(line.amount_pico), _metric(line.costs_pico)
    if line.quantity is None:
        return {"BilledCost": billed, "EffectiveCost": effective, "ListCost": billed, "ContractedCost": billed}
    worth = invoice.usd_per_unit[line.currency]
    costs = {"ListCost": line.pieces * line.said_pico * worth, "ContractedCost": line.list_pico * worth}
    return {"BilledCost": billed, "EffectiveCost": effective, **{name: _metric(cost) for name, cost in costs.items()}}


def _period(invoice: Invoice) -> Row:
    start, end, last = (
        datetime.fromtimestamp(us // US_PER_S, UTC) for us in (invoice.start_us, invoice.end_us, invoice.end_us - 1)
    )
    return {
        "BillingPeriodStart": _moment(start.replace(day=1, hour=0, minute=0, second=0)),
        "BillingPeriodEnd": _moment(datetime(last.year + last.month // 12, last.month % 12 + 1, 1, tzinfo=UTC)),
        "ChargePeriodStart": _moment(start),
        "ChargePeriodEnd": _moment(end),
    }


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _charge(line: InvoiceLine) -> Row:
    provider = line.model.partition("/")[0] or line.account or NOBODY
    category = _category(line)
    return {
        "BillingAccountId": line.account or provider,
        "BillingAccountName": line.account or provider,
        "BillingCurrency": USD,
        "ChargeCategory": category,
        "ChargeClass": "",
        "ChargeDescription": ", ".join(part for part in (line.model, _words(line.meter), line.tier) if part),
        "ChargeFrequency": FREQUENCIES.get(category, "One-Time"),
        "HostProviderName": provider,
        "InvoiceId": "",  # nobody sends what was only simulated
        "InvoiceIssuerName": provider,
        "ServiceCategory": "AI and Machine Learning",
        "ServiceName": f"{provider} API",
        "ServiceProviderName": provider,
        "ServiceSubcategory": "Generative AI",
    }


def _category(line: InvoiceLine) -> str:
    if line.quantity is not None:
        return "Usage"
    return CATEGORIES.get(line.meter) or ("Credit" if line.amount_pico < 0 else "Adjustment")


def _price(invoice: Invoice, line: InvoiceLine) -> Row:
    """What was priced and consumed; null, as FOCUS wants it, for an amount alone, which no list prices."""
    effective = _metric(_effective_in_list(invoice, line))
    sku = {"SkuId": f"{line.model}/{line.meter}", "SkuMeter": _words(line.meter), "PricingCategory": "Standard"}
    sku |= {
        "SkuPriceId": f"{line.model}/{line.meter}/{line.tier}",
        "SkuPriceDetails": json.dumps({"x_Model": line.model}),
    }
    in_any = {**dict.fromkeys(PRICED, ""), "PricingCurrency": line.currency, "PricingCurrencyEffectiveCost": effective}
    if line.quantity is not None and line.unit_rate_pico is not None:
        unit = "Requests" if line.meter in PIECE_METERS else "Tokens"
        consumed = {"ConsumedQuantity": _metric(line.pieces * PICO), "ConsumedUnit": unit}
        priced = {"PricingQuantity": _metric(line.quantity * PICO), "PricingUnit": f"{line.pieces_priced} {unit}"}
        return {**in_any, **sku, **consumed, **priced, **_unit_prices(invoice, line, line.pieces_priced or 1)}
    if _category(line) == "Purchase":
        price = _metric(line.amount_pico)
        return {**in_any, **sku, **dict.fromkeys(UNIT_PRICES, price), "PricingQuantity": "1.0", "PricingUnit": "Units"}
    return in_any


def _effective_in_list(invoice: Invoice, line: InvoiceLine) -> int:
    """Return what a line costs in effect in pico-units of the currency of its list."""
    if line.effective_pico is None:
        return line.list_pico
    return round(line.effective_pico / invoice.usd_per_unit[line.currency])


def _unit_prices(invoice: Invoice, line: InvoiceLine, pieces: int) -> Row:
    """The price of one unit by the list and under the contract, in dollars and in the currency of the list."""
    worth = invoice.usd_per_unit[line.currency]
    said, paid = line.said_pico * pieces, line.rate_pico * pieces
    prices = (said * worth, paid * worth, Fraction(said), Fraction(paid))
    return {name: _metric(price) for name, price in zip(UNIT_PRICES, prices, strict=True)}


def _own(invoice: Invoice, line: InvoiceLine) -> Row:
    return {
        "x_Deployment": invoice.deployment,
        "x_Invoice": invoice.number,
        "x_Model": line.model,
        "x_Tier": line.tier,
        "x_Meter": line.meter,
        "x_Replication": str(invoice.replication),
        "x_Simulated": "true",
    }


def _metric(pico: int | Fraction) -> str:
    """Return pico-units as an exact decimal with a point, so that no loader takes the column for whole numbers."""
    text = exact_money(pico)
    return text if "." in text else f"{text}.0"


def _words(meter: str) -> str:
    return meter.replace("_", " ")
