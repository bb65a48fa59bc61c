"""Ledger and price book to Bill, exactly."""

from burncurve.billing.bill import Bill, BillLine, ListTotal, added, merged, settled, unpriced
from burncurve.billing.causes import Cause
from burncurve.billing.compute import amounts_usd, bill, bills
from burncurve.billing.tally import Tally, tally
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
    "merged",
    "seat_payments",
    "settled",
    "tally",
    "unpriced",
]
