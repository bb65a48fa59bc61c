"""From a scenario's deployments and the catalogue to Deployments: routes, accounts and rules in plain integers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from burncurve.catalogue import SPECS, Catalogue
from burncurve.deploy.accounts import account, holders, limits_note, tiers
from burncurve.deploy.calendar import months_us
from burncurve.deploy.facts import Facts
from burncurve.deploy.money import Money, budgets_of, priced, small_budgets
from burncurve.deploy.offers import resolved
from burncurve.deploy.plans import fee_problems, plans_of, quota_problems, seat_notes, seat_problems
from burncurve.deploy.regions import region_notes, region_problems
from burncurve.deploy.stages import Legs, begins_us, legs_by_stage, offers_named, stage_notes, stage_problems
from burncurve.deploy.terms import contract_problems, terms_of
from burncurve.deploy.times import tier_notes
from burncurve.deploy.windows import window_problems
from burncurve.deployment import Deployment, Leg, Retention, Retry, Route, Stage
from burncurve.errors import InputError, MissingFact, Problem, nearest
from burncurve.scenario.roles import role_names, unserved

if TYPE_CHECKING:
    from datetime import date

    from burncurve.prices import Book
    from burncurve.scenario.models import Deployment as Written
    from burncurve.scenario.models import Scenario

__all__ = ["deployments", "names_of", "offer_problems", "unknown_offers", "unknowns"]

RETENTIONS = {"off": Retention.OFF, "5m": Retention.SHORT, "1h": Retention.LONG}
SET_ROLE = "--set-role"
MODELS = "--models"
WITH = " with "


@dataclass(frozen=True, slots=True)
class Asked:
    """One deployment to be: its name, what is written of it and under which name, and by stage each role's legs."""

    name: str
    base: str
    written: Written
    stages: tuple[Legs, ...]

    @property
    def serving(self) -> dict[str, tuple[str, ...]]:
        """All offers that may come to serve a role: its own of all stages, and the cheaper ones of budgets."""
        cheaper = tuple(budget.offer for budget in self.written.budgets if budget.offer)
        return {
            role: tuple(dict.fromkeys((*(offer for legs in self.stages for offer in legs[role]), *cheaper)))
            for role in self.stages[0]
        }


def deployments(
    scenario: Scenario,
    catalogue: Catalogue,
    *,
    models: Sequence[str] = (),
    roles: Mapping[str, str] = {},
    book: Book | None = None,
    as_of: date | None = None,
) -> tuple[Deployment, ...]:
    """Return the deployments to play, routes in the order of `role_names(scenario)`.

    With `models`, one for each (`*/model`: for each seller of it), serving every role under the budgets of the
    scenario's first deployment; else those of the scenario; else one for each representative offer. `roles` overrides
    the offer of a role in all of them: one that changes by it says so in its name, and of those that become equal one
    stays. Facts are those of the scenario's start, as they were known on `as_of`, as are plans and `book`; that is
    asked only where a budget or a limit counts dollars.
    Raises InputError for offers and roles that are not known or not served, for windows too small for
    what compactions leave, for budgets below one call and for plans of one's own in a currency that `book` has no rate
    for, and MissingFact for offers that lack a fact no assumption
    stands in for, or a price where dollars are counted.
    """
    catalogue = catalogue.known_on(as_of)
    found = list(problems(scenario, catalogue, models=models, roles=roles))
    if found:
        raise InputError(*found)
    asked = _all_asked(scenario, catalogue, models, roles)
    missing = [problem for name in _offers(asked) for problem in _missing(catalogue, name, scenario)]
    if missing:
        raise MissingFact(*missing)
    made = tuple(
        priced(scenario, _deployment(scenario, catalogue, each), _budgeted(scenario, each), Money(book, as_of))
        for each in asked
    )
    found = [
        problem
        for one, each in zip(made, asked, strict=True)
        for problem in (
            *small_budgets(scenario, one, _budgeted(scenario, each), role_names(scenario)),
            *fee_problems(catalogue, one, book),
        )
    ]
    if found:
        raise InputError(*found)
    return tuple(_with_region_notes(one, each, book, as_of) for one, each in zip(made, asked, strict=True))


