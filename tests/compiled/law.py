"""The law of the engines: for the same workload and deployment the same ledger, array for array."""

from __future__ import annotations

import numpy as np

from burncurve.deployment import Deployment
from burncurve.engines import play
from burncurve.ledger import SCHEMA, Ledger
from burncurve.workload import Workload


def same(workload: Workload, deployment: Deployment, replications: range = range(2)) -> Ledger:
    """Play under both engines, hold the ledgers against each other, return the reference's."""
    reference = play(workload, deployment, replications, "reference")
    compiled = play(workload, deployment, replications, "compiled")
    for name in SCHEMA.names:
        assert compiled[name].dtype == reference[name].dtype, name
        assert np.array_equal(compiled[name], reference[name]), name
    assert compiled.outcomes == reference.outcomes
    assert (compiled.names, compiled.notes) == (reference.names, reference.notes)
    assert (compiled.horizon_us, compiled.start_utc_us) == (reference.horizon_us, reference.start_utc_us)
    return reference
