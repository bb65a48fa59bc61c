"""The plain fields of a scenario: whole tokens, durations, shares, hours, days, moments, resets.

Each type reads what people write, holds an integer or a small frozen model, and dumps to JSON as text
that reads back to the same value.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from burncurve.scenario import units
from burncurve.words import DAY_NAMES, US_PER_DAY, US_PER_HOUR, US_PER_MINUTE

_NUMBER_SCHEMA = {"type": ["number", "string"]}
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")


class Model(BaseModel):
    """Base of all parts of a scenario: frozen, unknown fields refused; `describing` reads the texts under fields.

    Defaults are `written` or constructed, not validated while models are made: that would build many of them twice.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


def written(value: Any) -> Any:
    """Return the default of a field as a file would say it: it is read with the first file, not with the models."""
    return Field(default=value, validate_default=True)


def _positive(number: float) -> float:
    if number <= 0:
        raise ValueError("must be above 0")
    return number


WholeTokens = Annotated[int, BeforeValidator(units.tokens), WithJsonSchema(_NUMBER_SCHEMA)]
"""A fixed number of tokens."""

Whole = Annotated[int, BeforeValidator(units.tokens), WithJsonSchema(_NUMBER_SCHEMA)]
"""A fixed number of things."""

Microseconds = Annotated[
    int,
    BeforeValidator(units.duration_us),
    PlainSerializer(units.written_duration, return_type=str, when_used="json"),
    WithJsonSchema({"type": ["string", "number"], "examples": ["320ms", "8h"]}),
]
"""A fixed duration."""

COUNTRY = "^[A-Z]{2}$"
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$")]
PositiveMicroseconds = Annotated[Microseconds, AfterValidator(lambda us: _some_time(us))]
Share = Annotated[float, BeforeValidator(units.fraction), WithJsonSchema(_NUMBER_SCHEMA)]
Weight = Annotated[float, BeforeValidator(units.factor), WithJsonSchema(_NUMBER_SCHEMA)]
Rate = Annotated[Weight, BeforeValidator(lambda value: _positive(units.quantity(value)))]


def _some_time(us: int) -> int:
    if us <= 0:
        raise ValueError("must be above 0; write a duration with its unit, for example 8h")
    return us


def clock_us(text: object) -> int:
    """Return the microseconds since midnight of `HH:MM` (24:00 is the day's end); raises ValueError."""
    found = _CLOCK.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None:
        raise ValueError("must be a time of day such as 09:30")
    hour, minute = int(found[1]), int(found[2])
    if minute > 59 or hour * 60 + minute > 24 * 60:
        raise ValueError("must be a time of day from 00:00 to 24:00")
    return hour * US_PER_HOUR + minute * US_PER_MINUTE


def written_clock(us: int) -> str:
    """Return microseconds since midnight as HH:MM."""
    return f"{us // US_PER_HOUR:02d}:{us % US_PER_HOUR // US_PER_MINUTE:02d}"


class HoursOfDay(Model):
    """A window of the day, local to the scenario's time zone, in microseconds since midnight."""

    opens_us: int
    """First moment inside."""
    closes_us: int
    """First moment outside."""


def _read_hours(value: object) -> object:
    if isinstance(value, HoursOfDay):
        return value
    parts = value.split("-") if isinstance(value, str) else []
    if len(parts) != 2:
        raise ValueError("must be hours of the day such as 09:30-16:00")
    opens, closes = clock_us(parts[0]), clock_us(parts[1])
    if closes <= opens:
        raise ValueError("must close after it opens on the same day; split a night into two entries at 24:00")
    return HoursOfDay(opens_us=opens, closes_us=closes)


def _written_hours(hours: HoursOfDay) -> str:
    return f"{written_clock(hours.opens_us)}-{written_clock(hours.closes_us)}"


Hours = Annotated[
    HoursOfDay,
    BeforeValidator(_read_hours),
    PlainSerializer(_written_hours, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "examples": ["09:30-16:00"]}),
]
ALL_DAY = HoursOfDay.model_construct(opens_us=0, closes_us=US_PER_DAY)


def _day(name: str) -> int:
    if name not in DAY_NAMES:
        raise ValueError(f"names the unknown day {name!r}: must be days such as mon-fri or [mon, wed]")
    return DAY_NAMES.index(name)


