"""Which inputs of a function matter: elementary effects and variance-based indices on the unit cube.

Elementary effects after Morris (1991) with the absolute mean of Campolongo, Cariboni and Saltelli (2007);
Sobol indices by the estimators of Saltelli et al. (2010) on a scrambled Sobol sequence, intervals by
bootstrap. Both are computed by SALib, which is an extra.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from burncurve.errors import InputError, Problem

LEVELS = 4
CONFIDENCE = 0.95
TRUSTED_SAMPLES = 64
"""From so many on the intervals of indices that are known hold them as often as they say, or more often."""

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Effect:
    """What moving one input does, in the unit of the output over the input's whole range.

    `mean` with sign, `size` of absolute effects with half its 95% interval, `deviation`: large where the
    effect depends on the other inputs or bends.
    """

    mean: float
    size: float
    size_half: float
    deviation: float


@dataclass(frozen=True, slots=True)
class Index:
    """Shares of the output's variance: by one input alone, and with everything it takes part in; half 95% intervals."""

    first: float
    first_half: float
    total: float
    total_half: float


def require_salib() -> None:
    """Refuse where SALib is not installed, naming the extra; raises InputError."""
    if find_spec("SALib") is None:
        what = "sensitivity needs SALib, which is not installed"
        raise InputError(Problem("", what, "Install the extra: pip install 'burncurve[sensitivity]'"))


def _cube(inputs: int) -> dict[str, object]:
    return {"num_vars": inputs, "names": [str(n) for n in range(inputs)], "bounds": [[0.0, 1.0]] * inputs}


def effect_points(inputs: int, trajectories: int, seed: int) -> Matrix:
    """Return the points of so many trajectories, [trajectories * (inputs + 1), inputs] from 0 to 1."""
    from SALib.sample import morris

    return np.asarray(morris.sample(_cube(inputs), trajectories, num_levels=LEVELS, seed=_generator(seed)))


def effects(points: Matrix, outputs: Sequence[float], seed: int) -> list[Effect]:
    """Return the effect of each input, from the outputs at `effect_points`."""
    from SALib.analyze import morris

    y = np.asarray(outputs, dtype=np.float64)
    found = morris.analyze(
        _cube(points.shape[1]), points, y, conf_level=CONFIDENCE, num_levels=LEVELS, seed=_generator(seed)
    )
    columns = (found["mu"], found["mu_star"], found["mu_star_conf"], found["sigma"])
    return [Effect(*(float(value) for value in row)) for row in zip(*columns, strict=True)]


def index_points(inputs: int, samples: int, seed: int) -> Matrix:
    """Return the points for the indices, [samples * (inputs + 2), inputs] from 0 to 1; samples a power of two."""
    from SALib.sample import sobol

    return np.asarray(sobol.sample(_cube(inputs), samples, calc_second_order=False, seed=_generator(seed)))


def indices(inputs: int, outputs: Sequence[float], seed: int) -> list[Index] | None:
    """Return the indices of each input, from the outputs at `index_points`; None where the output never varies."""
    from SALib.analyze import sobol

    y = np.asarray(outputs, dtype=np.float64)
    if np.ptp(y) <= 1e-12 * np.abs(y).max(initial=0.0):
        return None
    # SALib takes the seed 0 for none at all, and generators not at all
    found = sobol.analyze(_cube(inputs), y, calc_second_order=False, conf_level=CONFIDENCE, seed=seed + 1)
    columns = (found["S1"], found["S1_conf"], found["ST"], found["ST_conf"])
    return [Index(*(float(value) for value in row)) for row in zip(*columns, strict=True)]


def _generator(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)
