"""Facts with their source and date, the offers they belong to, and the catalogue of offers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from burncurve.catalogue.plan_reading import shipped_plans
from burncurve.catalogue.plans import Plan
from burncurve.catalogue.specs import SPECS
from burncurve.errors import InputError, Problem, nearest

Value = str | bool | int | float | date | tuple[float, float] | Mapping[str, Mapping[str, int]] | None


class Status(StrEnum):
    """How well a fact is known."""

    KNOWN = "known"
    ASSUMED = "assumed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: `source` says where it is from; for what is assumed or unknown, why."""

    name: str
    value: Value
    unit: str
    source: str
    date: date | None
    status: Status

    @property
    def text(self) -> str:
        """The value as people read it."""
        return shown(self.value)


@dataclass(frozen=True, slots=True)
class OfferFacts:
    """An offer: for each fact its history, oldest first; each entry holds from its date on.

    `representative` is its place among those compared where nobody says which, 0 for none.
    """

    name: str
    representative: int
    histories: Mapping[str, tuple[Fact, ...]]

    @property
    def provider(self) -> str:
        """Who sells it."""
        return self.name.partition("/")[0]

    def fact(self, name: str, on: date | None = None) -> Fact:
        """Return a fact as it was on a day (None: the newest; before the first entry: the first)."""
        history = self.histories[name]
        held = history if on is None else _dated_until(history, on)
        return held[-1] if held else history[0]

    def known_on(self, day: date) -> OfferFacts:
        """Return the offer as it was known on a day; a fact that was not keeps its first entry, as before its date."""
        known = {name: _dated_until(history, day) or history[:1] for name, history in self.histories.items()}
        return replace(self, histories=known)

    def facts(self, on: date | None = None) -> Iterator[Fact]:
        """Yield every fact in the order of their declaration, unknown ones included."""
        return (self.fact(spec.name, on) for spec in SPECS)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All offers by name; `digest` is the hash of the files they were read from.

    `own_plans` are those of files of one's own, `as_of` the day as of which it is known, None for all that is known.
    """

    offers: Mapping[str, OfferFacts]
    digest: str
    own_plans: Mapping[str, Plan] = field(default_factory=dict)
    as_of: date | None = None

    @property
    def plans(self) -> Mapping[str, Plan]:
        """All subscription plans by name, as they were known; those of one's own go before shipped ones."""
        whole = {**shipped_plans(), **self.own_plans}
        return {name: plan.known_on(self.as_of) for name, plan in whole.items()}

    @property
    def representative(self) -> tuple[OfferFacts, ...]:
        """The offers that are compared where nobody says which, the one that others are held against first."""
        chosen = (offer for offer in self.offers.values() if offer.representative)
        return tuple(sorted(chosen, key=lambda offer: (offer.representative, offer.name)))

    def known_on(self, day: date | None) -> Catalogue:
        """Return the catalogue as it was known on a day, of the same digest; None: as it is."""
        if day is None:
            return self
        return replace(self, offers={name: offer.known_on(day) for name, offer in self.offers.items()}, as_of=day)

    def sold_as(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the offers that names mean, each once: `*/model` every seller's of that model, any other itself."""
        return tuple(dict.fromkeys(offer for name in names for offer in self._sellers(name)))

    def _sellers(self, name: str) -> tuple[str, ...]:
        seller, _, model = name.partition("/")
        named = tuple(offer for offer in self.offers if offer.partition("/")[2] == model)
        return named if seller == "*" and named else (name,)

    def problem(self, name: str, where: str) -> Problem | None:
        """Return what is wrong with the name of an offer, or None."""
        if name in self.offers:
            return None
        return Problem(where, f"there is no offer `{name}` in the catalogue", self._remedy(name))

    def offer(self, name: str, where: str = "catalogue") -> OfferFacts:
        """Return an offer; raises InputError with the nearest names where there is none."""
        problem = self.problem(name, where)
        if problem is not None:
            raise InputError(problem)
        return self.offers[name]

    def _remedy(self, name: str) -> str:
        model = name.rpartition("/")[2]
        by_model = {offer.rpartition("/")[2]: offer for offer in self.offers}
        close = nearest(name, self.offers, most=3)
        close += [by_model[match] for match in nearest(model, by_model, most=3)]
        if close:
            return f"did you mean {' or '.join(list(dict.fromkeys(close))[:3])}?"
        return "`burncurve models` lists the offers; a file of your own adds one"


def _dated_until(history: tuple[Fact, ...], day: date) -> tuple[Fact, ...]:
    return tuple(fact for fact in history if fact.date is None or fact.date <= day)


@dataclass(frozen=True, slots=True)
class Change:
    """A fact of an offer that was another one at the earlier day."""

    offer: str
    before: Fact
    after: Fact


def changes(catalogue: Catalogue, since: date, until: date) -> tuple[Change, ...]:
    """Return what changed between two days, among the facts that carry dates, while an offer was on sale."""
    return tuple(change for offer in catalogue.offers.values() for change in _changes_of(offer, since, until))


def _changes_of(offer: OfferFacts, since: date, until: date) -> Iterator[Change]:
    released = offer.fact("released").value
    first = max(since, released) if isinstance(released, date) else since
    if first > until:
        return
    for before, after in zip(offer.facts(first), offer.facts(until), strict=True):
        if (before.value, before.status) != (after.value, after.status):
            yield Change(offer.name, before, after)


def shown(value: Value) -> str:
    """Return a value as text: true and false as words, spans with a dash, limits tier by tier."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, tuple):
        return f"{value[0]:,g} to {value[1]:,g}"
    if isinstance(value, Mapping):
        return "; ".join(f"{tier}: {_limits(limits)}" for tier, limits in value.items())
    return f"{value:,g}" if isinstance(value, float) else str(value)


def _limits(limits: Mapping[str, int]) -> str:
    named = (f"{limit:,} {name.replace('_', ' ')}" for name, limit in limits.items())
    return ", ".join(named) or "no limit"
