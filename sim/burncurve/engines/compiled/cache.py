"""The prompt cache of one offer on one account: a tree of prefixes (the twin of the reference's Node)."""

from __future__ import annotations

from typing import Any

from burncurve.engines.compiled import layout
from burncurve.engines.compiled.jit import frequent, inlined, kernel, usual
from burncurve.engines.compiled.layout import NONE
from burncurve.engines.compiled.rules import least, most

TIDY_AT = 8
FIRST_ROOM = 4
DROPPED = -1


@frequent
def new_node(w: Any, parent: Any, shared: Any) -> Any:
    """Return a new history whose first `shared` tokens belong to the parent's path."""
    clock = w.clock[0]
    while parent >= 0 and w.nodes[parent].parent >= 0 and shared <= w.nodes[parent].shared:
        parent = w.nodes[parent].parent
    number = clock.nodes
    if number >= len(w.nodes):
        clock.full = layout.NODES
        return 0
    clock.nodes = number + 1
    node = w.nodes[number]
    node.parent, node.shared = parent, shared
    node.first = node.entries = node.room = node.renewed = 0
    return number


@inlined
def newest_prefix(w: Any, at: Any, now: Any) -> Any:
    """Return what is warm if that is the newest of one or two entries, as is usual; else 0."""
    node = w.nodes[at]
    if not usual((node.entries == 1) | (node.entries == 2)):
        return 0
    before, read = w.entries[node.first], w.entries[node.first + node.entries - 1]
    is_warm = (read.readable <= now) & (now < read.expiry) & (read.tokens > node.shared)
    is_longest = (before.tokens < read.tokens) | (node.entries == 1)
    return read.tokens if usual(is_warm & is_longest) else 0


@frequent
def warm_prefix(w: Any, at: Any, prompt: Any, now: Any) -> Any:
    """Return the longest warm prefix of a prompt of that many tokens along the path."""
    while at >= 0:
        node = w.nodes[at]
        longest = 0
        for i in range(node.first, node.first + node.entries):
            entry = w.entries[i]
            if (entry.tokens > longest) & (entry.readable <= now) & (now < entry.expiry):  # one branch, or none
                longest = entry.tokens
        if longest > node.shared:
            return least(longest, prompt)
        prompt = least(prompt, node.shared)
        at = node.parent
    return 0


@inlined
def touch(w: Any, at: Any, prompt: Any, warm: Any, newest: Any, now: Any, readable: Any, expiry: Any) -> None:
    """Renew what was read (the first `warm` tokens) and make the prompt readable from `readable` on.

    `newest` says that all of `newest_prefix` was read.
    """
    node = w.nodes[at]
    if usual(newest != 0) and usual(_is_enough(w, node, now, expiry)):
        _renew(w, node, prompt, warm, readable, expiry)
    else:
        _touch(w, node, prompt, least(warm, prompt), now, readable, expiry)
    while node.parent >= 0:
        prompt = least(prompt, node.shared)
        if prompt > warm or not _renewed(w, node, prompt, now, expiry):
            node.renewed = _touch(w, w.nodes[node.parent], prompt, least(warm, prompt), now, readable, expiry)
        node = w.nodes[node.parent]


@inlined
def _is_enough(w: Any, node: Any, now: Any, expiry: Any) -> Any:
    """Say whether what was read, the newest of one or two entries, makes the one before it superfluous."""
    before = w.entries[node.first]
    return ((before.readable <= now) & (before.expiry <= expiry)) | (node.entries == 1)


@inlined
def _renew(w: Any, node: Any, prompt: Any, warm: Any, readable: Any, expiry: Any) -> None:
    """Leave what was read, renewed, and the prompt in a history."""
    first, read = w.entries[node.first], w.entries[node.first + node.entries - 1]
    first.tokens, first.readable, first.expiry = warm, read.readable, most(read.expiry, expiry)
    entry = w.entries[node.first + 1]  # there is room for FIRST_ROOM
    entry.tokens, entry.readable, entry.expiry = prompt, readable, expiry
    node.entries = 2 if prompt > warm else 1


