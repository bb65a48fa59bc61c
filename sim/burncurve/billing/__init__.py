"""Ledger and price book to Bill, exactly."""

from burncurve.billing.bill import Bill, BillLine, ListTotal, added, merged, settled, unpriced
from burncurve.billing.causes import Cause
from burncurve.billing.compute import amounts_usd, bill, bills, is_in_usd, rates_of
from burncurve.billing.tally import Tally, from_cells, places_sold, tally
from burncurve.billing.terms import seat_payments

__all__ = [
    "Bill",
    "BillLine",
    "Cause",
    "ListTotal",
    "Tally",
    "added",
    "amounts_usd",
    "bill",
    "bills",
    "from_cells",
    "is_in_usd",
    "merged",
    "places_sold",
    "rates_of",
    "seat_payments",
    "settled",
    "tally",
    "unpriced",
]