def _budgeted(scenario: Scenario, asked: Asked) -> str:
    """Return the deployment of the file whose budgets are this one's, for their places."""
    return asked.base if asked.base in scenario.deployments else _first(scenario)


def _first(scenario: Scenario) -> str:
    return next(iter(scenario.deployments), "")


def _with_region_notes(made: Deployment, asked: Asked, book: Book | None, as_of: date | None) -> Deployment:
    notes = tuple(region_notes(made, asked.written.region, book, as_of))
    return replace(made, notes=(*made.notes, *notes)) if notes else made


def unknowns(
    scenario: Scenario, made: Sequence[Deployment], catalogue: Catalogue, book: Book, as_of: date | None
) -> Iterator[Problem]:
    """Yield what a book or a plan does not say of deployments of the file, though a run goes on and notes it."""
    served = [(each, base) for each in made for base in names_of(each.name)[-1:] if base in scenario.deployments]
    yield from region_problems(scenario, served, book, as_of)
    plans = dict.fromkeys(plan.name for each in made for plan in each.plans)
    yield from (problem for name in plans for problem in quota_problems(scenario, catalogue.plans[name]))


def problems(
    scenario: Scenario, catalogue: Catalogue, *, models: Sequence[str] = (), roles: Mapping[str, str] = {}
) -> Iterator[Problem]:
    """Yield everything that is wrong with how a scenario is to be served; see `deployments`."""
    served = role_names(scenario)
    yield from unknown_offers(catalogue, models, roles)
    yield from (_no_role(role, served, SET_ROLE) for role in roles if role not in served)
    yield from budget_offers(scenario, catalogue, _first(scenario)) if models else offer_problems(scenario, catalogue)
    for each in _all_asked(scenario, catalogue, models, roles):
        if catalogue.offers.keys() >= set(_offers([each])):
            yield from _problems(scenario, catalogue, each, served)


def names_of(name: str) -> tuple[str, ...]:
    """Return the names under which a deployment may be asked for: its own, and the one it has without `--set-role`."""
    return tuple(dict.fromkeys((name, name.partition(WITH)[0])))


def _all_asked(
    scenario: Scenario, catalogue: Catalogue, models: Sequence[str], roles: Mapping[str, str]
) -> list[Asked]:
    served = role_names(scenario)
    written = _written(scenario, catalogue, models, served)
    return _distinct([_asked(name, each, served, roles) for name, each in written])


def _written(
    scenario: Scenario, catalogue: Catalogue, models: Sequence[str], served: Sequence[str]
) -> Iterator[tuple[str, Written]]:
    from burncurve.scenario.models import Deployment as Model

    if not models and scenario.deployments:
        yield from scenario.deployments.items()
        return
    budgets = scenario.deployments[_first(scenario)].budgets if scenario.deployments else ()
    for offer in catalogue.sold_as(models) or [offer.name for offer in catalogue.representative]:
        # not validated: a name that is no offer's is among the problems told above
        yield offer, Model.model_construct(roles=dict.fromkeys(served, offer), budgets=budgets)


def _asked(name: str, written: Written, served: Sequence[str], roles: Mapping[str, str]) -> Asked:
    named = [written.roles, *(each.roles for each in written.then)]
    changed = [
        f"{role}={offer}" for role, offer in roles.items() if {each.get(role, offer) for each in named} != {offer}
    ]
    whole = f"{name}{WITH}{', '.join(changed)}" if changed else name
    return Asked(whole, name, written, legs_by_stage(written, served, roles))


def _distinct(asked: Sequence[Asked]) -> list[Asked]:
    """Return one of each kind: of those that the command line made equal, rather the one that it left as it was."""
    kept: list[Asked] = []
    for each in asked:
        twin = next((place for place, other in enumerate(kept) if _equal(each, other)), None)
        if twin is None:
            kept.append(each)
        elif each.name == each.base:
            kept[twin] = each
    return kept


def _equal(one: Asked, other: Asked) -> bool:
    """Say whether two deployments differ in nothing but their names, one of them changed from the command line."""
    changed = one.name != one.base or other.name != other.base
    rest = [each.written.model_copy(update={"roles": {}}) for each in (one, other)]
    return changed and one.stages == other.stages and rest[0] == rest[1]


