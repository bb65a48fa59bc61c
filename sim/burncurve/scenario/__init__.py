"""Scenario files: what kind of work is done, read from YAML into frozen models with places for every error."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from burncurve.scenario.models import Scenario
    from burncurve.scenario.reading import Check

__all__ = ["read"]


def read(path: Path, settings: Sequence[str] = (), check: Check | None = None) -> Scenario:
    """Return the scenario of a YAML file with each `PATH=VALUE` of settings applied.

    `check` may find further problems, such as offers that nobody knows; of a file with wrong fields it
    gets what is right of it.

    Raises InputError with every problem of the file at once. The models are imported here, late,
    because a command that reads no scenario should not pay for them.
    """
    from burncurve.scenario.reading import read_scenario

    return read_scenario(path, settings, check)
