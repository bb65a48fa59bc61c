"""From the facts of an offer to the integers that engines read."""

from __future__ import annotations

import math
from datetime import date
from typing import cast

from burncurve.catalogue import Fact, OfferFacts, Status
from burncurve.deployment import UNKNOWN, BrokenBills, CacheKind, CacheRule, Offer
from burncurve.draws import CERTAIN, Table, constant
from burncurve.words import PPM, US_PER_S, Reasoning

NS_PER_S = 1_000_000_000
UNBOUNDED = 1 << 40
Span = float | tuple[float, float]


class Facts:
    """The facts of an offer on one day; remembers which of those that were asked for are assumed."""

    def __init__(self, offer: OfferFacts, on: date) -> None:
        self.offer = offer
        self.on = on
        self.assumed: dict[str, Fact] = {}

    def known(self, name: str) -> bool:
        """Say whether there is a value, known or assumed."""
        return self.offer.fact(name, self.on).status is not Status.UNKNOWN

    def value(self, name: str) -> object:
        """Return a value as read from the catalogue, whose reading has checked its kind."""
        fact = self.offer.fact(name, self.on)
        if fact.status is Status.ASSUMED:
            self.assumed[name] = fact
        return fact.value

    def number(self, name: str) -> float:
        """Return a number."""
        return cast("float", self.value(name))

    def whole(self, name: str, otherwise: int) -> int:
        """Return a whole number, or `otherwise` where it is unknown."""
        return int(self.number(name)) if self.known(name) else otherwise

    @property
    def window_tokens(self) -> int:
        """The largest prompt."""
        return min(self.whole("window_tokens", UNBOUNDED), self.whole("max_input_tokens", UNBOUNDED))

    def word(self, name: str) -> str:
        """Return one of the words of a choice, in capitals as our enumerations have it."""
        return str(self.value(name)).upper()

    def text(self, name: str) -> str:
        """Return a text, empty where it is unknown."""
        return str(self.value(name)) if self.known(name) else ""

    def flag(self, name: str) -> bool:
        """Return true or false."""
        return bool(self.value(name))


def resolved(facts: Facts, region: str | None, long_lived: bool) -> Offer:
    """Return an offer in integers: times in nanoseconds per token, factors in ppm, probabilities in 2**-30.

    Facts that decide nothing (the long life of a cache that is not `long_lived`, what broken calls are
    billed where none breaks) are left at their defaults, so that no assumption about them is named.
    """
    broken = _rounded(facts.number("broken_probability") * CERTAIN)
    return Offer(
        name=facts.offer.name,
        window_tokens=facts.window_tokens,
        cache=_cache_rule(facts, long_lived),
        region=region or facts.text("region"),
        tokenizer_ppm=_rounded(facts.number("tokenizer_factor") * PPM),
        verbosity_ppm=_rounded(facts.number("verbosity_factor") * PPM),
        turns_ppm=_rounded(facts.number("turns_factor") * PPM),
        max_output_tokens=facts.whole("max_output_tokens", UNBOUNDED),
        reasoning_kept=Reasoning[facts.word("reasoning_kept")],
        first_token_ns=_rounded(facts.number("first_token_s") * NS_PER_S),
        prefill_ns_per_token=_rounded(NS_PER_S / facts.number("prefill_tokens_per_s")),
        cached_prefill_ns_per_token=_rounded(NS_PER_S / facts.number("cached_prefill_tokens_per_s")),
        decode_ns_per_token=_rounded(NS_PER_S / facts.number("decode_tokens_per_s")),
        time_factor=_time_factor(facts.number("time_spread_sigma")),
        broken=broken,
        broken_bills=BrokenBills[facts.word("broken_bills")] if broken else BrokenBills.NOTHING,
        success=_rounded(facts.number("success_probability") * CERTAIN)
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
        return constant(_rounded(low * US_PER_S))
    from burncurve.prepare.tables import table_of
    from burncurve.scenario.kinds import Uniform

    return table_of(Uniform[float](low=low, high=high), US_PER_S)


def _time_factor(sigma: float) -> Table:
    """Return the spread of times in ppm: lognormal with median 1, so that rates stay medians."""
    if sigma == 0:
        return constant(PPM)
    from burncurve.prepare.tables import table_of
    from burncurve.scenario.kinds import Lognormal

    return table_of(Lognormal[float](median=1, sigma=sigma), PPM)


def _rounded(number: float) -> int:
    return math.floor(number + 0.5)
