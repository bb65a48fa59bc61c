"""One way to many hands: pieces of work handed to an executor, each tried again a few times where it fails.

Threads, processes and a cluster are all `concurrent.futures` executors; here nothing knows which it is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from burncurve import stops
from burncurve.errors import BurncurveError, InternalError, Problem

TRIES = 3
LOOK_S = 0.1  # so often one looks whether to stop
T = TypeVar("T")
R = TypeVar("R")


class Inline(Executor):
    """The executor that works at once, in the caller's own thread."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # as every executor does: the future carries it to whoever asks
            future.set_exception(error)
        return future


def _nothing() -> None:
    """Threads end with what they are at, as a cluster does."""


@dataclass(frozen=True, slots=True)
class Hands:
    """How to make an executor, how many items to hand it at once, and how to let go of it when interrupted."""

    make: Callable[[], Executor]
    at_once: int
    name: str
    let_go: Callable[[], None] = _nothing


class Todo(Generic[T]):
    """What is still to be done: items that are made when they are asked for, after those that came up meanwhile."""

    def __init__(self, items: Iterable[T]) -> None:
        self._items = iter(items)
        self._first: deque[T] = deque()

    def add(self, items: Iterable[T]) -> None:
        """Have these done next."""
        self._first.extend(items)

    def take(self) -> T | None:
        """Return what is to be done next; None where there is nothing for now."""
        return self._first.popleft() if self._first else next(self._items, None)


@dataclass(slots=True)
class _Work:
    """What is under way, what failed and waits to be tried again, and how often each piece has failed."""

    waiting: deque[Any] = field(default_factory=deque)
    under_way: dict[Future[Any], Any] = field(default_factory=dict)
    failures: dict[Any, int] = field(default_factory=dict)


def _never() -> bool:
    return False


def each_done(
    hands: Hands,
    call: Callable[[T], R],
    todo: Todo[T],
    done: Callable[[T, R], None],
    *,
    named: Callable[[T], str] = str,
    until: Callable[[], bool] = _never,
) -> None:
    """Hand each item to the hands' executor and its result to `done`, in the order in which they come back.

    Nothing new is begun once `until` says so. `done` may add to what is to be done. An executor that broke is made
    anew. An item that fails TRIES times ends all with InternalError naming it; what the user got wrong ends all at
    once, as Ctrl-C and SIGTERM do.
    """
    work = _Work()
    with nullcontext(_nothing) if hands.make is Inline else stops.held() as look:
        executor = hands.make()
        try:
            while _fill(work, todo, executor, call, hands.at_once, until):
                finished, _ = wait(work.under_way, LOOK_S, return_when=FIRST_COMPLETED)
                look()
                if _put_away(work, finished, done, named):
                    _take_back(work)
                    executor.shutdown(wait=False)
                    executor = hands.make()
        except BaseException as end:
            executor.shutdown(wait=False, cancel_futures=True)
            if isinstance(end, KeyboardInterrupt):
                hands.let_go()
            raise
        executor.shutdown()


def _put_away(
    work: _Work, finished: Iterable[Future[Any]], done: Callable[[T, R], None], named: Callable[[T], str]
) -> bool:
    """Hand on what came of the finished ones, queue again what failed; return whether the executor broke."""
    broken = False
    for future in finished:
        item = work.under_way.pop(future)
        error = _error_of(future)
        if error is None:
            done(item, future.result())
        else:
            _try_again(work, item, error, named)
            broken |= isinstance(error, BrokenExecutor)
    return broken


def _fill(
    work: _Work,
    todo: Todo[Any],
    executor: Executor,
    call: Callable[[Any], Any],
    at_once: int,
    until: Callable[[], bool],
) -> bool:
    """Begin what may be begun; return whether anything is under way."""
    while len(work.under_way) < at_once:
        item = work.waiting.popleft() if work.waiting else None if until() else todo.take()
        if item is None:
            break
        try:
            work.under_way[executor.submit(call, item)] = item
        except BrokenExecutor as error:  # it broke between two submissions
            failed: Future[Any] = Future()
            failed.set_exception(error)
            work.under_way[failed] = item
    return bool(work.under_way)


def _error_of(future: Future[Any]) -> BaseException | None:
    """Return what went wrong; a cluster that was lost cancels what it was given."""
    return BrokenExecutor("it was lost with its executor") if future.cancelled() else future.exception()


def _take_back(work: _Work) -> None:
    """Queue again what the broken executor had not begun; what it is at still comes to an end of its own."""
    for future, item in list(work.under_way.items()):
        if future.cancel():
            del work.under_way[future]
            work.waiting.append(item)


def _try_again(work: _Work, item: Any, error: BaseException, named: Callable[[Any], str]) -> None:
    if isinstance(error, BurncurveError) and not isinstance(error, InternalError):
        raise error
    work.failures[item] = work.failures.get(item, 0) + 1
    if work.failures[item] >= TRIES:
        what = f"failed {TRIES} times: {type(error).__name__}: {error}"
        raise InternalError(Problem(named(item), what, "please report it, with the scenario")) from error
    work.waiting.append(item)
