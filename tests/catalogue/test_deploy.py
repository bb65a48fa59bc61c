"""Deployments: routes, accounts and integers, held against figures worked out by hand."""

from __future__ import annotations

import math
from pathlib import Path
from statistics import NormalDist

import pytest

from burncurve import catalogue, deploy, prices, scenario
from burncurve.deployment import UNKNOWN, Account, CacheKind, Deployment, Leg, Offer, Retention, Retry, Route
from burncurve.draws import ALWAYS, constant, look_up
from burncurve.errors import InputError, MissingFact
from burncurve.scenario.models import Scenario
from burncurve.scenario.roles import role_names
from burncurve.words import Reasoning

SHIPPED = catalogue.load()
OPUS, MINIMAX, HAIKU = "anthropic/claude-opus-4.6", "minimax/minimax-m2.5", "anthropic/claude-haiku-4.5"
AGENTS = """\
horizon: 8h
triggers: [{agent: boss, every: 1h}]
agents:
  boss:
    role: lead
    base: 10k
    spawn: [{agent: hand, brief: 500}]
    side_calls: [{name: title, role: side, prompt: 100, output: 10}]
  hand: {role: worker, base: 5k}
"""
FEBRUARY = f"name: t\nstart: 2026-02-23T09:30\n{AGENTS}"
NOVEMBER = f"name: t\nstart: 2026-11-02T09:00\n{AGENTS}"


def _read(folder: Path, text: str) -> Scenario:
    path = folder / "scenario.yaml"
    path.write_text(text)
    return scenario.read(path)


def _one(folder: Path, text: str) -> Deployment:
    (deployment,) = deploy.deployments(_read(folder, text), SHIPPED)
    return deployment


def _routes(lead: str, worker: str, rest: str = "") -> str:
    return f"deployments: {{d: {{roles: {{lead: {lead}, worker: {worker}, side: {worker}}}{rest}}}}}\n"


def _offer(deployment: Deployment, name: str) -> Offer:
    return next(offer for offer in deployment.offers if offer.name == name)


def test_roles_come_in_the_order_of_their_first_appearance(tmp_path: Path) -> None:
    assert role_names(_read(tmp_path, FEBRUARY)) == ("lead", "side", "worker")


def test_opus_in_february_in_integers(tmp_path: Path) -> None:
    offer = _offer(_one(tmp_path, FEBRUARY + _routes(OPUS, MINIMAX)), OPUS)
    assert offer.window_tokens == 200_000  # 1M was a beta until 2026-03-13
    assert offer.max_output_tokens == 128_000
    assert (offer.cache.kind, offer.cache.minimum_tokens, offer.cache.block_tokens) == (CacheKind.EXPLICIT, 4096, 1)
    assert offer.cache.short_us == constant(300_000_000)
    assert not offer.cache.caches_output
    assert offer.reasoning_kept is Reasoning.KEEP
    assert (offer.tokenizer_ppm, offer.verbosity_ppm, offer.turns_ppm) == (1_000_000, 1_000_000, 1_000_000)
    assert offer.first_token_ns == 1_700_000_000
    assert offer.prefill_ns_per_token == 200_000  # 5,000 tokens/s
    assert offer.cached_prefill_ns_per_token == 20_000  # 50,000 tokens/s
    assert offer.decode_ns_per_token == 14_285_714  # 1e9 / 70 = 14,285,714.3
    assert (offer.broken, offer.success, offer.region) == (0, UNKNOWN, "")


