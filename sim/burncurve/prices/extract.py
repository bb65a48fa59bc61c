"""Show where the book `list` and genai-prices differ: `python -m burncurve.prices.extract`.

It only prints. A difference is either named by `differs` of our entry and explained by its note, or calls for a new
entry, appended by hand with its date and source; entries of the past are never edited. Needs
genai-prices, which is a dependency of development alone.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from burncurve.errors import BurncurveError, InputError, Problem
from burncurve.prices.book import STANDARD, Band, Book
from burncurve.prices.reading import load
from burncurve.prices.timeline import Period, at, series, timeline

SOURCES: Mapping[str, tuple[str, str]] = {
    "anthropic/claude-opus-4.6": ("anthropic", "claude-opus-4-6"),
    "anthropic/claude-sonnet-4.6": ("anthropic", "claude-sonnet-4-6"),
    "anthropic/claude-haiku-4.5": ("anthropic", "claude-haiku-4-5"),
    "anthropic/claude-opus-5.5": ("anthropic", "claude-opus-5-5"),
    "anthropic/claude-sonnet-5.5": ("anthropic", "claude-sonnet-5-5"),
    "anthropic/claude-haiku-5.5": ("anthropic", "claude-haiku-5-5"),
    "anthropic/claude-3.5-sonnet": ("anthropic", "claude-3-5-sonnet-20241022"),
    "anthropic/claude-3.5-haiku": ("anthropic", "claude-3-5-haiku-latest"),
    "anthropic/claude-3.7-sonnet": ("anthropic", "claude-3-7-sonnet-latest"),
    "anthropic/claude-opus-4": ("anthropic", "claude-opus-4-0"),
    "anthropic/claude-sonnet-4": ("anthropic", "claude-sonnet-4-0"),
    "anthropic/claude-opus-4.1": ("anthropic", "claude-opus-4-1"),
    "anthropic/claude-sonnet-4.5": ("anthropic", "claude-sonnet-4-5"),
    "anthropic/claude-opus-4.5": ("anthropic", "claude-opus-4-5"),
    "anthropic/claude-opus-4.7": ("anthropic", "claude-opus-4-7"),
    "anthropic/claude-opus-4.8": ("anthropic", "claude-opus-4-8"),
    "anthropic/claude-opus-5": ("anthropic", "claude-opus-5"),
    "anthropic/claude-sonnet-5": ("anthropic", "claude-sonnet-5"),
    "anthropic/claude-fable-5": ("anthropic", "claude-fable-5"),
    "anthropic/claude-fable-5.1": ("anthropic", "claude-fable-5-1"),
    "anthropic/claude-fable-5.2": ("anthropic", "claude-fable-5-2"),
    "anthropic/claude-mythos-5.2": ("anthropic", "claude-mythos-5-2"),
    "openai/gpt-4o": ("openai", "gpt-4o"),
    "openai/gpt-5.2": ("openai", "gpt-5.2"),
    "openai/gpt-6-luna": ("openai", "gpt-6-luna"),
    "openai/gpt-6.1-sol": ("openai", "gpt-6.1-sol"),
    "openai/gpt-6.1-terra": ("openai", "gpt-6.1-terra"),
    "openai/gpt-6-astra": ("openai", "gpt-6-astra"),
    "openai/gpt-4o-mini": ("openai", "gpt-4o-mini"),
    "openai/gpt-4.1": ("openai", "gpt-4.1"),
    "openai/gpt-4.1-mini": ("openai", "gpt-4.1-mini"),
    "openai/gpt-4.1-nano": ("openai", "gpt-4.1-nano"),
    "openai/o3": ("openai", "o3"),
    "openai/o4-mini": ("openai", "o4-mini"),
    "openai/codex-mini": ("openai", "codex-mini"),
    "openai/gpt-5": ("openai", "gpt-5"),
    "openai/gpt-5-mini": ("openai", "gpt-5-mini"),
    "openai/gpt-5-nano": ("openai", "gpt-5-nano"),
    "openai/gpt-5-codex": ("openai", "gpt-5-codex"),
    "openai/gpt-5.1": ("openai", "gpt-5.1"),
    "openai/gpt-5.1-codex": ("openai", "gpt-5.1-codex"),
    "openai/gpt-5.1-codex-max": ("openai", "gpt-5.1-codex-max"),
    "openai/gpt-5.1-codex-mini": ("openai", "gpt-5.1-codex-mini"),
    "openai/gpt-5.2-codex": ("openai", "gpt-5.2-codex"),
    "openai/gpt-5.3-codex": ("openai", "gpt-5.3-codex"),
    "openai/gpt-5.3-chat": ("openai", "gpt-5.3"),
    "openai/gpt-5.4": ("openai", "gpt-5.4"),
    "openai/gpt-5.4-mini": ("openai", "gpt-5.4-mini"),
    "openai/gpt-5.4-nano": ("openai", "gpt-5.4-nano"),
    "openai/gpt-5.5": ("openai", "gpt-5.5"),
    "openai/gpt-5.6-sol": ("openai", "gpt-5.6-sol"),
    "openai/gpt-5.6-terra": ("openai", "gpt-5.6-terra"),
    "openai/gpt-5.6-luna": ("openai", "gpt-5.6-luna"),
    "openai/gpt-6-sol": ("openai", "gpt-6-sol"),
    "google/gemini-3-pro": ("google", "gemini-3-pro-preview"),
    "google/gemini-3-flash": ("google", "gemini-3-flash-preview"),
    "google/gemini-3.1-pro": ("google", "gemini-3.1-pro-preview"),
    "google/gemini-3.8-flash": ("google", "gemini-3.8-flash"),
    "google/gemini-2.5-pro": ("google", "gemini-2.5-pro"),
    "google/gemini-2.5-flash": ("google", "gemini-2.5-flash"),
    "google/gemini-2.5-flash-lite": ("google", "gemini-2.5-flash-lite"),
    "google/gemini-3.1-flash-lite": ("google", "gemini-3.1-flash-lite"),
    "google/gemini-3.5-flash": ("google", "gemini-3.5-flash"),
    "google/gemini-3.5-flash-lite": ("google", "gemini-3.5-flash-lite"),
    "google/gemini-3.6-flash": ("google", "gemini-3.6-flash"),
    "google/gemini-4-argon": ("google", "gemini-4-argon"),
    "minimax/minimax-m2.5": ("minimax", "MiniMax-M2.5"),
    "minimax/minimax-m3": ("minimax", "MiniMax-M3"),
    "minimax/minimax-m3.1-flash": ("minimax", "MiniMax-M3.1-Flash"),
    "minimax/minimax-m2": ("minimax", "MiniMax-M2"),
    "minimax/minimax-m2.1": ("minimax", "MiniMax-M2.1"),
    "minimax/minimax-m2.1-highspeed": ("minimax", "MiniMax-M2.1-highspeed"),
    "minimax/minimax-m2.5-highspeed": ("minimax", "MiniMax-M2.5-highspeed"),
    "minimax/minimax-m2.7": ("minimax", "MiniMax-M2.7"),
    "minimax/minimax-m2.7-highspeed": ("minimax", "MiniMax-M2.7-highspeed"),
    "moonshotai/kimi-k2.5": ("moonshotai", "kimi-k2.5"),
    "moonshotai/kimi-k3": ("moonshotai", "kimi-k3"),
    "moonshotai/kimi-k3.1-pro": ("moonshotai", "kimi-k3.1-pro"),
    "moonshotai/kimi-k2-0711": ("moonshotai", "kimi-k2-0711-preview"),
    "moonshotai/kimi-k2-0905": ("moonshotai", "kimi-k2-0905-preview"),
    "moonshotai/kimi-k2-thinking": ("moonshotai", "kimi-k2-thinking"),
    "moonshotai/kimi-k2-thinking-turbo": ("moonshotai", "kimi-k2-thinking-turbo"),
    "moonshotai/kimi-k2.6": ("moonshotai", "kimi-k2.6"),
    "moonshotai/kimi-k2.7-code": ("moonshotai", "kimi-k2.7-code"),
    "moonshotai/kimi-k2.7-code-highspeed": ("moonshotai", "kimi-k2.7-code-highspeed"),
    "zai/glm-5": ("zai", "glm-5"),
    "zai/glm-5.3": ("zai", "glm-5.3"),
    "zai/glm-5.3-flash": ("zai", "glm-5.3-flash"),
    "zai/glm-4.5": ("zai", "glm-4.5"),
    "zai/glm-4.5-air": ("zai", "glm-4.5-air"),
    "zai/glm-4.6": ("zai", "glm-4.6"),
    "zai/glm-4.7": ("zai", "glm-4.7"),
    "zai/glm-5.1": ("zai", "glm-5.1"),
    "zai/glm-5.2": ("zai", "glm-5.2"),
    "deepseek/deepseek-v3.2": ("deepseek", "deepseek-v3.2"),
    "deepseek/deepseek-v4-pro": ("deepseek", "deepseek-v4-pro"),
    "deepseek/deepseek-v4-flash": ("deepseek", "deepseek-v4-flash"),
    "deepseek/deepseek-chat": ("deepseek", "deepseek-chat"),
    "deepseek/deepseek-reasoner": ("deepseek", "deepseek-reasoner"),
    "deepseek/deepseek-flash": ("deepseek", "deepseek-flash"),
    "openrouter/qwen-3.6-plus": ("openrouter", "qwen/qwen3.6-plus"),
    "openrouter/qwen-3.7-plus": ("openrouter", "qwen/qwen3.7-plus"),
    "openrouter/qwen-3.7-max": ("openrouter", "qwen/qwen3.7-max"),
    "openrouter/qwen-3.8-max": ("openrouter", "qwen/qwen3.8-max-0902"),
    "openrouter/qwen-3.8-flash": ("openrouter", "qwen/qwen3.8-flash"),
    "novita/qwen-3.7-max": ("novita", "qwen/qwen3.7-max"),
    "novita/qwen-3.8-max": ("novita", "qwen/qwen3.8-max"),
    "novita/qwen-3.8-flash": ("novita", "qwen/qwen3.8-flash"),
    "novita/minimax-m2.5": ("novita", "minimax/minimax-m2.5"),
    "novita/kimi-k2.5": ("novita", "moonshotai/kimi-k2.5"),
    "novita/glm-5": ("novita", "zai-org/glm-5"),
    "fireworks/qwen-3.7-plus": ("fireworks", "accounts/fireworks/models/qwen3p7-plus"),
    "fireworks/kimi-k2.5": ("fireworks", "accounts/fireworks/models/kimi-k2p5"),
    "amazon-bedrock/claude-opus-4.6": ("aws", "global.anthropic.claude-opus-4-6-v1:0"),
    "amazon-bedrock/claude-sonnet-4.6": ("aws", "global.anthropic.claude-sonnet-4-6-v1:0"),
    "amazon-bedrock/claude-opus-5.5": ("aws", "global.anthropic.claude-opus-5-5"),
    "google-vertex/claude-opus-4.6": ("google", "claude-opus-4-6"),
}
"""Our offer -> provider and model of genai-prices; always both: a model alone finds resellers and other lists."""

_FIELDS = {
    "input": "input_mtok",
    "cache_read": "cache_read_mtok",
    "cache_write_5m": "cache_write_mtok",
    "cache_write_1h": "cache_write_1h_mtok",
    "output": "output_mtok",
    "web_searches": "web_searches_kcount",
}
_HOURS = (time(2, 30), time(12, 30))  # inside and outside the only peak windows there are


@dataclass(frozen=True, slots=True)
class Difference:
    """One rate that the two sources give differently; None: not priced.

    `note` is our entry's own remark, `named` the meters that it says differ.
    """

    offer: str
    moment: datetime
    above_tokens: int
    meter: str
    ours: Decimal | None
    theirs: Decimal | None
    note: str
    named: tuple[str, ...]
    where: str

    @property
    def explained(self) -> bool:
        """Whether our entry names this very meter as one for which genai-prices has another rate, and says why."""
        return self.meter in self.named and "genai-prices" in self.note

    def __str__(self) -> str:
        bound = f" above {self.above_tokens:,} tokens" if self.above_tokens else ""
        remark = f"  ({self.note})" if self.explained else "  NOT EXPLAINED"
        return f"{self.offer} {self.moment:%Y-%m-%d %H:%M}{bound} {self.meter}: {self.ours} / {self.theirs}{remark}"


def differences(book: Book, on: date) -> Iterator[Difference]:
    """Yield where the book and genai-prices differ: on a day, and on the day after each entry began."""
    for offer in book.offers:
        periods = timeline(series(book, offer))
        if offer in SOURCES:
            for moment in _moments(periods, on):
                yield from _at(offer, periods, moment)


def _moments(periods: Sequence[Period], on: date) -> list[datetime]:
    days = {on, *((period.start + timedelta(days=1)).date() for period in periods)}
    moments = (datetime.combine(day, hour, UTC) for day in sorted(days) for hour in _HOURS)
    return [moment for moment in moments if at(periods, moment)]


def _at(offer: str, periods: Sequence[Period], moment: datetime) -> Iterator[Difference]:
    period = at(periods, moment)
    if period is None:
        return
    ours = _bands_at(period, moment)
    theirs = rates_of(*SOURCES[offer], moment) or {0: {}}
    for above_tokens in sorted({band.above_tokens for band in ours} | theirs.keys()):
        here = max((band for band in ours if band.above_tokens <= above_tokens), key=lambda band: band.above_tokens)
        there = theirs[max((bound for bound in theirs if bound <= above_tokens), default=0)]
        for meter in _FIELDS:
            if here.rates.get(meter) != there.get(meter):
                price = period.price
                rates = here.rates.get(meter), there.get(meter)
                yield Difference(offer, moment, above_tokens, meter, *rates, price.note, price.differs, price.where)


def _bands_at(period: Period, moment: datetime) -> tuple[Band, ...]:
    for window in period.price.windows:
        if window.hours.hold(moment):
            return window.bands
    return period.price.bands


def rates_of(
    provider: str, model: str, moment: datetime, service_tier: str = STANDARD
) -> dict[int, dict[str, Decimal]] | None:
    """Return genai-prices' rates by bound of the prompt and meter; None where it does not know the model or tier."""
    from genai_prices import Usage, calc_price

    try:
        found = calc_price(Usage(input_tokens=1), model, provider_id=provider, genai_request_timestamp=moment)
    except LookupError:
        return None
    listed = [found.model_price, *(_variant(found.model, service_tier) if service_tier != STANDARD else ())]
    if service_tier != STANDARD and len(listed) == 1:
        return None
    prices = {meter: _newest(listed, field) for meter, field in _FIELDS.items()}
    bounds = {0, *(tier.start for price in prices.values() for tier in getattr(price, "tiers", ()))}
    rates = {bound: {meter: _rate(price, bound) for meter, price in prices.items()} for bound in bounds}
    return {bound: {meter: rate for meter, rate in row.items() if rate is not None} for bound, row in rates.items()}


