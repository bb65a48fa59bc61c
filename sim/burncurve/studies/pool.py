"""One way to many hands: pieces of work handed to an executor, each tried again a few times where it fails.

Threads, processes and a cluster are all `concurrent.futures` executors; here nothing knows which it is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from burncurve.errors import BurncurveError, InternalError, Problem

TRIES = 3
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
    make: Callable[[], Executor],
    call: Callable[[T], R],
    todo: Todo[T],
    done: Callable[[T, R], None],
    *,
    at_once: int = 1,
    named: Callable[[T], str] = str,
    until: Callable[[], bool] = _never,
) -> None:
    """Hand each item to the executor of `make` and its result to `done`, in the order in which they come back.

    No more than `at_once` items are under way, and nothing new is begun once `until` says so. `done` may add to what
    is to be done. An executor that broke is made anew. An item that fails TRIES times ends all with InternalError
    naming it; what the user got wrong ends all at once.
    """
    work = _Work()
    executor = make()
    try:
        while _fill(work, todo, executor, call, at_once, until):
            finished, _ = wait(work.under_way, return_when=FIRST_COMPLETED)
            broken = False
            for future in finished:
                item = work.under_way.pop(future)
                error = _error_of(future)
                if error is None:
                    done(item, future.result())
                else:
                    _try_again(work, item, error, named)
                    broken |= isinstance(error, BrokenExecutor)
            if broken:
                _take_back(work)
                executor.shutdown(wait=False)
                executor = make()
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        raise
    executor.shutdown()


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
