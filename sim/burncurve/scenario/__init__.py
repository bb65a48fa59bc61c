"""Scenario files: what kind of work is done, read from YAML into frozen models with places for every error."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from burncurve.scenario.models import Scenario

__all__ = ["read"]


def read(path: Path, settings: Sequence[str] = ()) -> Scenario:
    """Return the scenario of a YAML file with each `PATH=VALUE` of settings applied.

    Raises InputError with every problem of the file at once. The models are imported here, late,
    because a command that reads no scenario should not pay for them.
    """
    from burncurve.scenario.reading import read_scenario

    return read_scenario(path, settings)
