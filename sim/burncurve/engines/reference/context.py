"""What a session carries into every call: pieces of history behind the base, by origin (mechanics M5, M11, M24)."""

from __future__ import annotations

from enum import IntEnum
from itertools import accumulate, pairwise

from burncurve.engines import rules


class Origin(IntEnum):
    """Where prompt tokens come from, in the order of the ledger's columns."""

    BASE = 0
    USER = 1
    OUTPUT = 2
    REASONING = 3
    TOOLS = 4
    AGENTS = 5
    SUMMARY = 6


class Context:
    """A base and, behind it, pieces (origin, tokens) in the order of their appearance.

    `seen` is the length of the prefix that was sent in an earlier prompt of this session. Policies
    that take something out return the length of the prefix that stays as it was.
    """

    __slots__ = ("by_origin", "pieces", "seen", "tokens")

    def __init__(self, base: int) -> None:
        self.tokens = base
        self.seen = 0
        self.by_origin = [base, 0, 0, 0, 0, 0, 0]
        self.pieces: list[tuple[int, int]] = []

    def fork(self) -> Context:
        """Return a copy for a child that starts with all of this context."""
        child = Context(0)
        child.tokens, child.seen = self.tokens, self.tokens
        child.by_origin, child.pieces = self.by_origin.copy(), self.pieces.copy()
        return child

    @property
    def base(self) -> int:
        return self.by_origin[Origin.BASE]

    def append(self, origin: int, tokens: int) -> None:
        """Add a piece at the end."""
        if tokens:
            self.pieces.append((origin, tokens))
            self.by_origin[origin] += tokens
            self.tokens += tokens

    def tail_from(self, origin: int, length: int) -> int:
        """Return how many of the last `length` tokens have that origin."""
        found = 0
        for piece_origin, tokens in reversed(self.pieces):
            if length <= 0:
                break
            if piece_origin == origin:
                found += min(tokens, length)
            length -= tokens
        return found

    def _replace(self, pieces: list[tuple[int, int]], unchanged: int, seen: int) -> int:
        self.pieces, self.seen = pieces, seen
        self.by_origin = [self.base, 0, 0, 0, 0, 0, 0]
        for origin, tokens in pieces:
            self.by_origin[origin] += tokens
        self.tokens = sum(self.by_origin)
        return unchanged

    def _newest(self, tokens: int) -> list[tuple[int, int]]:
        kept: list[tuple[int, int]] = []
        for origin, size in reversed(self.pieces):
            if tokens <= 0:
                break
            kept.append((origin, min(size, tokens)))
            tokens -= size
        return kept[::-1]

    def compact(self, keep: int, summary: int, restore: int) -> int:
        """Leave base, the newest `keep` tokens, the summary and the restored files; return the unchanged prefix."""
        kept = self._newest(keep)
        seen = self.base + sum(tokens for _, tokens in kept)
        new = [(int(Origin.SUMMARY), summary), (int(Origin.TOOLS), restore)]
        return self._replace(kept + [piece for piece in new if piece[1]], self.base, seen)

    def keep(self, tokens: int) -> int | None:
        """Drop what comes behind the first `tokens` (the base always stays); return them, None if nothing changes."""
        if tokens >= self.tokens:
            return None
        kept, left = [], tokens - self.base
        for origin, size in self.pieces:
            if left <= 0:
                break
            kept.append((origin, min(size, left)))
            left -= size
        return self._replace(kept, tokens, min(self.seen, tokens))

    def slide(self, to_tokens: int) -> int | None:
        """Drop the oldest history until `to_tokens` are left (the base always stays); return the unchanged prefix."""
        gone = min(self.tokens - to_tokens, self.tokens - self.base)
        if gone <= 0:
            return None
        kept = self._newest(self.tokens - self.base - gone)
        return self._replace(kept, self.base, max(self.seen - gone, min(self.seen, self.base)))

    def clear(self, origin: int, keep: int, at_least: int) -> int | None:
        """Take out an origin's pieces but the newest `keep`, if that frees `at_least`; return what stays as it was."""
        places = [i for i, piece in enumerate(self.pieces) if piece[0] == origin]
        going = set(places[: max(len(places) - keep, 0)])
        if not going or sum(self.pieces[i][1] for i in going) < at_least:
            return None
        return self._without(going)

    def resize(self, tokens: int, for_tokens: int) -> None:
        """Let `tokens` stand for every `for_tokens`: piece by piece, each rounded half up."""
        ends = list(accumulate((size for _, size in self.pieces), initial=self.base))
        sent = [clamped_overlap(start, end - start, self.seen) for start, end in pairwise((0, *ends))]
        self.by_origin[Origin.BASE] = rules.half_up(self.base * tokens, for_tokens)
        pieces = [(origin, rules.half_up(size * tokens, for_tokens)) for origin, size in self.pieces]
        self._replace(pieces, 0, sum(rules.half_up(size * tokens, for_tokens) for size in sent))

    def strip(self, origin: int) -> int | None:
        """Take out every piece of an origin; return the unchanged prefix, None if there was nothing to take."""
        going = {i for i, piece in enumerate(self.pieces) if piece[0] == origin}
        return self._without(going) if going else None

    def _without(self, going: set[int]) -> int:
        kept, position, unchanged, seen = [], self.base, -1, self.seen
        for i, (origin, tokens) in enumerate(self.pieces):
            if i in going:
                unchanged = position if unchanged < 0 else unchanged
                seen -= clamped_overlap(position, tokens, self.seen)
            else:
                kept.append((origin, tokens))
            position += tokens
        return self._replace(kept, unchanged, seen)


def clamped_overlap(position: int, tokens: int, seen: int) -> int:
    """Return how many tokens of a piece at `position` lie within the first `seen` tokens."""
    return max(0, min(position + tokens, seen) - position)
