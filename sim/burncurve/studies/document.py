"""The one canonical document of a study: everything that tables, files and pages show is read from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from burncurve.studies import budgets, by_offer, distributions, figures, growth, months, plans, spend, spread
from burncurve.studies.comparison import baseline_of, comparison
from burncurve.studies.constraints import by_deployment, told
from burncurve.studies.frontiers import frontiers
from burncurve.studies.quality import benchmarks, quality
from burncurve.studies.spend import Spend, dollars
from burncurve.studies.stored import STUDY_SCHEMA
from burncurve.studies.study import Result, Study
from burncurve.version import __version__
from burncurve.words import US_PER_DAY, US_PER_HOUR, US_PER_S

FEW_FOR_P95, FEW_FOR_P99 = 20, 100


def document(study: Study, results: Sequence[Result]) -> dict[str, Any]:
    """Return the document of a study's results, in the order of its deployments."""
    baseline = baseline_of(study)
    base = next((result for result in results if result.name == baseline), None)
    parts = _by_request([_deployment(study, result, base) for result in results], baseline)
    for part, result in zip(parts, results, strict=True):
        horizon_us = study.workload.horizon_us
        part["plans"] = [
            {
                **plan,
                **plans.of_plan(plan["name"], result, results, horizon_us),
                "facts": plans.facts_of(plan["name"], study),
            }
            for plan in part["plans"]
        ]
    compared = comparison(study, results)
    return {
        "schema": STUDY_SCHEMA,
        "version": __version__,
        "id": study.run_id,
        "scenario": {"name": study.scenario.name, "horizon_s": study.workload.horizon_us / US_PER_S},
        "seed": study.choices.seed,
        "replications": played(results),
        "precision": _precision(study, results),
        "start_utc": study.start_utc,
        "book": study.book_facts,
        "currency": "USD",
        "deployments": parts,
        "comparison": compared,
        "frontiers": _beside_money(study, results, parts, compared),
        "unpriced": [_unpriced(result) for result in results if result.bill.unpriced],
        "not_known": not_known(study, results),
        "notes": _notes(study, results),
    }


def not_known(study: Study, results: Sequence[Result]) -> list[str]:
    """Return what is not known and the bills go on without: notes of bills, prices that miss, regions, quotas."""
    told = [_named(result.name, text) for result in results for text in result.bill.notes]
    missing = [_named(result.name, str(why)) for result in results for why in result.bill.missing]
    return list(dict.fromkeys((*told, *missing, *(problem.what for problem in study.unknown))))


def _beside_money(
    study: Study,
    results: Sequence[Result],
    parts: Sequence[Mapping[str, Any]],
    compared: Mapping[str, Any] | None,
) -> dict[str, Any] | None:
    """Return quality and time beside money, without deployments that leave work undone or may not be chosen."""
    known = benchmarks(study.catalogue, study.scenario.start.date()) if study.catalogue else {}
    served = {result.name: {line.offer for line in result.bill.lines if line.tokens} for result in results}
    qualities = {each.name: quality(each, known, served.get(each.name, ())) for each in study.deployments}
    undone = [place for place in (compared["order"] if compared else ()) if place["left_undone"]]
    barred = {place["name"]: f"left work undone: {place['finished_share']:.0%} finished" for place in undone}
    for name, broken in by_deployment(study.breaches).items():
        barred[name] = f"excluded by {', '.join(dict.fromkeys(breach.rule for breach in broken))}"
    return frontiers(parts, qualities, barred)


def _by_request(parts: list[dict[str, Any]], baseline: str) -> list[dict[str, Any]]:
    """Return the deployments with what a request costs against the baseline's: a fair ratio where work differs."""
    base = next((part["per_request_usd"] for part in parts if part["name"] == baseline), None)
    for part in parts:
        mine = part["per_request_usd"]
        if part["against_baseline"]:
            part["against_baseline"]["ratio_per_request"] = mine / base if mine is not None and base else None
    return parts


def played(results: Sequence[Result]) -> int:
    """Return how many replications were played."""
    return max((result.totals.count for result in results), default=0)


