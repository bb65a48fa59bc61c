"""From a model as a log names it to the offer that price books know: maker/model, without dates and regions."""

from __future__ import annotations

import re

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
_ENDINGS = re.compile(
    r"(\[1m\]|:(thinking|nitro|floor|exacto|beta|extended)|@\d{8}|@default|-v\d+(:\d+)?|-\d{8}|-\d{4}-\d{2}-\d{2}|-latest)$"
)
_DASHED = re.compile(r"(?<=-)(\d{1,2})-(\d{1,2})(?=-|$)")
_CLAUDE_TURNED = re.compile(r"claude-(\d+(?:\.\d+)?)-(opus|sonnet|haiku)$")
_QWEN_JOINED = re.compile(r"qwen(\d+\.\d+)")
_UNFIT = re.compile(r"[^A-Za-z0-9_.:/-]")
_TIERS = {"": "standard", "default": "standard", "auto": "standard", "batches": "batch"}


def offer_of(model: str, provider: str = "") -> str:
    """Return the offer that serves a model, as maker/model; a maker that cannot be told is "unknown"."""
    *path, text = model.strip().lower().split("/")
    _, dot, rest = text.rpartition("anthropic.")  # as Bedrock writes it: us.anthropic.claude-...
    maker = "anthropic" if dot else next((_MAKERS[part] for part in reversed(path) if part in _MAKERS), "")
    text = rest if dot else text
    while (shorter := _ENDINGS.sub("", text)) != text:
        text = shorter
    maker = maker or next((maker for begin, maker in _BEGINNINGS if text.startswith(begin)), "")
    if maker == "anthropic":
        text = _DASHED.sub(r"\1.\2", text)
        turned = _CLAUDE_TURNED.fullmatch(text)
        if turned and float(turned[1]) >= 4:  # from the fourth generation on the family stands first
            text = f"claude-{turned[2]}-{turned[1]}"
    elif maker == "alibaba":
        text = _QWEN_JOINED.sub(r"qwen-\1", text)
    served = maker or _MAKERS.get(provider.lower(), "") or UNKNOWN_MAKER
    name = f"{served}/{_UNFIT.sub('-', text)[:128] or 'unnamed'}"
    return name if re.fullmatch(OFFER_NAME, name) else f"{UNKNOWN_MAKER}/unnamed"


def tier_of(name: str) -> str:
    """Return a service tier in the words of price books."""
    return _TIERS.get(name.lower(), name.lower())
