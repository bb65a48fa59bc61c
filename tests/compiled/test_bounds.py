"""Numba checks no bounds; here it is made to, on a part of the drawn pairs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
sys.path.insert(0, {tests!r})
from hypothesis import HealthCheck, given, settings
from compiled.law import same
from engines.drawn_traces import traced_cases
from engines.spending import spending
from engines.strategies import cases

@settings(max_examples=80, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(cases(), traced_cases(), spending())
def one(plain, traced, paid):
    for case in (plain, traced, paid):
        same(case.workload, case.deployment)

one()
"""


@pytest.mark.slow
def test_no_kernel_reads_or_writes_outside_its_arrays() -> None:
    environment = os.environ | {"NUMBA_BOUNDSCHECK": "1", "PYTHONPATH": str(ROOT / "sim")}
    program = PROGRAM.format(tests=str(ROOT / "tests"))
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
