"""`python -m burncurve` is the command; so is the script `burncurve`."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import nullcontext

from burncurve import methods, stops

SEARCHED_AFTER = 200_000  # objects; what a small run makes lives as long as it does: searches would find nothing
UNUSED = {
    "PYDANTIC_DISABLE_PLUGINS": "__all__",  # which would be looked for among all installed packages
    "OPENBLAS_NUM_THREADS": "1",  # others would wait for matrices, at full speed
}


def command() -> None:
    """Import the command line and run it: Ctrl-C may come before there is anything else that could take it."""
    try:
        stops.heed_sigterm()
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


def _start_quickly() -> None:
    """Leave out what takes a sixth of a small run and gives it nothing."""
    gc.set_threshold(SEARCHED_AFTER)
    for name, value in UNUSED.items():
        os.environ.setdefault(name, value)


if __name__ == "__main__":
    command()
