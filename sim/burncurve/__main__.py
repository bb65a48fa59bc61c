"""`python -m burncurve` is the command; so is the script `burncurve`."""

from __future__ import annotations

import sys

STOPPED = "burncurve: stopped by Ctrl-C; nothing half-written was left behind\n"


def command() -> None:
    """Import the command line and run it: Ctrl-C may come before there is anything else that could take it."""
    try:
        from burncurve.cli import main

        main()
    except KeyboardInterrupt:
        sys.stderr.write(STOPPED)
        sys.exit(2)


if __name__ == "__main__":
    command()
