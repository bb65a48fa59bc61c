"""Hours of the week, in UTC, at which something else holds: read from files of prices and plans."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import product

from burncurve.documents.fields import Reader
from burncurve.documents.nodes import Items, Node
from burncurve.errors import did_you_mean
from burncurve.words import DAY_NAMES

HOURS_FIELDS = ("utc", "days")
EVERY_DAY = tuple(range(7))
_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)")


@dataclass(frozen=True, slots=True)
class Hours:
    """Minutes of the UTC day (end excluded) on weekdays (Monday is 0)."""

    days: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]

    def hold(self, moment: datetime) -> bool:
        """Say whether a moment, in UTC, lies in them."""
        minute = moment.hour * 60 + moment.minute
        return moment.weekday() in self.days and any(start <= minute < until for start, until in self.spans)

    def meet_on(self, other: Hours) -> str:
        """Return the first weekday on which two have a minute in common, nothing if there is none."""
        days = sorted({*self.days} & {*other.days})
        meet = any(a < d and c < b for (a, b), (c, d) in product(self.spans, other.spans))
        return DAY_NAMES[days[0]] if days and meet else ""

    def __str__(self) -> str:
        """Return them as people write them, such as 06:00-10:00 UTC on mon, tue."""
        spans = ", ".join(f"{_clock(start)}-{_clock(until)}" for start, until in self.spans)
        days = ", ".join(DAY_NAMES[day] for day in sorted(self.days))
        return f"{spans} UTC" + (f" on {days}" if {*self.days} != {*EVERY_DAY} else "")


def turns(some: Iterable[Hours], first: date, last: date) -> Iterator[datetime]:
    """Yield every moment, from the first day to the end of the last, at which one of some hours may begin or end."""
    minutes = {0, *(edge for hours in some for span in hours.spans for edge in span)}
    for number in range((last - first).days + 1):
        midnight = datetime.combine(first + timedelta(days=number), time(), UTC)
        yield from (midnight + timedelta(minutes=minute) for minute in minutes)


def hours_of(reader: Reader, found: Mapping[str, Node]) -> Hours:
    """Return the hours that the fields `utc` and, unless it is every day, `days` of an entry name."""
    spans = [_span(reader, each) for each in reader.items(found["utc"], "utc")] if "utc" in found else []
    days = [_weekday(reader, each) for each in reader.items(found["days"], "days")] if "days" in found else EVERY_DAY
    for field in HOURS_FIELDS:
        listed = found.get(field)
        if isinstance(listed, Items) and not listed.entries:
            reader.fail(listed.mark, f"{field}: an empty list, so it never counts", "leave the whole entry out")
    return Hours(tuple(days), tuple(spans))


def _weekday(reader: Reader, node: Node) -> int:
    text = reader.text(node, "days").lower()
    if text in DAY_NAMES:
        return DAY_NAMES.index(text)
    reader.fail(node.mark, f"days: `{text}` is not a weekday", did_you_mean(text, DAY_NAMES))
    return 0


def _span(reader: Reader, node: Node) -> tuple[int, int]:
    text = reader.text(node, "utc")
    match = _SPAN.fullmatch(text)
    if match is None:
        reader.fail(
            node.mark, f"utc: `{text}` is not a span of the day", "write 01:00-04:00; past midnight takes two spans"
        )
        return 0, 1
    start = int(match[1]) * 60 + int(match[2])
    until = 1440 if match[3] is None else int(match[3]) * 60 + int(match[4])
    if until <= start:
        reader.fail(
            node.mark, f"utc: `{text}` ends before it begins", "a span past midnight takes two: to 24:00 and from 00:00"
        )
    return start, until


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
