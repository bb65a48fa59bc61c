"""Offers and their facts, as dated, sourced YAML: one file for each provider in `data/`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from burncurve.catalogue.facts import Catalogue, Change, Fact, OfferFacts, Status, changes, shown
from burncurve.catalogue.plan_reading import shipped_plans, unsold
from burncurve.catalogue.plans import Plan, PlanPrice, PlanQuota, PlanTerm
from burncurve.catalogue.reading import CATALOGUE, Entry, Stated, read_assumptions, read_offers, read_own
from burncurve.catalogue.specs import ANY_TIER, SPECS, Spec
from burncurve.documents import read_bytes, remembered
from burncurve.errors import InputError, Problem

__all__ = [
    "ANY_TIER",
    "SPECS",
    "Catalogue",
    "Change",
    "Fact",
    "OfferFacts",
    "Plan",
    "PlanPrice",
    "PlanQuota",
    "PlanTerm",
    "Status",
    "changes",
    "facts",
    "load",
    "shipped_plans",
    "shown",
]

DATA = Path(__file__).parent / "data"
ASSUMPTIONS = DATA / "assumptions.yaml"
MOST_FILES = 200


def load(extra: Path | None = None) -> Catalogue:
    """Return the shipped catalogue, with the offers, facts and plans of a file or folder of one's own on top.

    A fact stated there goes before the shipped one. Raises InputError with every problem of a file.
    """
    shipped = sorted(path for path in DATA.glob("*.yaml") if path != ASSUMPTIONS)
    own = _own_files(extra) if extra is not None else []
    contents = {path: read_bytes(path, CATALOGUE) for path in (ASSUMPTIONS, *shipped, *own)}
    if own:
        return _read(shipped, own, contents)
    files = {path.name: content for path, content in contents.items()}
    return remembered("catalogue", files, lambda: _read(shipped, own, contents))


def _read(shipped: Sequence[Path], own: Sequence[Path], contents: Mapping[Path, bytes]) -> Catalogue:
    assumptions = read_assumptions(contents[ASSUMPTIONS], ASSUMPTIONS.name)
    entries = _distinct([entry for path in shipped for entry in read_offers(contents[path], path.name)])
    added, plans = _read_own(own, contents)
    entries = _laid_over(entries, _distinct(added))
    silent: Stated = {spec.name: (_stood_in(_not_stated(spec), assumptions),) for spec in SPECS}
    offers = {name: _completed(entry, assumptions, silent) for name, entry in entries.items()}
    found = [problem for plan in plans.values() for problem in unsold(plan, offers)]
    if found:
        raise InputError(*found)
    return Catalogue(offers, _digest(contents.values()), plans)


def facts(offer: OfferFacts) -> tuple[Fact, ...]:
    """Return the newest facts of an offer, in the order of their declaration, unknown ones included."""
    return tuple(offer.facts())


def _own_files(extra: Path) -> list[Path]:
    if not extra.exists():
        raise InputError(Problem(str(extra), "there is no such file or folder", "check the path"))
    files = sorted(path for path in extra.iterdir() if path.suffix in (".yaml", ".yml")) if extra.is_dir() else [extra]
    if not files:
        raise InputError(Problem(str(extra), "holds no .yaml file", "one file for each provider adds offers"))
    if len(files) > MOST_FILES:
        raise InputError(Problem(str(extra), f"holds more than {MOST_FILES} files", "name a smaller folder"))
    return files


def _read_own(files: Sequence[Path], contents: Mapping[Path, bytes]) -> tuple[list[Entry], dict[str, Plan]]:
    """Return the offers and the plans of all files, or one error with the problems of all of them."""
    entries: list[Entry] = []
    plans: dict[str, Plan] = {}
    problems: list[Problem] = []
    for path in files:
        try:
            offers, found = read_own(contents[path], str(path))
        except InputError as error:
            problems += error.problems
            continue
        twice = [(plan, plans[name].where) for name, plan in found.items() if name in plans]
        problems += [
            Problem(plan.where, f"the plan `{plan.name}` stands in {at} too", "keep one") for plan, at in twice
        ]
        entries += offers
        plans |= found
    if problems:
        raise InputError(*problems)
    return entries, plans


def _distinct(entries: Sequence[Entry]) -> dict[str, Entry]:
    by_name: dict[str, Entry] = {}
    for entry in entries:
        if entry.name in by_name:
            first = by_name[entry.name].where
            raise InputError(Problem(entry.where, f"the offer `{entry.name}` stands in {first} too", "keep one"))
        by_name[entry.name] = entry
    return by_name


def _laid_over(entries: Mapping[str, Entry], own: Mapping[str, Entry]) -> dict[str, Entry]:
    merged = dict(entries)
    for name, entry in own.items():
        below = entries.get(name)
        stated = {**(below.stated if below else {}), **entry.stated}
        representative = entry.representative or (below.representative if below else 0)
        merged[name] = Entry(name, representative, stated, entry.where)
    return merged


def _completed(entry: Entry, assumptions: Mapping[str, Fact], silent: Stated) -> OfferFacts:
    """Return all facts of an offer: what it says, and what stands in where it is `silent`."""
    said = {name: tuple(_stood_in(fact, assumptions) for fact in history) for name, history in entry.stated.items()}
    histories = {name: said.get(name, history) for name, history in silent.items()}
    return OfferFacts(entry.name, entry.representative, histories)


def _not_stated(spec: Spec) -> Fact:
    return Fact(spec.name, None, spec.unit, "not stated", None, Status.UNKNOWN)


def _stood_in(fact: Fact, assumptions: Mapping[str, Fact]) -> Fact:
    if fact.status is not Status.UNKNOWN or fact.name not in assumptions:
        return fact
    assumed = assumptions[fact.name]
    return Fact(fact.name, assumed.value, fact.unit, assumed.source, fact.date, Status.ASSUMED)


def _digest(contents: Iterable[bytes]) -> str:
    total = hashlib.sha256()
    for content in contents:
        total.update(hashlib.sha256(content).digest())
    return total.hexdigest()
