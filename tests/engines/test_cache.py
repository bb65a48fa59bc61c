"""The tree of cache entries against a slow twin that compares every prefix token by token and forgets nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from hypothesis import currently_in_test_context, event, given, settings
from hypothesis import strategies as st

from burncurve.engines.reference.cache import TIDY_AT, Node

BASES = (0, 6)


@dataclass
class Twin:
    """Every prefix that was ever made readable: its tokens, from when, until when."""

    entries: list[tuple[list[int], int, int]] = field(default_factory=list)

    def warm(self, prompt: list[int], now: int) -> int:
        """Return how many tokens of the prompt stand at the head of something readable now."""
        alive = [tokens for tokens, readable, expiry in self.entries if readable <= now < expiry]
        return max((common(prompt, tokens) for tokens in alive), default=0)

    def call(self, prompt: list[int], warm: int, now: int, readable: int, expiry: int) -> None:
        self.entries += [(prompt[:warm], now, expiry), (prompt, readable, expiry)]


@dataclass
class Conversation:
    """The same conversation in both: its tokens, and its node of the tree."""

    tokens: list[int]
    base: int
    node: Node


def common(one: list[int], other: list[int]) -> int:
    length = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        length += 1
    return length


WHICH, SIZE, TIME = st.integers(0, 5), st.integers(0, 8), st.sampled_from((0, 1, 2, 5, 9))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("open"), st.integers(0, 1), SIZE, TIME, TIME),
        st.tuples(st.just("call"), WHICH, SIZE, TIME, TIME),
        st.tuples(st.just("call"), WHICH, SIZE, TIME, st.just(30)),
        st.tuples(st.just("call and cache the output"), WHICH, SIZE, TIME, TIME),
        st.tuples(st.just("miss"), WHICH, SIZE, TIME, TIME),
        st.tuples(st.just("fork"), WHICH, SIZE, TIME, TIME),
        st.tuples(st.just("cut"), WHICH, SIZE, TIME, TIME),
        st.tuples(st.just("wait"), WHICH, SIZE, TIME, TIME),
    ),
    max_size=60,
)  # fmt: skip


class Pair:
    """Tree and twin side by side; calls of different conversations overlap as the times come."""

    def __init__(self) -> None:
        self.fresh, self.now, self.twin = count(1_000), 0, Twin()
        self.bases = [list(range(100 * i, 100 * i + size)) for i, size in enumerate(BASES)]
        self.roots = [Node() for _ in BASES]
        self.open: list[Conversation] = []

    def new(self, size: int) -> list[int]:
        return [next(self.fresh) for _ in range(size)]

    def step(self, name: str, which: int, size: int, delay: int, life: int) -> None:
        if name == "open":
            base = self.bases[which]
            self.open.append(Conversation(base + self.new(size), len(base), Node(self.roots[which], len(base))))
        elif name == "wait":
            self.now += delay
        elif self.open:
            self.on(self.open[which % len(self.open)], name, size, delay, life)

    def on(self, own: Conversation, name: str, size: int, delay: int, life: int) -> None:
        if name == "fork":
            self.open.append(Conversation(own.tokens + self.new(size), own.base, Node(own.node, len(own.tokens))))
        elif name == "cut":  # all history behind a place is replaced
            stays = own.base + min(size, len(own.tokens) - own.base)
            own.tokens = own.tokens[:stays] + self.new(size)
            own.node = Node(own.node, stays)
        else:
            self.call(own, name, size, delay, life)

    def call(self, own: Conversation, name: str, size: int, delay: int, life: int) -> None:
        prompt = list(own.tokens)
        warm = own.node.warm_prefix(len(prompt), self.now)
        assert warm == self.twin.warm(prompt, self.now)
        if currently_in_test_context():
            event("warm" if warm else "cold")
        if name == "miss":
            warm = min(warm, own.base)
        own.node.touch(len(prompt), warm, self.now, self.now + delay, self.now + life)
        self.twin.call(prompt, warm, self.now, self.now + delay, self.now + life)
        own.tokens = prompt + self.new(size)
        if name == "call and cache the output":
            own.node.extend(len(own.tokens), self.now + 2 * delay, self.now + life)
            self.twin.entries.append((own.tokens, self.now + 2 * delay, self.now + life))


@settings(max_examples=600)
@given(STEPS)
def test_the_tree_reads_what_a_comparison_token_by_token_reads(steps: list[tuple[str, int, int, int, int]]) -> None:
    pair = Pair()
    pair.step("open", 1, 3, 0, 0)
    for step in steps:
        pair.step(*step)
    for own in pair.open:
        for now in range(pair.now, pair.now + 40):  # and everything that is left in the end, until it has expired
            assert own.node.warm_prefix(len(own.tokens), now) == pair.twin.warm(own.tokens, now)


@settings(max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9), st.integers(1, 20)), min_size=30, max_size=60))
def test_tidying_up_forgets_nothing_that_could_be_read(calls: list[tuple[int, int, int]]) -> None:
    """So many calls of one conversation, with lives of all lengths, that old entries are swept out."""
    pair = Pair()
    pair.step("open", 1, 3, 0, 0)
    for growth, delay, life in calls:
        pair.step("call and cache the output", 0, growth, delay, life)
        pair.step("wait", 0, 0, 1, 0)
    assert all(len(own.node.entries) < len(calls) for own in pair.open)
    for now in range(pair.now, pair.now + 40):
        assert pair.open[0].node.warm_prefix(len(pair.open[0].tokens), now) == pair.twin.warm(pair.open[0].tokens, now)


def test_entries_stay_few_however_many_calls_there_are() -> None:
    pair = Pair()
    pair.step("open", 1, 3, 0, 0)
    for _ in range(500):
        pair.step("call", 0, 1, 1, 9)
        pair.step("wait", 0, 0, 2, 0)
    assert len(pair.open[0].node.entries) <= TIDY_AT
    assert len(pair.roots[1].entries) <= TIDY_AT