def _precision(study: Study, results: Sequence[Result]) -> dict[str, Any] | None:
    wanted = study.choices.replications
    if isinstance(wanted, int):
        return None
    bills = [result.bill.per_replication for result in results if result.spend]
    return {
        "figure": wanted.figure,
        "share": float(wanted.share),
        "looks": [look for look in wanted.looks if look <= played(results)],
        "reached": wanted.reached(bills),
    }


def _unpriced(result: Result) -> dict[str, Any]:
    return {
        "name": result.name,
        "offers": list(result.bill.unpriced),
        # The file's name without its folder: equal runs on two machines have equal bytes.
        "missing": [f"{Path(problem.where).name}: {problem.what}" for problem in result.bill.missing],
        "remedies": [problem.remedy for problem in result.bill.missing],
    }


def _deployment(study: Study, result: Result, base: Result | None) -> dict[str, Any]:
    totals, horizon_us = result.totals, study.workload.horizon_us
    sums = figures.totals_of(totals.columns)
    month = months.days_per_month(study.scenario)
    of_work = figures.told(sums, totals.count, horizon_us, month, months.days_us(study.scenario))
    money = _money(study, result, sums, month)
    lasting = budgets.lasting(result.deployment, totals.columns, horizon_us)
    return {
        "name": result.name,
        "offers": result.offers,
        **of_work,
        **money,
        "by_offer": by_offer.told(totals.by_offer, result.bill, totals.count),
        "per_user": _per_user(study, of_work, money),
        **budgets.told(lasting),
        "distributions": distributions.of({**totals.columns, **lasting}),
        "growth_law": growth.law(totals.growth, totals.count),
        "budgets": budgets.of_budgets(result.deployment, totals.columns),
        "plans": budgets.of_plans(result.deployment, totals.columns),
        "against_baseline": _differences(result, base),
        "notes": list(result.deployment.notes),
    }


def _differences(result: Result, base: Result | None) -> dict[str, Any] | None:
    if base is None or result is base or result.spend is None or base.spend is None:
        return None
    return spend.differences(result.spend, base.spend)


def _money(study: Study, result: Result, sums: dict[str, int], month: float) -> dict[str, Any]:
    if result.spend is None:
        return dict.fromkeys(MONEY)
    horizon_us, days_us = study.workload.horizon_us, months.days_us(study.scenario)
    figures_of_all = money(result.spend, sums, horizon_us, days_us, month, study.choices.above_pico)
    apart = spread.taken_apart(result.spend.totals, result.twins.bill.per_replication) if result.twins else None
    return figures_of_all | {"spread": apart}


def money(
    paid: Spend,
    sums: Mapping[str, int],
    horizon_us: int,
    days_us: int,
    days_per_month: float,
    above_pico: Sequence[int] = (),
) -> dict[str, Any]:
    """Return the figures of MONEY of a priced bill; `days_us` is the time that counts as the days of the run."""
    n, total = len(paid.totals), sum(paid.totals)
    per_day = dollars(Fraction(total * US_PER_DAY, days_us), n)
    return {
        "bill_usd": {**spend.distribution(paid.totals), "above": spend.shares_above(paid.totals, above_pico)},
        "spread": None,
        "causes_usd": {cause: dollars(pico, n) for cause, pico in spend.by(paid.parts, "cause").items()},
        "agents_usd": {agent: dollars(pico, n) for agent, pico in spend.by(paid.parts, "agent").items()},
        "meters_usd": {meter: dollars(pico, n) for meter, pico in paid.meters.items()},
        "causes": spend.shares(paid),
        "per_request_usd": dollars(total, sums["requests"]),
        "per_finished_task_usd": dollars(total, sums["finished"]),
        "per_hour_usd": dollars(Fraction(total * US_PER_HOUR, horizon_us), n),
        "per_day_usd": per_day,
        "per_month_usd": figures.times(per_day, days_per_month),
        "after_usd": spend.after(paid, Fraction(horizon_us, US_PER_HOUR)),
        "peak_hour": spend.peak_hour(paid),
    }


