"""The tables as the compiler sees them."""

from __future__ import annotations

from burncurve.engines.compiled.tables import Table, opener
from burncurve.studies.reduction.layout import GIVEN, SUMS

given_of = opener(Table("Read", GIVEN, True))
sums_of = opener(Table("Sums", SUMS, False))
