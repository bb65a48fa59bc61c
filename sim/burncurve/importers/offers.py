"""From a model as a log names it to the offer that price books know: maker/model, without dates and regions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from burncurve.words import OFFER_NAME

UNKNOWN_MAKER = "unknown"
_MAKERS = {
    "anthropic": "anthropic", "openai": "openai", "google": "google", "deepseek": "deepseek", "minimax": "minimax",
    "moonshotai": "moonshotai", "moonshot": "moonshotai", "z-ai": "zai", "zai": "zai", "zhipu": "zai",
    "qwen": "alibaba", "alibaba": "alibaba", "x-ai": "xai", "xai": "xai", "mistralai": "mistral", "mistral": "mistral",
    "meta-llama": "meta", "meta": "meta",
}  # fmt: skip
_BEGINNINGS = (
    ("claude", "anthropic"), ("gpt-", "openai"), ("chatgpt", "openai"), ("codex", "openai"), ("o1", "openai"),
    ("o3", "openai"), ("o4", "openai"), ("gemini", "google"), ("deepseek", "deepseek"), ("minimax", "minimax"),
    ("kimi", "moonshotai"), ("glm", "zai"), ("qwen", "alibaba"), ("grok", "xai"), ("mistral", "mistral"),
    ("devstral", "mistral"), ("llama", "meta"),
)  # fmt: skip
# What stands behind the name of a model and is another model to nobody: dates, versions of an API, shares of traffic.
_ENDINGS = re.compile(
    r"(\[1m\]|:(thinking|nitro|floor|exacto|beta|extended)|@\d{8}|@default|-v\d+(:\d+)?|-\d{8}|-\d{4}-\d{2}-\d{2}"
    r"|-(0[1-9]|1[0-2])-([0-3]\d|20\d\d)|-latest)$"
)
_MAKER_ENDINGS = {
    "openai": re.compile(r"-(minimal|low|medium|high|xhigh)$"),  # how hard it thinks
    "google": re.compile(r"-preview(-customtools)?$"),
    "moonshotai": re.compile(r"-preview$|-instruct(?=-\d{4}$|$)"),
}
_SAME = {  # names that makers serve by another one, as genai-prices and models.dev match them
    "openai/gpt-5-chat": "openai/gpt-5",
    "openai/gpt-5.1-chat": "openai/gpt-5.1",
    "openai/gpt-5.2-chat": "openai/gpt-5.2",
    "openai/gpt-5.3": "openai/gpt-5.3-chat",
    "openai/gpt-5.6": "openai/gpt-5.6-sol",
    "moonshotai/kimi-k2": "moonshotai/kimi-k2-0711",
    "deepseek/deepseek-v4.1-flash": "deepseek/deepseek-flash",
}
_MAKER_COLON = re.compile(r"([a-z-]+):(?=.)")
_DASHED = re.compile(r"(?<=-)(\d{1,2})-(\d{1,2})(?=-|$)")
_ZERO = re.compile(r"(?<=-\d)\.0$")  # claude-opus-4-0 stands for claude-opus-4
_CLAUDE_TURNED = re.compile(r"claude-(\d+(?:\.\d+)?)-(opus|sonnet|haiku|fable|mythos)$")
_POINT_P = re.compile(r"(?<=\d)p(?=\d)")  # Fireworks writes kimi-k2p5
_QWEN_JOINED = re.compile(r"qwen(\d+\.\d+)")
_FOLDERS = {"", "accounts", "models", "publishers", "endpoints", "deployments"}  # in paths of models, no one's names
_UNFIT = re.compile(r"[^A-Za-z0-9_.:/-]")
_TIERS = {"": "standard", "default": "standard", "auto": "standard", "batches": "batch"}


def offer_of(model: str, provider: str = "") -> str:
    """Return the offer that serves a model, as maker/model; a maker whom nothing names is "unknown"."""
    *path, text = model.strip().lower().split("/")
    colon = _MAKER_COLON.match(text)
    if colon and colon[1] in _MAKERS:  # anthropic:claude-...
        path, text = [*path, colon[1]], text[colon.end() :]
    _, dot, rest = text.rpartition("anthropic.")  # as Bedrock writes it: us.anthropic.claude-...
    maker = "anthropic" if dot else next((_MAKERS[part] for part in reversed(path) if part in _MAKERS), "")
    text = _without(_ENDINGS, rest if dot else text)
    maker = maker or next((maker for begin, maker in _BEGINNINGS if text.startswith(begin)), "")
    text = _as_made(maker, _POINT_P.sub(".", text) if "fireworks" in path else text)
    served = maker or _MAKERS.get(provider.lower(), "") or _own_maker(path, provider)
    name = f"{served}/{_UNFIT.sub('-', text)[:128] or 'unnamed'}"
    return _SAME.get(name, name) if re.fullmatch(OFFER_NAME, name) else f"{UNKNOWN_MAKER}/unnamed"


def _own_maker(path: Sequence[str], provider: str) -> str:
    """Return who makes a model that nobody knows but a price book of one's own may: as the log names them."""
    named = next((part for part in reversed(path) if part not in _FOLDERS), provider.lower())
    return _UNFIT.sub("-", named).strip("/") or UNKNOWN_MAKER


def _without(endings: re.Pattern[str], text: str) -> str:
    while (shorter := endings.sub("", text)) != text:
        text = shorter
    return text


def _as_made(maker: str, text: str) -> str:
    """Return the name of a model as its maker's price list writes it."""
    if maker in _MAKER_ENDINGS:
        text = _without(_ENDINGS, _MAKER_ENDINGS[maker].sub("", text))
    if maker == "anthropic":
        text = _ZERO.sub("", _DASHED.sub(r"\1.\2", text))
        turned = _CLAUDE_TURNED.fullmatch(text)
        if turned and float(turned[1]) >= 4:  # from the fourth generation on the family stands first
            text = f"claude-{turned[2]}-{turned[1]}"
    return _QWEN_JOINED.sub(r"qwen-\1", text) if maker == "alibaba" else text


def tier_of(name: str) -> str:
    """Return a service tier in the words of price books."""
    return _TIERS.get(name.lower(), name.lower())
