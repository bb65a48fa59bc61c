"""Observed work through other offers: the same turns, sizes, pauses and children, their caches, limits and prices.

What was observed is replayed too, on the offers that the log names; how far that is from what the log says is the
error of the method, told in tokens and dollars beside every other result.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from burncurve.deployment import Leg, Offer
from burncurve.errors import InputError, Problem, nearest
from burncurve.studies import limits, totals, tracing
from burncurve.studies.observing import Seen, retentions, standing_alone
from burncurve.studies.study import Choices, Study
from burncurve.studies.turns import Turns
from burncurve.words import PPM

if TYPE_CHECKING:
    from burncurve.catalogue import Catalogue
    from burncurve.deployment import Deployment
    from burncurve.ledger import Ledger
    from burncurve.prices import Book
    from burncurve.scenario.models import Scenario

AS_LOGGED = "as-logged"
NAME = "replay"
METERS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WARM = (
    "what the log's sessions found in the cache at their first call is there in every replay, at other providers too"
    " (assumption; --cold: it is not)"
)
TAKEN = "those reads are taken from the log and not replayed: the error of the method says nothing of them"
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


def study(
    found: Seen, book: Book, choices: Choices, tier: str | None = None, cache: str | None = None, *, cold: bool = False
) -> Study:
    """Return the study that replays observed turns as logged and on the models chosen.

    `tier` names the limits of the models' accounts, `cache` how long explicit caches keep (without it as the log
    shows); if `cold` the first calls of sessions find nothing in it that the replay has not left there. Raises
    InputError for models that are not known, and where there is nothing that could be replayed.
    """
    from burncurve import catalogue, deploy

    known = catalogue.load(choices.catalogue).known_on(choices.as_of)
    problems = list(deploy.unknown_offers(known, choices.models, {}))
    if problems:
        raise InputError(*problems)
    models = known.sold_as(choices.models)
    stand_ins = {offer: stand_in(offer, known) for offer in found.offers}
    missing = ", ".join(offer for offer, stand_in in stand_ins.items() if stand_in is None)
    if missing and not models:
        raise InputError(Problem("", f"nothing is known of {missing}, and no model is chosen", "Give --models A,B."))
    start = _start(found, book)
    work = _scenario(found, start, stand_ins, models, tier, cache)
    try:
        served = deploy.deployments(work, known, book=book, as_of=choices.as_of)
    except InputError as refusal:
        raise InputError(*(_by_option(problem) for problem in refusal.problems)) from refusal
    logged, others = ((), served) if missing else (served[:1], served[1:])
    turns = _in_reference(found.turns, logged)
    named = tuple(named_as_logged(each, found.offers) for each in logged)
    deployments = (
        *map(limits.lifted, named),
        *(replace(_same_sizes(each), name=name) for each, name in zip(others, models, strict=True)),
    )
    workload = tracing.workload(turns, found.turns.agents, NAME, _since_epoch_us(start), cold=cold)
    told = notes(found, stand_ins, warm=not cold and bool((found.turns.read[found.turns.opens] > 0).any()))
    return Study(work, workload, deployments, book, choices, known.digest, (*_larger(found, named), *told))


def _larger(found: Seen, logged: Sequence[Deployment]) -> Iterator[str]:
    """Yield a note for each limit in the catalogue that the log shows to be larger."""
    seen = limits.largest_seen(found)
    for deployment in logged:
        for remark in limits.disproved(limits.largest_known(deployment.offers), seen):
            yield f"{remark}; {AS_LOGGED} is replayed without that limit"


def notes(found: Seen, stand_ins: Mapping[str, str | None], *, warm: bool = False) -> tuple[str, ...]:
    """Return what a reader must know of a replay."""
    told = [f"not replayed: {', '.join(found.left_out)}"] if found.left_out else []
    told += found.remarks
    told += [
        f"{offer} is not in the catalogue: the facts of {stand_in} stand in for it (assumption)"
        if stand_in
        else f"{offer} is not in the catalogue, nor a model like it: what was logged is not replayed"
        for offer, stand_in in stand_ins.items()
        if stand_in != offer
    ]
    if warm:
        told.append(WARM)
        told += [f"{alone}; {TAKEN}" for alone in [standing_alone(found)] if alone]
    told.append("the same text everywhere: other tokenizers count it anew, no model writes more or takes more turns")
    return tuple(told)


def _by_option(problem: Problem) -> Problem:
    """Return what is wrong with the frame of a replay under the option that said so."""
    option = {"tier": "--tier", "cache": "--cache"}
    named = [option[part] for part in problem.where.split(".") if part in option]
    return Problem(named[0], problem.what.removeprefix(f"{problem.where}: "), problem.remedy) if named else problem


def stand_in(offer: str, known: Catalogue) -> str | None:
    """Return the offer itself where its facts are known, else the maker's offer that is called most like it."""
    if offer in known.offers:
        return offer
    maker = offer.split("/")[0]
    close = nearest(offer, [name for name in known.offers if name.split("/")[0] == maker])
    return close[0] if close else None


def _start(found: Seen, book: Book) -> datetime:
    """Return the first moment, to the minute; without times in the log the day of the book's newest entry."""
    if found.dated:
        first = EPOCH + timedelta(microseconds=int(found.turns.start_us.min()))
        if first >= EARLIEST:
            return first.replace(second=0, microsecond=0)
    return datetime.combine(book.checked, datetime.min.time(), UTC)


