"""Many machines: a Dask cluster as the executor that plays, with workers of this very program alone.

A piece of work goes out as pickled inputs and comes back as sums; see docs/cluster.md.
"""

from __future__ import annotations

import logging
import pickle
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, InvalidStateError
from contextlib import contextmanager, suppress
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakSet

from burncurve.errors import InputError, Problem
from burncurve.studies import program
from burncurve.studies.pool import Hands

if TYPE_CHECKING:
    from distributed import Client

T = TypeVar("T")
CONNECT_S = 10
ASK_S = 2.0
GRACE_S = 1.0
NOBODY_S = 60.0  # how long a cluster may be without workers in mid-run
AT_ONCE = 64  # pieces under way at least, so that workers that come later find some
STARTS = "`dask scheduler` starts one, `dask worker ADDRESS` its workers; docs/cluster.md says more."
CERTIFICATES = "Dask's own settings name them; docs/cluster.md says which."
SAME = "Install the same burncurve on every machine of the cluster."


def hands(address: str) -> Hands:
    """Return the workers of the cluster at an address such as tcp://10.0.0.1:8786.

    Raises InputError where the extra `cluster` is not installed, where nothing answers within seconds, where
    nobody works there, and naming each worker that has another version of the program or of its rules.
    """
    if find_spec("distributed") is None:
        remedy = "Install the extra: pip install 'burncurve[cluster]'"
        raise InputError(Problem("--cluster", "needs the package distributed, which is not installed", remedy))
    _silence()
    with _connected(address) as client:
        threads = sum(worker["nthreads"] for worker in _workers(client).values())
    return Hands(lambda: _Cluster(address), max(AT_ONCE, 2 * threads), f"{threads} threads of {address}")


@contextmanager
def _connected(address: str) -> Iterator[Client]:
    client = _client(address)
    try:
        yield client
    finally:
        client.close()


def _silence() -> None:
    """Have what goes wrong told by our own errors alone; Dask sets up its loggers as it is imported."""
    import distributed

    for name in [distributed.__name__, *logging.root.manager.loggerDict]:
        if name.partition(".")[0] in (distributed.__name__, "tornado"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _client(address: str) -> Client:
    """Return a connection to a cluster whose workers are all of this program."""
    _check_certificate(address)
    try:
        client = _within(CONNECT_S, partial(_new_client, address))
    except (OSError, ValueError, RuntimeError, MemoryError) as error:  # nobody; not an address; unsafe; not Dask
        what = f"no cluster answers within {CONNECT_S} s: {_first_line(error)}"
        raise InputError(Problem(f"--cluster {address}", what, STARTS)) from None
    try:
        _check_workers(client, address)
    except BaseException:
        client.close()
        raise
    return client


def _check_certificate(address: str) -> None:
    from distributed.security import Security

    try:
        known = Security().get_connection_args("client")["ssl_context"]
    except (OSError, ValueError, RuntimeError) as error:
        what = f"its certificates cannot be read: {_first_line(error)}"
        raise InputError(Problem(f"--cluster {address}", what, CERTIFICATES)) from None
    if known is None and address.startswith("tls:"):
        raise InputError(Problem(f"--cluster {address}", "needs a certificate, and none is named", CERTIFICATES))


def _new_client(address: str) -> Client:
    from distributed import Client

    class Connection(Client):  # type: ignore[misc]  # Dask has no types
        """Closed by us alone: one that never came about would wait at its end, and complain."""

        def __del__(self) -> None:
            return

    return Connection(address, timeout=CONNECT_S, set_as_default=False)


def _within(seconds: float, call: Callable[[], T]) -> T:
    """Return what a call returns; raises TimeoutError where it takes longer, and leaves it behind.

    Dask waits for ever for the first word of a scheduler that takes the connection and stays silent.
    """
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # whatever it is, whoever waits gets it
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future.result(seconds + GRACE_S)


def _workers(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = client.scheduler_info().get("workers", {})  # none as long as the connection is lost
    return found


def _check_workers(client: Client, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=CONNECT_S)
    except TimeoutError:
        what = f"the cluster has no workers; {CONNECT_S} s were waited"
        raise InputError(Problem(f"--cluster {address}", what, STARTS)) from None
    wrong = [_other(worker, mark) for worker, mark in _marks(client).items() if mark != program.mark()]
    if wrong:
        raise InputError(*wrong)


def _marks(client: Client) -> dict[str, str]:
    """Return which program each worker has, or that it has none."""
    answers = client.run(program.mark, on_error="return")
    return {
        worker: mark if isinstance(mark, str) else f"no burncurve that can be asked ({_first_line(mark)})"
        for worker, mark in answers.items()
    }


def _other(worker: str, mark: str) -> Problem:
    return Problem(f"worker {worker}", f"has {mark}; this is {program.mark()}", SAME)


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).partition("\n")[0]


class _Cluster(Executor):
    """Dask's executor, which hands work to none but workers of this program and gives up a cluster without any."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._client = _client(address)
        self._executor = self._client.get_executor(pure=False)
        self._pending: WeakSet[Future[Any]] = WeakSet()
        self._ended = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = self._executor.submit(call_there, program.mark(), pickle.dumps((fn, args, kwargs)))
        self._pending.add(future)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._ended.set()
        self._executor.shutdown(wait=wait and not cancel_futures)
        self._client.close()

    def _watch(self) -> None:
        """Fail what waits for workers that are gone for good; Dask itself would wait for ever."""
        alone_s = 0.0
        while not self._ended.wait(ASK_S):
            alone_s = alone_s + ASK_S if not self._anybody() else 0.0
            if alone_s >= NOBODY_S:
                what = f"the cluster has had no workers for {NOBODY_S:.0f} s"
                for future in list(self._pending):
                    with suppress(InvalidStateError):
                        future.set_exception(InputError(Problem(f"--cluster {self._address}", what, STARTS)))

    def _anybody(self) -> bool:
        try:
            return bool(_workers(self._client))
        except (OSError, TimeoutError):  # the connection is lost, which cancels every piece by itself
            return True


def call_there(mark: str, work: bytes) -> Any:
    """Do pickled work where the program is the one that sent it; raises InputError naming this worker otherwise."""
    if mark != program.mark():
        from distributed import get_worker

        what = f"has {program.mark()}; the work comes from {mark}"
        raise InputError(Problem(f"worker {get_worker().address}", what, SAME))
    call, args, kwargs = pickle.loads(work)
    return call(*args, **kwargs)
