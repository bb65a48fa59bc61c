"""A plan beside API prices: fees whole by billing month, spread beside it, and from where on it pays."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from burncurve.errors import InputError
from burncurve.report.views import by_offer
from burncurve.studies.changes import changes, days
from burncurve.studies.diff import plans_changed
from burncurve.studies.document import document
from burncurve.studies.study import Choices, Study, open_study, results

SCENARIO = Path(__file__).resolve().parents[2] / "scenarios" / "openclaw-plan.yaml"
USD = 10**12
DAY_US = 86_400_000_000


def study(*settings: str) -> Study:
    """Return the scenario changed; one that begins on another day is without the later stage."""
    later = () if not any(each.startswith("start=") for each in settings) else ("deployments.course.then=[]",)
    return open_study(SCENARIO, Choices(replications=1, settings=(*later, *settings), engine="reference"))


def test_a_month_is_paid_if_the_plan_admits_the_client_as_it_begins() -> None:
    """40 days from 5 February: Claude's plan shuts OpenClaw out on the 18th, so only the first month is paid."""
    fees = {each.name: each.terms.seats for each in study("horizon=40d").deployments}
    assert [(seat.at_us, seat.pico, seat.currency) for seat in fees["plan"]] == [(0, 200 * USD, "USD")]
    assert [(seat.at_us, seat.pico, seat.currency) for seat in fees["kimi-plan"]] == [
        (0, 199 * USD, "CNY"),
        (28 * DAY_US, 199 * USD, "CNY"),
    ]
    assert fees["api"] == fees["kimi"] == ()


def test_nobody_renews_a_plan_that_shuts_him_out() -> None:
    fees = {each.name: each.terms.seats for each in study("start=2026-02-19T08:00").deployments}
    assert fees["plan"] == ()


