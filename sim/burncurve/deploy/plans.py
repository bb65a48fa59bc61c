"""Seats of a plan: from its dated data to the integers that engines count with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from burncurve.catalogue import Catalogue, PlanQuota
from burncurve.catalogue import Plan as Listed
from burncurve.deploy.calendar import calendar_of
from burncurve.deploy.stages import Span, kept, seats_path, spans
from burncurve.deploy.weights import weights_of, whole
from burncurve.deployment import Beyond, CountsFrom, Offer, Plan, Quota, Term
from burncurve.deployment import Deployment as Made
from burncurve.errors import Problem, did_you_mean, nearest
from burncurve.ledger import METERS
from burncurve.prepare.calendars import EPOCH, MICROSECOND
from burncurve.prices.book import USD

if TYPE_CHECKING:
    from burncurve.prices import Book
    from burncurve.scenario.models import Deployment, Scenario, Seats

NANO = 10**9
PER_MTOK = 1_000_000
FAR_US = 1 << 62
ALIKE = 0.8  # from here on a client's name is rather misspelt than unknown


def plans_of(
    scenario: Scenario, written: Deployment, offers: Sequence[Offer], catalogue: Catalogue
) -> tuple[Plan, ...]:
    """Return the plans of a deployment's seats, resolved for its run.

    One that is held in several stages is one plan. `seat_problems` has looked at them before.
    """
    held = spans(scenario, written)
    return tuple(
        _plan(scenario, catalogue.plans[name], [span for span in held if span.seats.plan == name], offers)
        for name in dict.fromkeys(span.seats.plan for span in held)
    )


def _plan(scenario: Scenario, listed: Listed, held: Sequence[Span], offers: Sequence[Offer]) -> Plan:
    seats = held[0].seats
    return Plan(
        name=listed.name,
        offers=tuple(number for number, offer in enumerate(offers) if listed.covers(offer.name)),
        quotas=tuple(_quota(each, offers, scenario) for each in _in_run(listed, scenario) if each.counts),
        terms=tuple(term for span in held for term in _terms(listed, span, scenario)),
        beyond=Beyond[seats.beyond.upper()],
        per_user=seats.per == "user",
        purchases_us=tuple(bought[0].from_us for bought in kept(held)),
        held=tuple(Term(span.from_us, FAR_US if _is_last(span, scenario) else span.until_us) for span in held),
    )


def _terms(listed: Listed, held: Span, scenario: Scenario) -> Iterator[Term]:
    """Yield when the plan admits the client of its seats while they are held; in the last stage, uncut at the end."""
    start_utc_us = calendar_of(scenario).start_utc_us
    for begin, end in admitted(listed, held.seats.client):
        from_us, until_us = _since_us(begin, start_utc_us), _since_us(end, start_utc_us)
        if max(from_us, held.from_us) < min(until_us, held.until_us):
            first = held.stage == 0
            yield Term(
                from_us if first else max(from_us, held.from_us),
                until_us if _is_last(held, scenario) else min(until_us, held.until_us),
            )


def _is_last(held: Span, scenario: Scenario) -> bool:
    return held.until_us == scenario.horizon


def admitted(listed: Listed, client: str | None) -> list[tuple[datetime, datetime]]:
    """Return the times, UTC, in which a plan admits a client; without a client, in which it admits any."""
    clients = [client] if client else [*listed.clients, ""]
    return sorted({span for each in clients for span in listed.admitted(each)})


def _in_run(listed: Listed, scenario: Scenario) -> Iterator[PlanQuota]:
    start_utc_us = calendar_of(scenario).start_utc_us
    for quota in listed.quotas:
        ends_us, begins_us = (_since_us(each, start_utc_us) for each in (quota.valid_until, quota.valid_from))
        if ends_us > 0 and begins_us < scenario.horizon:
            yield quota


def _since_us(moment: datetime, start_utc_us: int) -> int:
    """Return a moment in microseconds since the start; what holds for ever ends beyond all runs."""
    return FAR_US if moment.year == datetime.max.year else (moment - EPOCH) // MICROSECOND - start_utc_us


def _quota(listed: PlanQuota, offers: Sequence[Offer], scenario: Scenario) -> Quota:
    start_utc_us = calendar_of(scenario).start_utc_us
    return Quota(
        name=listed.name,
        length_us=listed.window_us,
        limit=whole((listed.limit or Decimal(0)) * NANO),
        per_request=whole(listed.per_request * NANO),
        per_call=whole(listed.per_call * NANO),
        per_token=_by_meter(listed.per_mtok),
        weights=weights_of(listed, offers, scenario),
        from_us=_since_us(listed.valid_from, start_utc_us),
        until_us=_since_us(listed.valid_until, start_utc_us),
        counts_from=CountsFrom[listed.counts_from.replace(" ", "_").upper()],
    )


def _by_meter(per_mtok: Mapping[str, Decimal]) -> tuple[int, ...]:
    if not per_mtok:
        return ()
    return tuple(whole(per_mtok.get(meter, Decimal(0)) * NANO / PER_MTOK) for meter in METERS)


def seat_problems(
    scenario: Scenario, catalogue: Catalogue, name: str, written: Deployment, offers: Sequence[Sequence[str]]
) -> Iterator[Problem]:
    """Yield what is wrong with the seats of the deployment written under a name, served stage by stage by these."""
    for number, (stage, served) in enumerate(zip(written.stages, offers, strict=True)):
        if stage.seats is not None:
            path = seats_path(name, number)
            yield from _seat_problems(scenario, catalogue.plans, path, stage.seats, served)


def _seat_problems(
    scenario: Scenario,
    plans: Mapping[str, Listed],
    path: tuple[str | int, ...],
    seats: Seats,
    offers: Sequence[str],
) -> Iterator[Problem]:
    where = scenario.where(*path, "plan")
    if seats.plan not in plans:
        yield Problem(where, f"there is no plan `{seats.plan}`", did_you_mean(seats.plan, plans))
        return
    plan = plans[seats.plan]
    if offers and not any(plan.covers(offer) for offer in offers):
        yield Problem(
            where, f"`{plan.name}` covers none of the offers of `{path[1]}`", f"it covers {', '.join(plan.offers)}"
        )
    known = {client for each in plans.values() for client in each.clients}
    if seats.client and seats.client not in known and nearest(seats.client, known, likeness=ALIKE):
        at = scenario.where(*path, "client")
        yield Problem(at, f"no plan names the client `{seats.client}`", did_you_mean(seats.client, known))


def fee_problems(catalogue: Catalogue, made: Made, book: Book | None) -> Iterator[Problem]:
    """Yield the plans of one's own whose seats are paid in a currency that a book has no rate for."""
    paid = dict.fromkeys((seat.plan, seat.currency) for seat in made.terms.seats)
    for name, currency in paid:
        if book is not None and name in catalogue.own_plans and currency not in (USD, *book.exchanges):
            price = next(each for each in catalogue.own_plans[name].prices if each.currency == currency)
            what = f"`{name}` costs {currency}, and book {book.name} has no exchange rate for it"
            yield Problem(
                price.where, what, f"take a book that has `exchange_rates: {{{currency}: ...}}`, or write USD"
            )