def _of_stage(asked: Asked, legs: Legs) -> list[str]:
    """Return the offers that may come to serve in a stage."""
    return [*(offer for each in legs.values() for offer in each), *(b.offer for b in asked.written.budgets if b.offer)]


def _offers(asked: Sequence[Asked]) -> list[str]:
    return list(dict.fromkeys(offer for each in asked for legs in each.serving.values() for offer in legs))


def unknown_offers(catalogue: Catalogue, models: Sequence[str], roles: Mapping[str, str]) -> Iterator[Problem]:
    """Yield the offers that options name and the catalogue does not know."""
    named = [(offer, MODELS) for offer in catalogue.sold_as(models)] + [(offer, SET_ROLE) for offer in roles.values()]
    yield from (problem for offer, where in named if (problem := catalogue.problem(offer, where)))


def offer_problems(scenario: Scenario, catalogue: Catalogue) -> Iterator[Problem]:
    """Yield the offers that the scenario names and the catalogue does not know."""
    for name, written in scenario.deployments.items():
        for path, offer in offers_named(written):
            yield from filter(None, [catalogue.problem(offer, scenario.where("deployments", name, *path))])
        yield from budget_offers(scenario, catalogue, name)


def budget_offers(scenario: Scenario, catalogue: Catalogue, name: str) -> Iterator[Problem]:
    """Yield the offers that budgets of a deployment name and the catalogue does not know."""
    for place, budget in enumerate(scenario.deployments[name].budgets if name else ()):
        if budget.offer:
            where = scenario.where("deployments", name, "budgets", place, "offer")
            yield from filter(None, [catalogue.problem(budget.offer, where)])


def _problems(scenario: Scenario, catalogue: Catalogue, asked: Asked, served: Sequence[str]) -> Iterator[Problem]:
    yield from (unserved(scenario, asked.base, role) for role in served if role not in asked.stages[0])
    yield from stage_problems(scenario, asked.base, asked.written, served)
    yield from _tier_problems(scenario, catalogue, asked)
    served_by = [_of_stage(asked, legs) for legs in asked.stages]
    yield from seat_problems(scenario, catalogue, asked.base, asked.written, served_by)
    yield from contract_problems(scenario, asked.base, asked.written.contract, _offers([asked]))
    for role, legs in asked.serving.items():
        if _retention(asked.written, role) is Retention.LONG:
            yield from (
                _not_kept(scenario, asked, role, offer) for offer in legs if not _keeps(scenario, catalogue, offer)
            )
    if not any(True for name in _offers([asked]) for _ in _missing(catalogue, name, scenario)):
        yield from _window_problems(scenario, catalogue, asked)


def _window_problems(scenario: Scenario, catalogue: Catalogue, asked: Asked) -> Iterator[Problem]:
    served = {name: Facts(catalogue.offers[name], scenario.start.date()) for name in _offers([asked])}
    return window_problems(scenario, asked.base, served, asked.serving)


def _keeps(scenario: Scenario, catalogue: Catalogue, name: str) -> bool:
    """Say whether a cache that is asked for an hour can be: automatic ones are not asked."""
    facts = Facts(catalogue.offers[name], scenario.start.date())
    return facts.value("cache_kind") != "explicit" or facts.known("cache_long_ttl_s")


def _not_kept(scenario: Scenario, asked: Asked, role: str, offer: str) -> Problem:
    where = scenario.where("deployments", asked.base, "cache", role)
    what = f"deployments.{asked.base}.cache.{role}: `{offer}` does not sell a cache of 1h"
    return Problem(where, what, f"write 5m or off for the role `{role}`")


def _tier_problems(scenario: Scenario, catalogue: Catalogue, asked: Asked) -> Iterator[Problem]:
    tier = asked.written.account.tier
    if tier is None:
        return
    on = scenario.start.date()
    known = {name: tiers(Facts(catalogue.offers[name], on)) for name in _offers([asked])}
    if any(tier in by_tier for by_tier in known.values()):
        return
    where = scenario.where("deployments", asked.base, "account", "tier")
    told = "; ".join(f"{name} has {', '.join(by_tier)}" for name, by_tier in known.items() if by_tier)
    remedy = f"on {on} {told}" if told else "its limits are not known: write numbers such as requests_per_minute: 500"
    yield Problem(where, f"deployments.{asked.base}.account.tier: its offers have no tier `{tier}`", remedy)