def test_who_is_let_in_within_a_month_pays_from_then_on() -> None:
    """From 4 April, 19:00 UTC, Claude's plans admit the Agent SDK: its user pays then, as calls are covered then."""
    settings = ("start=2026-04-03T20:00", "horizon=3d", "deployments.plan.seats.client=agent-sdk")
    made = study(*settings)
    (seat,) = made.deployments[0].terms.seats
    assert (seat.at_us, seat.pico) == (19 * DAY_US // 24, 200 * USD)  # the start is 0:00 UTC on the 4th
    ledger = results(made)[0].ledger
    assert ledger is not None
    covered = ledger["grant_us"][ledger["plan"] >= 0]
    assert len(covered) > 0
    assert covered.min() >= seat.at_us
    assert study("horizon=12h", *settings[:1], settings[2]).deployments[0].terms.seats == ()


def test_figures_of_two_days_by_hand() -> None:
    """$200 whole, 2 of the month's 28 days beside it; it pays from 200 over what a request costs on the API."""
    asked = study("horizon=2d")
    found = results(asked)
    parts = {part["name"]: part for part in document(asked, found)["deployments"]}
    plan, api = parts["plan"]["plans"][0], parts["api"]
    assert (plan["fee_usd"], plan["api_twin"], plan["api_usd"]) == (200, "api", api["bill_usd"]["mean"])
    assert plan["amortised_usd"] == pytest.approx(200 * 2 / 28, rel=1e-3)
    assert plan["pays_from_requests"] == pytest.approx(200 / api["per_request_usd"], rel=1e-9)
    assert plan["requests_per_month"] == pytest.approx(api["requests"] / 2 * 30.4375, rel=1e-3)
    assert plan["covered_calls"] == parts["plan"]["calls"] == api["calls"]
    assert parts["plan"]["bill_usd"]["mean"] == 200
    assert api["plans"] == []


def test_a_plan_pays_from_where_the_two_bills_meet_taxes_and_discounts_included() -> None:
    """At 200 x 1.19 dollars on the plan, and 0.9 x 1.19 of the list on the API: from 1 / 0.9 times as many requests."""
    bare = document(asked := study("horizon=2d"), results(asked))["deployments"]
    contract = "contract={tax: 19%, discounts: {anthropic: 10%}}"
    asked = study("horizon=2d", f"deployments.plan.{contract}", f"deployments.api.{contract}")
    parts = {part["name"]: part for part in document(asked, results(asked))["deployments"]}
    pays_from = parts["plan"]["plans"][0]["pays_from_requests"]
    assert parts["plan"]["bill_usd"]["mean"] == pytest.approx(200 * 1.19)
    assert pays_from == pytest.approx(bare[0]["plans"][0]["pays_from_requests"] / 0.9, rel=1e-6)
    assert pays_from * parts["api"]["per_request_usd"] == pytest.approx(parts["plan"]["bill_usd"]["mean"])


SMALL = """\
plans:
  small:
    seller: Maker
    offers: [anthropic/*]
    prices:
      - {valid_from: 2026-01-01, per_month: 90, source: by hand}
    quotas:
      - {name: five hours, window: 5h, unit: requests, limit: 30, per_call: 1, valid_from: 2026-01-01, source: by hand}
    terms:
      - {valid_from: 2026-01-01, clients: [any], source: by hand}
"""


@pytest.mark.parametrize("beyond", ["block", "wait"])
def test_the_share_of_work_undone_is_what_the_twin_does_beyond_it(beyond: str, tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    seats = f"deployments.plan.seats={{plan: small, beyond: {beyond}}}"
    choices = Choices(replications=1, settings=(seats, "horizon=2d"), engine="reference", catalogue=path)
    asked = open_study(SCENARIO, choices)
    found = results(asked)
    parts = {part["name"]: part for part in document(asked, found)["deployments"]}
    held, (made, whole) = parts["plan"]["plans"][0], (parts[name]["calls"] for name in ("plan", "api"))
    assert made < 0.8 * whole
    assert held["undone_share"] == pytest.approx(1 - made / whole)
    assert held["covered_calls"] == made
    opened = found[0].ledger
    assert opened is not None
    calls = opened["grant_us"][opened["plan"] >= 0].astype(int)
    for first in calls:  # at most 30 in any window, of which two may meet in five hours
        assert ((calls >= first) & (calls < first + 5 * 3_600_000_000)).sum() <= 60


def test_covered_calls_are_lines_that_cost_nothing_and_curves_hold_the_fee() -> None:
    result = results(study("horizon=2d"))[0]
    covered = [line for line in result.bill.lines if line.price_line == "covered by claude-max-20x"]
    assert sum(line.tokens for line in covered) > 1_000_000
    assert {(line.rate_pico, line.amount_pico) for line in covered} == {(0, 0)}
    assert sum(result.totals.hours) == sum(map(sum, result.totals.bins.apart)) == 200 * USD


def test_after_the_ban_calls_are_billed_at_api_prices() -> None:
    """From eight hours before the terms change: covered up to 2026-02-18 03:48 UTC, paid from then on."""
    asked = study("start=2026-02-17T16:00", "horizon=16h")
    result = results(asked)[0]
    assert result.ledger is not None
    turned_us = (6 * 60 + 48) * 60_000_000  # 16:00 in New York is 21:00 UTC
    covered = result.ledger["plan"] >= 0
    assert covered[result.ledger["grant_us"] < turned_us].all()
    assert not covered[result.ledger["grant_us"] >= turned_us].any()
    assert covered.any()
    assert not covered.all()
    (plan,) = document(asked, [result])["deployments"][0]["plans"]
    assert (plan["covered_calls"], plan["paid_calls"]) == (covered.sum(), (~covered).sum())
    lines = {line.price_line for line in result.bill.lines}
    assert {"covered by claude-max-20x", "from 2026-02-05"} <= lines


def test_a_course_is_the_plan_then_the_api_then_another_provider() -> None:
    """Each stage by the figures of who plays it alone: the plan until its terms end, API prices, Kimi from 5 March."""
    asked = study()
    found = {result.name: result for result in results(asked)}
    ledger, alone = found["course"].ledger, found["plan"].ledger
    assert ledger is not None
    assert alone is not None
    switch_us = 28 * DAY_US
    before, until = ledger["grant_us"] < switch_us, alone["grant_us"] < switch_us
    for name in ("grant_us", "input", "cache_read", "output", "offer", "plan"):
        assert (ledger[name][before] == alone[name][until]).all(), name
    offers = found["course"].offers
    assert {offers[number] for number in ledger["offer"][~before]} == {"moonshotai/kimi-k2.5"}
    first = int((~before).argmax())
    assert ledger["grant_us"][first] == switch_us
    assert ledger["cache_read"][first] == 0
    assert ledger["input"][first] > 20_000  # the whole conversation so far, paid in full
    assert (ledger["cache_read"][first + 1 :] > 0).any()
    bill = found["course"].bill
    paid = {line.offer: line.amount_pico for line in bill.lines if line.meter == "plan"}
    assert paid == {"claude-max-20x": 200 * USD}  # once: the second month would begin as the other takes over
    part = next(part for part in document(asked, list(found.values()))["deployments"] if part["name"] == "course")
    (plan,) = part["plans"]
    assert (plan["name"], plan["fee_usd"], plan["amortised_usd"]) == ("claude-max-20x", 200, 200)
    outside = before & (ledger["plan"] < 0) & (ledger["grant_us"] >= 0)  # and none once the other provider serves
    assert (plan["covered_calls"], plan["paid_calls"]) == ((ledger["plan"] >= 0).sum(), outside.sum())
    rest = part["bill_usd"]["mean"] - sum(each["usd"] for each in part["by_offer"])
    assert rest == pytest.approx(200)
    assert by_offer({"deployments": [part]}).below[1].startswith("course: $200.00 (")


def test_each_stage_pays_its_own_plan_from_its_own_day_on() -> None:
    """Claude's plan from 5 February, Kimi's from 20 February: on the 5th and on the 20th, and not on 5 March."""
    then = "{at: 2026-02-20T08:00, roles: {lead: moonshotai/kimi-k2.5}, seats: {plan: kimi-allegretto}}"
    made = {each.name: each for each in study(f"deployments.course.then=[{then}]").deployments}["course"]
    assert [(seat.plan, seat.at_us // DAY_US, seat.until_us // DAY_US) for seat in made.terms.seats] == [
        ("claude-max-20x", 0, 28), ("kimi-allegretto", 15, 43), ("kimi-allegretto", 43, 74),
    ]  # fmt: skip
    claude, kimi = made.plans
    assert [(term.from_us // DAY_US, term.until_us // DAY_US) for term in claude.terms] == [(-162, 12)]
    assert [(term.from_us // DAY_US, term.until_us > 1 << 60) for term in kimi.terms] == [(15, True)]


def test_who_changes_the_client_stays_on_the_plan() -> None:
    """From the ban on with Claude Code, which the plan admits: its months go on, and so do its windows."""
    then = "deployments.course.then=[{at: 18d, seats: {plan: claude-max-20x, client: claude-code}}]"
    made = {each.name: each for each in study(then).deployments}["course"]
    assert len(made.plans) == 1
    assert [seat.at_us // DAY_US for seat in made.terms.seats] == [0, 28]
    assert [term.from_us // DAY_US for term in made.plans[0].terms] == [-162, 18]


@pytest.mark.parametrize(
    ("then", "said"),
    [
        ("[{at: 2026-02-05T08:00, roles: {lead: moonshotai/kimi-k2.5}}]", "then.0.at: is not later than the start"),
        ("[{at: 2025-03-05, roles: {lead: moonshotai/kimi-k2.5}}]", "then.0.at: is not later than the start"),
        ("[{at: 9d, seats: {plan: claude-pro}}, {at: 8d}]", "then.1.at: is not later than the stage before it"),
        ("[{at: 9d, seats: {plan: claude-max-20x, client: openclaw}}]", "deployments.course.then.0: changes nothing"),
        ("[{at: 9d, seats: {plan: claude-max-20x, beyond: wait}}]", "stands in an earlier stage with beyond: pay"),
        ("[{at: 9d, seats: {plan: kimi-allegreto}}]", "there is no plan `kimi-allegreto`"),
        ("[{at: 9d, seats: {plan: kimi-allegretto}}]", "`kimi-allegretto` covers none of the offers of `course`"),
        ("[{at: 9d, roles: {lead: moonshotai/kimi-k2.55}}]", "there is no offer `moonshotai/kimi-k2.55`"),
        ("[{at: 9d, roles: {leed: moonshotai/kimi-k2.5}}]", "then.0.roles.leed: nobody defined the role 'leed'"),
        ("[{roles: {lead: moonshotai/kimi-k2.5}}]", "needs the field at"),
    ],
)
def test_what_is_wrong_with_a_stage_has_its_place(then: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        study(f"deployments.course.then={then}")
    assert said in str(refused.value)
    assert refused.value.problems[0].remedy


def test_pictures_mark_the_ban_and_the_switch_on_the_days_of_the_place() -> None:
    """The terms end on 18 February at 3:48 UTC, still the 17th in New York."""
    made = study()
    told = [(change.at_us, change.told) for change in changes(made)]
    assert told == [
        ((12 * 24 + 14) * 3_600_000_000 + 48 * 60_000_000, "17 Feb: claude-max-20x ends (plan, course)"),
        (28 * DAY_US, "5 Mar: kimi-k2.5 takes over (course)"),
    ]
    assert [day.told for day in days(made)][:3] == ["6 Feb", "7 Feb", "8 Feb"]
    assert days(made)[0].at_us == 16 * 3_600_000_000  # from 8:00 to midnight


@pytest.mark.parametrize(
    ("then", "said"),
    [
        ("{at: 9d}", "the plan is given up"),
        ("{at: 9d, seats: {plan: claude-pro, client: claude-code}}", "claude-pro takes over"),
        (
            "{at: 9d, roles: {lead: moonshotai/kimi-k2.5}, seats: {plan: kimi-allegretto}}",
            "kimi-k2.5 on kimi-allegretto takes over",
        ),
    ],
)
def test_a_stage_is_told_by_what_it_changes(then: str, said: str) -> None:
    made = study(f"deployments.course.then=[{then}]", "horizon=10d")
    assert [change.told for change in changes(made)] == [f"14 Feb: {said} (course)"]


def test_stages_are_noted_those_beyond_the_end_as_such() -> None:
    within = {each.name: each.notes for each in study().deployments}["course"]
    told = "from 2026-03-05 08:00 on lead is served by moonshotai/kimi-k2.5, no seats of claude-max-20x"
    assert f"deployment course: {told}" in within
    noted = {each.name: each.notes for each in study("horizon=2d").deployments}["course"]
    assert any("stage of 2026-03-05 08:00 lies beyond the end of the run" in note for note in noted)


def test_a_ban_that_only_one_side_knows_of_is_named_among_the_inputs() -> None:
    """Ten days after the ban of 18 February, as it was known before and after it."""
    known = [
        open_study(
            SCENARIO,
            Choices(
                replications=1,
                deployments=("plan", "kimi-plan"),
                settings=("horizon=20d",),
                engine="reference",
                as_of=day,
            ),
        )
        for day in (date(2026, 2, 10), date(2026, 2, 20))
    ]
    one, other = (document(each, results(each)) for each in known)
    assert list(plans_changed(one, other)) == [
        {"path": "plans.claude-max-20x.clients.2026-02-18 03:48", "from": None, "to": "claude-code, claude-apps"}
    ]
    assert list(plans_changed(one, one)) == []
