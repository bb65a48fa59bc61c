"""The prompt cache of one offer on one account: a tree of prefixes (mechanics M13, M14)."""

from __future__ import annotations

from dataclasses import dataclass

TIDY_AT = 8  # entries of one history; superfluous ones do no harm, so they are only swept out now and then


@dataclass(slots=True)
class Entry:
    """A prefix of `tokens` that can be read while readable_us <= start < expiry_us."""

    tokens: int
    readable_us: int
    expiry_us: int

    def renewed(self, prompt: int, now_us: int, expiry_us: int) -> bool:
        """Say whether this is the warm entry of that very prompt; if so, let it live longer."""
        if self.tokens != prompt or not self.readable_us <= now_us < self.expiry_us:
            return False
        if self.expiry_us < expiry_us:
            self.expiry_us = expiry_us
        return True


class Node:
    """One history; its first `shared_tokens` belong to the parent's path (an agent's base, or the parent of a fork)."""

    __slots__ = ("entries", "parent", "shared_tokens")

    def __init__(self, parent: Node | None = None, shared_tokens: int = 0) -> None:
        self.parent: Node | None
        self.shared_tokens: int
        while parent is not None and parent.parent is not None and shared_tokens <= parent.shared_tokens:
            parent = parent.parent  # nothing of this node's own history is left: hang on to its parent
        self.parent = parent
        self.shared_tokens = shared_tokens
        self.entries: list[Entry] = []

    def warm_prefix(self, prompt: int, now_us: int) -> int:
        """Return the longest warm prefix of a prompt of that many tokens along the path."""
        node: Node | None = self
        while node is not None:
            longest = 0
            for entry in node.entries:
                if entry.tokens > longest and entry.readable_us <= now_us < entry.expiry_us:
                    longest = entry.tokens
            if longest > node.shared_tokens:
                return min(longest, prompt)
            prompt = min(prompt, node.shared_tokens)
            node = node.parent
        return 0

    def touch(self, prompt: int, warm: int, now_us: int, readable_us: int, expiry_us: int) -> None:
        """Renew what was read (the first `warm` tokens) and make the prompt readable from `readable_us` on."""
        node: Node | None = self
        while node is not None:
            node._touch(prompt, warm if warm < prompt else prompt, now_us, readable_us, expiry_us)
            if node.shared_tokens < prompt:
                prompt = node.shared_tokens
            node = node.parent

    def _touch(self, prompt: int, warm: int, now_us: int, readable_us: int, expiry_us: int) -> None:
        if len(self.entries) == 1 and warm == prompt and self.entries[0].renewed(prompt, now_us, expiry_us):
            return  # by far the most frequent case: a base that is read over and over
        alive, covered = [], warm <= self.shared_tokens
        for entry in self.entries:
            if entry.readable_us <= now_us and entry.tokens <= warm:
                if entry.tokens == warm and entry.expiry_us > now_us:
                    covered = True
                    if entry.expiry_us < expiry_us:
                        entry.expiry_us = expiry_us
                elif entry.expiry_us <= expiry_us:
                    continue  # the entry of the warm prefix does all that this one could do
                alive.append(entry)
            elif entry.expiry_us > now_us:
                alive.append(entry)
        if not covered:
            alive.append(Entry(warm, now_us, expiry_us))
        if prompt > warm and prompt > self.shared_tokens:
            alive.append(Entry(prompt, readable_us, expiry_us))
        self.entries = alive if len(alive) < TIDY_AT else _undominated(alive, now_us)

    def extend(self, tokens: int, readable_us: int, expiry_us: int) -> None:
        """Make a longer prefix readable later: where the offer caches outputs."""
        self.entries.append(Entry(tokens, readable_us, expiry_us))


def _undominated(entries: list[Entry], now_us: int) -> list[Entry]:
    """Drop entries that an entry at least as long, readable by now and living at least as long makes superfluous."""
    kept: list[Entry] = []
    latest = -1
    for entry in sorted(entries, key=lambda entry: (-entry.tokens, -entry.expiry_us)):
        if entry.expiry_us > latest or entry.readable_us > now_us:
            kept.append(entry)
            if entry.readable_us <= now_us:
                latest = max(latest, entry.expiry_us)
    return kept
