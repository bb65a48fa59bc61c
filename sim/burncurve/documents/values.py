"""Values that several kinds of files share: exact decimals, days, moments in UTC; a wrong one becomes a problem."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from burncurve.documents.fields import Reader
from burncurve.documents.nodes import Node

_DECIMAL = re.compile(r"\d{1,9}(\.\d{1,12})?")


def decimal_of(reader: Reader, node: Node, field: str, kind: str = "number from 0 on") -> Decimal | None:
    """Return an exact number from 0 on; None, with a problem that says it is no such `kind`, for anything else."""
    text = reader.text(node, field)
    if _DECIMAL.fullmatch(text):
        return Decimal(text)
    reader.fail(node.mark, f"{field}: `{text}` is not a {kind}", "write a decimal number from 0 on, as in 0.30")
    return None


def day_of(reader: Reader, node: Node | None, field: str) -> date:
    """Return the day of a moment."""
    return moment_at(reader, node, field).date()


def moment_at(reader: Reader, node: Node | None, field: str) -> datetime:
    """Return a moment in UTC; the first there is, with a problem, for anything else."""
    if node is None:  # already reported as missing
        return datetime.min.replace(tzinfo=UTC)
    text = reader.text(node, field)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        reader.fail(node.mark, f"{field}: `{text}` is not a date", "write 2026-02-23 or 2026-08-16T16:00 (UTC)")
        return datetime.min.replace(tzinfo=UTC)
    if moment.utcoffset() not in (None, timedelta(0)):
        reader.fail(node.mark, f"{field}: `{text}` is not in UTC", "write the time in UTC, without an offset")
    return moment.replace(tzinfo=UTC)
