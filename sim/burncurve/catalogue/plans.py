"""Subscription plans as dated, sourced YAML: price, quotas in the plan's own units, and which clients it admits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Protocol, TypeVar

from burncurve.documents.hours import Hours

FOREVER = datetime.max.replace(tzinfo=UTC)
ANY_CLIENT = "any"
FIRST_USE = "first use"
_COMES_BACK = {
    FIRST_USE: "",
    "each use": "each use comes back by itself",
    "purchase": "windows follow each other from the purchase on",
}
COUNTS_FROM = tuple(_COMES_BACK)


class _Dated(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def valid_from(self) -> datetime: ...

    @property
    def valid_until(self) -> datetime: ...


Entry = TypeVar("Entry", bound=_Dated)


@dataclass(frozen=True, slots=True)
class PlanPrice:
    """What a seat costs a month, from `valid_from` until before `valid_until`, both UTC; None: not known (`note`)."""

    per_month: Decimal | None
    currency: str
    valid_from: datetime
    valid_until: datetime
    source: str
    note: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class HourlyWeights:
    """By what the use of some offers is multiplied at some hours."""

    hours: Hours
    weights: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class PlanQuota:
    """What a seat may use in a window of `window_us`: so many of the plan's own units.

    `counts_from` is one of COUNTS_FROM: the window opens with the first use, and at its end all comes back; each use
    comes back by itself, one window after it; or windows follow each other from the purchase on.
    `limit` None: there is one, and it is not published. `per_request`, `per_call` and `per_mtok` (by
    meter) say how many units a request of a person or trigger, a call, or a million tokens take;
    `assumption` says why, where the seller does not. Without any of them no work can be held against the quota.
    `weights` multiply the use of some offers, "seller/*" of all of a seller's; those of `hourly` go before them.
    """

    name: str
    window_us: int
    unit: str
    limit: Decimal | None
    stated: str
    per_request: Decimal
    per_call: Decimal
    per_mtok: Mapping[str, Decimal]
    weights: Mapping[str, Decimal]
    assumption: str
    valid_from: datetime
    valid_until: datetime
    source: str
    counts_from: str = FIRST_USE
    hourly: tuple[HourlyWeights, ...] = ()
    where: str = ""

    @property
    def counts(self) -> bool:
        """Whether it is known, or assumed, how work is held against it."""
        return self.limit is not None and bool(self.per_request or self.per_call or self.per_mtok)

    @property
    def rules(self) -> tuple[str, ...]:
        """How it counts, in words, where that is not from the first use on and alike for all offers and hours."""
        hourly = (f"at {each.hours} {_times(each.weights)}" for each in self.hourly)
        return tuple(filter(None, (_COMES_BACK[self.counts_from], _times(self.weights), *hourly)))

    def weight(self, offer: str, moment: datetime) -> Decimal:
        """Return by how much the use of an offer is multiplied at a moment, in UTC."""
        now = next((each.weights for each in self.hourly if each.hours.hold(moment)), {})
        names = (offer, f"{offer.partition('/')[0]}/*")
        return next((some[name] for some in (now, self.weights) for name in names if name in some), Decimal(1))


@dataclass(frozen=True, slots=True)
class PlanTerm:
    """Which clients may draw on the plan from `valid_from` until before `valid_until`; `any` for every one."""

    clients: tuple[str, ...]
    valid_from: datetime
    valid_until: datetime
    source: str

    def admits(self, client: str) -> bool:
        """Say whether a client may."""
        return ANY_CLIENT in self.clients or client in self.clients


@dataclass(frozen=True, slots=True)
class Plan:
    """A subscription: for one seat, its price, quotas and terms over time. `offers`: names, or seller/* for all."""

    name: str
    seller: str
    offers: tuple[str, ...]
    prices: tuple[PlanPrice, ...]
    quotas: tuple[PlanQuota, ...]
    terms: tuple[PlanTerm, ...]
    where: str

    def covers(self, offer: str) -> bool:
        """Say whether calls of an offer may draw on it."""
        return offer in self.offers or f"{offer.partition('/')[0]}/*" in self.offers

    def known_on(self, day: date | None) -> Plan:
        """Return the plan as it was known on a day (None: as it is): what follows later, and so ends it, was not."""
        if day is None:
            return self
        prices, quotas, terms = _known(self.prices, day), _known(self.quotas, day), _known(self.terms, day)
        return replace(self, prices=prices, quotas=quotas, terms=terms)

    def price(self, moment: datetime) -> PlanPrice | None:
        """Return what a seat costs at a moment, None where the plan was not yet, or no longer, sold."""
        return next(iter(in_force(self.prices, moment)), None)

    def quotas_at(self, moment: datetime) -> tuple[PlanQuota, ...]:
        """Return the quotas in force at a moment."""
        return in_force(self.quotas, moment)

    def admitted(self, client: str) -> tuple[tuple[datetime, datetime], ...]:
        """Return the times, UTC, in which a client may draw on it."""
        return tuple((term.valid_from, term.valid_until) for term in self.terms if term.admits(client))

    @property
    def clients(self) -> tuple[str, ...]:
        """The clients that its terms name at any time."""
        return tuple(sorted({client for term in self.terms for client in term.clients} - {ANY_CLIENT}))


def _known(entries: Sequence[Entry], day: date) -> tuple[Entry, ...]:
    known = (entry for entry in entries if entry.valid_from.date() <= day)
    return tuple(replace(entry, valid_until=FOREVER) if entry.valid_until.date() > day else entry for entry in known)


def _times(weights: Mapping[str, Decimal]) -> str:
    return ", ".join(f"{offer} {weight.normalize():f}×" for offer, weight in weights.items())


def in_force(entries: Sequence[Entry], moment: datetime) -> tuple[Entry, ...]:
    """Return the entries that hold at a moment."""
    return tuple(entry for entry in entries if entry.valid_from <= moment < entry.valid_until)


def on_day(day: date) -> datetime:
    """Return 00:00 UTC of a day."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