def _no_role(role: str, served: Sequence[str], where: str) -> Problem:
    close = nearest(role, served)
    remedy = f"did you mean {close[0]}?" if close else f"roles of this scenario: {', '.join(served)}"
    return Problem(where, f"no agent has the role `{role}`", remedy)


def _missing(catalogue: Catalogue, name: str, scenario: Scenario) -> Iterator[Problem]:
    facts = Facts(catalogue.offers[name], scenario.start.date())
    for spec in SPECS:
        if spec.needed and not facts.known(spec.name):
            remedy = f"state {spec.name} with its source in a file of your own, or choose another offer"
            yield Problem(name, f"{spec.name} ({spec.meaning}) is not known", remedy)


def _deployment(scenario: Scenario, catalogue: Catalogue, asked: Asked) -> Deployment:
    written = asked.written
    served = {name: Facts(catalogue.offers[name], scenario.start.date()) for name in _offers([asked])}
    retentions = {role: _retention(written, role) for role in asked.stages[0]}
    long_lived = Retention.LONG in retentions.values()
    offers = tuple(resolved(facts, written.region, long_lived, written.service_tier) for facts in served.values())
    by_offer = holders(served.values())
    distinct = {holder.name: holder for holder in by_offer.values()}
    refuses, months = written.at_limit == "refuse", months_us(scenario)
    accounts = tuple(account(holder, written.account, refuses, months) for holder in distinct.values())
    places = {name: Leg(list(served).index(name), list(distinct).index(by_offer[name].name)) for name in served}
    plans = plans_of(scenario, written, offers, catalogue)
    routes = tuple(
        tuple(Route(tuple(places[offer] for offer in legs[role]), retentions[role]) for role in legs)
        for legs in asked.stages
    )
    return Deployment(
        name=asked.name,
        offers=offers,
        accounts=accounts,
        routes=routes[0],
        later=tuple(map(Stage, begins_us(scenario, written), routes[1:])),
        budgets=budgets_of(scenario, written.budgets, places.__getitem__),
        plans=plans,
        terms=terms_of(scenario, written, catalogue),
        retry=Retry(written.retry.retries, written.retry.first, written.retry.cap),
        notes=(
            *_models_notes(scenario, asked),
            *tier_notes(asked.name, written.service_tier),
            *stage_notes(scenario, asked.name, written, asked.stages),
            *seat_notes(scenario, written, plans, catalogue),
            *filter(None, (limits_note(holder, written.account, asked.name) for holder in distinct.values())),
            *_assumption_notes(served.values()),
        ),
    )


def _models_notes(scenario: Scenario, asked: Asked) -> Iterator[str]:
    """Say what a deployment of the command line takes over from the file's deployments, and what it does not."""
    if asked.base in scenario.deployments:
        return
    if len({each.budgets for each in scenario.deployments.values()}) > 1:
        told = ", ".join(map(str, asked.written.budgets)) or "none"
        yield f"{MODELS}: budgets are those of the file's first deployment, {_first(scenario)}: {told}"
    said = {field for each in scenario.deployments.values() for field in each.model_fields_set}
    if left := sorted(said - {"roles", "budgets"}):
        yield f"{MODELS}: what the file's deployments say of {', '.join(left)} is left out"


def _retention(written: Written, role: str) -> Retention:
    kept = written.cache if isinstance(written.cache, str) else written.cache.get(role, "5m")
    return RETENTIONS[kept]


def _assumption_notes(served: Iterable[Facts]) -> Iterator[str]:
    """Yield one note for each offer that rests on assumed facts; their reasons stand in the catalogue."""
    for facts in served:
        if facts.assumed:
            told = ", ".join(f"{fact.name} {fact.text} {fact.unit}".strip() for fact in facts.assumed.values())
            yield f"{facts.offer.name}: not known and assumed: {told}"
