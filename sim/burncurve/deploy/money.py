"""Budgets and monthly limits of a deployment, and the rates that they are counted with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from burncurve.deploy.calendar import calendar_of, days_us
from burncurve.deploy.rates import Prices, rates_of
from burncurve.deployment import AtBudget, Budget, Deployment, Leg, Offer, Rates, Scope
from burncurve.errors import MissingFact, Problem
from burncurve.prices import contracted
from burncurve.words import PPM

if TYPE_CHECKING:
    from datetime import date

    from burncurve.prices import Book
    from burncurve.scenario.models import Agent, Scenario
    from burncurve.scenario.models import Budget as WrittenBudget

INPUT, OUTPUT, REASONING = 0, 4, 5  # places of meters


@dataclass(frozen=True, slots=True)
class Money:
    """Where prices come from: a book, and the day as of which it is read."""

    book: Book | None
    as_of: date | None


def budgets_of(
    scenario: Scenario, written: Sequence[WrittenBudget], leg_of: Callable[[str], Leg]
) -> tuple[Budget, ...]:
    """Return the budgets of a deployment; `leg_of` tells who serves by the name of an offer."""
    return tuple(
        Budget(
            name=str(each),
            scope=Scope[each.per.upper()],
            limit=each.usd or each.tokens or 0,
            in_tokens=each.usd is None,
            reached=AtBudget[each.then.upper()],
            cheaper=leg_of(each.offer) if each.offer else None,
            days_us=days_us(scenario) if each.per == "day" else (),
        )
        for each in written
    )


def priced(scenario: Scenario, made: Deployment, base: str, money: Money) -> Deployment:
    """Return the deployment with the rates that it needs, if it counts dollars.

    `base` is the name under which it is written. Raises MissingFact for prices that the book does not have.
    """
    if not made.counts_money:
        return made
    where = _place(scenario, made, base)
    if money.book is None:
        remedy = "give deploy.deployments a book, such as book=prices.load('list')"
        raise MissingFact(Problem(where, "counts dollars, and there is no price book to count them with", remedy))
    calendar = calendar_of(scenario)
    searches = any(tool.searches for tool in scenario.tools.values()) or any(
        agent.tools is not None and agent.tools.searches for agent in scenario.agents.values()
    )
    asked = Prices(contracted(money.book, made.terms), money.as_of, calendar.start_utc_us, scenario.horizon, searches)
    try:
        rates, currencies = rates_of(made.offers, asked)
    except MissingFact as error:
        raise MissingFact(*(_needed(where, problem) for problem in error.problems)) from None
    return replace(made, rates=rates, currencies=currencies)


def _place(scenario: Scenario, made: Deployment, base: str) -> str:
    counted = [place for place, budget in enumerate(made.budgets) if not budget.in_tokens]
    if counted:
        return scenario.where("deployments", base, "budgets", counted[0])
    return scenario.where("deployments", base, "account")


def _needed(where: str, problem: Problem) -> Problem:
    return Problem(where, f"dollars are counted here, and {problem.where} {problem.what}", problem.remedy)


def small_budgets(scenario: Scenario, made: Deployment, base: str, roles: Sequence[str]) -> Iterator[Problem]:
    """Yield the budgets that are below the first call of every agent that something starts, in the mean.

    `roles` are in the order of routes; a prompt is taken at the input price.
    """
    starts = {trigger.agent for trigger in scenario.triggers} | {group.agent for group in scenario.users}
    first_legs = {name: made.routes[roles.index(scenario.agents[name].role)].legs[0] for name in sorted(starts)}
    for place, budget in enumerate(made.budgets):
        costs = {
            name: _first_call(scenario.agents[name], made.offers[leg.offer], _rates(made, leg, budget))
            for name, leg in first_legs.items()
        }
        agent = min(costs, key=lambda name: costs[name])
        if budget.limit < costs[agent]:
            unit = f"{costs[agent]:,.0f} tokens" if budget.in_tokens else f"${costs[agent] / 10**12:,.4f}"
            what = f"{budget.name} is below one call: the first of `{agent}` takes about {unit}"
            where = scenario.where("deployments", base, "budgets", place)
            yield Problem(where, what, "raise it, or make the base smaller")


def _rates(made: Deployment, leg: Leg, budget: Budget) -> Rates | None:
    return None if budget.in_tokens else made.rates[leg.offer]


def _first_call(agent: Agent, offer: Offer, rates: Rates | None) -> float:
    """Return tokens, or pico-dollars at the first rates, of the call with which a fresh session begins."""
    scale = offer.tokenizer_ppm / PPM
    prompt = scale * (agent.base.expected() + agent.message.expected())
    output = min(scale * offer.verbosity_ppm / PPM * agent.output.expected(), offer.max_output_tokens)
    if rates is None:
        return prompt + output
    band = rates.tariffs[rates.places[0]].bands[0]
    return prompt * band.rates[INPUT] + output * band.rates[OUTPUT]
