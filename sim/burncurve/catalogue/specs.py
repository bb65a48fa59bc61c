"""The facts that an offer may have: each declared once, with its kind, unit and meaning."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What values a fact may take."""

    TEXT = "a word or a name"
    DAY = "a day, written 2026-02-05"
    CHOICE = "one of a few words"
    FLAG = "true or false"
    WHOLE = "a whole number above 0"
    NUMBER = "a number above 0"
    SHARE = "a number from 0 to 1"
    SPAN = "a number above 0, or [low, high]"
    LIMITS = "limits by tier"


@dataclass(frozen=True, slots=True)
class Spec:
    """One fact: `needed` facts have no stand-in, so an offer without them cannot be simulated."""

    name: str
    unit: str
    kind: Kind
    meaning: str
    choices: tuple[str, ...] = ()
    needed: bool = False


LIMITS = (
    "concurrent_calls",
    "requests_per_minute",
    "input_tokens_per_minute",
    "output_tokens_per_minute",
    "tokens_per_minute",
    "tokens_per_day",
    "usd_per_month",
)
ANY_TIER = "all"
"""The tier whose limits hold where an account names none."""

SPECS = (
    Spec("maker", "", Kind.TEXT, "who made the model"),
    Spec("maker_country", "", Kind.TEXT, "where the maker sits; not where calls are computed"),
    Spec("region", "", Kind.TEXT, "where calls are computed"),
    Spec("trains_on_prompts", "", Kind.FLAG, "whether models are trained on what is sent, unless one agrees otherwise"),
    Spec("zero_retention", "", Kind.FLAG, "whether it can be had with no prompt kept, be it on approval"),
    Spec(
        "quantization",
        "",
        Kind.CHOICE,
        "precision of the weights that serve",
        ("int4", "int8", "fp4", "fp6", "fp8", "fp16", "bf16", "fp32"),
    ),
    Spec("released", "", Kind.DAY, "first day on sale"),
    Spec("window_tokens", "tokens", Kind.WHOLE, "most tokens of a context", needed=True),
    Spec("max_input_tokens", "tokens", Kind.WHOLE, "most prompt tokens, where fewer than the window"),
    Spec("max_output_tokens", "tokens", Kind.WHOLE, "most tokens of an answer"),
    Spec(
        "cache_kind",
        "",
        Kind.CHOICE,
        "whether prompts are cached: not at all, without a charge for writes, or with one",
        ("none", "automatic", "explicit"),
        needed=True,
    ),
    Spec("cache_minimum_tokens", "tokens", Kind.WHOLE, "shortest prefix that is cached"),
    Spec("cache_block_tokens", "tokens", Kind.WHOLE, "reads are whole multiples of it"),
    Spec("cache_short_ttl_s", "s", Kind.SPAN, "life of an entry after its last use; of explicit caches the short one"),
    Spec("cache_long_ttl_s", "s", Kind.SPAN, "life of an entry written for longer"),
    Spec("cache_holds_output", "", Kind.FLAG, "whether answers are cached without being sent again"),
    Spec(
        "reasoning_kept",
        "",
        Kind.CHOICE,
        "what becomes of reasoning in the context",
        ("keep", "until_user", "drop"),
    ),
    Spec("tokenizer_factor", "", Kind.NUMBER, "tokens for the same text, against Claude 4.6"),
    Spec("verbosity_factor", "", Kind.NUMBER, "length of answers for the same turn, against Claude 4.6"),
    Spec("turns_factor", "", Kind.NUMBER, "turns for the same request, against Claude 4.6"),
    Spec("first_token_s", "s", Kind.NUMBER, "time to the first token of a tiny prompt"),
    Spec("prefill_tokens_per_s", "tokens/s", Kind.NUMBER, "reading of prompt tokens that are not cached"),
    Spec("cached_prefill_tokens_per_s", "tokens/s", Kind.NUMBER, "reading of cached prompt tokens"),
    Spec("decode_tokens_per_s", "tokens/s", Kind.NUMBER, "writing of output"),
    Spec("time_spread_sigma", "", Kind.NUMBER, "spread of the times of equal calls on the log scale"),
    Spec("batch_turnaround_s", "s", Kind.NUMBER, "time from sending a batch to its results, in the median"),
    Spec("batch_spread_sigma", "", Kind.NUMBER, "spread of these times on the log scale"),
    Spec("broken_probability", "", Kind.SHARE, "calls that break for other reasons than limits"),
    Spec("broken_bills", "", Kind.CHOICE, "what a broken call is billed", ("nothing", "input", "all")),
    Spec("success_probability", "", Kind.SHARE, "requests that end well"),
    Spec("swe_bench_verified_percent", "%", Kind.NUMBER, "SWE-bench Verified; agents differ, so compare with care"),
    Spec("limits_per", "", Kind.CHOICE, "limits hold for a model, or for the account as a whole", ("model", "account")),
    Spec("counts_cache_reads", "", Kind.FLAG, "whether tokens read from the cache count against limits"),
    Spec("debits_max_output", "", Kind.FLAG, "whether a call counts with the most it may write"),
    Spec("says_retry_after", "", Kind.FLAG, "whether a refusal names the time to wait"),
    Spec("limits", "", Kind.LIMITS, "limits of an account by tier"),
)
BY_NAME = {spec.name: spec for spec in SPECS}
