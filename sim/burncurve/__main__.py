"""`python -m burncurve` is the command; so is the script `burncurve`."""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from contextlib import nullcontext, suppress

from burncurve import methods, stops

SEARCHED_AFTER = 200_000  # objects; what a small run makes lives as long as it does: searches would find nothing
ENDING_S = 5.0
UNUSED = {
    "PYDANTIC_DISABLE_PLUGINS": "__all__",  # which would be looked for among all installed packages
    "OPENBLAS_NUM_THREADS": "1",  # others would wait for matrices, at full speed
}


def command() -> None:
    """Run the command line; whatever it left at work gets a moment to end."""
    try:
        _run()
    except SystemExit as end:
        _wait_a_while(end.code if isinstance(end.code, int) else 0)
        raise


def _run() -> None:
    """Import the command line and run it: Ctrl-C may come before there is anything else that could take it."""
    try:
        stops.heed()
        _start_quickly()
        from burncurve.cli.door import COMMANDS, main

        named = sys.argv[1] if len(sys.argv) > 1 else ""
        with methods.remembered(named) if named in COMMANDS else nullcontext():
            main()
    except KeyboardInterrupt as stop:
        how, code = stops.told(stop)
        sys.stderr.write(f"burncurve: {how}; nothing half-written was left behind\n")
        sys.exit(code)
    finally:
        exec("")  # an interrupt amid the exec of a dataclass stays noted, and Python would end by it; this forgets it
        if "duckdb" not in sys.modules:  # which would name all that was not searched as its leaks
            gc.freeze()  # what is left goes with the process; to search it would take as long as a tenth of a run


def _wait_a_while(code: int) -> None:
    """Wait for threads as Python itself would, but not for ever.

    By now all is written and said. Ended amid a message, a process lets the thread hang that hears it.
    """
    until_s = time.monotonic() + ENDING_S
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            with suppress(RuntimeError):  # from one that a stop kept from starting
                thread.join(max(0.0, until_s - time.monotonic()))
            if thread.is_alive():
                os._exit(code)  # Python's own end would wait


def _start_quickly() -> None:
    """Leave out what takes a sixth of a small run and gives it nothing."""
    gc.set_threshold(SEARCHED_AFTER)
    for name, value in UNUSED.items():
        os.environ.setdefault(name, value)


if __name__ == "__main__":
    command()