def _day_span(text: object) -> list[int]:
    if not isinstance(text, str):
        raise ValueError("must be days such as mon-fri or [mon, wed]")
    first, dash, last = text.strip().lower().partition("-")
    low, high = _day(first.strip()), _day((last if dash else first).strip())
    return [(low + step) % 7 for step in range((high - low) % 7 + 1)]


def _read_days(value: object) -> object:
    parts: Sequence[Any] = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else ()
    if not parts:
        raise ValueError("must be days such as mon-fri or [mon, wed]")
    return tuple(sorted({day for part in parts for day in _day_span(part)}))


def _written_days(days: tuple[int, ...]) -> list[str]:
    return [DAY_NAMES[day] for day in days]


Days = Annotated[
    tuple[int, ...],
    BeforeValidator(_read_days),
    PlainSerializer(_written_days, return_type=list[str], when_used="json"),
    WithJsonSchema({"type": ["string", "array"], "items": {"enum": list(DAY_NAMES)}, "examples": ["mon-fri"]}),
]
EVERY_DAY = tuple(range(7))


def local_time(value: object) -> datetime:
    """Return a date or date and time without offset as a naive local datetime; raises ValueError."""
    rule = "must be a local date or date and time such as 2026-02-23T09:30"
    if isinstance(value, datetime | date):
        value = value.isoformat()
    if not isinstance(value, str):
        raise ValueError(rule)
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        raise ValueError(rule) from None
    if moment.tzinfo is not None:
        raise ValueError(f"{rule}; put the zone into time_zone")
    if not 2000 <= moment.year <= 2100:
        raise ValueError("must lie between the years 2000 and 2100")
    return moment


LocalTime = Annotated[
    datetime,
    BeforeValidator(local_time),
    WithJsonSchema({"type": "string", "examples": ["2026-02-23T09:30"]}),
]


class After(Model):
    """A moment so long after the start."""

    after: Microseconds


def _read_moment(value: object) -> object:
    if isinstance(value, After | datetime):
        return value
    if isinstance(value, dict):
        return After.model_validate(value)
    if isinstance(value, str) and re.match(r"\s*\d{4}-", value):
        return local_time(value)
    return After.model_validate({"after": value})


Moment = Annotated[
    After | datetime,
    BeforeValidator(_read_moment),
    WithJsonSchema({"type": ["string", "number"], "examples": ["0s", "2026-02-23T09:30"]}),
]


class ResetRule(Model):
    """When a shared session starts afresh; neither field: never."""

    idle: Microseconds | None = None
    """After so long without a task."""
    daily_us: int | None = None
    """At this local time of every day, in microseconds since midnight."""


def _read_reset(value: object) -> object:
    if isinstance(value, ResetRule):
        return value
    kind, _, rest = value.strip().partition(" ") if isinstance(value, str) else ("", "", "")
    if kind == "never" and not rest:
        return ResetRule()
    if kind == "idle":
        return ResetRule.model_validate({"idle": rest})
    if kind == "daily":
        return ResetRule(daily_us=clock_us(rest))
    raise ValueError("must be never, idle with a duration (idle 2h) or daily with a time (daily 04:00)")


def _written_reset(reset: ResetRule) -> str:
    if reset.idle is not None:
        return f"idle {units.written_duration(reset.idle)}"
    return "never" if reset.daily_us is None else f"daily {written_clock(reset.daily_us)}"


Reset = Annotated[
    ResetRule,
    BeforeValidator(_read_reset),
    PlainSerializer(_written_reset, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "examples": ["never", "idle 2h", "daily 04:00"]}),
]


def one_or_many(value: Any) -> list[Any] | tuple[Any, ...]:
    """Return a list: what was written alone becomes a list of one."""
    return value if isinstance(value, list | tuple) else [value]


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of at most `most` entries, of which one may stand alone."""

    most: int

    def read(self, value: object) -> object:
        many = one_or_many(value)
        if len(many) > self.most:
            raise ValueError(f"lists {len(many):,} entries, at most {self.most:,} may stand here")
        return many

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.read, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        many = handler.resolve_ref_schema(handler(core)) | {"maxItems": self.most}
        return {"anyOf": [many["items"], many]}