def test_minimax_in_february_in_integers(tmp_path: Path) -> None:
    offer = _offer(_one(tmp_path, FEBRUARY + _routes(OPUS, MINIMAX)), MINIMAX)
    assert (offer.window_tokens, offer.max_output_tokens) == (204_800, 131_072)
    assert (offer.cache.kind, offer.cache.minimum_tokens, offer.cache.block_tokens) == (CacheKind.AUTOMATIC, 512, 1)
    assert offer.decode_ns_per_token == 20_000_000  # 50 tokens/s
    # A life evenly spread over 5 to 10 minutes: a quarter of the draws is below 6 minutes 15 seconds
    # (to 3 microseconds: the table's fractions have 20 bits of cells of 2.3 seconds).
    assert look_up(offer.cache.short_us, 0) == 300_000_000
    assert abs(look_up(offer.cache.short_us, ALWAYS // 4) - 375_000_000) <= 3
    assert abs(look_up(offer.cache.short_us, ALWAYS // 2) - 450_000_000) <= 3
    assert look_up(offer.cache.short_us, ALWAYS - 1) == 600_000_000


def test_the_spread_of_times_is_lognormal_with_median_1(tmp_path: Path) -> None:
    factor = _offer(_one(tmp_path, FEBRUARY + _routes(OPUS, OPUS)), OPUS).time_factor
    assert look_up(factor, ALWAYS // 2) == 1_000_000
    for sigmas in (-2, -1, 1, 2, 3):
        u = int(NormalDist().cdf(sigmas) * ALWAYS)
        assert look_up(factor, u) == pytest.approx(1_000_000 * math.exp(0.3 * sigmas), rel=1e-3)


def test_november_has_other_windows_and_tiers(tmp_path: Path) -> None:
    deployment = _one(tmp_path, NOVEMBER + _routes(OPUS, "openai/gpt-5.2", ", account: {tier: build}"))
    assert _offer(deployment, OPUS).window_tokens == 1_000_000
    assert deployment.accounts[0] == Account("anthropic", 0, 5000, 5_000_000, 1_000_000, counts_cache_reads=False)
    gpt = _offer(deployment, "openai/gpt-5.2")
    assert gpt.window_tokens == 272_000  # 400,000 with 128,000 kept for the answer
    assert (gpt.tokenizer_ppm, gpt.cache.block_tokens) == (825_000, 128)


def test_routes_failover_retention_and_retry(tmp_path: Path) -> None:
    rest = (
        f", cache: {{lead: 1h, side: 'off'}}, failover: {{lead: [{MINIMAX}, {HAIKU}]}}, at_limit: refuse"
        ", retry: {retries: 5, first: 1s, cap: 30s}, region: eu"
    )
    deployment = _one(tmp_path, FEBRUARY + _routes(OPUS, MINIMAX, rest))
    assert [offer.name for offer in deployment.offers] == [OPUS, MINIMAX, HAIKU]
    assert [account.name for account in deployment.accounts] == [OPUS, "minimax", HAIKU]
    lead, side, worker = deployment.routes
    assert lead == Route((Leg(0, 0), Leg(1, 1), Leg(2, 2)), Retention.LONG)
    assert side == Route((Leg(1, 1),), Retention.OFF)
    assert worker == Route((Leg(1, 1),), Retention.SHORT)
    assert deployment.retry == Retry(5, 1_000_000, 30_000_000)
    assert {offer.region for offer in deployment.offers} == {"eu"}
    assert all(account.refuses for account in deployment.accounts)
    assert deployment.offers[0].cache.long_us == constant(3_600_000_000)


def test_a_tier_its_absence_and_numbers_of_ones_own(tmp_path: Path) -> None:
    tier = _one(tmp_path, FEBRUARY + _routes(OPUS, HAIKU, ", account: {tier: 1}"))
    assert tier.accounts[0] == Account(OPUS, 0, 50, 30_000, 8_000, counts_cache_reads=False)
    assert tier.accounts[1] == Account(HAIKU, 0, 50, 50_000, 10_000, counts_cache_reads=False)
    none = _one(tmp_path, FEBRUARY + _routes(OPUS, MINIMAX))
    assert none.accounts[0] == Account("anthropic", counts_cache_reads=False)
    assert none.accounts[1] == Account("minimax", 0, 500, 0, 0, 20_000_000)
    told = next(note for note in none.notes if "no tier is named" in note)
    assert told == (
        "deployment d, account anthropic: no tier is named, no limits are applied; "
        "add `account: {tier: 1}` (1, 2, 3, 4)"
    )
    own = _one(tmp_path, FEBRUARY + _routes(OPUS, OPUS, ", account: {tier: 2, concurrent: 3, requests_per_minute: 0}"))
    assert own.accounts == (Account("anthropic", 3, 0, 450_000, 90_000, counts_cache_reads=False),)


def test_models_of_one_account_share_it_where_limits_do(tmp_path: Path) -> None:
    text = FEBRUARY + _routes("moonshotai/kimi-k2.5", "moonshotai/kimi-k3", ", account: {tier: 0}")
    assert _one(tmp_path, text).accounts == (Account("moonshotai", 1, 3, 0, 0, 500_000, 1_500_000),)


def test_what_is_assumed_stands_in_the_notes(tmp_path: Path) -> None:
    notes = {note.partition(":")[0]: note for note in _one(tmp_path, FEBRUARY + _routes(OPUS, MINIMAX)).notes}
    assert "prefill_tokens_per_s 5,000 tokens/s" in notes[OPUS]
    assert "first_token_s" not in notes[OPUS]  # measured
    assert "cache_short_ttl_s 300 to 600 s" in notes[MINIMAX]
    assert "broken_bills" not in notes[MINIMAX]  # no call breaks, so it decides nothing


def test_without_deployments_the_representative_offers_stand_in(tmp_path: Path) -> None:
    made = deploy.deployments(_read(tmp_path, FEBRUARY), SHIPPED)
    assert [each.name for each in made] == [offer.name for offer in SHIPPED.representative]
    assert all(len(each.routes) == 3 and len({route.legs for route in each.routes}) == 1 for each in made)


def test_models_and_roles_from_the_command_line(tmp_path: Path) -> None:
    read = _read(tmp_path, FEBRUARY + _routes(OPUS, OPUS))
    made = deploy.deployments(read, SHIPPED, models=("zai/glm-5", OPUS, OPUS), roles={"worker": MINIMAX})
    assert [each.name for each in made] == [f"zai/glm-5 with worker={MINIMAX}", f"{OPUS} with worker={MINIMAX}"]
    assert [offer.name for offer in made[0].offers] == ["zai/glm-5", MINIMAX]
    assert [route.legs[0].offer for route in made[0].routes] == [0, 0, 1]
    (overridden,) = deploy.deployments(read, SHIPPED, roles={"lead": MINIMAX})
    assert [offer.name for offer in overridden.offers] == [MINIMAX, OPUS]


def _at_tier(folder: Path, tier: str) -> Deployment:
    return _one(folder, FEBRUARY + _routes(OPUS, OPUS, f", service_tier: {tier}"))


def test_a_batch_takes_what_batches_take_whatever_the_call_reads_and_writes(tmp_path: Path) -> None:
    made = _at_tier(tmp_path, "batch")
    (offer,) = made.offers
    assert (offer.service_tier, offer.first_token_ns) == ("batch", 420 * 10**9)
    assert (offer.prefill_ns_per_token, offer.cached_prefill_ns_per_token, offer.decode_ns_per_token) == (0, 0, 0)
    shares = [look_up(offer.time_factor, int(share * ALWAYS)) for share in (0.5, 0.9)]
    assert shares == pytest.approx([1_000_000, 3600 / 420 * 1_000_000], rel=0.01)
    assert look_up(offer.time_factor, ALWAYS - 1) * 420 == pytest.approx(24 * 3600 * 1_000_000)
    told = " ".join(made.notes)
    assert "batch_turnaround_s 420 s, batch_spread_sigma 1.68" in told
    assert "prefill_tokens_per_s" not in told, "what decides nothing is not named"
    assert "each call waits for a batch of its own" in told


@pytest.mark.parametrize(("tier", "how"), [("flex", "slower"), ("priority", "faster"), ("fast", "faster")])
def test_tiers_of_which_nobody_states_the_times_say_so(tmp_path: Path, tier: str, how: str) -> None:
    made, standard = _at_tier(tmp_path, tier), _at_tier(tmp_path, "standard")
    assert made.offers[0].first_token_ns == standard.offers[0].first_token_ns
    assert any(f"{tier} is {how}, by how much is not known" in note for note in made.notes)
    assert not any("by how much" in note for note in standard.notes)


BUDGETS = """\
  stop:
    roles: {lead: zai/glm-5, worker: zai/glm-5, side: zai/glm-5}
    budgets: [{per: run, usd: 50, then: cheaper, offer: minimax/minimax-m2.5}]
  rich: {roles: {lead: zai/glm-5, worker: zai/glm-5, side: zai/glm-5}}
"""


def test_models_from_the_command_line_have_the_budgets_of_the_first_deployment(tmp_path: Path) -> None:
    read = _read(tmp_path, FEBRUARY + "deployments:\n" + BUDGETS)
    book = prices.load("list")
    (made,) = deploy.deployments(read, SHIPPED, models=(OPUS,), book=book)
    (own, _) = deploy.deployments(read, SHIPPED, book=book)
    assert [budget.limit for budget in made.budgets] == [50 * 10**12]
    assert [made.offers[budget.cheaper.offer].name for budget in made.budgets if budget.cheaper] == [MINIMAX]
    assert "--models: budgets are those of the file's first deployment, stop: $50 per run" in made.notes
    assert not any("left out" in note for note in made.notes)
    assert not any("--models" in note for note in own.notes)


def test_what_models_from_the_command_line_do_not_take_over_is_said(tmp_path: Path) -> None:
    read = _read(tmp_path, FEBRUARY + _routes(OPUS, OPUS, ", cache: 1h, contract: {tax: 19%}"))
    (made,) = deploy.deployments(read, SHIPPED, models=(OPUS,))
    assert "--models: what the file's deployments say of cache, contract is left out" in made.notes


def test_budgets_that_come_with_models_are_held_to_the_same_rules(tmp_path: Path) -> None:
    text = FEBRUARY + "deployments:\n" + BUDGETS
    unknown = _said(tmp_path, text.replace("offer: minimax/minimax-m2.5", "offer: zai/glm5"), models=(OPUS,))
    assert "there is no offer `zai/glm5`" in unknown
    small = text.replace("50, then: cheaper, offer: minimax/minimax-m2.5", "0.0001")
    with pytest.raises(InputError, match=r"scenario.yaml:\d+:\d+: \$0.0001 per run is below one call"):
        deploy.deployments(_read(tmp_path, small), SHIPPED, models=(OPUS,), book=prices.load("list"))


def _said(folder: Path, text: str, models: tuple[str, ...] = (), **roles: str) -> str:
    with pytest.raises(InputError) as caught:
        deploy.deployments(_read(folder, text), SHIPPED, models=models, roles=roles)
    return str(caught.value)


def test_unknown_offers_and_roles_are_told_at_once(tmp_path: Path) -> None:
    said = _said(tmp_path, FEBRUARY, models=("anthropic/claude-opus-4.5.6", "zai/glm5"), worke=OPUS)
    assert "--models: there is no offer `anthropic/claude-opus-4.5.6`" in said
    assert f"did you mean {OPUS}" in said
    assert "did you mean zai/glm-5" in said
    assert "--set-role: no agent has the role `worke`\n    did you mean worker?" in said


def test_an_unknown_offer_of_a_file_is_told_with_its_place(tmp_path: Path) -> None:
    text = FEBRUARY + "deployments:\n  d:\n    roles: {lead: zai/glm5, worker: zai/glm-5, side: zai/glm-5}\n"
    assert "scenario.yaml:14:19: there is no offer `zai/glm5` in the catalogue" in _said(tmp_path, text)


def test_a_tier_that_nobody_has_is_told_with_those_there_are(tmp_path: Path) -> None:
    said = _said(tmp_path, NOVEMBER + _routes(OPUS, MINIMAX, ", account: {tier: 2}"))
    assert f"on 2026-11-02 {OPUS} has start, build, scale; {MINIMAX} has all, free" in said
    assert "its limits are not known" in _said(
        tmp_path, NOVEMBER + _routes("zai/glm-5", "zai/glm-5", ", account: {tier: 2}")
    )


def test_an_hour_is_asked_only_of_caches_that_have_it(tmp_path: Path) -> None:
    said = _said(tmp_path, FEBRUARY + _routes(OPUS, "alibaba/qwen-3.5-plus", ", cache: 1h"))
    assert "`alibaba/qwen-3.5-plus` does not sell a cache of 1h" in said
    assert OPUS not in said
    automatic = _one(tmp_path, FEBRUARY + _routes(MINIMAX, MINIMAX, ", cache: 1h"))
    assert automatic.offers[0].cache.kind is CacheKind.AUTOMATIC


def test_a_role_that_is_not_served_is_refused_even_where_no_file_was_checked(tmp_path: Path) -> None:
    read = _read(tmp_path, FEBRUARY + _routes(OPUS, OPUS))
    written = read.deployments["d"].model_copy(update={"roles": {"lead": OPUS, "side": OPUS}})
    with pytest.raises(InputError, match="roles lack worker"):
        deploy.deployments(read.model_copy(update={"deployments": {"d": written}}), SHIPPED)


def test_a_new_offer_deploys_from_its_file_alone(tmp_path: Path) -> None:
    window = "window_tokens: {value: 64000, source: s, date: 2026-01-01}"
    kind = "cache_kind: {value: none, source: s, date: 2026-01-01}"
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "new.yaml").write_text(f"offers:\n  a/ready: {{{window}, {kind}}}\n  a/half: {{{window}}}\n")
    extended = catalogue.load(tmp_path / "own")
    read = _read(tmp_path, FEBRUARY)
    (made,) = deploy.deployments(read, extended, models=("a/ready",))
    assert (made.offers[0].window_tokens, made.offers[0].cache.kind) == (64_000, CacheKind.NONE)
    with pytest.raises(MissingFact, match="a/half: cache_kind"):
        deploy.deployments(read, extended, models=("a/half",))


def test_every_shipped_scenario_deploys(root: Path) -> None:
    for path in sorted((root / "scenarios").glob("*.yaml")):
        read = scenario.read(path)
        for made in deploy.deployments(read, SHIPPED, book=prices.load("list")):
            assert len(made.routes) == len(role_names(read))
            assert all(leg.account < len(made.accounts) for route in made.routes for leg in route.legs)


def test_a_window_too_small_for_what_compactions_leave_is_told_by_offer(tmp_path: Path) -> None:
    """gpt-4o, 128,000 tokens: 100k of 200k, less 10k reserve; base 60k, keep 10k, summary 3k.

    64,000 - 10,000 = 54,000 in proportion (28,000 - 10,000 by difference), both below the 73,000 that stay.
    """
    agent = "base: 60k\n    window: 200k\n    reserve: 10k\n    compact: {at: 100k, keep: 10k, summary: 3k}"
    text = FEBRUARY.replace("base: 10k", agent) + _routes("openai/gpt-4o", MINIMAX)
    said = _said(tmp_path, text)
    assert "agents.boss.compact under `openai/gpt-4o`: with its window of 128,000 tokens" in said
    assert "act before every call" in said
    assert deploy.deployments(_read(tmp_path, text), SHIPPED, models=(OPUS,))


def test_a_changed_role_stands_in_the_name_and_equal_deployments_are_one(tmp_path: Path) -> None:
    glm = "zai/glm-5"
    two = (
        "deployments:\n"
        f"  opus: {{roles: {{lead: {OPUS}, worker: {OPUS}, side: {OPUS}}}}}\n"
        f"  glm: {{roles: {{lead: {glm}, worker: {OPUS}, side: {OPUS}}}}}\n"
    )
    read = _read(tmp_path, FEBRUARY + two)
    one = deploy.deployments(read, SHIPPED, roles={"worker": glm})
    assert [each.name for each in one] == [f"opus with worker={glm}", f"glm with worker={glm}"]
    assert deploy.names_of(one[0].name) == (f"opus with worker={glm}", "opus")
    assert [each.name for each in deploy.deployments(read, SHIPPED, roles={"lead": glm})] == ["glm"]
    every = dict.fromkeys(("lead", "worker", "side"), glm)
    assert [each.name for each in deploy.deployments(_read(tmp_path, FEBRUARY), SHIPPED, roles=every)] == [glm]


def test_the_offer_that_others_are_held_against_comes_first() -> None:
    assert [offer.name for offer in SHIPPED.representative][:2] == [OPUS, MINIMAX]
    assert len({offer.representative for offer in SHIPPED.representative}) == len(SHIPPED.representative)


def test_unknown_offers_do_not_hide_what_else_is_wrong(tmp_path: Path) -> None:
    text = FEBRUARY + (
        f"deployments:\n  a: {{roles: {{lead: zai/glm5, worker: {OPUS}, side: {OPUS}}}}}\n"
        f"  b: {{roles: {{lead: {OPUS}, worker: {OPUS}, side: {OPUS}}}, account: {{tier: 9}}}}\n"
    )
    said = _said(tmp_path, text, worke=OPUS)
    for part in ("`zai/glm5`", "no tier `9`", "no agent has the role `worke`"):
        assert part in said


def test_a_region_without_a_price_of_its_own_is_noted(tmp_path: Path) -> None:
    opus = "anthropic/claude-opus-5.5"
    text = NOVEMBER + _routes(opus, MINIMAX, ", region: {}")
    noted = {}
    for region in ("us", "mars"):
        (made,) = deploy.deployments(_read(tmp_path, text.replace("{}", region)), SHIPPED, book=prices.load("list"))
        noted[region] = [note for note in made.notes if "region" in note]
    (us,), (mars,) = noted["us"], noted["mars"]
    assert MINIMAX in us
    assert opus not in us
    assert f"in region mars for {opus}, {MINIMAX}" in mars
    assert "some in us" in mars