MONEY = (
    "bill_usd", "spread", "causes_usd", "agents_usd", "meters_usd", "causes", "per_request_usd",
    "per_finished_task_usd", "per_hour_usd", "per_day_usd", "per_month_usd", "after_usd", "peak_hour",
)  # fmt: skip


def _per_user(study: Study, of_work: figures.Figures, money: dict[str, Any]) -> dict[str, Any] | None:
    """Return figures per person of the scenario's users; None where it has none."""
    people = sum(users.count for users in study.scenario.users)
    if not people:
        return None
    whole = {**of_work, **money}
    names = ("per_day_tokens", "per_month_tokens", "per_day_usd", "per_month_usd")
    return {"users": people, **{name: figures.times(whole[name], 1 / people) for name in names}}


def _broken_off(result: Result) -> list[str]:
    """A bill is small, too, where the work was not done: say so."""
    sums = figures.totals_of(result.totals.columns)
    failed, asked, overflows = sums["failed"], sums["requests"], sums["overflows"]
    if not failed:
        return []
    why = f", {overflows:,} calls did not fit the window" if overflows else ""
    return [f"{result.name}: {failed:,} of {asked:,} root tasks failed{why}; the bill covers what was done until then"]


def _excluded(study: Study, results: Sequence[Result]) -> list[str]:
    """A deployment that is played alone has no table of who is excluded: say it."""
    barred = by_deployment(study.breaches) if len(results) == 1 else {}
    return [
        f"{name}: excluded by the constraint {told(breach)}" for name, broken in barred.items() for breach in broken
    ]


def _no_work(results: Sequence[Result]) -> list[str]:
    """Nothing costs nothing: that is rather a mistake in the scenario than a cheap deployment."""
    arrived = sum(int(result.totals.columns[name].sum()) for result in results for name in ("requests", "skipped"))
    return [] if arrived else ["no request arrived, so nothing was billed: look at users, triggers, start and horizon"]


def _unequal_work(results: Sequence[Result]) -> list[str]:
    """Bills of different amounts of work are no comparison: arrivals are skipped while a session is busy."""
    served = {result.name: int(result.totals.columns["requests"].sum()) for result in results}
    if len(set(served.values())) < 2:
        return []
    counts = ", ".join(f"{name} {count:,}" for name, count in served.items())
    return [f"the deployments did not serve the same number of requests: {counts}; compare dollars per request"]


def _notes(study: Study, results: Sequence[Result]) -> list[str]:
    """What a reader must know before trusting a figure, each said once."""
    notes = list(study.notes)
    n, horizon_us = played(results), study.workload.horizon_us
    if horizon_us < US_PER_DAY:
        notes.append(months.day_said(study.scenario))
    notes.append(months.said(study.scenario))
    notes += _looked(study, results)
    if 1 < n < FEW_FOR_P99:
        unsure = "p95 and p99" if n < FEW_FOR_P95 else "p99"
        notes.append(f"{unsure} of {n} replications say little more than the largest of them")
    notes += [*_no_work(results), *_unequal_work(results), *_excluded(study, results)]
    for result in results:
        notes += _broken_off(result)
        told = (*result.totals.notes, *result.bill.notes)
        notes += [_named(result.name, text) for text in told if text not in result.deployment.notes]
    return list(dict.fromkeys(notes))


def _named(deployment: str, text: str) -> str:
    """Return a note under the name of its deployment, once where that is an offer's and the note names it too."""
    return text if text.startswith(f"{deployment}: ") else f"{deployment}: {text}"


def _looked(study: Study, results: Sequence[Result]) -> list[str]:
    precision = _precision(study, results)
    if precision is None:
        return []
    aim = f"the {precision['figure']} of each bill within {precision['share']:.3%}".replace(".000%", "%")
    if precision["reached"]:
        return [f"{played(results):,} replications were enough for {aim}"]
    return [f"{played(results):,} replications were played and are not enough for {aim}"]