def _since_epoch_us(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def _scenario(
    found: Seen, start: datetime, stand_ins: Mapping[str, str | None], models: Sequence[str], tier: str | None,
    cache: str | None,
) -> Scenario:  # fmt: skip
    """Return the frame of a replay: who works, and who serves; what is done stands in the trace."""
    from burncurve.scenario.models import Scenario

    agents = found.turns.agents
    kept = retentions(found)
    logged = {name: stand_ins[offer] for name, offer in zip(agents, found.offers, strict=True)}
    deployments: dict[str, Any] = {}
    if None not in logged.values():
        deployments[AS_LOGGED] = {"roles": logged, "cache": dict(kept)}
    for number, model in enumerate(models):
        chosen = {name: cache or (kept[name] if kept[name] != "off" else "5m") for name in agents}
        deployments[f"model-{number}"] = {
            "roles": dict.fromkeys(agents, model), "cache": chosen, "account": {"tier": tier} if tier else {},
        }  # fmt: skip
    days = tracing.days(found.turns)
    return Scenario.model_validate(
        {
            "name": NAME,
            "start": start.replace(tzinfo=None).isoformat(),
            "horizon": f"{days}d",
            "agents": {name: {"role": name, "base": 0} for name in agents},
            "triggers": [{"agent": agents[0], "once": True}],
            "deployments": deployments,
        }
    )


def _in_reference(turns: Turns, logged: Sequence[Deployment]) -> Turns:
    """Return sizes in reference tokens, by the tokenizers of the offers that served; as they are where unknown."""
    if not logged:
        return turns
    served = [logged[0].offers[route.legs[0].offer].tokenizer_ppm for route in logged[0].routes]
    ppm = np.array(served, dtype=np.int64)[turns.agent]
    if (ppm == PPM).all():
        return turns
    sizes = {
        name: np.where(turns.columns[name] > 0, (turns.columns[name] * PPM + ppm // 2) // ppm, turns.columns[name])
        for name in ("prompt", "read", "kept", "output", "reasoning")
    }
    return Turns(**{**turns.columns, **sizes}, agents=turns.agents)


def named_as_logged(deployment: Deployment, served: Sequence[str]) -> Deployment:
    """Return the deployment with role n served by an offer of the name `served[n]`, which is what books price."""
    names = tuple(dict.fromkeys(served))
    facts = {name: deployment.routes[role].legs[0] for role, name in reversed(list(enumerate(served)))}
    offers = tuple(replace(deployment.offers[facts[name].offer], name=name) for name in names)
    routes = tuple(
        replace(route, legs=(Leg(names.index(name), route.legs[0].account),))
        for route, name in zip(deployment.routes, served, strict=True)
    )
    return replace(deployment, offers=_same_text(offers), routes=routes)


def _same_sizes(deployment: Deployment) -> Deployment:
    return replace(deployment, offers=_same_text(deployment.offers))


def _same_text(offers: Sequence[Offer]) -> tuple[Offer, ...]:
    """Return the offers as models that write the same text."""
    return tuple(replace(offer, verbosity_ppm=PPM) for offer in offers)


def error(found: Seen, study: Study, parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what was logged beside what its replay came to, in tokens by meter and dollars.

    `parts` are the document's deployments; the one replayed as logged may be missing. Dollars are those of calls
    whose models have a price; those without are named. `not_made` tells of each deployment which calls it lacks.
    """
    from burncurve.importers.ledger import ledger
    from burncurve.studies import figures
    from burncurve.studies.spend import dollars

    replayed = next((part for part in parts if part["name"] == AS_LOGGED), None)
    observed = ledger(found.observed, study.workload.start_utc_us)[0]
    logged, left_out = _priced(observed, study)
    sums = figures.totals_of(figures.columns_of(observed))
    paid = None if logged is None else dollars(logged)
    again = {} if replayed is None else {"prompt": replayed["prompt_tokens"], **replayed["tokens"]}
    usd = _paid_again(study, bool(left_out), replayed)
    return {
        "schema": "burncurve.replay/1",
        "calls": {"logged": len(found.turns), "replayed": replayed["calls"] if replayed else None},
        "not_made": limits.never_made(len(found.turns), parts),
        "tokens": [
            {"meter": meter, "logged": sums[meter], "replayed": again.get(meter),
             "difference": _share(sums[meter], again.get(meter))}
            for meter in ("prompt", *METERS)
            if sums[meter] or again.get(meter)
        ],
        "cached_share": {
            "logged": sums["cache_read"] / sums["prompt"],
            "replayed": again["cache_read"] / again["prompt"] if again else None,
        },
        "usd": {"logged": paid, "replayed": usd, "difference": _share(paid, usd), "without": list(left_out)},
    }  # fmt: skip


def _paid_again(study: Study, in_part: bool, replayed: Mapping[str, Any] | None) -> float | None:
    """Return what the replay of what was logged costs; where some models have no price, played again for the others."""
    from burncurve.engines import play
    from burncurve.studies.spend import dollars

    if replayed is None:
        return None
    if not in_part:
        return replayed["bill_usd"]["mean"] if replayed["bill_usd"] else None
    pico, _ = _priced(play(study.workload, study.deployments[0], range(1), study.choices.engine), study)
    return None if pico is None else dollars(pico)


def _priced(ledger: Ledger, study: Study) -> tuple[int | None, tuple[str, ...]]:
    """Return pico-dollars of the calls whose offers have a price, None where none has, and the other offers."""
    from burncurve.billing import bill

    whole = bill(ledger, study.book, deployment=AS_LOGGED, as_of=study.choices.as_of)
    if not whole.unpriced:
        return whole.total_pico, ()
    part = totals.without(ledger, whole.unpriced)
    if not len(part):
        return None, whole.unpriced
    return bill(part, study.book, deployment=AS_LOGGED, as_of=study.choices.as_of).total_pico, whole.unpriced


def _share(one: float | None, other: float | None) -> float | None:
    return other / one - 1 if one and other is not None else None
