"""A study: one scenario prepared once, each deployment played with the same luck, billed and summed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from burncurve.billing import Bill
from burncurve.deployment import Deployment
from burncurve.errors import InputError, Problem, attempt, nearest
from burncurve.ledger import Ledger
from burncurve.prices import Book
from burncurve.scenario.models import Scenario
from burncurve.studies import constraints, spend
from burncurve.studies.constraints import Breach
from burncurve.studies.defaults import REPLICATIONS
from burncurve.studies.identity import run_id
from burncurve.studies.precision import Precision
from burncurve.studies.spend import Spend
from burncurve.studies.totals import Totals, reduced
from burncurve.version import __version__
from burncurve.words import US_PER_S
from burncurve.workload import Workload

if TYPE_CHECKING:
    from burncurve.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person chooses beside the scenario; `deployments` empty means all, `as_of` None the newest known.

    `replications` may be left to a `Precision`; `above_pico` are the amounts of which a share is wanted.
    `invoice` is the replication that invoices are written of, or "median"; `baseline` the deployment that
    others are held against, None the first.
    """

    seed: int = 0
    replications: int | Precision = REPLICATIONS
    above_pico: tuple[int, ...] = ()
    engine: str = "auto"
    settings: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    roles: Mapping[str, str] = field(default_factory=dict)
    deployments: tuple[str, ...] = ()
    book: str = "list"
    catalogue: Path | None = None
    start: str | None = None
    as_of: date | None = None
    keep_ledger: bool = False
    pictures: bool = True
    invoice: int | str | None = None
    baseline: str | None = None

    @property
    def least(self) -> int:
        """How many replications are played at least."""
        return self.replications if isinstance(self.replications, int) else self.replications.looks[0]

    @property
    def looks(self) -> tuple[int, ...]:
        """After how many replications it is asked whether they are enough."""
        return (self.replications,) if isinstance(self.replications, int) else self.replications.looks


