"""The context against a slow twin that keeps every single token."""

from __future__ import annotations

from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from burncurve.engines.reference.context import Context, Origin

Token = tuple[int, int, int]  # origin, piece, place in it

SIZES = st.integers(0, 9)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.sampled_from([o for o in Origin if o != Origin.BASE]), SIZES),
        st.tuples(st.just("append"), st.just(Origin.TOOLS), SIZES),
        st.tuples(st.just("send"), st.just(0), st.just(0)),
        st.tuples(st.just("compact"), SIZES, SIZES),
        st.tuples(st.just("slide"), st.integers(0, 40), st.just(0)),
        st.tuples(st.just("clear"), st.integers(0, 4), SIZES),
        st.tuples(st.just("strip"), st.just(0), st.just(0)),
    ),
    max_size=25,
)


class Tokens:
    """The same context, token by token."""

    def __init__(self, base: int) -> None:
        self.pieces = count()
        self.all: list[Token] = self.new(Origin.BASE, base)
        self.sent: set[Token] = set()

    def new(self, origin: int, size: int) -> list[Token]:
        piece = next(self.pieces)
        return [(origin, piece, place) for place in range(size)]

    @property
    def base(self) -> list[Token]:
        return [token for token in self.all if token[0] == Origin.BASE]

    @property
    def history(self) -> list[Token]:
        return [token for token in self.all if token[0] != Origin.BASE]

    def compact(self, keep: int, summary: int) -> None:
        self.sent.update(self.all)
        kept = self.history[max(len(self.history) - keep, 0) :]
        self.all = self.base + kept + self.new(Origin.SUMMARY, summary)

    def slide(self, to_tokens: int) -> None:
        history = self.history
        while history and len(self.base) + len(history) > to_tokens:
            history.pop(0)
        self.all = self.base + history

    def without(self, origin: int, keep: int, at_least: int) -> None:
        pieces = list(dict.fromkeys(token[1] for token in self.all if token[0] == origin))
        going = pieces[:-keep] if keep else pieces
        gone = [token for token in self.all if token[1] in going]
        if len(gone) >= at_least:
            self.all = [token for token in self.all if token not in gone]


def common(one: list[Token], other: list[Token]) -> int:
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def change(context: Context, twin: Tokens, step: tuple[str, int, int]) -> int | None:
    """Take a step in both; return the prefix that the context says has stayed."""
    name, first, second = step
    unchanged = None
    if name == "append":
        context.append(first, second)
        twin.all += twin.new(first, second)
    elif name == "send":
        context.seen = context.tokens
        twin.sent.update(twin.all)
    elif name == "compact":
        unchanged = context.compact(first, second, 0)
        twin.compact(first, second)
    elif name == "slide":
        unchanged = context.slide(first)
        twin.slide(first)
    elif name == "clear":
        unchanged = context.clear(Origin.TOOLS, first, second)
        twin.without(Origin.TOOLS, first, second)
    else:
        unchanged = context.strip(Origin.REASONING)
        twin.without(Origin.REASONING, 0, 0)
    return unchanged


@settings(max_examples=400)
@given(st.integers(0, 12), STEPS)
def test_the_context_is_its_tokens(base: int, taken: list[tuple[str, int, int]]) -> None:
    context, twin = Context(base), Tokens(base)
    for step in taken:
        before = list(twin.all)
        unchanged = change(context, twin, step)
        assert context.tokens == len(twin.all)
        assert context.by_origin == [sum(token[0] == origin for token in twin.all) for origin in Origin]
        assert context.seen == sum(token in twin.sent for token in twin.all)
        for tail in (0, 1, 7, len(twin.all)):
            agents = sum(token[0] == Origin.AGENTS for token in twin.all[len(twin.all) - min(tail, len(twin.all)) :])
            assert context.tail_from(Origin.AGENTS, tail) == agents
        stays = len(before) if unchanged is None else unchanged
        assert stays <= common(before, twin.all)  # a cut may claim less than stays, never more


def test_newer_results_than_there_are_leave_all_of_them() -> None:
    context = Context(10)
    for _ in range(3):
        context.append(Origin.TOOLS, 100)
    assert context.clear(Origin.TOOLS, 5, 0) is None
    assert context.tokens == 310


def test_a_window_that_is_not_full_does_not_slide() -> None:
    context = Context(10)
    context.append(Origin.USER, 20)
    context.seen = 30
    assert context.slide(250) is None
    assert (context.tokens, context.seen) == (30, 30)


def test_a_fork_has_all_of_it_and_has_seen_it() -> None:
    context = Context(10)
    context.append(Origin.USER, 20)
    fork = context.fork()
    fork.append(Origin.AGENTS, 5)
    assert (fork.tokens, fork.seen, context.tokens, context.seen) == (35, 30, 30, 0)
    assert fork.tail_from(Origin.AGENTS, 6) == 5
