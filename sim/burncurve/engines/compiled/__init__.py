"""The compiled engine: the reference's mechanics as one Numba kernel over flat records.

Numba is imported when something is played, not when this package is.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from burncurve.deployment import Deployment
    from burncurve.ledger import Ledger
    from burncurve.workload import Workload

_KERNEL = "burncurve.engines.compiled.playing"


def play(workload: Workload, deployment: Deployment, replications: range) -> Ledger:
    """Return the reference's ledger of the replications, array for array; without behaviours."""
    from burncurve.engines.compiled.playing import play as play_kernel

    return play_kernel(workload, deployment, replications)


def is_loaded() -> bool:
    """Say whether the kernel is in memory already."""
    return _KERNEL in sys.modules


def is_kept() -> bool:
    """Say whether the kernel need not be compiled: it is in memory, or on disk from an earlier run."""
    from burncurve.engines.compiled import kept

    return is_loaded() or kept.has_kernel()
