"""What a session carries into every call (the twin of the reference's Context).

Pieces of history form a list from the newest back, so that a fork shares what it inherits.
"""

from __future__ import annotations

from typing import Any

from burncurve.engines.compiled import layout
from burncurve.engines.compiled.jit import inlined, kernel, usual
from burncurve.engines.compiled.layout import NONE, ORIGINS
from burncurve.engines.compiled.rules import half_up, least, most

BASE, USER, OUTPUT, REASONING, TOOLS, AGENTS, SUMMARY = range(ORIGINS)
UNCHANGED = -1


@inlined
def append(w: Any, session: Any, origin: Any, tokens: Any) -> None:
    """Add a piece at the end of a session's context."""
    clock = w.clock[0]
    if tokens == 0:
        return
    if clock.pieces >= len(w.pieces):
        clock.full = layout.PIECES
        return
    piece = w.pieces[clock.pieces]
    piece.origin, piece.tokens, piece.before = origin, tokens, session.head
    session.head = clock.pieces
    clock.pieces += 1
    session.origins[origin] += tokens
    session.tokens += tokens
    if origin == AGENTS:
        session.agents_end = session.tokens


@inlined
def from_agents(w: Any, session: Any, length: Any) -> Any:
    """Return how many of the last `length` tokens came from agents."""
    if usual(session.tokens - length >= session.agents_end):
        return 0
    return tail_from(w, session, AGENTS, length)


@inlined
def tail_from(w: Any, session: Any, origin: Any, length: Any) -> Any:
    """Return how many of the last `length` tokens have that origin."""
    found, at = 0, session.head
    while at >= 0 and length > 0:
        piece = w.pieces[at]
        if piece.origin == origin:
            found += least(piece.tokens, length)
        length -= piece.tokens
        at = piece.before
    return found


@kernel
def _room(w: Any, count: Any) -> Any:
    """Return the first of `count` new pieces, NONE if they do not fit."""
    clock = w.clock[0]
    first = clock.pieces
    if first + count > len(w.pieces):
        clock.full = layout.PIECES
        return NONE
    clock.pieces = first + count
    return first


@kernel
def _empty(session: Any) -> None:
    session.head = NONE
    session.tokens = session.origins[BASE]
    for origin in range(1, ORIGINS):
        session.origins[origin] = 0


@kernel
def _keep_newest(w: Any, session: Any, tokens: Any) -> None:
    """Leave only the newest `tokens` of history, the oldest piece of them cut to fit."""
    count, length, at = 0, 0, session.head
    while at >= 0 and length < tokens:
        length += w.pieces[at].tokens
        at = w.pieces[at].before
        count += 1
    first, at = _room(w, count), session.head
    if first < 0:
        return
    for i in range(first + count - 1, first - 1, -1):
        w.pieces[i] = w.pieces[at]
        at = w.pieces[at].before
    if length > tokens:
        w.pieces[first].tokens -= length - tokens
    _empty(session)
    _take_over(w, session, first, count)


@kernel
def _take_over(w: Any, session: Any, first: Any, count: Any) -> None:
    """Make `count` pieces that stand side by side the session's history."""
    for i in range(first, first + count):
        piece = w.pieces[i]
        piece.before = session.head
        session.head = i
        session.origins[piece.origin] += piece.tokens
        session.tokens += piece.tokens
    session.agents_end = session.tokens  # at most


@kernel
def compact(w: Any, session: Any, keep: Any, summary: Any, restore: Any) -> Any:
    """Leave base, the newest `keep` tokens, the summary and the restored files; return the unchanged prefix."""
    _keep_newest(w, session, keep)
    session.seen = session.tokens
    append(w, session, SUMMARY, summary)
    append(w, session, TOOLS, restore)
    return session.origins[BASE]


@kernel
def keep(w: Any, session: Any, tokens: Any) -> Any:
    """Drop what comes behind the first `tokens` (the base always stays); return them, UNCHANGED if nothing changes."""
    if tokens >= session.tokens:
        return UNCHANGED
    gone = session.tokens - most(tokens, session.origins[BASE])
    session.seen = least(session.seen, tokens)
    session.tokens -= gone
    while gone > 0:
        piece = w.pieces[session.head]
        session.head = piece.before
        session.origins[piece.origin] -= piece.tokens
        if piece.tokens > gone:
            session.tokens -= piece.tokens - gone
            append(w, session, piece.origin, piece.tokens - gone)
        gone -= piece.tokens
    return tokens


