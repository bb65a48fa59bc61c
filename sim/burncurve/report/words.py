"""Words that tables and pictures share, and what they mean in plain words."""

from __future__ import annotations

from collections.abc import Iterable

CAUSE_WORDS = {
    "history_reread": "history read again",
    "base_reread": "the base read again",
    "miss": "cache misses",
    "cache_write": "cache writes",
    "failed": "failed and repeated calls",
    "web_search": "web searches",
    "fees": "fees, plans and taxes",
}
MEANINGS = {
    "failed": "calls that broke, and all that trying them again takes",
    "compaction": "calls that summarise a context grown too long, with all they read",
    "coordination": "calls that take in subtasks' results, with all they re-read and write; each brief and result once",
    "output": "what the models write",
    "reasoning": "what the models think before they write",
    "base_reread": "system prompt, tools and files, sent again with each call and read from the cache",
    "history_reread": "the conversation so far, sent again with each call and read from the cache",
    "miss": "what was sent before and has left the cache, paid in full",
    "cache_write": "what is new in a prompt, stored in the cache",
    "new_input": "what is new in a prompt, stored in no cache",
    "web_search": "fees per search",
    "fees": "what is paid beside tokens: purchases of credits, minimums, seats of plans, tax",
}
RE_READ = "re-read factor: tokens of all prompts for each token that was new in them"
PEAK = "peak context: the largest context after a call, mean of the replications"
PAID_AGAIN = "paid again: prompt tokens that the offer before had been sent and the next one had in no cache"
SKIPPED = "skipped: arrivals that found their session busy and were dropped"


def cause_words(cause: str) -> str:
    """Return a cause as people say it."""
    return CAUSE_WORDS.get(cause, cause.replace("_", " "))


def meanings(causes: Iterable[str]) -> tuple[str, ...]:
    """Return one line for each of the causes that has a meaning of ours."""
    return tuple(f"{cause_words(cause)}: {MEANINGS[cause]}" for cause in causes if cause in MEANINGS)
