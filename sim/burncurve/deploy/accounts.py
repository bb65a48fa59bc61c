"""Who is limited: one account for each model or provider of a deployment, with the limits of its tier."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from burncurve.catalogue import ANY_TIER
from burncurve.deploy.facts import Facts
from burncurve.deployment import Account

if TYPE_CHECKING:
    from burncurve.scenario.models import Account as Written

SPEND = "usd_per_month"
PICO = 10**12
Tiers = Mapping[str, Mapping[str, int]]

_OWN = {
    "concurrent_calls": "concurrent",
    "requests_per_minute": "requests_per_minute",
    "input_tokens_per_minute": "input_tokens_per_minute",
    "output_tokens_per_minute": "output_tokens_per_minute",
    "tokens_per_minute": "tokens_per_minute",
    "tokens_per_day": "tokens_per_day",
}
"""Limits by the field of a scenario that states them."""


@dataclass(frozen=True, slots=True)
class Holder:
    """An account to be: its name, and the first of the offers it is billed for."""

    name: str
    facts: Facts


def holders(served: Iterable[Facts]) -> dict[str, Holder]:
    """Return the account of each offer, by offer.

    Limits hold by model or for the account as a whole; an account is named after the provider where
    that is enough to tell it from the others.
    """
    offers = {facts.offer.name: facts for facts in served}
    keys = {name: facts.offer.provider if _whole(facts) else name for name, facts in offers.items()}
    named: dict[str, Holder] = {}
    for key in dict.fromkeys(keys.values()):
        facts = next(offers[name] for name in keys if keys[name] == key)
        alone = len({keys[name] for name in keys if offers[name].offer.provider == facts.offer.provider}) == 1
        named[key] = Holder(facts.offer.provider if alone else key, facts)
    return {name: named[key] for name, key in keys.items()}


def _whole(facts: Facts) -> bool:
    """Say whether one account covers all models; where no limits are known it makes no difference."""
    return not facts.known("limits") or facts.value("limits_per") == "account"


def tiers(facts: Facts) -> Tiers:
    """Return the limits by tier that are in force, empty where they are not known."""
    return cast("Tiers", facts.value("limits")) if facts.known("limits") else {}


def account(holder: Holder, written: Written, refuses: bool, months_us: tuple[int, ...]) -> Account:
    """Return an account: numbers of one's own before those of its tier, 0 for no limit."""
    known = tiers(holder.facts)
    limits = known.get(written.tier or ANY_TIER, known.get(ANY_TIER, {}))
    own = {limit: getattr(written, field) for limit, field in _OWN.items()}
    numbers: dict[str, Any] = {limit: limits.get(limit, 0) if own[limit] is None else own[limit] for limit in _OWN}
    limited = any(numbers.values())
    spend = limits.get(SPEND, 0) * PICO if written.usd_per_month is None else written.usd_per_month
    return Account(
        name=holder.name,
        counts_cache_reads=_flag(holder, "counts_cache_reads", written.counts_cache_reads, limited),
        debits_max_output=_flag(holder, "debits_max_output", written.debits_max_output, limited),
        says_retry_after=_flag(holder, "says_retry_after", written.says_retry_after, limited),
        refuses=refuses,
        spend_per_month=spend,
        months_us=months_us if spend else (),
        **numbers,
    )


def _flag(holder: Holder, name: str, own: bool | None, limited: bool) -> bool:
    """Return one's own word, else the fact; without limits it decides nothing and is not named as assumed."""
    if own is not None:
        return own
    if not limited:
        return bool(holder.facts.offer.fact(name, holder.facts.on).value)
    return holder.facts.flag(name)


def limits_note(holder: Holder, written: Written, deployment: str) -> str:
    """Return what a reader must know where limits are not applied to the account of a deployment, else nothing."""
    if any(getattr(written, field) is not None for field in _OWN.values()):
        return ""
    known = tiers(holder.facts)
    if not known:
        return f"{_of(holder, deployment)}: the provider's limits are not known; none are applied"
    if (written.tier or ANY_TIER) in known or ANY_TIER in known:
        return ""
    remedy = f"add `account: {{tier: {next(iter(known))}}}` ({', '.join(known)})"
    return f"{_of(holder, deployment)}: no tier is named, no limits are applied; {remedy}"


def _of(holder: Holder, deployment: str) -> str:
    return f"deployment {deployment}, account {holder.name}"