@kernel
def slide(w: Any, session: Any, to_tokens: Any) -> Any:
    """Drop the oldest history until `to_tokens` are left; return the unchanged prefix."""
    base, seen = session.origins[BASE], session.seen
    gone = least(session.tokens - to_tokens, session.tokens - base)
    if gone <= 0:
        return UNCHANGED
    _keep_newest(w, session, session.tokens - base - gone)
    session.seen = most(seen - gone, least(seen, base))
    return base


@kernel
def clear(w: Any, session: Any, origin: Any, keep: Any, at_least: Any) -> Any:
    """Take out the pieces of an origin but the newest `keep`, if that frees `at_least`; return what stays as it was."""
    count, at = 0, session.head
    while at >= 0:
        count += w.pieces[at].origin == origin
        at = w.pieces[at].before
    going = count - keep
    if going <= 0 or _oldest(w, session, origin, count - going) < at_least:
        return UNCHANGED
    return _without(w, session, origin, going)


@kernel
def _oldest(w: Any, session: Any, origin: Any, staying: Any) -> Any:
    """Return the tokens of all pieces of an origin but the newest `staying`."""
    tokens, at = 0, session.head
    while at >= 0:
        if w.pieces[at].origin == origin:
            tokens += w.pieces[at].tokens if staying <= 0 else 0
            staying -= 1
        at = w.pieces[at].before
    return tokens


@kernel
def resize(w: Any, session: Any, tokens: Any, for_tokens: Any) -> None:
    """Let `tokens` stand for every `for_tokens`: piece by piece, each rounded half up."""
    count, at = _count(w, session), session.head
    first = _room(w, count)
    if first < 0:
        return
    for i in range(first + count - 1, first - 1, -1):
        w.pieces[i] = w.pieces[at]
        at = w.pieces[at].before
    end, seen = session.origins[BASE], session.seen
    sent = half_up(least(end, seen) * tokens, for_tokens)
    session.origins[BASE] = half_up(end * tokens, for_tokens)
    for i in range(first, first + count):
        piece = w.pieces[i]
        sent += half_up(most(0, least(piece.tokens, seen - end)) * tokens, for_tokens)
        end += piece.tokens
        piece.tokens = half_up(piece.tokens * tokens, for_tokens)
    _empty(session)
    _take_over(w, session, first, count)
    session.seen = sent


@kernel
def _count(w: Any, session: Any) -> Any:
    """Return how many pieces a session's history has."""
    count, at = 0, session.head
    while at >= 0:
        count += 1
        at = w.pieces[at].before
    return count


@kernel
def strip(w: Any, session: Any, origin: Any) -> Any:
    """Take out every piece of an origin; return the unchanged prefix, UNCHANGED if there was nothing to take."""
    if session.origins[origin] == 0:
        return UNCHANGED
    return _without(w, session, origin, 1 << 62)


@kernel
def _without(w: Any, session: Any, origin: Any, going: Any) -> Any:
    """Take out the oldest `going` pieces of an origin."""
    count, at = _count(w, session), session.head
    first = _room(w, count)
    if first < 0:
        return UNCHANGED
    for i in range(first + count - 1, first - 1, -1):
        w.pieces[i] = w.pieces[at]
        at = w.pieces[at].before
    position, unchanged, seen, kept = session.origins[BASE], NONE, session.seen, first
    for i in range(first, first + count):
        tokens = w.pieces[i].tokens
        if w.pieces[i].origin == origin and going > 0:
            going -= 1
            unchanged = position if unchanged < 0 else unchanged
            seen -= most(0, least(position + tokens, session.seen) - position)
        else:
            w.pieces[kept] = w.pieces[i]
            kept += 1
        position += tokens
    _empty(session)
    _take_over(w, session, first, kept - first)
    session.seen = seen
    return unchanged