@dataclass(frozen=True)
class Study:
    """Everything that is decided before anything is played."""

    scenario: Scenario
    workload: Workload
    deployments: tuple[Deployment, ...]
    book: Book
    choices: Choices
    catalogue_digest: str = ""
    notes: tuple[str, ...] = ()
    catalogue: Catalogue | None = None

    def with_deployments(self, deployments: tuple[Deployment, ...]) -> Study:
        """Return the same study of fewer deployments."""
        return replace(self, deployments=deployments)

    @property
    def places(self) -> dict[str, str]:
        """Return where the deployments stand in the scenario's file; nothing where the command line names them."""
        from burncurve import deploy

        written = {} if self.choices.models else self.scenario.deployments
        named = {each.name: deploy.names_of(each.name)[-1] for each in self.deployments}
        return {name: self.scenario.where("deployments", own) for name, own in named.items() if own in written}

    @cached_property
    def breaches(self) -> tuple[Breach, ...]:
        """By which rules of its constraints the scenario excludes which deployments."""
        if self.catalogue is None:
            return ()
        start_us, as_of = self.workload.start_utc_us, self.choices.as_of
        return constraints.breaches(self.scenario, self.deployments, self.catalogue, self.book, start_us, as_of)

    @cached_property
    def unknown(self) -> tuple[Problem, ...]:
        """What the book and the plans do not say of the file's deployments, though a run goes on and notes it."""
        from burncurve import deploy

        if self.catalogue is None or self.choices.models:
            return ()
        served, as_of = self.deployments, self.choices.as_of
        return tuple(deploy.unknowns(self.scenario, served, self.catalogue, self.book, as_of))

    @property
    def start_utc(self) -> str:
        """The start in UTC, to the second."""
        return datetime.fromtimestamp(self.workload.start_utc_us // US_PER_S, UTC).isoformat()

    @property
    def book_facts(self) -> dict[str, Any]:
        """Which prices were used, as of when."""
        as_of = self.choices.as_of or self.book.checked
        return {"name": self.book.name, "digest": self.book.digest, "as_of": as_of.isoformat()}

    @cached_property
    def run_id(self) -> str:
        """The hash of all that the outputs depend on: not of the engine, and not of where the files lie."""
        invoice = self.choices.invoice
        return run_id(
            {
                "version": __version__,
                "scenario": self.scenario.model_dump(mode="json"),
                "workload": self.workload,
                "deployments": self.deployments,
                "book": self.book_facts,
                "as_of": self.choices.as_of,
                "catalogue": self.catalogue_digest,
                "seed": self.choices.seed,
                "replications": self.choices.replications,
                "above": self.choices.above_pico,
                "ledger": self.choices.keep_ledger,
                "pictures": self.choices.pictures,
                "baseline": self.choices.baseline,
                "notes": self.notes,
                **({} if invoice is None else {"invoice": invoice}),
            }
        )


@dataclass(frozen=True)
class Result:
    """One deployment played, billed and reduced; `twins` where parameters drawn per run were told from luck.

    `ledger` and `amounts` (dollars by row, None without a bill) are there only where they were asked for.
    """

    deployment: Deployment
    totals: Totals
    twins: Totals | None = None
    ledger: Ledger | None = None
    amounts: NDArray[np.float64] | None = None

    @property
    def name(self) -> str:
        """The name of the deployment."""
        return self.deployment.name

    @property
    def offers(self) -> list[str]:
        """The offers that serve it."""
        return [offer.name for offer in self.deployment.offers]

    @property
    def bill(self) -> Bill:
        """The exact bill of all replications."""
        return self.totals.bill

    @cached_property
    def spend(self) -> Spend | None:
        """What the bill comes to; None where it misses a price."""
        return None if self.bill.unpriced else spend.of(self.bill, self.totals.hours)


def open_study(path: Path, choices: Choices) -> Study:
    """Read, prepare and resolve; raises InputError for what is wrong and MissingFact for what is not known."""
    from burncurve import catalogue, deploy, prices, scenario
    from burncurve.prepare import prepare

    start = () if choices.start is None else (f"start={choices.start}",)
    known = catalogue.load(choices.catalogue).known_on(choices.as_of)
    models, roles = choices.models, choices.roles
    problems: list[Problem] = []
    book = attempt(problems, lambda: prices.load(choices.book))
    serving = partial(deploy.problems, catalogue=known, models=models, roles=roles)
    work = attempt(problems, lambda: scenario.read(path, (*choices.settings, *start), serving))
    if work is None:
        raise InputError(*dict.fromkeys((*problems, *deploy.unknown_offers(known, models, roles))))
    problems += constraints.problems(work, known)
    if book is None or problems:
        raise InputError(*problems)
    served = deploy.deployments(work, known, models=models, roles=roles, book=book, as_of=choices.as_of)
    picked = chosen(served, choices.deployments)
    study = Study(work, prepare(work, choices.seed), picked, book, choices, known.digest, catalogue=known)
    constraints.refuse_if_none_is_left(work, picked, study.breaches)
    return study


def chosen(served: Sequence[Deployment], names: Sequence[str]) -> tuple[Deployment, ...]:
    """Return the deployments named, in their own order; all where none is named. Raises InputError."""
    from burncurve import deploy

    for name in names:
        known_name(name, [known for deployment in served for known in deploy.names_of(deployment.name)])
    return tuple(each for each in served if not names or set(names) & set(deploy.names_of(each.name)))


def known_name(name: str, known: Sequence[str]) -> None:
    """Refuse the name of a deployment that is not there; raises InputError with those that are."""
    if name not in known:
        close = nearest(name, known, most=2)
        remedy = f"Did you mean {' or '.join(close)}?" if close else f"There are: {', '.join(known)}."
        raise InputError(Problem("--deployment", f"no deployment {name!r}", remedy))


def results(study: Study) -> tuple[Result, ...]:
    """Play and bill every deployment, keeping every ledger in memory: for a look at the calls of a small study."""
    return tuple(billed(study, deployment, played(study, deployment)) for deployment in study.deployments)


def billed(study: Study, deployment: Deployment, ledger: Ledger) -> Result:
    """Bill a ledger by the study's book."""
    from burncurve.billing import amounts_usd

    as_of = study.choices.as_of
    terms = deployment.terms
    totals = reduced(ledger, study.book, deployment.name, as_of, terms, plans=deployment.plans)
    amounts = None if totals.bill.unpriced else amounts_usd(ledger, study.book, as_of=as_of, terms=terms)
    return Result(deployment, totals, ledger=ledger, amounts=amounts)


def played(study: Study, deployment: Deployment) -> Ledger:
    """Play all replications of one deployment."""
    from burncurve.engines import play

    return play(study.workload, deployment, range(study.choices.least), study.choices.engine)
