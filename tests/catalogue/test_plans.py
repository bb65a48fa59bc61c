"""Plans: what they cost, hold and admit on which day; overlapping dates and other nonsense are refused with places."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from burncurve.catalogue import Plan, load, shipped_plans
from burncurve.catalogue.plan_reading import read_plans, unsold
from burncurve.catalogue.plan_telling import told_within
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
        counts_from: purchase
        weights: {maker/big: 3}
        hours:
          - {utc: ["06:00-10:00"], days: [mon, tue], weights: {maker/*: 5, maker/small: 0}}
          - {utc: ["06:00-10:00"], days: [wed], weights: {other/model: 2}}
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
    assert week.counts_from == "purchase"
    assert made.quotas_at(moment("2026-01-01"))[0].counts_from == "first use"


@pytest.mark.parametrize(
    ("when", "big", "small"),
    [
        ("2026-01-05T05:59:59.999999", 3, 1),  # a Monday
        ("2026-01-05T06:00", 5, 0),
        ("2026-01-05T09:59:59.999999", 5, 0),
        ("2026-01-05T10:00", 3, 1),
        ("2026-01-07T06:00", 3, 1),  # Wednesday's hours say nothing of them
        ("2026-01-08T06:00", 3, 1),
    ],
)
def test_weights_are_those_of_the_hour(made: Plan, when: str, big: int, small: int) -> None:
    week = made.quotas_at(moment("2026-01-01"))[1]
    found = [week.weight(offer, moment(when)) for offer in ("maker/big", "maker/small")]
    assert found == [Decimal(big), Decimal(small)]


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
        ("per_month: 20", "per_month: -20", ":6:45: per_month: `-20` is not a number from 0 on"),
        ("per_month: 20", "per_week: 20", "unknown field 'per_week'"),
        ("per_month: 20, ", "", "per_month: give a number, or `unknown`"),
        ("window: 7d", "window: 7 weeks", "is not a length of time"),
        ("currency: CNY", "currency: yuan", "is not the code of one"),
        ("maker/*,", "maker,", "is not the name of an offer"),
        ("per_call: 1\n", "per_call: 1000001\n", ":25:19: per_call: 1000001 is more than 1,000,000"),
        ("per_call: 1\n", "per_mtok: {input: 100001}\n", "input: 100001 is more than 100,000"),
        ("maker/big: 3", "maker/big: 1001", "maker/big: 1001 is more than 1,000"),
        ("limit: 100", "limit: 0", ":24:16: limit: 0 leaves room for no call at all"),
        ("limit: 100", "limit: 0.0", "give more than 0; or, where its size is not known, `unknown`"),
        ("maker/big: 3", "makr/big: 3", ":15:19: weights: the plan does not cover 'makr/big'"),
        ("{other/model: 2}", "{other/modl: 2}", "did you mean other/model?"),
        ("per_call: 1\n", "per_call: 0\n", "limit: nothing says how much of it work takes"),
        ("  made:", "  Made Up:", "is not the name of a plan"),
        ("counts_from: purchase", "counts_from: each usage", ":14:22: counts_from: 'each usage' is not known"),
        ("counts_from: purchase", "counts_from: each usage", "did you mean each use?"),
        ("counts_from: purchase", "counts_form: purchase", "did you mean counts_from?"),
        ("[mon, tue], weights", "[mon, tues], weights", ":17:48: days: `tues` is not a weekday"),
        (
            '["06:00-10:00"], days: [mon',
            '["22:00-04:00"], days: [mon',
            ":17:20: utc: `22:00-04:00` ends before it begins",
        ),
        ('["06:00-10:00"], days: [mon', "[], days: [mon", "utc: an empty list, so it never counts"),
        ('utc: ["06:00-10:00"], days: [mon', "days: [mon", ":17:13: hours: `utc` is missing"),
        ("days: [wed]", "days: [tue, wed]", ":18:13: hours: two entries meet on tue"),
        ("{other/model: 2}", "{}", ":18:58: weights: empty, so these hours change nothing"),
        ("{other/model: 2}", "{other: 2}", "weights: 'other' is not the name of an offer"),
        ("{other/model: 2}", "{other/model: -2}", "other/model: `-2` is not a number from 0 on"),
        ("{other/model: 2}", "{other/model: 2000}", "other/model: 2000 is more than 1,000"),
        ("maker/small: 0}}", "maker/small: 0}, until: 3}", "hours: unknown field 'until'"),
        (
            "          - {utc: [",
            "          - {}\n" * 101 + "          - {utc: [",
            ":17:11: hours: more than 100 entries",
        ),
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
    weight = week.weight("zai/glm-5.3", moment("2026-09-01T05:59"))
    rates = {meter: rate * weight for meter, rate in week.per_mtok.items()}
    prompts_alone = week.limit / (rates["cache_read"] * Decimal("0.95") + rates["input"] * Decimal("0.05"))
    with_output = week.limit / (week.limit / prompts_alone + rates["output"] * Decimal("0.005"))
    assert with_output < 97 < prompts_alone
    assert quotas["five hours"].limit == 2_000


def test_glm_counts_more_in_the_afternoon_of_beijing() -> None:
    """docs.z.ai/devpack: GLM-5 counts twice, from 14:00 to 18:00 (UTC+8) three times; credits half outside them."""
    plan = shipped_plans()["glm-coding-max"]
    for name in ("five hours", "week"):
        before = {each.name: each for each in plan.quotas_at(moment("2026-03-01"))}[name]
        assert [before.weight("zai/glm-5", moment(f"2026-03-01T{at}")) for at in ("05:59", "06:00", "10:00")] == [
            2,
            3,
            2,
        ]
        assert before.weight("zai/glm-4.7", moment("2026-03-01T06:00")) == 1
        after = {each.name: each for each in plan.quotas_at(moment("2026-09-01"))}[name]
        friday, saturday = (moment(f"2026-09-0{day}T06:00") for day in (4, 5))
        assert [after.weight("zai/glm-5.3", each) for each in (friday, saturday)] == [1, Decimal("0.5")]
        flash = [after.weight("zai/glm-5.3-flash", each) for each in (friday, saturday)]
        assert flash == [Decimal("0.333333"), Decimal("0.166667")]


def test_windows_of_shipped_plans_count_as_their_sellers_say() -> None:
    plans = shipped_plans()
    quotas = [(plan.seller, quota) for plan in plans.values() for quota in plan.quotas]
    found = {(seller, quota.name, quota.unit, quota.counts_from) for seller, quota in quotas}
    assert {each for each in found if each[3] != "first use"} == {
        ("Z.ai", "five hours", "prompts", "each use"),
        ("Z.ai", "five hours", "credits", "each use"),
        ("Z.ai", "week", "prompts", "purchase"),
        ("Z.ai", "week", "credits", "purchase"),
        ("MiniMax", "five hours", "prompts", "each use"),
    }


def test_messages_of_codex_last_by_model_as_its_page_says() -> None:
    """developers.openai.com/codex/pricing, June 2026: in 5 hours the middle for Plus, 5 and 20 times it in Pro."""
    middles = {"gpt-5.3-codex": "90", "gpt-5.5": "47.5", "gpt-5.4": "60", "gpt-5.4-mini": "205"}
    when = moment("2026-07-01")
    for name, times in (("chatgpt-plus", 1), ("chatgpt-pro-5x", 5), ("chatgpt-pro", 20)):
        quota = {each.name: each for each in shipped_plans()[name].quotas_at(when)}["five hours"]
        assert quota.limit is not None
        for model, middle in middles.items():
            lasts = quota.limit / quota.weight(f"openai/{model}", when)
            assert abs(lasts - times * Decimal(middle)) < Decimal("0.01"), (name, model)


@pytest.mark.parametrize(
    ("name", "paid"),
    [
        ("chatgpt-plus", (20, "USD")), ("chatgpt-pro-5x", (100, "USD")), ("chatgpt-pro", (200, "USD")),
        ("minimax-plus", (20, "USD")), ("minimax-max", (50, "USD")), ("minimax-ultra", (120, "USD")),
        ("kimi-andante", (None, "USD")), ("kimi-allegretto", (199, "CNY")),
    ],
)  # fmt: skip
def test_seats_of_the_middle_of_2026_cost_what_was_published(name: str, paid: tuple[int | None, str]) -> None:
    price = shipped_plans()[name].price(moment("2026-07-01"))
    assert price is not None
    assert (price.per_month, price.currency) == paid


def test_what_is_told_of_a_run_is_what_holds_within_it(made: Plan) -> None:
    """From January to 1 March, when the next price begins: too late for the run."""
    found = told_within(made, moment("2026-01-15"), moment("2026-03-01"))
    assert found["price per month"] == {"at the start": "20 USD"}
    assert found["clients"] == {"at the start": "any", "2026-02-18 03:48": "own"}
    assert found["quota, short"] == {
        "at the start": "100 requests in 5 hours",
        "2026-02-01 00:00": "unknown, in requests in 5 hours: not said",
    }


def test_what_ends_without_another_is_told_to_end() -> None:
    alone = MADE.replace("      - {name: short, window: 5h, unit: requests, unknown: not said", "      #")
    plan = read_plans(alone.encode(), "made.yaml")["made"]
    found = told_within(plan, moment("2026-01-15"), moment("2026-03-15"))
    assert found["quota, short"] == {"at the start": "100 requests in 5 hours", "2026-02-01 00:00": "ends"}
    assert found["price per month"] == {"at the start": "20 USD", "2026-03-01 00:00": "30.50 CNY"}


def test_weights_of_shipped_plans_are_of_offers_there_are() -> None:
    offers = load().offers
    assert [problem for plan in shipped_plans().values() for problem in unsold(plan, offers)] == []


def test_a_weight_of_what_nobody_sells_is_refused(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    named = MADE.replace("maker/*, other/model", "anthropic/*").replace("maker/*: 5, maker/small: 0", "anthropic/*: 5")
    named = named.replace("other/model: 2", "anthropic/claude-opus-4.6: 2")
    own.write_text(named.replace("maker/big", "anthropic/claude-opus-4.66"))
    with pytest.raises(InputError) as refused:
        load(own)
    assert f"{own}:9:9: weights: there is no offer 'anthropic/claude-opus-4.66'" in str(refused.value)
    assert "did you mean anthropic/claude-opus-4.6?" in str(refused.value)
    own.write_text(named.replace("maker/big", "anthropic/claude-opus-4.5"))
    assert "made" in load(own).plans
