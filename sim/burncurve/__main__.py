"""`python -m burncurve` is the command; so is the script `burncurve`."""

from __future__ import annotations

import gc
import os
import sys

STOPPED = "burncurve: stopped by Ctrl-C; nothing half-written was left behind\n"
SEARCHED_AFTER = 200_000  # objects; what a small run makes lives as long as it does: searches would find nothing


def command() -> None:
    """Import the command line and run it: Ctrl-C may come before there is anything else that could take it."""
    try:
        _start_quickly()
        from burncurve.cli import main

        main()
    except KeyboardInterrupt:
        sys.stderr.write(STOPPED)
        sys.exit(2)


def _start_quickly() -> None:
    """Leave out what takes a tenth of a small run: searching for garbage, and all installed packages for plug-ins."""
    gc.set_threshold(SEARCHED_AFTER)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


if __name__ == "__main__":
    command()
