"""Amounts of money in a scenario, and budgets: so much for a task, a session, a day or a run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from burncurve.errors import Problem
from burncurve.scenario import units
from burncurve.scenario.fields import Model, WholeTokens
from burncurve.words import OFFER_NAME

if TYPE_CHECKING:
    from burncurve.scenario.models import Scenario

OfferName = Annotated[str, Field(pattern=f"^{OFFER_NAME}$")]
Dollars = Annotated[
    int,
    BeforeValidator(units.pico_dollars),
    Field(gt=0),
    PlainSerializer(units.written_dollars, return_type=str, when_used="json"),
    WithJsonSchema({"type": ["number", "string"], "examples": [50, "$0.25"]}),
]
"""An amount of dollars above 0, in pico-dollars."""


class Budget(Model):
    """The most that may be spent; it is looked at before each call, and calls in flight are finished."""

    per: Literal["task", "session", "day", "run"]
    """Whose calls share it: those of a root task or of its session with all that it spawns, of a local day, or all."""
    usd: Dollars | None = None
    """Dollars at the prices of the book; either this or tokens."""
    tokens: Annotated[WholeTokens, Field(gt=0)] | None = None
    """Tokens of all kinds, read from a cache or not, written or reasoned."""
    then: Literal["stop", "pause", "cheaper", "warn"] = "stop"
    """Once it is reached: end the task, wait for the next day, go on with another offer, or only count."""
    offer: OfferName | None = None
    """The offer that serves every role then, with `then: cheaper`."""

    def __str__(self) -> str:
        amount = f"{self.tokens:,} tokens" if self.usd is None else units.written_dollars(self.usd)
        return f"{amount} per {self.per}"


def budget_problems(scenario: Scenario) -> Iterator[Problem]:
    """Yield what contradicts itself within a budget."""
    for name, deployment in scenario.deployments.items():
        serving = {*deployment.roles.values()}
        for place, budget in enumerate(deployment.budgets):
            for field, what, remedy in (*_contradictions(budget), *_no_change(budget, serving)):
                where = scenario.where("deployments", name, "budgets", place, *field)
                yield Problem(
                    where, f"deployments.{name}.budgets.{'.'.join(map(str, (place, *field)))}: {what}", remedy
                )


def _contradictions(budget: Budget) -> Iterator[tuple[tuple[str, ...], str, str]]:
    given = [unit for unit in ("usd", "tokens") if getattr(budget, unit) is not None]
    if len(given) != 1:
        said = "counts both dollars and tokens" if given else "says not how much"
        yield (), said, "give either usd or tokens; two limits are two budgets"
    if budget.then == "pause" and budget.per != "day":
        yield (
            ("then",),
            f"a budget per {budget.per} has no window that turns, so a pause would never end",
            ("write per: day, or then: stop"),
        )
    if budget.then == "cheaper" and budget.offer is None:
        yield ("then",), "nobody is named who serves then", "add offer: provider/model"
    if budget.then != "cheaper" and budget.offer is not None:
        yield ("offer",), f"does nothing with then: {budget.then}", "write then: cheaper, or remove it"


def _no_change(budget: Budget, serving: set[str]) -> Iterator[tuple[tuple[str, ...], str, str]]:
    if budget.then == "cheaper" and serving == {budget.offer}:
        yield ("offer",), f"{budget.offer} serves every role before, so nothing changes then", "name a cheaper offer"
