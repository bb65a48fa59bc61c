"""One pass over a ledger: a kernel that finds at once all that studies add up, the twin of what NumPy does column by
column.

It is compiled and kept as the compiled engine is, and is used where that one plays; `burncurve.studies.totals` does
without it where it does not apply.
"""
