"""The tables as the compiler sees them."""

from __future__ import annotations

from typing import Any

from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from burncurve.engines.compiled.tables import Table
from burncurve.studies.reduction.layout import GIVEN, SUMS


def _opened(table: Table) -> Any:
    @intrinsic  # type: ignore[untyped-decorator]
    def opened(typing: Any, address: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            return builder.inttoptr(values[0], cgutils.voidptr_t)

        return table(types.int64), generate

    return opened


given_of = _opened(Table("Read", GIVEN, True))
sums_of = _opened(Table("Sums", SUMS, False))
