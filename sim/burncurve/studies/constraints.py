"""Which deployments may not be chosen, by which rule: the scenario's constraints held against catalogue and book.

A fact that nobody states does not keep a rule: its deployment is excluded, and said to be so for want of the fact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING

from burncurve.errors import InputError, Problem, did_you_mean
from burncurve.scenario.deciding import Constraints

if TYPE_CHECKING:
    from burncurve.catalogue import Catalogue
    from burncurve.deployment import Deployment
    from burncurve.prices import Book
    from burncurve.scenario.models import Scenario


@dataclass(frozen=True, slots=True)
class Breach:
    """One offer of a deployment that breaks a rule; not `known`: nobody states the fact that would keep it."""

    deployment: str
    rule: str
    offer: str
    why: str
    known: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """An offer under one deployment, and where its facts and prices come from."""

    name: str
    region: str
    service_tier: str
    catalogue: Catalogue
    book: Book
    moment: datetime
    as_of: date | None

    def fact(self, name: str) -> object:
        """Return a known fact of the start's day, None where nobody states it; what is assumed is not known."""
        fact = self.catalogue.offers[self.name].fact(name, self.moment.date())
        return fact.value if fact.status == "known" else None


Verdict = tuple[str, bool] | None  # why a rule is broken, and whether that is known
Rule = Callable[[Constraints, Asked], Verdict]


def breaches(
    scenario: Scenario,
    deployments: Sequence[Deployment],
    catalogue: Catalogue,
    book: Book,
    start_utc_us: int,
    as_of: date | None,
) -> tuple[Breach, ...]:
    """Return every rule that an offer of a deployment breaks, failovers included."""
    limits = scenario.constraints
    if limits is None:
        return ()
    moment = datetime.fromtimestamp(start_utc_us / 1e6, UTC)
    found = []
    for each in deployments:
        for offer in each.offers:
            asked = Asked(offer.name, offer.region, offer.service_tier, catalogue, book, moment, as_of)
            verdicts = ((rule, check(limits, asked)) for rule, check in RULES.items())
            found += [Breach(each.name, rule, offer.name, *verdict) for rule, verdict in verdicts if verdict]
    return tuple(found)


def problems(scenario: Scenario, catalogue: Catalogue) -> Iterator[Problem]:
    """Yield the providers that a constraint names and the catalogue does not know, and contradictions."""
    limits = scenario.constraints
    known = {offer.provider for offer in catalogue.offers.values()}
    for field in ("only", "ignore") if limits else ():
        for place, name in enumerate(getattr(limits, field)):
            if name not in known:
                where = scenario.where("constraints", field, place)
                yield Problem(where, f"constraints.{field}: no provider {name!r} is known", did_you_mean(name, known))


def refuse_if_none_is_left(scenario: Scenario, deployments: Sequence[Deployment], found: Sequence[Breach]) -> None:
    """Raise InputError where every deployment is excluded, with each rule that excludes it."""
    barred = by_deployment(found)
    if not deployments or len(barred) < len(deployments):
        return
    what = "the constraints exclude every deployment"
    each = [
        Problem(scenario.where("constraints", breach.rule), f"{name}: excluded by {told(breach)}")
        for name, broken in barred.items()
        for breach in broken
    ]
    remedy = "widen the rules named here, or add a deployment that keeps them"
    raise InputError(Problem(scenario.where("constraints"), what, remedy), *each)


def by_deployment(found: Iterable[Breach]) -> Mapping[str, list[Breach]]:
    """Return breaches by the deployments that they exclude."""
    barred: dict[str, list[Breach]] = {}
    for breach in found:
        barred.setdefault(breach.deployment, []).append(breach)
    return barred


def told(breach: Breach) -> str:
    """Return a breach in words: the rule, the offer, why."""
    return f"{breach.rule} ({breach.offer}: {breach.why})"


def _only(limits: Constraints, asked: Asked) -> Verdict:
    provider = asked.catalogue.offers[asked.name].provider
    listed = ", ".join(limits.only)
    return (
        (f"the provider is {provider}, not one of {listed}", True)
        if provider not in (limits.only or provider)
        else None
    )


def _ignore(limits: Constraints, asked: Asked) -> Verdict:
    provider = asked.catalogue.offers[asked.name].provider
    return (f"the provider {provider} is ignored", True) if provider in limits.ignore else None


def _data_collection(limits: Constraints, asked: Asked) -> Verdict:
    if limits.data_collection == "allow":
        return None
    return _flagged(asked, "trains_on_prompts", wanted=False, broken="it trains on what it is sent")


def _zdr(limits: Constraints, asked: Asked) -> Verdict:
    return _flagged(asked, "zero_retention", wanted=True, broken="it keeps prompts") if limits.zdr else None


def _flagged(asked: Asked, fact: str, *, wanted: bool, broken: str) -> Verdict:
    value = asked.fact(fact)
    if value is None:
        return f"{fact} is not known", False
    return None if value is wanted else (broken, True)


def _quantizations(limits: Constraints, asked: Asked) -> Verdict:
    value = asked.fact("quantization")
    if not limits.quantizations or str(value or "unknown") in limits.quantizations:
        return None
    return _unlike("quantization", value, limits.quantizations)


def _regions(limits: Constraints, asked: Asked) -> Verdict:
    region = asked.region or None
    allowed = [one.casefold() for one in limits.regions]
    if not allowed or (region and region.casefold() in allowed):
        return None
    return _unlike("region", region, limits.regions)


def _maker_countries(limits: Constraints, asked: Asked) -> Verdict:
    country = asked.fact("maker_country")
    if not limits.maker_countries or country in limits.maker_countries:
        return None
    return _unlike("maker_country", country, limits.maker_countries)


def _unlike(fact: str, value: object, allowed: Sequence[str]) -> Verdict:
    if value is None:
        return f"{fact} is not known", False
    return f"{fact} is {value}, not {' or '.join(allowed)}", True


def _max_price(limits: Constraints, asked: Asked) -> Verdict:
    for meter, name in (("input", "prompt"), ("output", "completion")):
        limit_pico = getattr(limits.max_price, name)
        if limit_pico is None:
            continue
        price = _usd_per_mtok(asked, meter)
        if price is None:
            return f"book {asked.book.name} has no {meter} price", False
        if price > Fraction(limit_pico, 10**12):
            return f"{name} costs ${float(price):g} per million tokens, above ${limit_pico / 10**12:g}", True
    return None


def _usd_per_mtok(asked: Asked, meter: str) -> Fraction | None:
    from burncurve.billing.terms import usd_per_unit
    from burncurve.prices.timeline import at, series, timeline

    period = at(timeline(series(asked.book, asked.name, asked.service_tier, asked.as_of, asked.region)), asked.moment)
    if period is None:
        return None
    price = period.price
    rate = dict(price.bands[0].rates).get(meter)
    return None if rate is None else Fraction(rate) * usd_per_unit(asked.book, price.currency)


RULES: Mapping[str, Rule] = {
    "only": _only,
    "ignore": _ignore,
    "data_collection": _data_collection,
    "zdr": _zdr,
    "max_price": _max_price,
    "quantizations": _quantizations,
    "regions": _regions,
    "maker_countries": _maker_countries,
}
"""Each rule of a scenario's constraints, by its name there."""