def _variant(model: Any, service_tier: str) -> list[Any]:
    """Return the prices of a tier, which stand over those of the standard one where they name a meter."""
    key = {"batch": "processing", "fast": "speed"}.get(service_tier, "service_tier")
    return [variant.prices for variant in model.price_variants or () if variant.when == {key: service_tier}]


def _newest(listed: Sequence[Any], field: str) -> Any:
    return next((price for each in reversed(listed) if (price := getattr(each, field, None)) is not None), None)


def _rate(price: Any, bound: int) -> Decimal | None:
    if price is None or isinstance(price, Decimal):
        return price
    reached = [tier for tier in price.tiers if tier.start <= bound]
    return Decimal(max(reached, key=lambda tier: tier.start).price if reached else price.base)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the differences; returns 0, or 2 where something is missing to compare with."""
    parser = argparse.ArgumentParser(prog="python -m burncurve.prices.extract", description=__doc__)
    parser.add_argument("--book", default="list", help="name or path of the book to compare")
    parser.add_argument("--on", type=date.fromisoformat, help="day to compare, by default the day the book was checked")
    options = parser.parse_args(arguments)
    try:
        book = load(options.book)
        for difference in differences(book, options.on or book.checked):
            print(difference)
    except ImportError:
        print(InputError(Problem("genai-prices", "is not installed", "pip install genai-prices")), file=sys.stderr)
        return 2
    except BurncurveError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