@inlined
def _renewed(w: Any, node: Any, tokens: Any, now: Any, expiry: Any) -> Any:
    """Renew the entry of the parent that the last touch renewed; say whether it is still what was read.

    What it makes superfluous stays until the next touch that looks at all entries, unnoticed.
    """
    parent, entry = w.nodes[node.parent], w.entries[node.renewed]
    if not parent.first <= node.renewed < parent.first + parent.entries:
        return False
    if entry.tokens != tokens or entry.readable > now or entry.expiry <= now:
        return False
    entry.expiry = most(entry.expiry, expiry)
    return True


@frequent
def _touch(w: Any, node: Any, prompt: Any, warm: Any, now: Any, readable: Any, expiry: Any) -> Any:
    """Renew what was read in one history, drop what that makes superfluous; return the number of what was renewed."""
    covered, kept, renewed = warm <= node.shared, node.first, 0
    for i in range(node.first, node.first + node.entries):
        entry = w.entries[i]
        stays = entry.expiry > now
        if entry.readable <= now and entry.tokens <= warm:
            if entry.tokens == warm and stays:
                covered, renewed = True, kept
                entry.expiry = most(entry.expiry, expiry)
            else:
                stays = entry.expiry > expiry
        if stays:
            if i > kept:
                w.entries[kept] = entry
            kept += 1
    node.entries = kept - node.first
    if not covered:
        extend(w, node, warm, now, expiry)
    if prompt > warm and prompt > node.shared:
        extend(w, node, prompt, readable, expiry)
    if node.entries >= TIDY_AT:
        _tidy(w, node, now)
    return renewed


@inlined
def extend(w: Any, node: Any, tokens: Any, readable: Any, expiry: Any) -> None:
    """Add an entry to a history."""
    if node.entries == node.room:
        _make_room(w, node)
    if node.entries < node.room:
        entry = w.entries[node.first + node.entries]
        entry.tokens, entry.readable, entry.expiry = tokens, readable, expiry
        node.entries += 1


@kernel
def _make_room(w: Any, node: Any) -> None:
    clock = w.clock[0]
    room = 2 * node.room + FIRST_ROOM
    if clock.entries + room > len(w.entries):
        clock.full = layout.ENTRIES
        return
    for i in range(node.entries):
        w.entries[clock.entries + i] = w.entries[node.first + i]
    node.first, node.room = clock.entries, room
    clock.entries += room


@frequent
def _tidy(w: Any, node: Any, now: Any) -> None:
    """Drop entries that one at least as long, readable by now and living at least as long makes superfluous."""
    kept, end = node.first, node.first + node.entries
    for i in range(node.first, end):
        if w.entries[i].readable <= now and _dominated(w, node, i, now):
            w.entries[i].tokens = DROPPED
    for i in range(node.first, end):
        if w.entries[i].tokens != DROPPED:
            if i > kept:
                w.entries[kept] = w.entries[i]
            kept += 1
    node.entries = kept - node.first


@frequent
def _dominated(w: Any, node: Any, i: Any, now: Any) -> Any:
    entry = w.entries[i]
    for k in range(node.first, node.first + node.entries):
        other = w.entries[k]
        if k != i and other.readable <= now and other.tokens >= entry.tokens and other.expiry >= entry.expiry:
            return True
    return False


@kernel
def cut(w: Any, s: Any, session: Any, unchanged: Any) -> None:
    """Let only the first `unchanged` tokens of a session's history match what caches hold."""
    if unchanged < 0:
        return
    for leg in range(s.terms[0].nodes):
        node = w.session_nodes[session, leg]
        if node != NONE:
            w.session_nodes[session, leg] = new_node(w, node, unchanged)
