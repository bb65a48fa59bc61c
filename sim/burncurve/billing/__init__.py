"""Ledger and price book to Bill, exactly."""

from burncurve.billing.bill import Bill, BillLine, merged
from burncurve.billing.causes import Cause
from burncurve.billing.compute import amounts_usd, bill

__all__ = ["Bill", "BillLine", "Cause", "amounts_usd", "bill", "merged"]
