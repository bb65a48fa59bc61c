"""The command line: parse, call, print. Each command's module is imported when it is called."""

from __future__ import annotations

from burncurve.cli.door import main

__all__ = ["main"]
