"""Plans: what they cost, hold and admit on which day; overlapping dates and other nonsense are refused with places."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from burncurve.catalogue import Plan, load, shipped_plans
from burncurve.catalogue.plan_reading import read_plans
from burncurve.errors import InputError
from burncurve.words import US_PER_HOUR

MADE = """\
plans:
  made:
    seller: Maker
    offers: [maker/*, other/model]
    prices:
      - {valid_from: 2026-01-01, per_month: 20, source: by hand}
      - {valid_from: 2026-03-01, per_month: 30.50, currency: CNY, source: by hand}
    quotas:
      - name: week
        window: 7d
        unit: prompts
        limit: 40
        per_request: 1
        weights: {maker/big: 3}
        valid_from: 2026-01-01
        source: by hand
      - name: short
        window: 5h
        unit: requests
        limit: 100
        per_call: 1
        valid_from: 2026-01-01
        valid_until: 2026-02-01
        source: by hand
      - {name: short, window: 5h, unit: requests, unknown: not said, valid_from: 2026-02-01, source: by hand}
    terms:
      - {valid_from: 2026-01-01, clients: [any], source: by hand}
      - {valid_from: 2026-02-18T03:48, clients: [own], source: by hand}
"""


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def made() -> Plan:
    return read_plans(MADE.encode(), "made.yaml")["made"]


def test_each_day_has_its_price(made: Plan) -> None:
    assert made.price(moment("2025-12-31T23:59")) is None
    before, after = made.price(moment("2026-02-28T23:59")), made.price(moment("2026-03-01"))
    assert before is not None
    assert after is not None
    assert (before.per_month, before.currency) == (Decimal(20), "USD")
    assert (after.per_month, after.currency) == (Decimal("30.50"), "CNY")


def test_quotas_of_a_name_follow_each_other(made: Plan) -> None:
    def limits(when: str) -> dict[str, Decimal | None]:
        return {quota.name: quota.limit for quota in made.quotas_at(moment(when))}

    assert limits("2026-01-31T23:59") == {"week": Decimal(40), "short": Decimal(100)}
    assert limits("2026-02-01") == {"week": Decimal(40), "short": None}
    week = made.quotas_at(moment("2026-01-01"))[1]
    assert week.window_us == 168 * US_PER_HOUR
    assert (week.weight("maker/big"), week.weight("maker/small")) == (Decimal(3), Decimal(1))


def test_terms_say_who_may_and_until_when(made: Plan) -> None:
    assert made.admitted("openclaw") == ((moment("2026-01-01"), moment("2026-02-18T03:48")),)
    assert [start for start, _ in made.admitted("own")] == [moment("2026-01-01"), moment("2026-02-18T03:48")]
    assert (made.covers("maker/anything"), made.covers("other/model"), made.covers("other/x")) == (True, True, False)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2026-01-01, per_month", "2026-01-01, valid_until: 2026-03-02, per_month", ":7:9: prices: the entry from"),
        ("valid_until: 2026-02-01", "valid_until: 2026-02-02", "quotas: the entry from 2026-02-01 overlaps"),
        ("{valid_from: 2026-02-18T03:48", "{valid_from: 2026-01-01", "terms: the entry from 2026-01-01 overlaps"),
        ("valid_until: 2026-02-01", "valid_until: 2025-02-01", "is not after 2026-01-01"),
        ("per_month: 20", "per_month: -20", ":6:45: per_month: `-20` is not a price"),
        ("per_month: 20", "per_week: 20", "unknown field 'per_week'"),
        ("per_month: 20, ", "", "per_month: give a number, or `unknown`"),
        ("window: 7d", "window: 7 weeks", "is not a length of time"),
        ("currency: CNY", "currency: yuan", "is not the code of one"),
        ("maker/*,", "maker,", "is not the name of an offer"),
        ("per_call: 1\n", "per_call: 1000001\n", ":21:19: per_call: 1000001 is more than 1,000,000"),
        ("per_call: 1\n", "per_mtok: {input: 100001}\n", "input: 100001 is more than 100,000"),
        ("maker/big: 3", "maker/big: 1001", "maker/big: 1001 is more than 1,000"),
        ("per_call: 1\n", "per_call: 0\n", "limit: nothing says how much of it work takes"),
        ("  made:", "  Made Up:", "is not the name of a plan"),
    ],
)
def test_nonsense_is_refused_with_its_place(old: str, new: str, message: str) -> None:
    assert old in MADE
    with pytest.raises(InputError) as refused:
        read_plans(MADE.replace(old, new, 1).encode(), "made.yaml")
    assert message in str(refused.value)
    assert "made.yaml:" in str(refused.value)


def test_shipped_plans_tell_of_the_bans() -> None:
    plans = shipped_plans()
    assert {"claude-pro", "claude-max-5x", "claude-max-20x", "chatgpt-pro", "google-ai-ultra"} <= set(plans)
    assert {"glm-coding-lite", "minimax-plus", "kimi-allegretto"} <= set(plans)
    until = [end for _, end in plans["claude-max-20x"].admitted("openclaw")]
    assert until == [moment("2026-02-18T03:48")]
    assert [end for _, end in plans["google-ai-ultra"].admitted("openclaw")] == [moment("2026-02-12")]
    assert all(plan.admitted("openclaw") for plan in plans.values() if plan.seller == "Moonshot AI")


def test_shipped_plans_cover_offers_of_the_catalogue_and_say_what_they_assume() -> None:
    offers = load().offers
    for plan in shipped_plans().values():
        assert any(plan.covers(offer) for offer in offers), plan.name
        for quota in plan.quotas:
            assert quota.source, plan.name
            assert quota.limit is None or quota.counts, f"{plan.name}: {quota.name} has a limit nothing counts against"


def test_credits_of_glm_come_to_the_tokens_that_its_page_estimates() -> None:
    """docs.z.ai/devpack/overview: 95% read from the cache outside peak hours, Lite lasts 97 million tokens a week."""
    quotas = {quota.name: quota for quota in shipped_plans()["glm-coding-lite"].quotas_at(moment("2026-09-01"))}
    week = quotas["week"]
    assert week.limit is not None
    assert week.unit == "credits"
    prompts_alone = week.limit / (
        week.per_mtok["cache_read"] * Decimal("0.95") + week.per_mtok["input"] * Decimal("0.05")
    )
    with_output = week.limit / (week.limit / prompts_alone + week.per_mtok["output"] * Decimal("0.005"))
    assert with_output < 97 < prompts_alone
    assert quotas["five hours"].limit == 2_000
