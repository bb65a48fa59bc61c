"""From the facts of an offer to the integers that engines read."""

from __future__ import annotations

from typing import cast

from burncurve.deploy.facts import UNBOUNDED, Facts
from burncurve.deploy.times import STANDARD, rounded, times_of
from burncurve.deployment import UNKNOWN, BrokenBills, CacheKind, CacheRule, Offer
from burncurve.draws import CERTAIN, Table, constant
from burncurve.words import PPM, US_PER_S, Reasoning

Span = float | tuple[float, float]


def resolved(facts: Facts, region: str | None, long_lived: bool, service_tier: str = STANDARD) -> Offer:
    """Return an offer in integers: times in nanoseconds per token, factors in ppm, probabilities in 2**-30.

    Facts that decide nothing (the long life of a cache that is not `long_lived`, what broken calls are
    billed where none breaks) are left at their defaults, so that no assumption about them is named.
    """
    times = times_of(facts, service_tier)
    broken = rounded(facts.number("broken_probability") * CERTAIN)
    return Offer(
        name=facts.offer.name,
        window_tokens=facts.window_tokens,
        cache=_cache_rule(facts, long_lived),
        region=region or facts.text("region"),
        service_tier=service_tier,
        tokenizer_ppm=rounded(facts.number("tokenizer_factor") * PPM),
        verbosity_ppm=rounded(facts.number("verbosity_factor") * PPM),
        turns_ppm=rounded(facts.number("turns_factor") * PPM),
        max_output_tokens=facts.whole("max_output_tokens", UNBOUNDED),
        reasoning_kept=Reasoning[facts.word("reasoning_kept")],
        first_token_ns=times.first_token_ns,
        prefill_ns_per_token=times.prefill_ns_per_token,
        cached_prefill_ns_per_token=times.cached_prefill_ns_per_token,
        decode_ns_per_token=times.decode_ns_per_token,
        time_factor=times.factor,
        broken=broken,
        broken_bills=BrokenBills[facts.word("broken_bills")] if broken else BrokenBills.NOTHING,
        success=rounded(facts.number("success_probability") * CERTAIN)
        if facts.known("success_probability")
        else UNKNOWN,
    )


def _cache_rule(facts: Facts, long_lived: bool) -> CacheRule:
    kind = CacheKind[facts.word("cache_kind")]
    if kind is CacheKind.NONE:
        return CacheRule()
    rule = CacheRule(
        kind=kind,
        minimum_tokens=facts.whole("cache_minimum_tokens", 0),
        block_tokens=facts.whole("cache_block_tokens", 1),
        caches_output=facts.flag("cache_holds_output"),
        short_us=_life(cast("Span", facts.value("cache_short_ttl_s"))),
    )
    if kind is CacheKind.EXPLICIT and long_lived:
        life = _life(cast("Span", facts.value("cache_long_ttl_s")))
        return CacheRule(kind, rule.minimum_tokens, rule.block_tokens, rule.caches_output, rule.short_us, life)
    return rule


def _life(seconds: Span) -> Table:
    """Return the life of a cache entry in microseconds: fixed, or evenly spread between two ends."""
    low, high = seconds if isinstance(seconds, tuple) else (seconds, seconds)
    if low == high:
        return constant(rounded(low * US_PER_S))
    from burncurve.prepare.tables import table_of
    from burncurve.scenario.kinds import Uniform

    return table_of(Uniform[float](low=low, high=high), US_PER_S)