def seat_notes(scenario: Scenario, written: Deployment, plans: Sequence[Plan], catalogue: Catalogue) -> Iterator[str]:
    """Yield what a reader must know of the plans' figures: assumptions, what is not held, whom they do not admit."""
    held = spans(scenario, written)
    for plan in plans:
        listed = catalogue.plans[plan.name]
        clients = dict.fromkeys(span.seats.client for span in held if span.seats.plan == plan.name)
        if None in clients:
            yield f"plan {plan.name}: no client is named; it is taken to be one that the plan admits"
        if not plan.terms:
            who = ", ".join(filter(None, clients))
            yield f"plan {plan.name}: its terms do not admit {who} during the run; all calls are at API prices"
        for quota in _in_run(listed, scenario):
            if quota.counts:
                stated = f" ({quota.stated})" if quota.stated else ""
                assumed = (f"assumption: {quota.assumption}",) if quota.assumption else ()
                told = "; ".join((f"{quota.limit} {quota.unit}{stated}", *quota.rules, *assumed))
                yield f"plan {plan.name}: {quota.name}: {told}"
            else:
                yield f"plan {plan.name}: {_not_held(quota)}"


def quota_problems(scenario: Scenario, listed: Listed) -> Iterator[Problem]:
    """Yield the quotas of a plan that nobody can hold during the run, as they are not published."""
    remedy = "state it in a plan of your own (--catalogue); without --strict the run goes on and says so"
    for quota in _in_run(listed, scenario):
        if not quota.counts:
            yield Problem(f"plan {listed.name}", _not_held(quota), remedy)


def _not_held(quota: PlanQuota) -> str:
    return f"{quota.name}: a quota in {quota.unit} is not published and not held"
