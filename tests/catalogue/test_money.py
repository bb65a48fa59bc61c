"""Budgets, limits and plans as written: the integers they become, and what is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from burncurve import catalogue, deploy, prices, scenario
from burncurve.deployment import (
    AtBudget,
    Beyond,
    Budget,
    Compared,
    CountsFrom,
    Currency,
    Deployment,
    Leg,
    Scope,
    Term,
    Weights,
)
from burncurve.errors import BurncurveError, InputError, MissingFact

SHIPPED, LIST = catalogue.load(), prices.load("list")
OPUS, MINIMAX, GEMINI = "anthropic/claude-opus-4.6", "minimax/minimax-m2.5", "google/gemini-3-pro"
HOUR = 3_600_000_000
DAY = 24 * HOUR
NANO = 10**9


def written(rest: str, *, start: str = "2026-02-23T09:30", zone: str = "UTC", horizon: str = "8h", role: str = OPUS,
            base: str = "10k") -> str:  # fmt: skip
    return (
        f"name: t\nstart: {start}\ntime_zone: {zone}\nhorizon: {horizon}\n"
        f"triggers: [{{agent: boss, every: 1h}}]\nagents: {{boss: {{base: {base}, message: 500, output: 100}}}}\n"
        f"deployments:\n  d:\n    roles: {{main: {role}}}\n    {rest}\n"
    )


def made(folder: Path, text: str, book: prices.Book | None = LIST, as_of: date | None = None) -> Deployment:
    path = folder / "scenario.yaml"
    path.write_text(text)
    (deployment,) = deploy.deployments(scenario.read(path), SHIPPED, book=book, as_of=as_of)
    return deployment


def refused(folder: Path, text: str, error: type[BurncurveError] = InputError) -> tuple[str, str, str]:
    with pytest.raises(error) as caught:
        made(folder, text)
    (problem,) = caught.value.problems
    return problem.where.removeprefix(f"{folder}/"), problem.what, problem.remedy


def test_budgets_become_integers(tmp_path: Path) -> None:
    some = (
        "budgets: [{per: run, usd: 50}, {per: task, usd: $0.25, then: warn}, {per: day, tokens: 2M, then: pause},"
        f" {{per: session, usd: 1.5, then: cheaper, offer: {MINIMAX}}}]"
    )
    found = made(tmp_path, written(some, horizon="2d", zone="America/New_York"))
    midnights = tuple(14 * HOUR + HOUR // 2 + n * DAY for n in range(3))  # 9:30 and 14.5 hours; one beyond the end
    assert found.budgets == (
        Budget("$50 per run", Scope.RUN, 50 * 10**12),
        Budget("$0.25 per task", Scope.TASK, 25 * 10**10, reached=AtBudget.WARN),
        Budget("2,000,000 tokens per day", Scope.DAY, 2_000_000, True, AtBudget.PAUSE, days_us=midnights),
        Budget("$1.5 per session", Scope.SESSION, 15 * 10**11, reached=AtBudget.CHEAPER, cheaper=Leg(1, 1)),
    )
    assert [offer.name for offer in found.offers] == [OPUS, MINIMAX]
    assert found.currencies == (Currency("USD", 1, 1),)


def test_a_day_of_a_clock_change_has_23_hours(tmp_path: Path) -> None:
    text = written(
        "budgets: {per: day, usd: 9, then: pause}", start="2026-03-28T12:00", zone="Europe/Berlin", horizon="40h"
    )
    assert made(tmp_path, text).budgets[0].days_us == (12 * HOUR, 35 * HOUR, 59 * HOUR)


def test_months_are_utc(tmp_path: Path) -> None:
    text = written(
        "account: {usd_per_month: 100}", start="2026-02-27T19:00", zone="America/New_York", horizon="3d"
    )  # midnight UTC of the 28th
    (account,) = made(tmp_path, text).accounts
    assert (account.spend_per_month, account.months_us) == (100 * 10**12, (DAY, 32 * DAY))


def test_a_tier_may_limit_a_month(tmp_path: Path) -> None:
    text = written("account: {tier: 1}", start="2026-11-21T12:00", role=GEMINI)
    (account,) = made(tmp_path, text).accounts
    assert account.spend_per_month == 250 * 10**12


def test_rates_are_those_of_the_book_over_the_run(tmp_path: Path) -> None:
    """Opus 4.6 loses its long-context price on 2026-03-13; a run from noon of the day before sees both."""
    text = written("budgets: {per: run, usd: 50}", start="2026-03-12T12:00", horizon="1d")
    (rates,) = made(tmp_path, text).rates
    assert (rates.starts_us, rates.places) == ((0, 12 * HOUR), (0, 1))
    plain = (5_000_000, 500_000, 6_250_000, 10_000_000, 25_000_000, 25_000_000, 10_000_000_000)
    long = (10_000_000, 1_000_000, 12_500_000, 20_000_000, 37_500_000, 37_500_000, 10_000_000_000)
    before, after = rates.tariffs
    assert [(band.above_tokens, band.rates) for band in before.bands] == [(0, plain), (200_000, long)]
    assert [(band.above_tokens, band.rates) for band in after.bands] == [(0, plain)]
    assert (before.compares, before.excess_only) == (Compared.PROMPT, False)


def test_without_dollars_no_prices_are_asked_for(tmp_path: Path) -> None:
    for rest in ("cache: 5m", "budgets: {per: run, tokens: 2M}"):
        assert made(tmp_path, written(rest), book=None).rates == ()


def test_dollars_need_a_price(tmp_path: Path) -> None:
    text = written("budgets: {per: run, usd: 50}", start="2026-01-15T09:00")
    where, what, remedy = refused(tmp_path, text, MissingFact)
    assert where == "scenario.yaml:10:14"
    assert what.startswith(f"dollars are counted here, and book list, entry from 2026-02-05 has no price of {OPUS} on ")
    assert remedy
    with pytest.raises(MissingFact) as caught:
        made(tmp_path, written("account: {usd_per_month: 5}"), book=None)
    assert caught.value.problems[0].where.endswith("scenario.yaml:10:14")


def test_a_budget_below_one_call_is_refused(tmp_path: Path) -> None:
    """10,500 tokens at $5 and 100 at $25 per million are $0.055; 10,600 tokens in all."""
    for amount, about in (("usd: 0.05", "$0.0550"), ("tokens: 10.5k", "10,600 tokens")):
        where, what, remedy = refused(tmp_path, written(f"budgets: [{{per: task, {amount}}}]"))
        assert where == "scenario.yaml:10:15"
        assert what.endswith(f"is below one call: the first of `boss` takes about {about}")
        assert remedy == "raise it, or make the base smaller"
    made(tmp_path, written("budgets: [{per: task, usd: 0.055}, {per: task, tokens: 10.6k}]"))


def test_an_unknown_cheaper_offer_is_told_with_the_nearest(tmp_path: Path) -> None:
    text = written("budgets: {per: run, usd: 50, then: cheaper, offer: minimax/minimax-m2.6}")
    where, what, remedy = refused(tmp_path, text)
    assert where == "scenario.yaml:10:56"
    assert "minimax/minimax-m2.6" in what
    assert MINIMAX in remedy


# Plans


def test_a_plan_is_resolved_for_the_run(tmp_path: Path) -> None:
    """Claude Max 5x admits every client until 2026-02-18 03:48 UTC; a prompt is taken as 15 calls."""
    seats = "seats: {plan: claude-max-5x, client: openclaw, beyond: wait}"
    found = made(tmp_path, written(seats, start="2026-02-17T00:00", horizon="3d"))
    (plan,) = found.plans
    assert (plan.name, plan.offers, plan.beyond, plan.per_user) == ("claude-max-5x", (0,), Beyond.WAIT, True)
    (term,) = plan.terms
    assert term.until_us == 27 * HOUR + 48 * 60_000_000
    (quota,) = plan.quotas  # the week's is not published
    assert (quota.length_us, quota.limit, quota.per_call) == (5 * HOUR, 125 * NANO, 66_667_000)
    assert any("not published" in note for note in found.notes)
    assert any("a prompt is about 15 model calls" in note for note in found.notes)


GLM = "seats: {plan: glm-coding-lite, client: cline}"


def test_quotas_of_glm_are_resolved_for_the_run(tmp_path: Path) -> None:
    """From Thursday 26 February 2026, 04:00 UTC, on: uses come back one by one, weeks count from the purchase."""
    found = made(tmp_path, written(GLM, start="2026-02-26T04:00", horizon="20h", role="zai/glm-5"))
    (plan,) = found.plans
    five_hours, week = plan.quotas
    assert (five_hours.counts_from, week.counts_from) == (CountsFrom.EACH_USE, CountsFrom.PURCHASE)
    assert plan.purchases_us == (0,)
    twice, thrice = (2_000_000,), (3_000_000,)
    assert five_hours.weights == week.weights == Weights((twice, thrice), (0, 2 * HOUR, 6 * HOUR), (0, 1, 0))
    (told,) = [note for note in found.notes if "five hours" in note]
    assert "each use comes back by itself; zai/glm-5 2×; at 06:00-10:00 UTC zai/glm-5 3×" in told


def test_hours_are_cut_at_weekends_and_at_the_end_of_the_run(tmp_path: Path) -> None:
    """From Friday 4 September 2026, 09:00 UTC, to Monday, 06:00:00.000000."""
    for horizon, starts, places in (("69h", (0, HOUR), (0, 1)), ("70h", (0, HOUR, 69 * HOUR), (0, 1, 0))):
        found = made(tmp_path, written(GLM, start="2026-09-04T09:00", horizon=horizon, role="zai/glm-5.3"))
        weights = found.plans[0].quotas[0].weights
        assert weights == Weights(((1_000_000,), (500_000,)), starts, places)


def test_seats_bought_again_begin_new_weeks(tmp_path: Path) -> None:
    pro = GLM.replace("lite", "pro")
    then = f"then: [{{at: 3d, {pro}}}, {{at: 5d, {GLM}}}, {{at: 8d, {GLM.replace('cline', 'crush')}}}]"
    text = written(f"{GLM}\n    {then}", start="2026-09-04T09:00", horizon="20d", role="zai/glm-5.3")
    found = made(tmp_path, text)
    assert [plan.purchases_us for plan in found.plans] == [(0, 5 * DAY), (3 * DAY,)]


def test_a_client_that_the_terms_name_is_admitted_on(tmp_path: Path) -> None:
    text = written("seats: {plan: claude-max-5x, client: claude-code}", start="2026-02-17T00:00", horizon="3d")
    terms = made(tmp_path, text).plans[0].terms
    assert terms[0].until_us == terms[1].from_us
    assert isinstance(terms[0], Term)


def test_a_client_that_nobody_admits_pays(tmp_path: Path) -> None:
    found = made(tmp_path, written("seats: {plan: claude-max-5x, client: openclaw}", start="2026-11-02T09:00"))
    assert found.plans[0].terms == ()
    assert any("do not admit openclaw" in note for note in found.notes)


def test_wrong_seats_are_refused(tmp_path: Path) -> None:
    for rest, place, part in (
        ("seats: {plan: claude-max-50x}", "10:19", "claude-max-5x"),
        ("seats: {plan: kimi-moderato}", "10:19", "moonshotai"),
        ("seats: {plan: claude-max-5x, client: claude-cod}", "10:42", "claude-code"),
    ):
        where, _, remedy = refused(tmp_path, written(rest))
        assert where == f"scenario.yaml:{place}"
        assert part in remedy
